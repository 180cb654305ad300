import { ModelError } from '../agent/model';

export type Fetch = typeof fetch;

/** How long a server may say nothing, in ms. */
export interface Patience {
  firstByteMs: number;
  silenceMs: number;
}

/** Time as the watch sees it: in ms from anywhere. */
export interface Clock {
  now(): number;
  /** Acts once, after `ms`; call what it gives to have it not. */
  after(ms: number, act: () => void): () => void;
}

/** Its timers keep no process alive: what they watch does. */
const MACHINE: Clock = {
  now: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** A timer that is so late was not run: the machine slept, or the process stood still. */
const LATE_MS = 2_000;
/** What came meanwhile is read only after the timers; and a network that comes up again takes its time. */
const AFTER_SLEEP_MS = 10_000;

export const DEFAULT_PATIENCE: Patience = { firstByteMs: 120_000, silenceMs: 60_000 };
/** The runtime's own fetch gives up after this, whatever we say. */
export const MAX_PATIENCE_SECONDS = 300;

/**
 * A fetch that gives up on a server which falls silent: before the first byte of the body, or between two pieces of it.
 * Pings count as bytes: a model that thinks sends them. Then the request, or the reading of its body, throws a ModelError.
 */
export function watched(base: Fetch, { firstByteMs, silenceMs }: Patience, clock: Clock = MACHINE): Fetch {
  return async (input, init = {}) => {
    const gaveUp = new AbortController();
    const signal = init.signal ? AbortSignal.any([init.signal, gaveUp.signal]) : gaveUp.signal;
    const host = hostOf(input);
    const wait = (ms: number, setting: string): (() => void) =>
      patiently(clock, ms, () => gaveUp.abort(silent(host, ms, setting)));
    let stop = wait(firstByteMs, 'firstByteSeconds');
    const settle = (): void => stop();
    try {
      const response = await base(input, { ...init, signal });
      if (!response.body) {
        settle();
        return response;
      }
      const heard = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          settle();
          stop = wait(silenceMs, 'silenceSeconds');
          controller.enqueue(chunk);
        },
        flush: settle,
      });
      const { status, statusText, headers } = response;
      return new Response(response.body.pipeThrough(heard), { status, statusText, headers });
    } catch (error) {
      settle();
      throw error;
    }
  };
}

/** Acts after `ms` of silence; where the machine slept meanwhile, only after some more. */
function patiently(clock: Clock, ms: number, act: () => void): () => void {
  const due = clock.now() + ms;
  let stop = clock.after(ms, () => {
    if (clock.now() - due < LATE_MS) return act();
    stop = patiently(clock, Math.min(ms, AFTER_SLEEP_MS), act);
  });
  return () => stop();
}

function hostOf(input: Parameters<Fetch>[0]): string {
  return new URL(input instanceof Request ? input.url : input).host;
}

/** Not worded as a timeout: the SDK looks for that word and would put its own error in the place of this one. */
function silent(host: string, ms: number, setting: string): ModelError {
  return new ModelError(
    `${host} has sent nothing for ${ms / 1_000} s. Send "go on" to try again; the setting ${setting} says how long to wait.`,
    { code: 'offline', retryAfterMs: 0 },
  );
}
