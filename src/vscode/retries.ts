/** The waits before model turns are tried again, and the way to end them at once. */
export class Retries {
  readonly #waiting = new Set<() => void>();

  /** Settles when a person wants the next try now. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#waiting.delete(end);
        resolve();
      };
      this.#waiting.add(end);
      signal.addEventListener('abort', end, { once: true });
    });
  }

  now(): void {
    for (const end of [...this.#waiting]) end();
  }
}
