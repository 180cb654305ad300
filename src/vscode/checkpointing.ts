import { join } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import { checkpointsOf, type Checkpoints, type SessionCheckpoint } from '../agent/checkpoints';
import type { CheckpointFolder } from '../agent/events';
import type { Session } from '../agent/session';
import { UserError } from '../agent/tool';
import { DEFAULT_CHECKPOINTS } from '../checkpoints/bounds';
import { shownName } from '../checkpoints/git';
import { restoreInSession, type RestoreWhat } from '../checkpoints/session-restore';
import { CheckpointStore, type Restored } from '../checkpoints/store';
import type { Host } from '../host/host';
import { ageOf } from '../text/sizes';
import { visible } from '../text/visible';
import type { Sessions } from './sessions';
import { readSettings } from './settings';
import type { Turns } from './turns';

const SCHEME = 'ml-engineer-checkpoint';
const MAX_PROMPT = 60;

const querySchema = z.object({
  folder: z.string(),
  commit: z.string().regex(/^[0-9a-f]{40,64}$/u),
  name: z.string(),
});

/** The checkpoints of this window's workspace. */
export class Checkpointing {
  readonly store: CheckpointStore;

  constructor(
    { globalStorageUri }: Pick<vscode.ExtensionContext, 'globalStorageUri'>,
    private readonly host: () => Host,
  ) {
    this.store = new CheckpointStore({
      storage: join(globalStorageUri.fsPath, 'checkpoints'),
      folders: () => host().folders.map(({ path }) => path),
      settings: () => {
        const settings = readSettings();
        return {
          ...DEFAULT_CHECKPOINTS,
          fileBytes: settings['checkpoints.maxFileMb'] * 1e6,
          days: settings['checkpoints.keepDays'],
          bytes: settings['checkpoints.maxMb'] * 1e6,
        };
      },
    });
  }

  /** For a run; `undefined` where none are to be made. No program is started in a workspace without trust. */
  get port(): Checkpoints | undefined {
    return this.host().trusted && readSettings()['checkpoints.enabled'] ? this.store : undefined;
  }

  /** Serves files of checkpoints to diff editors. */
  register(context: vscode.ExtensionContext): void {
    const provider: vscode.TextDocumentContentProvider = {
      provideTextDocumentContent: async ({ query }) => {
        const { folder, commit, name } = querySchema.parse(JSON.parse(query));
        // Anyone may open an address of our scheme.
        const isOurs = this.host().folders.some(({ path }) => folder === path || folder.startsWith(`${path}/`));
        const bytes = isOurs ? await this.store.content({ folder, commit }, name) : undefined;
        if (!bytes) return vscode.l10n.t('The earlier content of this file is no longer stored.');
        return bytes.includes(0) ? vscode.l10n.t('A binary file of {0} bytes.', bytes.length) : bytes.toString();
      },
    };
    context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
  }
}

export interface Restoring {
  checkpointing: Checkpointing;
  sessions: Sessions;
  turns: Turns;
}

/** Asks which checkpoint, and what is to be put back, and does it. */
export async function restoreCheckpoint(world: Restoring): Promise<void> {
  const session = await sessionOf(world);
  const checkpoint = await pickCheckpoint(session);
  if (!checkpoint) return;
  const what = await pickWhat();
  if (what === undefined) return;
  if (what === 'compare') return compareWithNow(world.checkpointing, checkpoint);
  if (world.sessions.isRunning(session.id)) throw new UserError(STOP_FIRST());
  if (what !== 'conversation') refuseUnsaved(checkpoint.folders);
  const restored = await restoreInSession(world.checkpointing.store, session, checkpoint, what);
  world.sessions.show(session);
  if (what !== 'files') await openFork(world, session);
  tell(restored, what);
}

const STOP_FIRST = (): string => vscode.l10n.t('The session is at work. Stop it first, then restore.');

async function sessionOf({ sessions, turns }: Restoring): Promise<Session> {
  const id = sessions.current?.id ?? turns.last?.session;
  if (id === undefined || !(await sessions.exists(id)))
    throw new UserError(vscode.l10n.t('There is no session of this workspace, so there are no checkpoints.'));
  if (sessions.isRunning(id)) throw new UserError(STOP_FIRST());
  return sessions.open(id);
}

async function pickCheckpoint(session: Session): Promise<SessionCheckpoint | undefined> {
  const items = checkpointsOf(session.branch)
    .filter(({ folders }) => folders.length > 0)
    .reverse()
    .map((checkpoint) => ({
      label: labelOf(checkpoint),
      description: vscode.l10n.t('{0} ago', ageOf(Date.now() - Date.parse(checkpoint.at))),
      checkpoint,
    }));
  if (items.length === 0) throw new UserError(vscode.l10n.t('This session has no checkpoints yet.'));
  const title = vscode.l10n.t('Restore Checkpoint');
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.checkpoint;
}

function labelOf({ why, prompt }: SessionCheckpoint): string {
  const words = visible(prompt.replaceAll(/\s+/gu, ' ').trim().slice(0, MAX_PROMPT));
  if (why === 'prompt') return vscode.l10n.t('Before: {0}', words);
  if (why === 'step') return vscode.l10n.t('After a step of: {0}', words);
  return vscode.l10n.t('Before a restore, in: {0}', words);
}

async function pickWhat(): Promise<RestoreWhat | 'compare' | undefined> {
  const items: (vscode.QuickPickItem & { what: RestoreWhat | 'compare' })[] = [
    {
      what: 'files',
      label: vscode.l10n.t('Files'),
      detail: vscode.l10n.t('What edits and commands changed since is put back.'),
    },
    {
      what: 'conversation',
      label: vscode.l10n.t('Conversation'),
      detail: vscode.l10n.t('A new chat goes on from there; the files stay as they are.'),
    },
    { what: 'both', label: vscode.l10n.t('Files and Conversation') },
    { what: 'compare', label: vscode.l10n.t('Compare With the Files Now') },
  ];
  const title = vscode.l10n.t('What is to be restored?');
  return (await vscode.window.showQuickPick(items, { title }))?.what;
}

/** Text that was typed and not saved is in no checkpoint, and would be lost between the file and the editor. */
function refuseUnsaved(folders: readonly CheckpointFolder[]): void {
  const isInside = ({ fsPath }: vscode.Uri): boolean => folders.some(({ folder }) => fsPath.startsWith(`${folder}/`));
  const unsaved = vscode.workspace.textDocuments.filter(({ uri, isDirty }) => isDirty && isInside(uri));
  const names = unsaved.map(({ uri }) => vscode.workspace.asRelativePath(uri)).join(', ');
  if (names !== '') throw new UserError(vscode.l10n.t('Save or close these files first: {0}.', names));
}

async function compareWithNow({ store }: Checkpointing, { folders }: SessionCheckpoint): Promise<void> {
  const now = await store.take();
  const compared = await store.compare(folders, now.folders);
  const sides = compared.flatMap(({ folder, from, files }) =>
    files.map(({ name, how }) => {
      const file = vscode.Uri.file(join(folder, shownName(name)));
      const before = file.with({ scheme: SCHEME, query: JSON.stringify({ folder, commit: from, name }) });
      return [file, how === 'added' ? undefined : before, how === 'deleted' ? undefined : file];
    }),
  );
  if (sides.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('The files are as they were at this checkpoint.'));
    return;
  }
  await vscode.commands.executeCommand('vscode.changes', vscode.l10n.t('Since the Checkpoint'), sides);
}

/** A chat's own history cannot be cut from outside: a new chat goes on with the session from there. */
async function openFork({ turns }: Restoring, session: Session): Promise<void> {
  turns.goOnWith(session.id);
  const known = await vscode.commands.getCommands(true);
  if (known.includes('workbench.action.chat.newChat'))
    await vscode.commands.executeCommand('workbench.action.chat.newChat');
}

function tell(restored: readonly Restored[], what: RestoreWhat): void {
  const failed = restored.flatMap(({ folder, failed: why }) => (why === undefined ? [] : [`${folder}: ${why}`]));
  const kept = restored.flatMap((one) => one.kept);
  const count = restored.reduce((sum, { changed }) => sum + changed.length, 0);
  const lines = [
    ...(what === 'conversation'
      ? []
      : [vscode.l10n.t('Files put back: {0}. "Restore Checkpoint..." undoes this, too.', count)]),
    ...(what === 'files' ? [] : [vscode.l10n.t('Your next message in the new chat goes on from the checkpoint.')]),
    ...(kept.length > 0
      ? [vscode.l10n.t('Left as they are, since no checkpoint holds them: {0}.', visible(kept.slice(0, 5).join(', ')))]
      : []),
    ...failed.map((line) => vscode.l10n.t('Not put back: {0}', visible(line))),
  ];
  const show = failed.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  void show(lines.join(' '));
}
