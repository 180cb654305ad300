import type { AgentEvent } from '../agent/events';

type Retry = Extract<AgentEvent, { type: 'retry' }>;

export interface Terminal {
  err: (text: string) => void;
  /** Whether standard error is a terminal, where a line can be drawn over. */
  draws: boolean;
  /** Standard input, where a person may press Enter. */
  keys: (NodeJS.ReadableStream & { isTTY?: boolean; unref?: () => void }) | undefined;
}

/** Shows how long it is until a model turn is tried again, and lets Enter end the wait. */
export class Countdown {
  #until = 0;

  constructor(private readonly terminal: Terminal) {}

  show({ until }: Retry): void {
    this.#until = until;
  }

  /** Settles when Enter is pressed; counts down until the signal aborts. */
  wait(signal: AbortSignal): Promise<void> {
    const { err, draws, keys } = this.terminal;
    return new Promise((resolve) => {
      const seconds = (): number => Math.max(0, Math.ceil((this.#until - Date.now()) / 1_000));
      const draw = (): void => err(`\r  ${seconds()} s${keys ? ' (Enter: now)' : ''} \u001b[K`);
      const timer = draws ? setInterval(draw, 1_000) : undefined;
      if (draws) draw();
      const end = (): void => {
        clearInterval(timer);
        signal.removeEventListener('abort', end);
        keys?.removeListener('data', end);
        // Read no further, or the process would not end.
        keys?.pause();
        keys?.unref?.();
        if (draws) err('\r\u001b[K');
        resolve();
      };
      signal.addEventListener('abort', end, { once: true });
      keys?.once('data', end).resume();
    });
  }
}
