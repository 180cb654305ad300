import type { JournalEntry } from '../../agent/events';
import type { PanelHead } from '../sections/head';

const MAX_TITLE_CHARACTERS = 80;

/** The session as a whole. `retrying`: what a run at work waits for before it asks the model again, for the user. */
export function headOf(
  branch: readonly JournalEntry[],
  { running, retrying = '' }: { running: boolean; retrying?: string },
): PanelHead {
  return { title: titleOf(branch), status: statusOf(branch, running, retrying) };
}

/** The first line of the first prompt. */
export function titleOf(branch: readonly JournalEntry[]): string {
  const event = branch.find((entry) => entry.event.type === 'prompt')?.event;
  const line = event?.type === 'prompt' ? (event.text.trim().split('\n')[0] ?? '') : '';
  const characters = [...line.slice(0, 4 * MAX_TITLE_CHARACTERS)];
  return characters.length > MAX_TITLE_CHARACTERS ? `${characters.slice(0, MAX_TITLE_CHARACTERS).join('')}…` : line;
}

function statusOf(branch: readonly JournalEntry[], running: boolean, retrying: string): PanelHead['status'] {
  if (running) return { kind: 'running', detail: retrying };
  const last = branch.findLast(({ event }) => event.type === 'prompt' || event.type === 'run-end')?.event;
  if (last?.type === 'prompt') return { kind: 'interrupted', detail: '' };
  if (last?.type !== 'run-end') return { kind: 'none', detail: '' };
  // The waiting message goes on with it at once; where the user took that message back, the work stands still.
  const kind = last.reason === 'yielded' ? 'stopped' : last.reason;
  return { kind, detail: last.reason === 'failed' ? last.message : '' };
}
