import type { Fired, Guard } from './guard';
import type { Metric } from './metric';
import { isLoss, plainName } from './names';

/** Values of one window: enough that its median heeds no single outlier. */
const WINDOW = 7;
/** Curves are looked at as so many windows at most; of a longer one two become one. */
const MAX_WINDOWS = 64;
/** Nothing is said of a curve before. */
const LEAST_WINDOWS = 6;

interface Window {
  median: number;
  /** Half the middle half of the spread, as a standard deviation of a normal one. */
  spread: number;
}

export interface Trend {
  windows: readonly Window[];
  /** The usual spread of a value around its window's median. */
  noise: number;
  /** Values in each window. */
  size: number;
}

/**
 * A curve as medians of windows of equal size, lower being better. However long it is, it is looked at as a whole, at no
 * more than 64 windows.
 */
export class Trending {
  #windows: Window[] = [];
  #size = WINDOW;
  #open: number[] = [];

  /** Gives the trend when a window was closed. */
  add(value: number): Trend | undefined {
    this.#open.push(value);
    if (this.#open.length < this.#size) return undefined;
    this.#windows.push(windowOf(this.#open));
    this.#open = [];
    if (this.#windows.length > MAX_WINDOWS) this.#halve();
    const noise = medianOf(this.#windows.map(({ spread }) => spread));
    return { windows: this.#windows, noise, size: this.#size };
  }

  #halve(): void {
    const halved: Window[] = [];
    for (let at = 0; at + 1 < this.#windows.length; at += 2) {
      const [a, b] = [this.#windows[at], this.#windows[at + 1]];
      if (a && b) halved.push({ median: (a.median + b.median) / 2, spread: (a.spread + b.spread) / 2 });
    }
    this.#windows = halved;
    this.#size *= 2;
  }
}

function windowOf(values: readonly number[]): Window {
  const median = medianOf(values);
  return { median, spread: 1.4826 * medianOf(values.map((value) => Math.abs(value - median))) };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/**
 * Diverging: the last three windows all lie above the best one, by at least half of its level and by four spreads of a
 * value, and the last is not below the one before by more than a spread.
 */
export function isDiverging({ windows, noise }: Trend): boolean {
  if (windows.length < LEAST_WINDOWS) return false;
  const last = windows.slice(-3).map(({ median }) => median);
  const best = Math.min(...windows.slice(0, -3).map(({ median }) => median));
  const bound = best + Math.max(0.5 * Math.abs(best), 4 * noise);
  return last.every((median) => median > bound) && (last[2] ?? 0) >= (last[1] ?? 0) - noise;
}

/**
 * Flat: over the later half of the curve, eight windows at least, it surely moved by less than 3 % of its level, or than
 * 0.4 of the noise of one value. Surely: also at the far end of what the noise leaves open (one-sided, a twentieth). A curve
 * whose noise hides whether it falls is not called flat.
 */
export function isFlat({ windows, noise }: Trend): boolean {
  const late = windows.slice(-Math.max(8, Math.floor(windows.length / 2))).map(({ median }) => median);
  if (windows.length < 2 * LEAST_WINDOWS || late.length < 8) return false;
  const slope = slopeOf(late);
  const middle = (late.length - 1) / 2;
  const level = medianOf(late.map((median, at) => median - slope * (at - middle)));
  const rest = late.map((median, at) => Math.abs(median - level - slope * (at - middle)));
  const error = 1.4826 * medianOf(rest) * Math.sqrt(12 / late.length);
  const most = Math.abs(slope) * late.length + 1.645 * error;
  return most < Math.max(0.03 * Math.abs(level), 0.4 * noise);
}

/** The median of the slopes between all two points. */
function slopeOf(values: readonly number[]): number {
  const slopes: number[] = [];
  for (const [at, value] of values.entries())
    for (let later = at + 1; later < values.length; later++) slopes.push(((values[later] ?? 0) - value) / (later - at));
  return medianOf(slopes);
}

/** It must hold once more when there are so many times the values: a curve that turns looks flat for a while. */
const FLAT_AGAIN = 2;

const RULES = {
  diverging: {
    holds: isDiverging,
    again: 1,
    text: 'gets worse: its last three windows lie well above its best one',
  },
  flat: { holds: isFlat, again: FLAT_AGAIN, text: 'gets no better: its later half is level' },
} as const;

/** Looks at one metric, or at the first loss that comes up. */
export function trendGuard(rule: keyof typeof RULES, wanted?: string): Guard {
  const { holds, again, text } = RULES[rule];
  let count = 0;
  let since: number | undefined;
  const curve = new Trending();
  let name = wanted === undefined ? undefined : plainName(wanted);
  let found: Fired | undefined;
  return {
    metric(seen: Metric) {
      if (found || !Number.isFinite(seen.value)) return;
      if (name === undefined && isLoss(seen.name)) name = plainName(seen.name);
      if (name === undefined || plainName(seen.name) !== name) return;
      const trend = curve.add(isLoss(seen.name) ? seen.value : -seen.value);
      count += 1;
      if (!trend) return;
      since = holds(trend) ? (since ?? count) : undefined;
      if (since === undefined || count < since * again) return;
      const where = `${trend.windows.length} windows of ${trend.size} values`;
      found = {
        key: `${rule} ${name}`,
        watch: rule,
        text: `${seen.name} ${text} (${where}, the last value is ${seen.value})`,
      };
    },
    fired: () => (found ? [found] : []),
  };
}
