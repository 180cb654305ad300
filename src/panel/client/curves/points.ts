// Pure: what is drawn of curves, and what is said of them.

export interface Points {
  xs: readonly number[];
  /** `null` stands for NaN and infinity. */
  ys: readonly (number | null)[];
}

/** What lies further out would stretch the rest to a line; it is marked as NaN and infinity are. */
const FARTHEST = 1e30;
const NEAREST = 1e-30;
/** No run has so many steps. */
const LAST_PLACE = 1e15;

/** A value as it can be drawn: one that is too large is as good as infinite, one that is too small is nothing. */
export function drawable(value: number | null): number | null {
  if (value === null || !Number.isFinite(value) || Math.abs(value) > FARTHEST) return null;
  return Math.abs(value) < NEAREST ? 0 : value;
}

/**
 * A curve thinned to as many columns of pixels: of each column the lowest and the highest value, and where one is no
 * number. First and last stay. A curve that fits stays as it is.
 */
export function thinned({ xs, ys }: Points, columns: number): Points {
  const count = Math.min(xs.length, ys.length);
  if (count <= 2 * columns || columns < 1) return { xs: xs.slice(0, count), ys: ys.slice(0, count) };
  const [first, last] = [xs[0] ?? 0, xs[count - 1] ?? 0];
  const width = (last - first) / columns;
  // Where all stand at one place, by their number.
  const columnOf = (at: number): number =>
    Math.min(columns - 1, Math.floor(width > 0 ? ((xs[at] ?? first) - first) / width : (at * columns) / count));
  const kept = new Set([0, count - 1]);
  let [low, high, odd] = [-1, -1, -1];
  const close = (): void => {
    for (const at of [low, high, odd]) if (at >= 0) kept.add(at);
    [low, high, odd] = [-1, -1, -1];
  };
  for (let at = 0, column = 0; at < count; at++) {
    if (columnOf(at) !== column) close();
    column = columnOf(at);
    const y = ys[at] ?? null;
    if (y === null) odd = odd < 0 ? at : odd;
    else {
      if (low < 0 || y < (ys[low] ?? Infinity)) low = at;
      if (high < 0 || y > (ys[high] ?? -Infinity)) high = at;
    }
  }
  close();
  const order = [...kept].sort((a, b) => a - b);
  return { xs: order.map((at) => xs[at] ?? 0), ys: order.map((at) => ys[at] ?? null) };
}

export interface Aligned {
  xs: number[];
  /** Of each curve, as many as there are `xs`: `undefined` where it has no value, `null` where that is none to draw. */
  ys: (number | null | undefined)[][];
}

/** Several curves over one axis. A curve may have several values at one place; all of them stay, in order. */
export function aligned(curves: readonly Points[]): Aligned {
  const at = curves.map(() => 0);
  const result: Aligned = { xs: [], ys: curves.map(() => []) };
  for (;;) {
    const next = Math.min(...curves.map(({ xs }, index) => xs[at[index] ?? 0] ?? Infinity));
    if (!Number.isFinite(next) || next > LAST_PLACE) return result;
    result.xs.push(next);
    for (const [index, { xs, ys }] of curves.entries()) {
      const place = at[index] ?? 0;
      const isHere = xs[place] === next;
      result.ys[index]?.push(isHere ? drawable(ys[place] ?? null) : undefined);
      if (isHere) at[index] = place + 1;
    }
  }
}

export interface CurveFacts {
  /** `null`: it is NaN or infinite. */
  last: number | null;
  /** `null` where no value is a number. */
  low: number | null;
  high: number | null;
  trend: 'up' | 'down' | 'level';
  /** Values that are no numbers. */
  odd: number;
}

/** Less of the whole range than this is no move. */
const LEVEL_SHARE = 0.05;

/** What a curve shows, for whoever does not see it. The trend: its last quarter against the one before. */
export function factsOf({ ys }: Points): CurveFacts {
  const values = ys.filter((y) => y !== null);
  // No spread of a list into arguments: a curve may be longer than a call takes.
  const low = values.reduce((least, y) => Math.min(least, y), Infinity);
  const high = values.reduce((most, y) => Math.max(most, y), -Infinity);
  const quarter = Math.max(1, Math.floor(values.length / 4));
  const [before, late] = [middle(values.slice(-2 * quarter, -quarter)), middle(values.slice(-quarter))];
  const move = before === undefined || late === undefined ? 0 : late - before;
  const isLevel = values.length === 0 || !(Math.abs(move) > LEVEL_SHARE * (high - low));
  return {
    last: ys.at(-1) ?? null,
    low: values.length === 0 ? null : low,
    high: values.length === 0 ? null : high,
    trend: isLevel ? 'level' : move > 0 ? 'up' : 'down',
    odd: ys.length - values.length,
  };
}

function middle(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** A number beside an axis: few letters, whatever its size. */
export function tickText(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e');
  return String(Number(value.toPrecision(4)));
}
