import { Board } from '../metrics/board';
import type { Around, Fired } from '../metrics/guard';
import { LogReader } from '../metrics/log-reader';
import type { Metric } from '../metrics/metric';
import { progressOf, type Progress } from '../metrics/progress';
import type { Series } from '../metrics/series';
import { guardsOf, together } from '../metrics/watches';
import type { Watch } from './job';

export { faultOf, watchedFor } from '../metrics/watches';

/** What a job's log, and the files it logs into, say so far. */
export interface Readings {
  /** The latest of each metric. */
  metrics: Pick<Metric, 'name' | 'value' | 'split' | 'epoch' | 'step' | 'line' | 'source'>[];
  /** Ends of epochs seen. */
  epochs: number;
  progress?: Progress;
}

/** What of the machine a watch looks at. */
export type Surroundings = Around;
export type Seen = Fired;

/** Reads one job's log as it grows, from its start, and says when a watch's rule holds. */
export interface Eyes {
  /** @param now ms since the epoch: when the text was written */
  read(text: string, now: number): void;
  /** Takes a value from a file that the job logs into. */
  take?(metric: Metric): void;
  readings(): Readings;
  /** The curves so far; work for who draws them, so not part of the readings. */
  series?(): Series[];
  /** Those that hold now. A key that was given before is the same firing. */
  firing(around: Surroundings): Seen[];
}

export type EyesOf = (watches: readonly Watch[]) => Eyes | Promise<Eyes>;

/** The eyes that jobs are watched with. */
export const EYES: EyesOf = async (watches) => new MetricEyes(together(await guardsOf(watches)));

class MetricEyes implements Eyes {
  readonly #board = new Board();
  readonly #log: LogReader;
  #now = 0;
  #began: number | undefined;
  #last = 0;

  constructor(private readonly guards: ReturnType<typeof together>) {
    this.#log = new LogReader({ metric: (metric) => this.take(metric), line: (line) => this.guards.line(line) });
  }

  read(text: string, now: number): void {
    this.#last = now;
    this.#log.read(text, now);
  }

  take(metric: Metric): void {
    this.#board.add(metric);
    this.guards.metric(metric);
  }

  readings(): Readings {
    const { course } = this.#log;
    const elapsed = this.#began === undefined ? 0 : (this.#last - this.#began) / 1_000;
    const progress = progressOf(this.#log.position(), course.first, elapsed);
    return {
      metrics: this.#board.latest,
      epochs: course.epochsEnded(this.#now),
      ...(progress ? { progress } : {}),
    };
  }

  series(): Series[] {
    return this.#board.series;
  }

  firing(around: Surroundings): Seen[] {
    this.#now = around.now;
    this.#began = around.began;
    this.guards.look(around);
    return this.guards.fired();
  }
}
