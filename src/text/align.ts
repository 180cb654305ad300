/** What stands at a place that has no counterpart. */
export const UNMATCHED = -1;

/** A shortest edit is looked for up to so many steps at first, then between lines that each side has once. */
const QUICK_STEPS = 256;
/** What is left is tried harder where it is small; beyond that it counts as replaced. */
const HARD_STEPS = 1_500;
const SMALL = 4_000;
/** Long rows are walked along first: from one difference to where so many items in a row are the same again. */
const LONG = 4_000;
const ENOUGH = 24;
const WALK_STEPS = 100;

interface Work {
  old: Int32Array;
  young: Int32Array;
  /** Of each place of the later side, the place of the earlier side that it is. */
  found: Int32Array;
  /** Counts by symbol, all zero between uses. */
  counts: Int32Array;
}

/**
 * Which items of `young` are which of `old`: for each its place there, rising, or `UNMATCHED`. The shortest edit where the
 * two differ little; else lines that both have once are taken as fixed first, so that the time stays near the size.
 */
export function align(old: readonly string[], young: readonly string[]): Int32Array {
  const symbols = new Map<string, number>();
  const numbered = (items: readonly string[]): Int32Array => {
    const numbers = new Int32Array(items.length);
    for (let index = 0; index < items.length; index++) {
      const item = items[index]!;
      let number = symbols.get(item);
      if (number === undefined) symbols.set(item, (number = symbols.size));
      numbers[index] = number;
    }
    return numbers;
  };
  let head = 0;
  while (head < old.length && head < young.length && old[head] === young[head]) head += 1;
  let tail = 0;
  const room = Math.min(old.length, young.length) - head;
  while (tail < room && old[old.length - 1 - tail] === young[young.length - 1 - tail]) tail += 1;
  const found = new Int32Array(young.length).fill(UNMATCHED);
  for (let index = 0; index < head; index++) found[index] = index;
  for (let index = 1; index <= tail; index++) found[young.length - index] = old.length - index;
  const ends = { old: old.length - tail, young: young.length - tail };
  const start = ends.old + ends.young - 2 * head > LONG ? walkAlong(old, young, head, ends, found) : [head, head];
  const [oldStart, youngStart] = start as [number, number];
  const [oldMiddle, youngMiddle] = [old.slice(oldStart, ends.old), young.slice(youngStart, ends.young)];
  if (oldMiddle.length === 0 || youngMiddle.length === 0) return found;
  const work = { old: numbered(oldMiddle), young: numbered(youngMiddle) };
  const middle = new Int32Array(youngMiddle.length).fill(UNMATCHED);
  between(
    { ...work, found: middle, counts: new Int32Array(2 * symbols.size) },
    0,
    work.old.length,
    0,
    work.young.length,
  );
  for (let index = 0; index < middle.length; index++)
    if (middle[index] !== UNMATCHED) found[youngStart + index] = oldStart + middle[index]!;
  return found;
}

/** Goes along two long rows as far as their differences are small and apart; gives how far it came. */
function walkAlong(
  old: readonly string[],
  young: readonly string[],
  head: number,
  ends: { old: number; young: number },
  found: Int32Array,
): [number, number] {
  let [oldAt, youngAt] = [head, head];
  const reach = new Int32Array(2 * WALK_STEPS + 3);
  while (oldAt < ends.old && youngAt < ends.young) {
    const came = nextMeeting(old, young, [oldAt, youngAt], [ends.old, ends.young], reach, found);
    if (!came) break;
    [oldAt, youngAt] = came;
    while (oldAt < ends.old && youngAt < ends.young && old[oldAt] === young[youngAt]) found[youngAt++] = oldAt++;
  }
  return [oldAt, youngAt];
}

/** Where the two meet again for long enough; `undefined` where that is too far. */
function nextMeeting(
  old: readonly string[],
  young: readonly string[],
  [oldFrom, youngFrom]: readonly [number, number],
  [oldTo, youngTo]: readonly [number, number],
  reach: Int32Array,
  found: Int32Array,
): [number, number] | undefined {
  const [width, height] = [oldTo - oldFrom, youngTo - youngFrom];
  const middle = WALK_STEPS + 1;
  const ways: Int32Array[] = [];
  reach.fill(0);
  for (let step = 0; step <= WALK_STEPS; step++) {
    ways.push(reach.slice(middle - step, middle + step + 1));
    for (let diagonal = -step; diagonal <= step; diagonal += 2) {
      const isDown =
        diagonal === -step || (diagonal !== step && reach[middle + diagonal - 1]! < reach[middle + diagonal + 1]!);
      const start = isDown ? reach[middle + diagonal + 1]! : reach[middle + diagonal - 1]! + 1;
      let x = start;
      while (x < width && x - diagonal < height && old[oldFrom + x] === young[youngFrom + x - diagonal]) x += 1;
      reach[middle + diagonal] = x;
      if (x > width || x - diagonal > height || (x - start < ENOUGH && (x < width || x - diagonal < height))) continue;
      walkBack(ways, x, x - diagonal, (one, other) => (found[youngFrom + other] = oldFrom + one));
      return [oldFrom + x, youngFrom + x - diagonal];
    }
  }
  return undefined;
}

function between(work: Work, oldFrom: number, oldTo: number, youngFrom: number, youngTo: number): void {
  const { old, young, found } = work;
  while (oldFrom < oldTo && youngFrom < youngTo && old[oldFrom] === young[youngFrom]) found[youngFrom++] = oldFrom++;
  while (oldFrom < oldTo && youngFrom < youngTo && old[oldTo - 1] === young[youngTo - 1]) found[--youngTo] = --oldTo;
  if (oldFrom === oldTo || youngFrom === youngTo) return;
  if (shortest(work, oldFrom, oldTo, youngFrom, youngTo, QUICK_STEPS)) return;
  const fixed = fixedPoints(work, oldFrom, oldTo, youngFrom, youngTo);
  if (fixed.length === 0) {
    if (oldTo - oldFrom + youngTo - youngFrom <= SMALL) shortest(work, oldFrom, oldTo, youngFrom, youngTo, HARD_STEPS);
    return;
  }
  let [oldLast, youngLast] = [oldFrom, youngFrom];
  for (const [oldAt, youngAt] of fixed) {
    between(work, oldLast, oldAt, youngLast, youngAt);
    found[youngAt] = oldAt;
    [oldLast, youngLast] = [oldAt + 1, youngAt + 1];
  }
  between(work, oldLast, oldTo, youngLast, youngTo);
}

/** Myers' greedy search (1986), its way kept for walking back; false where more steps than `limit` are needed. */
function shortest(
  { old, young, found }: Work,
  oldFrom: number,
  oldTo: number,
  youngFrom: number,
  youngTo: number,
  limit: number,
): boolean {
  const [width, height] = [oldTo - oldFrom, youngTo - youngFrom];
  const most = Math.min(limit, width + height);
  const reach = new Int32Array(2 * most + 3);
  const middle = most + 1;
  const ways: Int32Array[] = [];
  for (let step = 0; step <= most; step++) {
    ways.push(reach.slice(middle - step, middle + step + 1));
    for (let diagonal = -step; diagonal <= step; diagonal += 2) {
      const isDown =
        diagonal === -step || (diagonal !== step && reach[middle + diagonal - 1]! < reach[middle + diagonal + 1]!);
      let x = isDown ? reach[middle + diagonal + 1]! : reach[middle + diagonal - 1]! + 1;
      while (x < width && x - diagonal < height && old[oldFrom + x] === young[youngFrom + x - diagonal]) x += 1;
      reach[middle + diagonal] = x;
      if (x < width || x - diagonal < height) continue;
      walkBack(ways, width, height, (oldAt, youngAt) => (found[youngFrom + youngAt] = oldFrom + oldAt));
      return true;
    }
  }
  return false;
}

function walkBack(ways: readonly Int32Array[], x: number, y: number, isSame: (x: number, y: number) => void): void {
  for (let step = ways.length - 1; step > 0; step--) {
    const way = ways[step]!;
    const diagonal = x - y;
    const reached = (at: number): number => way[at + step] ?? 0;
    const isDown = diagonal === -step || (diagonal !== step && reached(diagonal - 1) < reached(diagonal + 1));
    const before = isDown ? diagonal + 1 : diagonal - 1;
    const fromX = reached(before);
    const fromY = fromX - before;
    const startX = isDown ? fromX : fromX + 1;
    while (x > startX) isSame(--x, --y);
    [x, y] = [fromX, fromY];
  }
  while (x > 0) isSame(--x, --y);
}

/** Pairs of items that each side has exactly once, the longest rising row of them. */
function fixedPoints(
  { old, young, counts }: Work,
  oldFrom: number,
  oldTo: number,
  youngFrom: number,
  youngTo: number,
): [number, number][] {
  for (let index = oldFrom; index < oldTo; index++) counts[2 * old[index]!]! += 1;
  for (let index = youngFrom; index < youngTo; index++) counts[2 * young[index]! + 1]! += 1;
  const places = new Map<number, number>();
  for (let index = oldFrom; index < oldTo; index++) {
    const symbol = old[index]!;
    if (counts[2 * symbol] === 1 && counts[2 * symbol + 1] === 1) places.set(symbol, index);
  }
  const pairs: [number, number][] = [];
  for (let index = youngFrom; index < youngTo; index++) {
    const place = places.get(young[index]!);
    if (place !== undefined) pairs.push([place, index]);
  }
  for (let index = oldFrom; index < oldTo; index++) counts[2 * old[index]!] = 0;
  for (let index = youngFrom; index < youngTo; index++) counts[2 * young[index]! + 1] = 0;
  return longestRising(pairs);
}

function longestRising(pairs: readonly [number, number][]): [number, number][] {
  const ends: number[] = [];
  const before = new Int32Array(pairs.length).fill(UNMATCHED);
  pairs.forEach(([place], index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[ends[middle]!]![0] < place) low = middle + 1;
      else high = middle;
    }
    if (low > 0) before[index] = ends[low - 1]!;
    ends[low] = index;
  });
  const row: [number, number][] = [];
  for (let index = ends.at(-1) ?? UNMATCHED; index !== UNMATCHED; index = before[index]!) row.push(pairs[index]!);
  return row.reverse();
}
