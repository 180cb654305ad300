import type { Random } from '../fuzz/random';
import { normal } from './curves';

/** A curve whose truth is known since it was made so. */
export interface TrueCurve {
  values: number[];
  /** From this value on it diverges, or lies flat for good; absent where it never does. */
  from?: number;
}

/** What a kind is: runs that go on learning, runs that diverge, runs that gain nothing any more. */
export type Truth = 'learns' | 'diverges' | 'flat';

export interface Kind {
  truth: Truth;
  curve: (random: Random, length: number) => TrueCurve;
}

type Level = (at: number, share: number, length: number) => number;

/** Multiplied noise, as of a loss over batches: it shrinks with the loss. */
const noisy =
  (level: Level, noise: number, from?: (length: number) => number): Kind['curve'] =>
  (random, length) => {
    const scale = 10 ** (2 * random.next() - 1);
    const values = Array.from(
      { length },
      (_, at) => scale * level(at, at / length, length) * Math.exp(noise * normal(random)),
    );
    return { values, ...(from ? { from: from(length) } : {}) };
  };

/** Noise that is like what came just before, as of an average over steps. */
const smoothed =
  (level: Level, noise: number): Kind['curve'] =>
  (random, length) => {
    const scale = 0.2 + 3 * random.next();
    let drift = 0;
    const values = Array.from({ length }, (_, at) => {
      drift = 0.9 * drift + noise * normal(random);
      return scale * (level(at, at / length, length) + drift);
    });
    return { values };
  };

const falling = (share: number, by = 2.5): number => 0.35 + 1.9 * Math.exp(-by * share);
const half = (length: number): number => Math.floor(length / 2);

/** Looked at while the rules were made. */
export const DEVELOPMENT: Readonly<Record<string, Kind>> = {
  'cosine schedule, noisy': {
    truth: 'learns',
    curve: noisy((_, share) => 0.3 + 1.5 * (1 + Math.cos(Math.PI * share)) * 0.5, 0.12),
  },
  'small batches': { truth: 'learns', curve: noisy((_, share) => falling(share, 2), 0.5) },
  'fine-tuning that starts low': {
    truth: 'learns',
    curve: noisy((_, share) => 0.32 - 0.16 * share ** 0.7, 0.1),
  },
  'spike with recovery': {
    truth: 'learns',
    curve: noisy((at, share, length) => {
      const since = at - half(length);
      return falling(share) + (since < 0 ? 0 : 3 * Math.exp(-since / (0.02 * length)));
    }, 0.08),
  },
  'diverges after N steps': {
    truth: 'diverges',
    curve: noisy(
      (at, share, length) => {
        const since = at - half(length);
        return falling(Math.min(share, 0.5)) * (since < 0 ? 1 : Math.min(1e4, Math.exp(since / (0.05 * length))));
      },
      0.1,
      half,
    ),
  },
  'stuck at chance': {
    truth: 'flat',
    curve: noisy(
      () => 0.693,
      0.03,
      () => 0,
    ),
  },
};

/** Only measured: no rule was changed for one of these. */
export const HELD_OUT: Readonly<Record<string, Kind>> = {
  'warm restarts': {
    truth: 'learns',
    curve: noisy((_, share) => falling(share) + 0.25 * (1 - ((share * 4) % 1)) ** 3 * (share > 0.25 ? 1 : 0), 0.08),
  },
  'step decay': {
    truth: 'learns',
    curve: noisy((_, share) => [1.6, 0.9, 0.6, 0.45][Math.floor(share * 4)]! * (1 - 0.25 * ((share * 4) % 1)), 0.08),
  },
  'plateau, then a drop': {
    truth: 'learns',
    curve: noisy((_, share) => 2.3 - 0.05 * share - 1.6 / (1 + Math.exp(-60 * (share - 0.55))), 0.04),
  },
  'two networks against each other': {
    truth: 'learns',
    curve: smoothed((at, share) => 1.1 - 0.3 * share + 0.35 * Math.sin(at / 17), 0.06),
  },
  'drifts up slowly': {
    truth: 'diverges',
    curve: noisy(
      (_, share) => falling(Math.min(share, 0.4)) * (share < 0.4 ? 1 : 1 + 4 * (share - 0.4)),
      0.1,
      (length) => Math.floor(0.4 * length),
    ),
  },
  'a rate that is too high': {
    truth: 'diverges',
    curve: noisy(
      (at, share, length) => {
        const since = Math.max(0, at - Math.floor(0.3 * length));
        return falling(Math.min(share, 0.3)) + (since === 0 ? 0 : 2.5 * (1 - Math.exp(-since / (0.1 * length))));
      },
      0.2,
      (length) => Math.floor(0.3 * length),
    ),
  },
  'learnt out early': {
    truth: 'flat',
    curve: noisy(
      (_, share) => 0.4 + 1.6 * Math.exp(-60 * share),
      0.03,
      (length) => Math.floor(0.1 * length),
    ),
  },
};
