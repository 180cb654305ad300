import { orAborted } from './abort';
import type { Telling } from './loop';
import { ModelError } from './model';

/** How failed model turns are tried again; the defaults are the clock and the chance of this machine. */
export interface Retrying {
  now?: () => number;
  /** From 0 to 1. */
  random?: () => number;
  /** Waits; rejects with the signal's reason when it aborts. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Settles when a person wants the next try at once. The signal aborts when nobody waits any more. */
  retryNow?: (signal: AbortSignal) => Promise<void>;
}

export const MAX_RETRIES = 6;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** A server that asks for more is not waited for: the user is told when. */
export const LONGEST_ASKED_MS = 120_000;
/** Tries that each take long to fail must not keep the user for hours. */
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
  const { now = Date.now, random = Math.random, sleep = pause } = retrying;
  const asked = error.retryAfterMs;
  troubleSince.ms ||= now();
  if (asked === undefined) throw error;
  if (asked > LONGEST_ASKED_MS) throw tooLong(error, asked, now());
  if (attempt > MAX_RETRIES || now() - troubleSince.ms > LONGEST_TROUBLE_MS) throw error;
  const backoff = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
  // Spread, so that those who failed together do not all come back together.
  const delayMs = Math.round(Math.max(asked + random() * FIRST_WAIT_MS, backoff * (0.75 + random() / 2)));
  const until = now() + delayMs;
  telling.show({ type: 'retry', attempt, of: MAX_RETRIES, delayMs, until, why: error.message });
  const waiting = new AbortController();
  const either = AbortSignal.any([signal, waiting.signal]);
  try {
    const wanted = retrying.retryNow?.(waiting.signal);
    await orAborted(Promise.race([sleep(delayMs, either), ...(wanted ? [wanted] : [])]), signal);
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

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
