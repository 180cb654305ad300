import { watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import type { Series } from '../metrics/series';
import type { EyesOf, Readings } from './eyes';
import { isOver, type Firing, type JobEvent } from './job';
import { compareFiles } from './guarded';
import { isDamaged, lookAt, type JobStatus, type Looked } from './jobs';
import { JobReading } from './reading';
import { appendEvent, claim } from './store';
import { Tending } from './tend';

const DEFAULT_GRACE_MS = 10_000;
/** The end of a file system's news, or a system that gives none: then it is looked at so often. */
const LOOK_EVERY_MS = 2_000;
/** A log that is written to without a pause is read so often. */
const AT_MOST_EVERY_MS = 200;

/** A job as somebody who watches over it sees it. */
export interface Observed {
  status: JobStatus;
  readings: Readings;
  /** The curves as they are now; work for who draws them. */
  series: () => Series[];
  /** All firings so far, those of before a restart as well. */
  fired: readonly Firing[];
}

export interface Observing {
  eyes: EyesOf;
  signal: AbortSignal;
  /** So long the job has to end after an interrupt, where it has to end. */
  graceMs?: number;
  /** Called after each look in which something changed; not called again before it is done. Gives true to end. */
  look(observed: Observed): boolean | Promise<boolean>;
}

/**
 * Watches over a job until it is over or `look` has seen enough: reads its log as it grows, has its watches judge it, and
 * writes down what fires, once, whoever else watches over it. Gives what was seen last; `undefined` where the job is gone.
 */
export async function observe(
  job: Pick<JobStatus, 'id' | 'folder'>,
  observing: Observing,
): Promise<Observed | undefined> {
  const { signal } = observing;
  const wakes = new Wakes(job.folder);
  const tending = new Tending();
  let reader: JobReading | undefined;
  let shown = '';
  try {
    for (;;) {
      signal.throwIfAborted();
      const status = await settled(await lookAt(dirname(job.folder), job.id), signal);
      if (!status || isDamaged(status)) return undefined;
      reader ??= await JobReading.of(status, observing.eyes);
      await reader.catchUp(status, signal);
      const fresh = await writeDown(status, await reader.firing(status));
      const fired = [...status.found.events.filter(isFiring), ...fresh];
      const observed: Observed = { status, readings: reader.readings(), series: reader.series, fired };
      const over = isOver(status.state);
      if (status.state.state === 'running')
        void tending.tend(observed, observing.graceMs ?? DEFAULT_GRACE_MS, signal).catch(() => undefined);
      const now = JSON.stringify([status.state, status.found.events.length, fired.length, reader.seen]);
      const enough = (now !== shown || over) && (await observing.look(observed));
      shown = now;
      if (over) await reader.keep(status);
      if (over || enough) return observed;
      await wakes.next(signal);
    }
  } finally {
    wakes.close();
  }
}

/** What a job that is over did to guarded files is among its events before anybody hears of the end. */
async function settled(looked: Looked | undefined, signal: AbortSignal): Promise<Looked | undefined> {
  if (!looked || isDamaged(looked) || !(await compareFiles(looked, signal))) return looked;
  return lookAt(dirname(looked.folder), looked.id);
}

function isFiring(event: JobEvent): event is Firing {
  return event.type === 'fired';
}

/** The claim comes first: who gets it writes it down, and nobody else. */
async function writeDown(
  status: JobStatus,
  seen: readonly Pick<Firing, 'key' | 'watch' | 'text'>[],
): Promise<Firing[]> {
  const known = new Set(status.found.events.filter(isFiring).map(({ key }) => key));
  const fresh: Firing[] = [];
  for (const one of seen) {
    if (known.has(one.key) || !(await claim(status.folder, `fired ${one.key}`))) continue;
    const event: Firing = { type: 'fired', at: new Date().toISOString(), ...one };
    await appendEvent(status.folder, event);
    fresh.push(event);
  }
  return fresh;
}

/** When to look again: when the job's folder changes, but not all the time, and now and then. */
class Wakes {
  readonly #watcher: FSWatcher | undefined;
  #ring: (() => void) | undefined;
  #rang = false;
  #last = 0;

  constructor(folder: string) {
    try {
      this.#watcher = watch(folder, () => this.#changed());
      // A folder that goes away, a system that has no more watches: the clock is left.
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      this.#watcher = undefined;
    }
  }

  async next(signal: AbortSignal): Promise<void> {
    const since = Date.now() - this.#last;
    if (since < AT_MOST_EVERY_MS) await pause(AT_MOST_EVERY_MS - since, signal);
    if (!this.#rang) {
      const early = new Promise<void>((resolve) => (this.#ring = resolve));
      await Promise.race([early, pause(LOOK_EVERY_MS, signal, early)]);
    }
    this.#ring = undefined;
    this.#rang = false;
    this.#last = Date.now();
    signal.throwIfAborted();
  }

  close(): void {
    this.#watcher?.close();
  }

  #changed(): void {
    this.#rang = true;
    this.#ring?.();
  }
}

/** Settles after a time, when the signal aborts, or with `early`. */
function pause(ms: number, signal: AbortSignal, early?: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    void early?.then(done);
  });
}
