import { align, UNMATCHED } from '../text/align';
import { contentOf, keysOf, type Content } from './content';

/** Who made a change: a call of the agent's, with the todo that was in work then, or the person at the editor. */
export type Author = { by: 'user' } | { by: 'agent'; call: string; todo?: string; subagent?: string };

/** `over`: in the place of what the other one had written. */
export type Owner = Author & { over?: true };

export const USER: Author = { by: 'user' };

/**
 * A file under review: what the person has accepted (`base`) beside what there is (`current`). Which unit is which, and
 * who made or took the others, is kept from change to change and not found anew, so that a decision on one place cannot
 * move another.
 */
export interface FileReview {
  path: string;
  base: Content;
  current: Content;
  /** Of each unit of `current`, the unit of `base` that it is. */
  match: Int32Array;
  /** Who wrote each unit of `current`. */
  owners: readonly (Owner | undefined)[];
  /** Who took each unit of `base` away. */
  losers: readonly (Author | undefined)[];
  /** Names of the units of `base`, which stay the same when it moves. */
  names: readonly number[];
  nextName: number;
  /** Who changed the file last (`over`: after the other one did), and who what stands around a notebook's cells. */
  last: Owner;
  framedBy: Author;
}

/** A file that nobody has changed yet. */
export function begin(path: string, bytes: Uint8Array | null): FileReview {
  const content = contentOf(path, bytes);
  const count = content.units.length;
  return {
    path,
    base: content,
    current: content,
    match: Int32Array.from({ length: count }, (_, index) => index),
    owners: new Array<undefined>(count).fill(undefined),
    losers: new Array<undefined>(count).fill(undefined),
    names: Array.from({ length: count }, (_, index) => index),
    nextName: count,
    last: USER,
    framedBy: USER,
  };
}

/** True where the two can be compared unit by unit. */
export function areComparable(one: Content, two: Content): boolean {
  if (one.kind === 'whole' || two.kind === 'whole') return false;
  return one.kind === two.kind || one.kind === 'absent' || two.kind === 'absent';
}

/** The file after somebody changed it. */
export function changed(review: FileReview, bytes: Uint8Array | null, author: Author): FileReview {
  const { base, current } = review;
  const next = contentOf(review.path, bytes);
  const way = areComparable(current, next) ? align(keysOf(current), keysOf(next)) : undefined;
  const count = next.units.length;
  const match = new Int32Array(count).fill(UNMATCHED);
  const owners: (Owner | undefined)[] = new Array<Owner>(count).fill(author);
  let [from, fromBefore] = [0, 0];
  for (let index = 0; way && index <= count; index++) {
    const before = index === count ? current.units.length : way[index]!;
    if (before === UNMATCHED) continue;
    if (writesOver(review, fromBefore, before, author)) owners.fill({ ...author, over: true }, from, index);
    [from, fromBefore] = [index + 1, before + 1];
    if (index === count) break;
    match[index] = review.match[before]!;
    owners[index] = review.owners[before];
  }
  if (areComparable(base, next)) fillGaps(keysOf(base), keysOf(next), match);
  const framedBy = frameOf(next) === frameOf(current) ? review.framedBy : author;
  const isOver = !isSettled(review) && (review.last.over === true || review.last.by !== author.by);
  const last: Owner = { ...author, ...(isOver ? { over: true } : {}) };
  const moved = { ...review, current: next, match, owners, last, framedBy };
  return { ...moved, losers: losersOf(moved, review.losers, author) };
}

/** True where a stretch holds what the other one wrote and nobody has accepted. */
function writesOver({ match, owners }: FileReview, from: number, to: number, author: Author): boolean {
  for (let index = from; index < to; index++) {
    const owner: Owner = owners[index] ?? USER;
    if (match[index] === UNMATCHED && (owner.over || owner.by !== author.by)) return true;
  }
  return false;
}

/** The file after the person accepted `bytes` as its base. */
export function rebased(review: FileReview, bytes: Uint8Array | null): FileReview {
  const base = contentOf(review.path, bytes);
  const count = base.units.length;
  const way = areComparable(review.base, base) ? align(keysOf(review.base), keysOf(base)) : undefined;
  const [names, losers]: [number[], (Author | undefined)[]] = [[], new Array<undefined>(count).fill(undefined)];
  const places = new Int32Array(review.base.units.length).fill(UNMATCHED);
  let { nextName } = review;
  for (let index = 0; index < count; index++) {
    const before = way?.[index] ?? UNMATCHED;
    names.push(before === UNMATCHED ? nextName++ : review.names[before]!);
    if (before === UNMATCHED) continue;
    losers[index] = review.losers[before];
    places[before] = index;
  }
  const match = review.match.map((before) => (before === UNMATCHED ? UNMATCHED : places[before]!));
  if (areComparable(base, review.current)) fillGaps(keysOf(base), keysOf(review.current), match);
  const moved = { ...review, base, match, names, nextName };
  return { ...moved, losers: losersOf(moved, losers, USER) };
}

/** Takes units together that are the same, where nothing else has found its counterpart yet. */
function fillGaps(base: readonly string[], current: readonly string[], match: Int32Array): void {
  let [baseFrom, from] = [0, 0];
  for (let at = 0; at <= match.length; at++) {
    const baseAt = at === match.length ? base.length : match[at]!;
    if (baseAt === UNMATCHED) continue;
    if (at > from && baseAt > baseFrom) {
      const way = align(base.slice(baseFrom, baseAt), current.slice(from, at));
      for (let index = 0; index < way.length; index++)
        if (way[index] !== UNMATCHED) match[from + index] = baseFrom + way[index]!;
    }
    [baseFrom, from] = [baseAt + 1, at + 1];
  }
}

function losersOf(
  { base, match }: Pick<FileReview, 'base' | 'match'>,
  known: FileReview['losers'],
  author: Author,
): (Author | undefined)[] {
  const there = new Uint8Array(base.units.length);
  for (const place of match) if (place !== UNMATCHED) there[place] = 1;
  return base.units.map((_, index) => (there[index] ? undefined : (known[index] ?? author)));
}

function frameOf(content: Content): string {
  return content.kind === 'cells' ? JSON.stringify(content.frame) : '';
}

/** True where nothing is left to decide, for anybody. */
export function isSettled({ base, current, match }: FileReview): boolean {
  if (base.kind === 'whole' || current.kind === 'whole')
    return base.kind === 'whole' && current.kind === 'whole' && Buffer.from(base.bytes).equals(current.bytes);
  if (base.kind !== current.kind || base.units.length !== current.units.length) return false;
  return frameOf(base) === frameOf(current) && match.every((place, index) => place === index);
}
