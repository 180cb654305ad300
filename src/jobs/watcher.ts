import type { EyesOf } from './eyes';
import { isOver } from './job';
import { isDamaged, listJobs, type JobsPlace, type JobStatus } from './jobs';
import { untold } from './news';
import { observe, type Observed } from './observe';

/** How many of the latest jobs are looked at: older ones ended long ago, and were told of. */
const MOST = 100;
const LOOK_EVERY_MS = 15_000;

export interface Watching {
  place: () => JobsPlace;
  eyes: EyesOf;
  /** So long a job has to end after an interrupt. */
  graceMs: () => number;
  /** What went wrong with one job; the others are watched on. */
  failed: (error: unknown) => void;
}

/**
 * Watches over the jobs of a workspace that still run, whoever started them, and knows those that ended and were not told
 * of. Costs a look at a folder now and then where there are none. Lives as long as a window.
 */
export class JobWatcher {
  readonly #ended = new AbortController();
  readonly #observed = new Map<string, Observed>();
  /** Jobs that are watched, or over and told of. */
  readonly #known = new Set<string>();
  readonly #listeners = new Set<(observed: Observed) => void>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(private readonly watching: Watching) {}

  /** The jobs that were seen since this began, each as it was seen last, newest first. */
  get current(): readonly Observed[] {
    return [...this.#observed.values()].sort((a, b) => (a.status.id < b.status.id ? 1 : -1));
  }

  /** Called with each job that changed. What it gives takes the listener away. */
  onChange(listener: (observed: Observed) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Looks for jobs that it does not know, now and from now on. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#find()).catch((error: unknown) => this.watching.failed(error));
    clearTimeout(this.#timer);
    if (!this.#ended.signal.aborted) {
      this.#timer = setTimeout(() => void this.look(), LOOK_EVERY_MS);
      this.#timer.unref();
    }
    return this.#looking;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
    this.#listeners.clear();
  }

  async #find(): Promise<void> {
    for (const job of await listJobs(this.watching.place(), MOST)) {
      if (isDamaged(job) || this.#known.has(job.id)) continue;
      this.#known.add(job.id);
      const isOld = isOver(job.state) && (await untold({ status: job, fired: [] })).length === 0;
      if (!isOld) void this.#watch(job);
    }
  }

  async #watch(job: JobStatus): Promise<void> {
    const { eyes, graceMs, failed } = this.watching;
    const { signal } = this.#ended;
    try {
      const tell = (observed: Observed): boolean => {
        this.#observed.set(job.id, observed);
        for (const listener of this.#listeners) listener(observed);
        return false;
      };
      await observe(job, { eyes, signal, graceMs: graceMs(), look: tell });
    } catch (error) {
      if (signal.aborted) return;
      // It is found again with the next look.
      this.#known.delete(job.id);
      failed(error);
    }
  }
}
