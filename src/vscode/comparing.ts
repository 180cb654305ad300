import { join } from 'node:path';
import * as vscode from 'vscode';
import type { RestorePoint } from '../agent/restore-points';
import type { Session } from '../agent/session';
import { UserError } from '../agent/tool';
import { shownName } from '../checkpoints/git';
import { editsBetween } from '../checkpoints/session-restore';
import type { CheckpointStore } from '../checkpoints/store';
import { openChanges } from './before-images';
import { checkpointUri, type Checkpointing } from './checkpointing';

/** The files that differ between a point and now. Absolute. Throws UserError where the point is no longer stored. */
export async function changedSince(store: CheckpointStore, session: Session, point: RestorePoint): Promise<string[]> {
  if (point.folders.length === 0) return editsBetween(session, point).map(({ path }) => path);
  await refuseGone(store, point);
  const compared = await store.compare(point.folders, (await store.take()).folders);
  return compared.flatMap(({ folder, files }) => files.map(({ name }) => join(folder, shownName(name))));
}

/** Opens what differs between two points, or one and now, in the multi-file diff editor. Throws UserError. */
export async function comparePoints(
  { store }: Checkpointing,
  session: Session,
  from: RestorePoint,
  to?: RestorePoint,
): Promise<void> {
  const hasBoth = from.folders.length > 0 && (!to || to.folders.length > 0);
  if (!hasBoth) return openChanges(session, someOf(editsBetween(session, from, to)));
  for (const point of [from, ...(to ? [to] : [])]) await refuseGone(store, point);
  const compared = await store.compare(from.folders, to?.folders ?? (await store.take()).folders);
  const sides = compared.flatMap(({ folder, from: before, to: after, files }) =>
    files.map(({ name, how }) => {
      const file = vscode.Uri.file(join(folder, shownName(name)));
      const then = to ? checkpointUri(folder, after, name) : file;
      // Only a missing side marks the file as created or deleted.
      return [
        file,
        how === 'added' ? undefined : checkpointUri(folder, before, name),
        how === 'deleted' ? undefined : then,
      ] as const;
    }),
  );
  await open(someOf(sides), to ? vscode.l10n.t('Between Two Checkpoints') : vscode.l10n.t('Since the Checkpoint'));
}

type Side = readonly [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined];

async function open(sides: readonly Side[], title: string): Promise<void> {
  const known = await vscode.commands.getCommands(true);
  if (known.includes('vscode.changes'))
    return void (await vscode.commands.executeCommand('vscode.changes', title, sides));
  const [file, before, after] = sides[0] ?? [];
  await vscode.commands.executeCommand('vscode.diff', before ?? file, after ?? file, title);
}

function someOf<One>(found: One[]): One[] {
  if (found.length === 0) throw new UserError(vscode.l10n.t('No file differs.'));
  return found;
}

async function refuseGone(store: CheckpointStore, { folders }: RestorePoint): Promise<void> {
  for (const { folder, commit } of folders)
    if (!(await store.held(folder, [commit])).has(commit))
      throw new UserError(vscode.l10n.t('The files of this checkpoint are no longer stored.'));
}
