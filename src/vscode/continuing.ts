import * as vscode from 'vscode';
import * as z from 'zod';
import type { JournalEntry } from '../agent/events';
import { branchTo } from '../agent/journal';
import type { Session } from '../agent/session';
import { isAfterRun } from '../agent/subagent-report';
import { changesIn } from '../agent/undo';
import type { Place, Sessions } from './sessions';
import type { LeftBranch, Turns } from './turns';

const metadataSchema = z.object({ session: z.string(), event: z.string() });

export interface Placement {
  session: Session;
  /** The chat went back: what it left behind, when that changed files. */
  left?: LeftBranch;
  /** The chat's history and the journal part ways here. */
  forked: boolean;
  /** The earlier session of this chat is gone. */
  lost: boolean;
  /** It went on in the panel or the terminal, which the chat does not show. */
  elsewhere?: boolean;
}

/** Where the last answer of ours in this chat ended. */
export function lastPlace(history: vscode.ChatContext['history']): Place | undefined {
  const places = history.flatMap((turn) =>
    turn instanceof vscode.ChatResponseTurn ? (metadataSchema.safeParse(turn.result.metadata).data ?? []) : [],
  );
  return places.at(-1);
}

/**
 * The session this message goes on with: the chat's own, from where its last answer ended, or a new one. The chat is
 * right about where it stands: after Retry, Restore Checkpoint or an edited message the journal is longer, and forks.
 */
export async function placeOf(
  history: vscode.ChatContext['history'],
  prompt: string,
  sessions: Sessions,
  turns: Turns,
): Promise<Placement> {
  const place = lastPlace(history);
  if (!place) return { session: await sessions.create(), ...(await firstTurnAgain(prompt, sessions, turns)) };
  if (!(await sessions.exists(place.session))) return { session: await sessions.create(), forked: false, lost: true };
  const session = await sessions.open(place.session);
  if (sessions.isRunning(session.id)) return { session, forked: false, lost: false };
  // The line that its last answer ended with may be one that could not be read.
  if (!session.entries.some(({ id }) => id === place.event)) return { session, forked: false, lost: false };
  await catchUp(session);
  const later = entriesAfter(session.branch, place.event);
  // What a button under the answer wrote belongs to the answer, and what it left in the background.
  if (later?.every(isAfterRun)) return { session, forked: false, lost: false };
  if (later && isElsewhere(later)) return { session, forked: false, lost: false, elsewhere: true };
  const to = session.leaf;
  const forked = session.continueFrom(place.event);
  return { session, forked, lost: false, ...(to === null ? {} : leftBehind(session, place.event, to)) };
}

/** Goes to the end of what another process wrote behind where the session stands, in the panel or the terminal. */
export async function catchUp(session: Session): Promise<void> {
  const release = await session.hold();
  try {
    const last = session.entries.at(-1);
    if (!last || session.leaf === null || last.id === session.leaf) return;
    const later = entriesAfter(branchTo(session.entries, last.id), session.leaf);
    if (later && isElsewhere(later)) session.continueFrom(last.id);
  } finally {
    await release();
  }
}

/** Whole runs, none of which a chat began. */
function isElsewhere(later: readonly JournalEntry[]): boolean {
  const [first] = later.filter((entry) => !isAfterRun(entry));
  return (
    first?.event.type === 'prompt' && later.every(({ event }) => event.type !== 'prompt' || event.from !== undefined)
  );
}

/** Retry of a chat's first message: nothing of the history is left to tell, but the same words are asked again. */
async function firstTurnAgain(prompt: string, sessions: Sessions, turns: Turns): Promise<Omit<Placement, 'session'>> {
  const { last } = turns;
  if (!last || !(await sessions.exists(last.session))) return { forked: false, lost: false };
  const session = await sessions.open(last.session);
  const first = session.branch.find(({ event }) => event.type === 'prompt');
  if (first?.event.type !== 'prompt' || first.event.text !== prompt || session.leaf === null || first.parent === null) {
    return { forked: false, lost: false };
  }
  const left = leftBehind(session, first.parent, session.leaf);
  return { forked: left.left !== undefined, lost: false, ...left };
}

function leftBehind(session: Session, from: string, to: string): Pick<Placement, 'left'> {
  const left = { session: session.id, from, to };
  return changesIn(leftEntries(session, left)).length > 0 ? { left } : {};
}

/** The entries of a branch that the chat went back from. */
export function leftEntries(session: Session, { from, to }: LeftBranch): JournalEntry[] {
  return entriesAfter(branchTo(session.entries, to), from) ?? [];
}

function entriesAfter(branch: readonly JournalEntry[], id: string): JournalEntry[] | undefined {
  const index = branch.findIndex((entry) => entry.id === id);
  return index < 0 ? undefined : branch.slice(index + 1);
}
