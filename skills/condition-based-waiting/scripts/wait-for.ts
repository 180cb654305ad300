// Waiting for conditions instead of sleeping. Node 20 or newer, no packages: copy it among your tests.
//
//   const row = await waitFor(() => table.find(id), 'the row to be written', { timeoutMs: 10_000 });
//
// Every function gives the truthy value that ended the wait, and rejects with NotInTime, which names the description,
// the time and the last value seen. `unless` is asked at each look; a truthy answer (best a sentence) rejects with
// GaveUp at once, for instance when the process that should do the work has ended.
import type { ChildProcess } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface WaitOptions {
  timeoutMs?: number;
  intervalMs?: number;
  /** A reason to stop waiting before the limit. */
  unless?: () => unknown;
  /** An error that the condition throws and that counts as "not yet". Without it every error ends the wait. */
  ignore?: (error: unknown) => boolean;
  signal?: AbortSignal;
}

/** The limit passed. */
export class NotInTime extends Error {
  override name = 'NotInTime';
}

/** What was waited for cannot come any more. */
export class GaveUp extends Error {
  override name = 'GaveUp';
}

/** What a condition may give instead of something falsy: not true yet, and this is what was seen. */
export class NotYet {
  constructor(readonly seen: string) {}
}

/** Asks `condition` until it gives something truthy. A condition that hangs does not outlast the limit. */
export async function waitFor<T>(
  condition: () => T | NotYet | Promise<T | NotYet>,
  description: string,
  { timeoutMs = 5_000, intervalMs = 20, unless, ignore, signal }: WaitOptions = {},
): Promise<NonNullable<T>> {
  if (timeoutMs < 0 || intervalMs <= 0)
    throw new RangeError(`timeoutMs ${timeoutMs} must not be negative and intervalMs ${intervalMs} must be above zero`);
  const start = performance.now();
  const spent = (): number => performance.now() - start;
  let last = 'nothing';
  for (let looks = 1; ; looks++) {
    signal?.throwIfAborted();
    try {
      const value = await within(condition, Math.max(timeoutMs - spent(), 1));
      if (value && !(value instanceof NotYet)) return value;
      last = value instanceof NotYet ? value.seen : inspect(value, { breakLength: Infinity }).slice(0, 200);
    } catch (error) {
      if (!ignore?.(error)) throw error;
      last = String(error);
    }
    const reason = unless?.();
    if (reason)
      throw new GaveUp(`gave up waiting for ${description} after ${Math.round(spent())} ms: ${display(reason)}`);
    // Asked after a look, so that the last look comes after the limit and not before it.
    if (spent() >= timeoutMs) {
      const counted = looks === 1 ? '1 look' : `${looks} looks`;
      throw new NotInTime(
        `waited ${Math.round(spent())} ms (limit ${timeoutMs} ms, ${counted}) for ${description}; last seen: ${last}`,
      );
    }
    await sleep(Math.min(intervalMs, Math.max(timeoutMs - spent(), 1)), undefined, signal ? { signal } : {});
  }
}

/** The first recorded event that matches. Looks at what was recorded, so an event that came before is not missed. */
export async function waitForEvent<T>(
  events: readonly T[] | (() => readonly T[]),
  matches: (event: T) => boolean,
  description = 'a matching event',
  options?: WaitOptions,
): Promise<T> {
  // In an array: the event itself may be falsy.
  const found = await waitFor(
    () => {
      const match = now(events).findIndex(matches);
      return match < 0 ? undefined : [now(events)[match] as T];
    },
    description,
    options,
  );
  return found[0] as T;
}

/** At least `count` items; gives a copy of them. */
export async function waitForCount<T>(
  items: readonly T[] | (() => readonly T[]),
  count: number,
  description = `${count} items`,
  options?: WaitOptions,
): Promise<T[]> {
  const enough = (): T[] | NotYet => {
    const found = [...now(items)];
    return found.length >= count ? found : new NotYet(String(found.length));
  };
  return waitFor(enough, description, options);
}

/**
 * A file that is complete; gives its path. With `marker`, the path of a file that the writer makes last, both must be
 * there. Without, it must hold something and keep size and time for `stableForMs`: right for a writer that does not
 * pause longer, so prefer a marker or a rename from a temporary name where you can choose.
 */
export async function waitForFile(
  path: string,
  { marker, stableForMs = 300, ...options }: WaitOptions & { marker?: string; stableForMs?: number } = {},
): Promise<string> {
  let last = '';
  let since = 0;
  const complete = async (): Promise<string | undefined> => {
    const found = await statOf(path);
    if (marker !== undefined) return found && (await statOf(marker)) ? path : undefined;
    const state = found ? `${found.size} ${found.mtimeMs}` : '';
    if (state !== last) {
      last = state;
      since = performance.now();
    }
    return found && found.size > 0 && performance.now() - since >= stableForMs ? path : undefined;
  };
  return waitFor(complete, `the complete file ${path}`, options);
}

/** A GET that answers with `status`; gives the body. Refused, reset and slow connections count as "not yet". */
export async function waitForHttp(
  url: string,
  {
    status = 200,
    requestTimeoutMs = 2_000,
    ...options
  }: WaitOptions & { status?: number; requestTimeoutMs?: number } = {},
): Promise<string> {
  if (!URL.canParse(url)) throw new TypeError(`${url} is not a URL`);
  const answered = async (): Promise<{ body: string } | NotYet> => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(requestTimeoutMs) });
      const body = await response.text();
      return response.status === status ? { body } : new NotYet(`status ${response.status}, ${body.slice(0, 100)}`);
    } catch (error) {
      return new NotYet(error instanceof Error ? String(error.cause ?? error) : String(error));
    }
  };
  return (await waitFor(answered, `${url} to answer ${status}`, options)).body;
}

/** The end of a child process; gives its exit code, or the signal that ended it. */
export async function waitForExit(child: ChildProcess, options?: WaitOptions): Promise<number | NodeJS.Signals> {
  const over = (): { code: number | NodeJS.Signals } | undefined => {
    const code = child.exitCode ?? child.signalCode;
    return code === null ? undefined : { code };
  };
  return (await waitFor(over, `process ${child.pid ?? '?'} to end`, options)).code;
}

/** For `unless`: a sentence when the process has ended. */
export function ended(child: ChildProcess): string | undefined {
  const code = child.exitCode ?? child.signalCode;
  return code === null ? undefined : `process ${child.pid ?? '?'} ended with ${code}`;
}

async function within<T>(condition: () => T | NotYet | Promise<T | NotYet>, limitMs: number): Promise<T | NotYet> {
  const value = condition();
  if (!(value instanceof Promise)) return value;
  const stop = new AbortController();
  const unended = new NotYet('a look that did not end');
  const late = sleep(limitMs, unended, { signal: stop.signal }).catch(() => unended);
  try {
    return await Promise.race([value, late]);
  } finally {
    stop.abort();
  }
}

async function statOf(path: string): Promise<{ size: number; mtimeMs: number } | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function now<T>(source: readonly T[] | (() => readonly T[])): readonly T[] {
  return typeof source === 'function' ? source() : source;
}

function display(reason: unknown): string {
  return typeof reason === 'string' ? reason : inspect(reason);
}
