/** Hands on what comes until the signal aborts; then throws its reason at once, whether the source heeds it or not. */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  const iterator = source[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await orAborted(iterator.next(), signal);
      if (next.done) {
        ended = true;
        return;
      }
      yield next.value;
      signal.throwIfAborted();
    }
  } finally {
    // Not waited for: a source that hangs would hang its end too.
    if (!ended) Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/** What the work comes to, or the signal's reason as soon as it aborts. The work itself goes on where it does not heed it. */
export function orAborted<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    const settled = (): void => signal.removeEventListener('abort', stop);
    void Promise.resolve(work).then(resolve, reject).finally(settled);
  });
}
