import { ModelError } from '../agent/model';

export type Fetch = typeof fetch;

/** How long a server may say nothing, in ms. */
export interface Patience {
  firstByteMs: number;
  silenceMs: number;
}

export const DEFAULT_PATIENCE: Patience = { firstByteMs: 120_000, silenceMs: 60_000 };
/** The runtime's own fetch gives up after this, whatever we say. */
export const MAX_PATIENCE_SECONDS = 300;

/**
 * A fetch that gives up on a server which falls silent: before the first byte of the body, or between two pieces of it.
 * Pings count as bytes: a model that thinks sends them. Then the request, or the reading of its body, throws a ModelError.
 */
export function watched(base: Fetch, { firstByteMs, silenceMs }: Patience): Fetch {
  return async (input, init = {}) => {
    const gaveUp = new AbortController();
    const signal = init.signal ? AbortSignal.any([init.signal, gaveUp.signal]) : gaveUp.signal;
    const host = hostOf(input);
    let timer = later(() => gaveUp.abort(silent(host, firstByteMs, 'firstByteSeconds')), firstByteMs);
    const settle = (): void => clearTimeout(timer);
    try {
      const response = await base(input, { ...init, signal });
      if (!response.body) {
        settle();
        return response;
      }
      const heard = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          settle();
          timer = later(() => gaveUp.abort(silent(host, silenceMs, 'silenceSeconds')), silenceMs);
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

/** A timer that keeps no process alive: what it watches does. */
function later(act: () => void, ms: number): NodeJS.Timeout {
  return setTimeout(act, ms).unref();
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
