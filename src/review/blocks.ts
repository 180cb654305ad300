import { UNMATCHED } from '../text/align';
import { USER, type Author, type FileReview, type Owner } from './file-review';

/** A stretch where base and current differ: these units of the one stand for those of the other. Places count from 0. */
export interface Block {
  baseStart: number;
  baseCount: number;
  start: number;
  count: number;
  /** `both`: the person wrote over what the agent did here, or the other way round, so that it cannot be told apart. */
  by: 'agent' | 'user' | 'both';
}

/** Where base and current differ, in order; split where agent and person wrote next to each other. */
export function blocksOf(review: FileReview): Block[] {
  const { match, base } = review;
  const blocks: Block[] = [];
  let [baseFrom, from] = [0, 0];
  for (let at = 0; at <= match.length; at++) {
    const baseAt = at === match.length ? base.units.length : match[at]!;
    if (baseAt === UNMATCHED) continue;
    if (at > from || baseAt > baseFrom) blocks.push(...splitByAuthor(review, baseFrom, baseAt, from, at));
    [baseFrom, from] = [baseAt + 1, at + 1];
  }
  return blocks;
}

function splitByAuthor(review: FileReview, baseStart: number, baseEnd: number, start: number, end: number): Block[] {
  const runs: Pick<Block, 'by' | 'start' | 'count'>[] = [];
  for (let at = start; at < end; at++) {
    const owner: Owner = review.owners[at] ?? USER;
    const by = owner.over ? 'both' : owner.by;
    const last = runs.at(-1);
    if (last?.by === by) last.count += 1;
    else runs.push({ by, start: at, count: 1 });
  }
  const takers = new Set(review.losers.slice(baseStart, baseEnd).map((loser) => (loser ?? USER).by));
  const whole = { baseStart, baseCount: baseEnd - baseStart, start, count: end - start };
  const all = new Set<Block['by']>([...takers, ...runs.map(({ by }) => by)]);
  if (all.size === 1) return [{ ...whole, by: [...all][0]! }];
  const [taker] = takers;
  const replacement = runs.findIndex(({ by }) => by === taker || by === 'both');
  // What one took and the other wrote in its place belongs together; so does all at an end without a line break, which
  // would else come to stand in the middle.
  const isTogether = takers.size > 1 || (taker !== undefined && replacement < 0) || hasOpenEnd(review, whole);
  if (isTogether) return [{ ...whole, by: 'both' }];
  return runs.map((run, index) => ({
    ...run,
    baseStart: taker === undefined || index <= replacement ? baseStart : baseEnd,
    baseCount: index === replacement ? baseEnd - baseStart : 0,
  }));
}

function hasOpenEnd({ base, current }: FileReview, block: Omit<Block, 'by'>): boolean {
  if (current.kind === 'cells' || base.kind === 'cells') return false;
  const units = [base.units[block.baseStart + block.baseCount - 1], current.units[block.start + block.count - 1]];
  return units.some((unit) => unit !== undefined && !unit.endsWith('\n'));
}

/** The authors of a block, each once. */
export function authorsIn(review: FileReview, { baseStart, baseCount, start, count }: Block): Author[] {
  const authors = [
    ...review.owners.slice(start, start + count),
    ...review.losers.slice(baseStart, baseStart + baseCount),
  ];
  return [...new Map(authors.map((author) => [keyOf(author ?? USER), plain(author ?? USER)])).values()];
}

function keyOf(author: Author): string {
  return author.by === 'user' ? '' : `${author.call} ${author.subagent ?? ''}`;
}

function plain(owner: Owner): Author {
  const { over: _, ...author } = owner;
  return author;
}
