import { UNMATCHED } from '../text/align';
import { ABSENT, bytesOf, withUnits, type Content } from './content';
import { blocksOf, type Block } from './blocks';
import { areComparable, isSettled, rebased, USER, type FileReview, type Owner } from './file-review';
import { hunksOf, type Hunk } from './hunks';

/** Makes the hunks part of the base. The current text stays as it is. */
export function accept(review: FileReview, hunks: readonly Hunk[]): FileReview {
  if (hunks.some(({ kind }) => kind === 'whole')) return settledAs(review, review.current);
  const next = spliced(review, hunks, 'base');
  const isFramed = hunks.some(({ kind }) => kind === 'frame') && next.base.kind === 'cells';
  const framed = isFramed ? { ...next, base: { ...next.base, ...frameOf(review.current) } } : next;
  // Outputs of a notebook's cells are no change, but what was accepted is the file as it lies there.
  return isSettled(framed) ? settledAs(framed, framed.current) : framed;
}

/** Takes the hunks back out of the current text. The base stays as it is. */
export function reject(review: FileReview, hunks: readonly Hunk[]): FileReview {
  if (hunks.some(({ kind }) => kind === 'whole')) return settledAs(review, review.base);
  const next = spliced(review, hunks, 'current');
  const isFramed = hunks.some(({ kind }) => kind === 'frame') && next.current.kind === 'cells';
  return isFramed ? { ...next, current: { ...next.current, ...frameOf(review.base) }, framedBy: USER } : next;
}

function frameOf(content: Content): object {
  return content.kind === 'cells' ? { frame: content.frame } : {};
}

function settledAs(review: FileReview, content: Content): FileReview {
  const count = content.units.length;
  const isBase = content === review.base;
  const fresh = Array.from({ length: count }, (_, index) => review.nextName + index);
  return {
    ...review,
    base: content,
    current: content,
    match: Int32Array.from({ length: count }, (_, index) => index),
    owners: new Array<undefined>(count).fill(undefined),
    losers: new Array<undefined>(count).fill(undefined),
    names: isBase ? review.names : fresh,
    nextName: isBase ? review.nextName : review.nextName + count,
  };
}

interface Side {
  units: string[];
  authors: (Owner | undefined)[];
}

/** Copies one side, with the chosen blocks as they are on the other. */
function spliced(review: FileReview, hunks: readonly Hunk[], side: 'base' | 'current'): FileReview {
  const chosen = new Set(hunks.flatMap(({ blocks }) => blocks.map(keyOf)));
  const base: Side & { names: number[] } = { units: [], authors: [], names: [] };
  const current: Side = { units: [], authors: [] };
  const match: number[] = [];
  let { nextName } = review;
  const copyBase = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      base.units.push(review.base.units[at]!);
      base.authors.push(review.losers[at]);
      base.names.push(review.names[at]!);
    }
  };
  const copyCurrent = (from: number, to: number, isMatched: boolean): void => {
    for (let at = from; at < to; at++) {
      match.push(isMatched ? base.units.length - (to - at) : UNMATCHED);
      current.units.push(review.current.units[at]!);
      current.authors.push(review.owners[at]);
    }
  };
  let [baseAt, at] = [0, 0];
  for (const block of [...blocksOf(review), endOf(review)]) {
    copyBase(baseAt, block.baseStart);
    copyCurrent(at, block.start, true);
    [baseAt, at] = [block.baseStart + block.baseCount, block.start + block.count];
    if (!chosen.has(keyOf(block))) {
      copyBase(block.baseStart, baseAt);
      copyCurrent(block.start, at, false);
    } else if (side === 'base') {
      for (let index = block.start; index < at; index++) {
        base.units.push(review.current.units[index]!);
        base.authors.push(undefined);
        base.names.push(nextName++);
      }
      copyCurrent(block.start, at, true);
    } else {
      copyBase(block.baseStart, baseAt);
      for (let index = block.baseStart; index < baseAt; index++) {
        match.push(base.units.length - (baseAt - index));
        current.units.push(review.base.units[index]!);
        current.authors.push(undefined);
        base.authors[base.units.length - (baseAt - index)] = undefined;
      }
    }
  }
  const isThere = side === 'base' ? review.base : review.current;
  const next = side === 'base' ? base.units : current.units;
  const content = filled(isThere, side === 'base' ? review.current : review.base, next);
  return {
    ...review,
    [side]: content,
    match: Int32Array.from(match),
    owners: current.authors,
    losers: base.authors,
    names: base.names,
    nextName,
  };
}

function isEqual(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === null || other === null ? one === other : Buffer.from(one).equals(other);
}

function keyOf({ baseStart, baseCount, start, count }: Block): string {
  return `${baseStart} ${baseCount} ${start} ${count}`;
}

function endOf({ base, current }: FileReview): Block {
  return { baseStart: base.units.length, baseCount: 0, start: current.units.length, count: 0, by: 'user' };
}

/** A file that is not there gets the form of the other side; one that was made and has lost all its units goes. */
function filled(content: Content, other: Content, units: readonly string[]): Content {
  if (units.length === 0 && (content.kind === 'absent' || other.kind === 'absent')) return ABSENT;
  const like = content.kind === 'absent' ? other : content;
  return like.kind === 'absent' || like.kind === 'whole' ? like : withUnits(like, units);
}

/** The hunks that a person decides on at once: all of the agent's; with `mixed` also where they wrote over them. */
export function decidable(review: FileReview, mixed: boolean): Hunk[] {
  return hunksOf(review).filter(({ by }) => by === 'agent' || (mixed && by === 'both'));
}

/**
 * Takes what the person alone wrote into the base: it needs no review, and what the agent does to it later is compared with
 * it. A file that they deleted is done with, whatever the agent had done to it.
 */
export function absorbed(review: FileReview): FileReview {
  if (review.last.by === 'user' && review.current.kind === 'absent') return settledAs(review, review.current);
  const own = hunksOf(review).filter(({ by }) => by === 'user');
  return own.length === 0 ? review : accept(review, own);
}

/** Replays a decision: by its outcome, and by the hunks where these still lead to it. */
export function acceptedAs(review: FileReview, bytes: Uint8Array | null, ids: readonly string[] = []): FileReview {
  const hunks = hunksOf(review).filter(({ id }) => ids.includes(id));
  const next = hunks.length > 0 ? accept(review, hunks) : undefined;
  if (next && isEqual(bytesOf(next.base), bytes)) return next;
  return isEqual(bytesOf(review.current), bytes) && areComparable(review.base, review.current)
    ? settledAs(review, review.current)
    : rebased(review, bytes);
}
