import type { Firing, Watch } from './job';

/** What a job's log says so far. */
export interface Readings {
  /** The latest of each metric. */
  metrics: { name: string; value: number }[];
  /** Ends of epochs seen. */
  epochs: number;
}

/** What of the machine a watch looks at. */
export interface Surroundings {
  /** ms since the epoch */
  now: number;
  /** When the log last grew, or the job began. */
  lastOutput: number;
  /** Bytes free where the job writes; absent where that is not known. */
  diskFree?: number;
}

export type Seen = Pick<Firing, 'key' | 'watch' | 'text'>;

/** Reads one job's log as it grows, from its start, and says when a watch's rule holds. */
export interface Eyes {
  read(text: string, now: number): void;
  readings(): Readings;
  /** Those that hold now. A key that was given before is the same firing. */
  firing(around: Surroundings): Seen[];
}

export type EyesOf = (watches: readonly Watch[]) => Eyes;

/** The eyes that jobs are watched with. */
export const EYES: EyesOf = () => ({
  read: () => undefined,
  readings: () => ({ metrics: [], epochs: 0 }),
  firing: () => [],
});
