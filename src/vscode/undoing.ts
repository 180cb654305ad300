import * as vscode from 'vscode';
import type { FileChange } from '../agent/events';
import { changesOf } from '../agent/folds';
import { statesIn } from '../agent/review';
import type { Session } from '../agent/session';
import { changesIn, revert, type Files, type Reverted } from '../agent/undo';
import { UserError } from '../agent/tool';
import type { Host } from '../host/host';
import { openChanges } from './before-images';
import { showFailure, type Log } from './log';
import { leftEntries } from './continuing';
import { readAsSeen } from './reviewing';
import { runAt, type Place, type Sessions } from './sessions';
import type { LeftBranch, Turns } from './turns';

export interface Undoing {
  sessions: Sessions;
  turns: Turns;
  host: () => Host;
  log: Log;
}

/** Takes back every file of the run that ended at `place`; the last run of this workspace when a reload forgot which. */
export async function undoTurn(undoing: Undoing, place: Place | undefined = undoing.turns.last): Promise<void> {
  const session = await sessionOf(undoing, place?.session);
  await putBack(undoing, session, changesIn(place ? runAt(session, place.event) : []));
}

/** Takes back an undo: writes the files as they were before it. */
export async function redo(undoing: Undoing, place: Place | undefined = undoing.turns.undone): Promise<void> {
  const session = await sessionOf(undoing, place?.session);
  const entry = session.entries.find(({ id }) => id === place?.event);
  await putBack(undoing, session, entry ? changesIn([entry]) : []);
}

/** Puts back what the turns changed that the chat went back from. */
export async function putBackLeft(undoing: Undoing, left: LeftBranch | undefined = undoing.turns.left): Promise<void> {
  const session = await sessionOf(undoing, left?.session);
  await putBack(undoing, session, left ? changesIn(leftEntries(session, left)) : []);
}

/** Takes back what a turn changed that a reload cut. */
export async function undoCut(undoing: Undoing): Promise<void> {
  const session = await sessionOf(undoing, undoing.turns.cut?.session);
  if (session.leaf !== null) await putBack(undoing, session, changesIn(runAt(session, session.leaf)));
  await undoing.turns.forgetCut();
}

/** Notes that the person has looked at what the run that ended at `place` wrote: mode `auto` may then run it. */
export async function keepChanges(undoing: Undoing, place: Place | undefined = undoing.turns.last): Promise<void> {
  const session = await sessionOf(undoing, place?.session);
  const files = statesIn(place ? runAt(session, place.event) : []);
  if (files.length > 0) await session.append({ type: 'review', files });
  const kept = files.map(({ path }) => vscode.workspace.asRelativePath(path)).join(', ');
  const message = kept === '' ? vscode.l10n.t('That turn changed no files.') : vscode.l10n.t('Kept: {0}.', kept);
  void vscode.window.showInformationMessage(message);
}

/** Opens the changes of the run that ended at `place` in the native multi-file diff editor. */
export async function showChanges(undoing: Undoing, place: Place | undefined = undoing.turns.last): Promise<void> {
  const session = await sessionOf(undoing, place?.session);
  await openChanges(session, place ? changesOf(runAt(session, place.event)) : []);
}

async function sessionOf({ sessions }: Undoing, id: string | undefined): Promise<Session> {
  if (id === undefined || !(await sessions.exists(id))) {
    throw new UserError(vscode.l10n.t('There is nothing to undo: no session of this workspace has changed files.'));
  }
  if (sessions.isRunning(id)) throw new UserError(vscode.l10n.t('The session is at work. Stop it first, then undo.'));
  return sessions.open(id);
}

async function putBack(undoing: Undoing, session: Session, changes: readonly FileChange[]): Promise<void> {
  const result = await revert(session, changes, filesOf(undoing.host()));
  if (result.entry !== undefined) await undoing.turns.setUndone({ session: session.id, event: result.entry });
  undoing.sessions.show(session);
  // Not waited for: the message stays until the user has read it.
  tell(undoing, session, result).catch((error: unknown) => showFailure(undoing.log, 'redo', error));
}

/** The files as the person sees them. */
export function filesOf(host: Host): Files {
  return {
    read: (path) => readAsSeen(host, path),
    write: (path, bytes) => host.write(path, bytes),
  };
}

async function tell(undoing: Undoing, session: Session, { reverted, refused, entry }: Reverted): Promise<void> {
  const shown = (paths: readonly { path: string }[]): string =>
    paths.map(({ path }) => vscode.workspace.asRelativePath(path)).join(', ');
  const lines = [
    ...(reverted.length > 0 ? [vscode.l10n.t('Put back: {0}.', shown(reverted))] : []),
    ...(refused.length > 0
      ? [
          vscode.l10n.t(
            'Left as they are, since they were edited since or their earlier content is lost: {0}.',
            shown(refused),
          ),
        ]
      : []),
  ];
  if (lines.length === 0) lines.push(vscode.l10n.t('Nothing to put back: the files are as they were.'));
  const again = vscode.l10n.t('Redo');
  const buttons = entry === undefined ? [] : [again];
  const show = refused.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  if ((await show(lines.join(' '), ...buttons)) === again)
    await redo(undoing, { session: session.id, event: entry ?? '' });
}
