import { createHash } from 'node:crypto';
import { bytesOf } from './content';
import { authorsIn, blocksOf, type Block } from './blocks';
import { areComparable, isSettled, type Author, type FileReview } from './file-review';

export const CONTEXT = 3;

/** What is accepted or rejected as one. */
export interface Hunk {
  /** The same as long as it is the same change of the same place, wherever that has moved to. */
  id: string;
  /** `whole`: the file came, went, or is not cut. `frame`: what stands around a notebook's cells. */
  kind: 'lines' | 'cells' | 'frame' | 'whole';
  by: Block['by'];
  /** The calls that made it. */
  authors: readonly Author[];
  blocks: readonly Block[];
  /** Names of the base's units that it takes, and of the one before: where it is. */
  place: readonly number[];
}

/** The changes of a file that are open, in order. Those of one author that share context are one hunk. */
export function hunksOf(review: FileReview): Hunk[] {
  if (isSettled(review)) return [];
  const { base, current } = review;
  const blocks = blocksOf(review);
  const isBoth = base.kind !== 'absent' && current.kind !== 'absent';
  if (!areComparable(base, current) || current.kind === 'absent' || (!isBoth && blocks.length === 0))
    return [wholeHunk(review, blocks)];
  const kind = current.kind === 'cells' ? 'cells' : 'lines';
  const context = kind === 'cells' ? 0 : CONTEXT;
  const groups: Block[][] = [];
  for (const block of blocks) {
    const last = groups.at(-1)?.at(-1);
    const isNear = last && block.start - (last.start + last.count) <= 2 * context;
    if (isNear && last.by === block.by && kind === 'lines') groups.at(-1)!.push(block);
    else groups.push([block]);
  }
  const hunks = groups.map((group) => lineHunk(review, kind, group));
  return isBoth && framesDiffer(review) ? [frameHunk(review), ...hunks] : hunks;
}

function framesDiffer({ base, current }: FileReview): boolean {
  return (
    base.kind === 'cells' && current.kind === 'cells' && JSON.stringify(base.frame) !== JSON.stringify(current.frame)
  );
}

function lineHunk(review: FileReview, kind: 'lines' | 'cells', blocks: readonly Block[]): Hunk {
  const authors = blocks.flatMap((block) => authorsIn(review, block));
  const parts = blocks.map((block) => {
    const taken = review.names.slice(block.baseStart, block.baseStart + block.baseCount);
    // What takes nothing away is known by what it follows.
    const place = taken.length > 0 ? taken : [before(review, block)];
    return { place, text: review.current.units.slice(block.start, block.start + block.count), taken: taken.length };
  });
  return {
    id: idOf([kind, ...parts.map(({ place, text, taken }) => [taken, place, text])]),
    kind,
    by: blocks[0]!.by,
    authors: [...new Map(authors.map((author) => [JSON.stringify(author), author])).values()],
    blocks,
    place: parts.flatMap(({ place }) => place),
  };
}

function before(review: FileReview, { baseStart }: Block): number {
  return baseStart === 0 ? -1 : review.names[baseStart - 1]!;
}

function frameHunk(review: FileReview): Hunk {
  const { base, current, framedBy } = review;
  const frames = [base, current].map((content) => (content.kind === 'cells' ? content.frame : ''));
  return {
    ...{ id: idOf(['frame', frames]), kind: 'frame', by: framedBy.by },
    ...{ authors: [framedBy], blocks: [], place: [] },
  };
}

function wholeHunk(review: FileReview, blocks: readonly Block[]): Hunk {
  const { base, current, last } = review;
  const sides = [base, current].map((content) => {
    const bytes = bytesOf(content);
    return bytes === null ? null : createHash('sha256').update(bytes).digest('hex');
  });
  // A file that was deleted with the person's own lines in it: to bring it back as it was before is not all they want.
  const isMixed = last.over === true || (blocks.some(({ by }) => by !== 'agent') && last.by === 'agent');
  return {
    ...{ id: idOf(['whole', sides]), kind: 'whole', by: isMixed ? 'both' : last.by },
    ...{ authors: [last], blocks: [], place: [] },
  };
}

function idOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
