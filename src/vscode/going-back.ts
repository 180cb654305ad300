import * as vscode from 'vscode';
import type { RestoreWhat } from '../agent/events';
import { lastRestore, restorePoints, type RestorePoint } from '../agent/restore-points';
import type { Session } from '../agent/session';
import { UserError } from '../agent/tool';
import { restoreInSession, undoRestore, type RestoreOutcome } from '../checkpoints/session-restore';
import type { JobsPlace } from '../jobs/jobs';
import { atWork } from '../jobs/at-work';
import { label } from '../text/label';
import { ageOf } from '../text/sizes';
import { visible } from '../text/visible';
import type { Checkpointing } from './checkpointing';
import { changedSince, comparePoints } from './comparing';
import type { Crews } from './crews';
import { showFailure, type Log } from './log';
import type { Sessions } from './sessions';
import type { Turns } from './turns';
import { filesOf, type Undoing } from './undoing';

export interface GoingBack extends Pick<Undoing, 'host'> {
  checkpointing: Checkpointing;
  sessions: Sessions;
  turns: Turns;
  crews: Crews;
  jobsPlace: () => JobsPlace;
  log: Log;
}

const MAX_WORDS = 60;
const MAX_NAMES = 5;

/** The command: asks which checkpoint and what is to be put back, and does it. A new chat goes on from there. */
export async function restoreCheckpoint(world: GoingBack): Promise<void> {
  const { sessions, turns } = world;
  const id = sessions.current?.id ?? turns.last?.session;
  if (id === undefined || !(await sessions.exists(id)))
    throw new UserError(vscode.l10n.t('There is no session of this workspace, so there are no checkpoints.'));
  refuseAtWork(world, id);
  const session = await sessions.open(id);
  const point = await pickPoint(session);
  const what = point && (await goBack(world, session, point));
  if (what !== undefined && what !== 'files') await openFork(world, session);
}

/** Asks what of a point is to be put back, says what that means, and does it. Gives what was done. Throws UserError. */
export async function goBack(
  world: GoingBack,
  session: Session,
  point: RestorePoint,
): Promise<RestoreWhat | undefined> {
  refuseAtWork(world, session.id);
  const since = await working(() => changedSince(world.checkpointing.store, session, point).catch(() => undefined));
  const what = await askWhat(world, session, point, since);
  if (what === undefined) return undefined;
  // It may have begun while the question was open.
  refuseAtWork(world, session.id);
  if (what !== 'conversation') await refuseBusyFiles(world, since ?? []);
  const outcome = await working(() => restoreInSession(waysOf(world), session, point, what));
  world.sessions.show(session);
  const done = lastRestore(session.branch)?.restored.what;
  tell(world, session, outcome, what);
  return outcome.failed.length === 0 ? done : undefined;
}

/** Takes the last restore of a session back. */
export async function undoGoingBack(world: GoingBack, session: Session): Promise<void> {
  refuseAtWork(world, session.id);
  const last = lastRestore(session.branch);
  if (last && last.restored.what !== 'conversation') {
    const back = { ...last, why: 'restore', after: null, prompt: '', words: '' } as const;
    await refuseBusyFiles(world, await changedSince(world.checkpointing.store, session, back));
  }
  const outcome = await working(() => undoRestore(waysOf(world), session));
  world.sessions.show(session);
  tell(world, session, outcome);
}

function waysOf({ checkpointing, host }: GoingBack): Parameters<typeof restoreInSession>[0] {
  return { store: checkpointing.store, files: filesOf(host()) };
}

function working<T>(work: () => Promise<T>): Thenable<T> {
  const title = vscode.l10n.t('Looking at the checkpoints');
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, work);
}

function refuseAtWork({ sessions, crews }: GoingBack, id: string): void {
  if (sessions.isRunning(id))
    throw new UserError(vscode.l10n.t('The session is at work. Stop it first, then restore.'));
  if (crews.live(id).length > 0)
    throw new UserError(vscode.l10n.t('Subagents of this session are at work. Stop them first.'));
}

/** Text that was typed and not saved is in no checkpoint, and would be lost between the file and the editor. */
async function refuseBusyFiles({ sessions, jobsPlace }: GoingBack, paths: readonly string[]): Promise<void> {
  const changing = new Set(paths);
  const unsaved = vscode.workspace.textDocuments.filter(({ uri, isDirty }) => isDirty && changing.has(uri.fsPath));
  const names = unsaved.map(({ uri }) => vscode.workspace.asRelativePath(uri)).join(', ');
  if (names !== '') throw new UserError(vscode.l10n.t('Save or close these files first: {0}.', names));
  if (sessions.isAnyRunning)
    throw new UserError(
      vscode.l10n.t('Another session is at work on these files. Stop it or wait for it, then restore.'),
    );
  const [job] = await atWork(jobsPlace());
  if (job)
    throw new UserError(
      vscode.l10n.t(
        'Job {0} is at work in this folder ({1}), and may read and write these files. Wait for it or stop it, then restore.',
        job.id,
        label(job.title, MAX_WORDS),
      ),
    );
}

async function pickPoint(session: Session): Promise<RestorePoint | undefined> {
  const items = restorePoints(session.branch)
    .reverse()
    .map((point) => ({
      label: pointLabel(point),
      description: vscode.l10n.t('{0} ago', ageOf(Date.now() - Date.parse(point.at))),
      point,
    }));
  if (items.length === 0) throw new UserError(vscode.l10n.t('This session has no checkpoints yet.'));
  const title = vscode.l10n.t('Restore Checkpoint');
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.point;
}

function pointLabel({ why, words }: RestorePoint): string {
  const line = label(words, MAX_WORDS);
  if (why === 'prompt') return vscode.l10n.t('Before: {0}', line);
  if (why === 'step') return vscode.l10n.t('After: {0}', line);
  return line === '' ? vscode.l10n.t('Before a restore') : vscode.l10n.t('Before a restore, in: {0}', line);
}

/** One question that says what happens to the files and to the conversation. */
async function askWhat(
  world: GoingBack,
  session: Session,
  point: RestorePoint,
  since: readonly string[] | undefined,
): Promise<RestoreWhat | undefined> {
  const choices: Record<RestoreWhat | 'compare', string> = {
    both: vscode.l10n.t('Files and Conversation'),
    files: vscode.l10n.t('Files'),
    conversation: vscode.l10n.t('Conversation'),
    compare: vscode.l10n.t('Compare With Now'),
  };
  const offered = (['both', 'files', 'conversation', 'compare'] as const).filter(
    (what) => what === 'conversation' || (since?.length ?? 0) > 0,
  );
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('Go back to this checkpoint? {0}', pointLabel(point)),
    { modal: true, detail: `${filesLine(point, since)}\n\n${conversationLine(session, point)}` },
    ...offered.map((what) => choices[what]),
  );
  const what = offered.find((one) => choices[one] === picked);
  if (what !== 'compare') return what;
  await comparePoints(world.checkpointing, session, point);
  return undefined;
}

/** `since`: the files that differ, `undefined` where the checkpoint could not be read. */
function filesLine({ folders }: RestorePoint, since: readonly string[] | undefined): string {
  if (!since) return vscode.l10n.t('Files: as they were then they are no longer stored.');
  if (since.length === 0) return vscode.l10n.t('Files: all are as they were then.');
  const names = namesOf(since);
  return folders.length > 0
    ? vscode.l10n.t(
        'Files: {0} differ and are put back, what commands changed and what you changed by hand among them: {1}. As they are now they are kept first, so this can be undone.',
        since.length,
        names,
      )
    : vscode.l10n.t(
        'Files: nothing was kept here but the edits of the agent. They are taken back in {0} files: {1}. What commands changed stays. This can be undone.',
        since.length,
        names,
      );
}

function conversationLine(session: Session, point: RestorePoint): string {
  const { branch } = session;
  const at = branch.findIndex(({ id }) => id === (point.after ?? point.id));
  const later = branch.slice(Math.max(0, at)).filter(({ event }) => event.type === 'prompt').length;
  return vscode.l10n.t(
    'Conversation: it goes on from there. What came after is left out ({0} messages of yours), and stays in the journal of the session.',
    later,
  );
}

function namesOf(paths: readonly string[]): string {
  const shown = paths.slice(0, MAX_NAMES).map((path) => vscode.workspace.asRelativePath(path));
  if (paths.length > MAX_NAMES) shown.push(vscode.l10n.t('{0} more', paths.length - MAX_NAMES));
  return visible(shown.join(', '));
}

/** A chat's own history cannot be cut from outside: a new chat goes on with the session from there. */
async function openFork({ turns }: GoingBack, session: Session): Promise<void> {
  turns.goOnWith(session.id);
  const known = await vscode.commands.getCommands(true);
  if (known.includes('workbench.action.chat.newChat'))
    await vscode.commands.executeCommand('workbench.action.chat.newChat');
}

/** Not waited for: the message stays until it is read. `what` is left out where a restore was taken back. */
function tell(world: GoingBack, session: Session, outcome: RestoreOutcome, what?: RestoreWhat): void {
  const { files, kept, failed } = outcome;
  const lines = [
    ...(files.length > 0 ? [vscode.l10n.t('Put back: {0}.', namesOf(files))] : []),
    ...(what === undefined || what === 'files' || failed.length > 0
      ? []
      : [vscode.l10n.t('Your next message goes on from the checkpoint.')]),
    ...(kept.length > 0
      ? [vscode.l10n.t('Left as they are, since no checkpoint holds them: {0}.', namesOf(kept))]
      : []),
    ...failed.map(({ path, why }) => vscode.l10n.t('Not put back: {0}', visible(`${namesOf([path])}: ${why}`))),
  ];
  if (lines.length === 0) lines.push(vscode.l10n.t('Nothing to put back: the files are as they were.'));
  const again = vscode.l10n.t('Undo');
  const buttons = what !== undefined && lastRestore(session.branch) ? [again] : [];
  const show = failed.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  const said = async (): Promise<void> => {
    if ((await show(lines.join(' '), ...buttons)) === again) await undoGoingBack(world, session);
  };
  said().catch((error: unknown) => showFailure(world.log, 'undo a restore', error));
}
