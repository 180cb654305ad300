import type { Random } from '../fuzz/random';

/** A curve of a run, value by value. */
export type CurveOf = (random: Random, length: number) => number[];

/** Of a normal distribution. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

const curve =
  (level: (share: number, random: Random) => number, noise: number): CurveOf =>
  (random, length) => {
    const scale = 0.5 + 2 * random.next();
    return Array.from({ length }, (_, at) => scale * (level(at / length, random) + noise * normal(random)));
  };

/** Runs that learn until their end, with the noise of batches. */
export const LEARNING: Readonly<Record<string, CurveOf>> = {
  'power law': curve((share) => 0.2 + (0.01 + share) ** -0.3, 0.08),
  exponential: curve((share) => 0.3 + 2 * Math.exp(-2.5 * share), 0.1),
  'linear, noisy': curve((share) => 2 - share, 0.25),
  'steps of a schedule': curve((share) => 0.4 + Math.exp(-3 * share) - 0.15 * Math.floor(share * 3), 0.05),
  'spikes of bad batches': curve(
    (share, random) => 0.3 + 2 * Math.exp(-2.5 * share) + (random.chance(0.03) ? 8 : 0),
    0.1,
  ),
  'warm-up that rises first': curve((share) => 2 + (share < 0.1 ? 3 * share : 0.3 - 1.5 * (share - 0.1)), 0.08),
};

export const FLAT: Readonly<Record<string, CurveOf>> = {
  'never learnt': curve(() => 2.3, 0.05),
  'stuck after a start': curve((share) => (share < 0.2 ? 2.3 - 4 * share : 1.5), 0.05),
};

export const DIVERGING: Readonly<Record<string, CurveOf>> = {
  explodes: curve((share) => (share < 0.5 ? 2 - share : 1.5 * Math.exp(8 * (share - 0.5))), 0.05),
  'rises for good': curve((share) => (share < 0.4 ? 2 - 3 * share : 0.8 + 4 * (share - 0.4)), 0.1),
  overfits: curve((share) => 0.5 + 3 * (share - 0.4) ** 2, 0.03),
};
