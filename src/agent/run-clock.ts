/** A message's time is up: the reason of the signal that ends it. */
export class TimeUp extends Error {
  constructor(readonly minutes: number) {
    super(`The ${minutes} minutes of this message are up.`);
    this.name = 'TimeUp';
  }
}

/**
 * Past its time a run begins no new step. The step it is in may go on for this share more, since a cut command leaves
 * work half done; then it is ended all the same, since whoever set the time counts on it.
 */
export const HARD_END = 1.25;
const LOOK_AGAIN_MS = 200;

/** The time that a message takes, by a clock that nobody sets, without what it waits for a person. */
export class RunClock {
  readonly #now: () => number;
  readonly #began: number;
  #waited = 0;
  #asking = 0;
  #askedAt = 0;

  constructor(now = (): number => performance.now()) {
    this.#now = now;
    this.#began = now();
  }

  get minutes(): number {
    const until = this.#asking > 0 ? this.#askedAt : this.#now();
    return (until - this.#began - this.#waited) / 60_000;
  }

  /** Stands still while a person is asked. */
  async whileAsking<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#asking === 0) this.#askedAt = this.#now();
    this.#asking += 1;
    try {
      return await ask();
    } finally {
      this.#asking -= 1;
      if (this.#asking === 0) this.#waited += this.#now() - this.#askedAt;
    }
  }

  /** A signal that aborts with TimeUp once the step that was begun in time has had its share more. */
  hardEnd(minutes: number | undefined): { signal: AbortSignal; dispose: () => void } {
    const over = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const look = (): void => {
      const leftMs = ((minutes ?? Infinity) * HARD_END - this.minutes) * 60_000;
      if (leftMs <= 0) over.abort(new TimeUp(minutes ?? 0));
      else timer = setTimeout(look, Math.max(LOOK_AGAIN_MS, Math.min(leftMs, 2 ** 30)));
    };
    if (minutes !== undefined) look();
    return { signal: over.signal, dispose: () => clearTimeout(timer) };
  }
}
