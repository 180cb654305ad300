import type { Line } from './lines';
import type { Metric } from './metric';

/** What a watch found. The same key stands for the same firing. The text has no words of the log but names. */
export interface Fired {
  key: string;
  watch: string;
  text: string;
}

/** What else a watch looks at. */
export interface Around {
  /** ms since the epoch */
  now: number;
  /** When the job began. */
  began?: number;
  /** When the job last printed or logged something, or began. */
  lastOutput: number;
  /** Bytes free where the job writes; absent where that is not known. */
  diskFree?: number;
  /** How it ended; absent while it runs. */
  ended?: { code: number | null; signal: string | null };
  /** Somebody wants it to end. */
  stopped?: boolean;
}

/** The rule of one watch while it looks at one job. */
export interface Guard {
  metric?(metric: Metric): void;
  line?(line: Line): void;
  look?(around: Around): void;
  /** All that fired so far, or holds now. */
  fired(): Fired[];
}

/** Where a value stands, for people. */
export function whereOf({ epoch, step, line, source }: Metric): string {
  const at = [
    ...(epoch === undefined ? [] : [`epoch ${Number(epoch.toFixed(2))}`]),
    ...(step === undefined ? [] : [`step ${step}`]),
    ...(line === undefined ? [] : [`line ${line} of the log`]),
    ...(source === undefined ? [] : [source]),
  ];
  return at.length === 0 ? '' : ` (${at.join(', ')})`;
}
