export interface Throttle {
  /** Asks for a run soon; many asks become one. */
  request(): void;
  dispose(): void;
}

/**
 * Runs `work` at most once every `everyMs`, never twice at a time, and always once more after the last request.
 * `work` must not reject.
 */
export function throttle(work: () => Promise<void>, everyMs: number): Throttle {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = false;
  let disposed = false;
  const run = async (): Promise<void> => {
    asked = false;
    await work();
    timer = setTimeout(() => {
      timer = undefined;
      if (asked) start();
    }, everyMs);
    if (disposed) clearTimeout(timer);
  };
  const start = (): void => {
    timer = setTimeout(() => void run(), 0);
  };
  return {
    request() {
      asked = true;
      if (timer === undefined && !disposed) start();
    },
    dispose() {
      disposed = true;
      clearTimeout(timer);
    },
  };
}
