import * as vscode from 'vscode';
import type { AgentEvent } from '../agent/events';
import { visible } from '../text/visible';
import { COMMANDS } from './command-names';

type Retry = Extract<AgentEvent, { type: 'retry' }>;

/** A wait shorter than this is over before a button is found. */
const WORTH_A_BUTTON_MS = 3_000;

/** Counts down in a chat answer while a model turn waits to be tried again. */
export class RetryNotice {
  #timer: NodeJS.Timeout | undefined;
  #offered = false;

  constructor(private readonly stream: vscode.ChatResponseStream) {}

  show(retry: Retry): void {
    this.end();
    const tell = (): void => {
      const seconds = Math.max(0, Math.ceil((retry.until - Date.now()) / 1_000));
      this.stream.progress(retryLine(retry, seconds));
    };
    tell();
    if (retry.delayMs >= WORTH_A_BUTTON_MS && !this.#offered) {
      // A chat cannot take a button back, so one stands for all waits of the answer.
      this.stream.button({ command: COMMANDS.retryNow, title: vscode.l10n.t('Retry Now') });
      this.#offered = true;
    }
    // Each line stays in the answer's data, though only the last is seen.
    this.#timer = setInterval(tell, retry.delayMs > 10_000 ? 5_000 : 1_000);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

export function retryLine({ why, attempt, of }: Retry, seconds: number): string {
  return vscode.l10n.t('{0} Trying again in {1} s ({2} of {3}).', visible(why), seconds, attempt, of);
}
