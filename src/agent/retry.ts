import { orAborted } from './abort';
import type { Telling } from './loop';
import { ModelError } from './model';

/** How failed model turns are tried again; the defaults are the clock and the chance of this machine. */
export interface Retrying {
  now?: () => number;
  /** Like `now`, without the time in which the machine slept, where the system can tell. */
  awake?: () => number;
  /** From 0 to 1. */
  random?: () => number;
  /** Waits until the clock says `until`, at most `ms`; rejects with the signal's reason when it aborts, or ends. */
  sleep?: (ms: number, signal: AbortSignal, until: number) => Promise<void>;
  /** Settles when a person wants the next try at once. The signal aborts when nobody waits any more. */
  retryNow?: (signal: AbortSignal) => Promise<void>;
}

export const MAX_RETRIES = 6;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** A server that asks for more is not waited for: the user is told when. */
export const LONGEST_ASKED_MS = 120_000;
/** Tries that each take long to fail must not keep the user for hours. A lid that was closed is no such try. */
const LONGEST_TROUBLE_MS = 300_000;

interface Trouble {
  /** The request that failed, from 1. */
  attempt: number;
  /** When the first one failed; 0 before. */
  troubleSince: { ms: number };
}

/** Waits, visibly, until the turn may be tried again. Throws what ends the run: the error that no further try helps against. */
export async function waitToRetry(
  error: ModelError,
  { attempt, troubleSince }: Trouble,
  { retrying = {}, signal }: { retrying?: Retrying; signal: AbortSignal },
  telling: Telling,
): Promise<void> {
  const { now = Date.now, random = Math.random, sleep = pauseBy(now) } = retrying;
  const { awake = retrying.now ?? (() => performance.now()) } = retrying;
  const asked = error.retryAfterMs;
  troubleSince.ms ||= awake();
  if (asked === undefined) throw error;
  if (asked > LONGEST_ASKED_MS) throw tooLong(error, asked, now());
  if (attempt > MAX_RETRIES || awake() - troubleSince.ms > LONGEST_TROUBLE_MS) throw error;
  const backoff = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
  // Spread, so that those who failed together do not all come back together.
  const delayMs = Math.round(Math.max(asked + random() * FIRST_WAIT_MS, backoff * (0.75 + random() / 2)));
  const until = now() + delayMs;
  telling.show({ type: 'retry', attempt, of: MAX_RETRIES, delayMs, until, why: error.message });
  const waiting = new AbortController();
  const either = AbortSignal.any([signal, waiting.signal]);
  try {
    const wanted = retrying.retryNow?.(waiting.signal);
    await orAborted(Promise.race([sleep(delayMs, either, until), ...(wanted ? [wanted] : [])]), signal);
  } finally {
    waiting.abort();
  }
}

function tooLong(error: ModelError, asked: number, now: number): ModelError {
  const at = new Date(now + asked).toISOString().slice(0, 16).replace('T', ' ');
  const minutes = Math.ceil(asked / 60_000);
  return new ModelError(`${error.message} It asks to wait ${minutes} minutes, until ${at} UTC. Send "go on" then.`, {
    ...(error.code ? { code: error.code } : {}),
    cause: error,
  });
}

const LOOK_AGAIN_MS = 500;

/** A timer stands still while the machine sleeps, so the clock is looked at too: what counted down is over then. */
const pauseBy =
  (now: () => number): NonNullable<Retrying['sleep']> =>
  (ms, signal, until) =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        clearInterval(looking);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      const looking = setInterval(() => now() >= until && done(), LOOK_AGAIN_MS);
      signal.addEventListener('abort', done, { once: true });
    });
