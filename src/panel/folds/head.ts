import type { BudgetMark, JournalEntry, RunEnd } from '../../agent/events';
import { lastRun } from '../../agent/folds';
import type { PanelHead } from '../sections/head';

const MAX_TITLE_CHARACTERS = 80;

export interface HeadSource {
  running: boolean;
  /** What a run that is at work waits for before it asks the model again; for the user. */
  retrying?: string;
  /** As a person named the session; empty where nobody did. */
  name?: string;
  /** Why a run ended at a limit, and that a budget is nearly used up, in the user's language. */
  limit(end: Extract<RunEnd, { reason: 'limit' }>): string;
  near(mark: BudgetMark): string;
}

/** The session as a whole. */
export function headOf(branch: readonly JournalEntry[], source: HeadSource): PanelHead {
  return { title: source.name || titleOf(branch), status: statusOf(branch, source) };
}

/** The first line of the first prompt. */
export function titleOf(branch: readonly JournalEntry[]): string {
  const event = branch.find((entry) => entry.event.type === 'prompt')?.event;
  const line = event?.type === 'prompt' ? (event.text.trim().split('\n')[0] ?? '') : '';
  const characters = [...line.slice(0, 4 * MAX_TITLE_CHARACTERS)];
  return characters.length > MAX_TITLE_CHARACTERS ? `${characters.slice(0, MAX_TITLE_CHARACTERS).join('')}…` : line;
}

function statusOf(branch: readonly JournalEntry[], source: HeadSource): PanelHead['status'] {
  if (source.running) return { kind: 'running', detail: source.retrying ?? nearOf(branch, source) };
  const last = branch.findLast(({ event }) => event.type === 'prompt' || event.type === 'run-end')?.event;
  if (last?.type === 'prompt') return { kind: 'interrupted', detail: '' };
  if (last?.type !== 'run-end') return { kind: 'none', detail: '' };
  // The waiting message goes on with it at once; where the user took that message back, the work stands still.
  const kind = last.reason === 'yielded' ? 'stopped' : last.reason;
  const detail = last.reason === 'failed' ? last.message : last.reason === 'limit' ? source.limit(last) : '';
  return { kind, detail };
}

/** The budget that the run that is at work is near the end of. */
function nearOf(branch: readonly JournalEntry[], source: HeadSource): string {
  const near = lastRun(branch).findLast(({ event }) => event.type === 'budget-near')?.event;
  return near?.type === 'budget-near' ? source.near(near) : '';
}
