import weights from './weights.json';

/** What a number of a sentence is: no result, one that a run shows, or one that none shows. */
export const CLASSES = ['none', 'shown', 'open'] as const;
export type Class = (typeof CLASSES)[number];

/** Of a sign, what it adds to each of the classes. */
export type Weights = Readonly<Record<string, readonly number[]>>;

/** How likely a number with these signs is of each class. */
export function likelihood(signs: readonly string[], by: Weights = weights): number[] {
  const sums = CLASSES.map((_, at) => signs.reduce((sum, sign) => sum + (by[sign]?.[at] ?? 0), 0));
  const most = Math.max(...sums);
  const parts = sums.map((sum) => Math.exp(sum - most));
  const whole = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / whole);
}

export function weigh(signs: readonly string[], by: Weights = weights): Class {
  const likely = likelihood(signs, by);
  return CLASSES[likely.indexOf(Math.max(...likely))] ?? 'none';
}
