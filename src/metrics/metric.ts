import type { Names } from './names';

/** One value of a metric, as it was printed or logged. */
export interface Metric {
  /** As it stands there, blanks made one: `val_auc`, `Test accuracy`, `valid_0's auc`. */
  name: string;
  /** May be NaN or infinite: that is news, not a fault. */
  value: number;
  /** train, val or test, where the name says it. */
  split?: Split;
  /** Of the whole run. */
  step?: number;
  epoch?: number;
  /** How much of its epoch was over, from 0 to 1. */
  part?: number;
  /** ms since the epoch: when it was read, or what its file says. */
  time: number;
  /** 1-based line of the log; absent for one of a file beside it. */
  line?: number;
  /** The file beside the log that it is from. */
  source?: string;
}

export type Split = 'train' | 'val' | 'test';

/** Where a run is, as far as a line tells it. */
export interface Position {
  epoch?: number;
  /** How many there will be. */
  epochs?: number;
  step?: number;
  steps?: number;
  /** Within the epoch. */
  batch?: number;
  batches?: number;
  /** Share of one progress bar, from 0 to 1, and seconds that it expects to take yet. */
  bar?: number;
  remaining?: number;
}

export interface Pair {
  name: string;
  value: number;
}

/** What one line says. */
export interface Reading {
  pairs: Pair[];
  at: Position;
  /** True for one bar that is drawn over and over. */
  redrawn?: boolean;
}

/** What a format keeps of the lines before. */
export interface Memory {
  readonly names: Names;
  /** The columns of the table that rows now stand under. */
  columns?: readonly string[];
}

/** One way in which programs print metrics. `read` is only asked where `hint` holds. */
export interface Format {
  name: string;
  /** Costs next to nothing. */
  hint: (line: string, memory: Memory) => boolean;
  /** `undefined` where the line is none of this format: then the next one is asked. */
  read: (line: string, memory: Memory) => Reading | undefined;
}

/** What a line is read up to; no program prints metrics in longer ones. */
export const MAX_LINE_CHARACTERS = 16_384;
/** Of one line. */
export const MAX_PAIRS = 100;
