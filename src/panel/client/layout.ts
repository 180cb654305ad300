/** Where rows of different heights lie: `tops[i]` is the top of row `i`, the last one where all of them end. */
export function topsOf(count: number, heightOf: (index: number) => number): Float64Array {
  const tops = new Float64Array(count + 1);
  for (let index = 0; index < count; index++) tops[index + 1] = (tops[index] ?? 0) + heightOf(index);
  return tops;
}

/** The row that covers `y`: the first or last where `y` lies outside. */
export function rowAt(tops: Float64Array, y: number): number {
  let [low, high] = [0, Math.max(0, tops.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The rows to draw: what is seen with some around it, and those of `also`, in order. */
export function drawnRows(tops: Float64Array, top: number, view: number, around: number, also: number[]): number[] {
  const count = tops.length - 1;
  if (count === 0) return [];
  const first = Math.max(0, rowAt(tops, top) - around);
  const last = Math.min(count - 1, rowAt(tops, top + view) + around);
  const drawn = new Set(also.filter((index) => index >= 0 && index < count));
  for (let index = first; index <= last; index++) drawn.add(index);
  return [...drawn].sort((a, b) => a - b);
}
