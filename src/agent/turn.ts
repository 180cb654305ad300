import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import type { StopReason } from './events';
import { messagesOf, startOf } from './folds';
import type { RunOptions, Telling } from './loop';
import { ModelError } from './model';

const MAX_RETRIES = 4;
const FIRST_RETRY_MS = 1_000;

export interface Answer {
  stopReason: StopReason;
  blocks: ContentBlock[];
}

/** One model turn, tried again while nothing of it was shown and the failure says that may help. */
export async function modelTurn<Host>(options: RunOptions<Host>, telling: Telling): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const progress = { shown: false };
    try {
      return await streamTurn(options, telling, progress);
    } catch (error) {
      const wait = error instanceof ModelError ? error.retryAfterMs : undefined;
      if (options.signal.aborted || wait === undefined || progress.shown || attempt > MAX_RETRIES) throw error;
      const backoff = FIRST_RETRY_MS * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      const delayMs = Math.round(Math.max(wait, backoff));
      telling.show({ type: 'retry', attempt, delayMs, why: (error as Error).message });
      await sleep(delayMs, options.signal);
    }
  }
}

async function streamTurn<Host>(
  { session, model, signal }: RunOptions<Host>,
  telling: Telling,
  progress: { shown: boolean },
): Promise<Answer> {
  const start = startOf(session.branch);
  if (!start) throw new Error('a session without its start');
  const blocks: ContentBlock[] = [];
  const request = { system: start.system, tools: start.tools, messages: messagesOf(session.branch, model.id) };
  for await (const event of model.stream(request, signal)) {
    signal.throwIfAborted();
    progress.shown ||= event.type !== 'model-switch';
    switch (event.type) {
      case 'block-end':
        blocks.push(event.block);
        await telling.record(event);
        break;
      case 'model-switch':
        await telling.record(event);
        break;
      case 'turn-end':
        await telling.record({ ...event, asked: model.id, costUsd: model.costOf(event.usage, event.model) });
        return { stopReason: event.stopReason, blocks };
      default:
        telling.show(event);
    }
  }
  throw new ModelError('The model\'s answer ended before it was complete. Send "go on" to continue.');
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
