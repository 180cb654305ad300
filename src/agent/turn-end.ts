import type { JournalEntry, RunEnd } from './events';
import { ModelError } from './model';
import { UserError } from './tool';
import type { Answer } from './turn';

/** Turns in a row that may end with nothing but "paused". */
const MAX_PAUSES = 5;

/** What the end of a turn means for the run, whose entries are given; `undefined`: go on with its calls or another turn. */
export function endOf({ stopReason, blocks }: Answer, run: readonly JournalEntry[]): RunEnd | undefined {
  const calls = blocks.some(({ type }) => type === 'tool_use');
  switch (stopReason) {
    case 'refusal':
      return failed('refused', 'The model refused to answer. Rephrase the request, or choose another model.');
    case 'model_context_window_exceeded':
      return failed('context-full', 'The conversation is longer than the model can take. Start a new session.');
    case 'max_tokens':
      // The last call may be cut in its middle, and half a call is never run: its result would answer another question.
      return failed(
        'unfinished',
        'The answer was cut off at the longest length the model may write. Say "go on" to have it continued.',
      );
    case 'pause_turn':
      if (calls || pausesAtEnd(run) < MAX_PAUSES) return undefined;
      return failed('unfinished', `The model paused ${MAX_PAUSES} times in a row. Say "go on" to have it continued.`);
    case 'unknown':
      // It may be one that cuts calls short, as the longest length does.
      if (!calls) return { reason: 'done' };
      return failed(
        'unfinished',
        'The model stopped for a reason that this version does not know, so its calls were not run. Say "go on" to have them repeated.',
      );
    default:
      if (calls) return undefined;
      return hasText(run)
        ? { reason: 'done' }
        : failed('unfinished', 'The model ended its answer without a word. Say "go on" to have it continued.');
  }
}

function failed(code: Extract<RunEnd, { reason: 'failed' }>['code'] & string, message: string): RunEnd {
  return { reason: 'failed', code, message };
}

function pausesAtEnd(run: readonly JournalEntry[]): number {
  const turns = run.flatMap(({ event }) => (event.type === 'turn-end' ? [event.stopReason] : []));
  return turns.length - 1 - turns.findLastIndex((reason) => reason !== 'pause_turn');
}

/** Whatever the model said since the prompt counts: after its last call it may have nothing to add. */
function hasText(run: readonly JournalEntry[]): boolean {
  return run.some(
    ({ event }) => event.type === 'block-end' && event.block.type === 'text' && event.block.text.trim() !== '',
  );
}

/** What was thrown, as the end of the run. */
export function failureOf(error: unknown): RunEnd {
  if (error instanceof ModelError) {
    return { reason: 'failed', message: error.message, ...(error.code ? { code: error.code } : {}) };
  }
  if (error instanceof UserError) return { reason: 'failed', message: error.message };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { reason: 'failed', code: 'bug', message: text };
}
