import * as vscode from 'vscode';
import { emptyTrash, sizeOfTrash } from '../artefacts/retention';
import { restorables, restore, type Outcome, type Restorable } from '../artefacts/restore';
import type { Trash } from '../artefacts/trash';
import { ageOf, sizeOf } from '../text/sizes';
import { visible } from '../text/visible';

interface Item extends vscode.QuickPickItem {
  files: readonly Restorable[];
}

/** A list of more entries is of no use to a person, who can pick all of a call. */
const MAX_FILES_OF_A_CALL = 100;

/** Shows what the trash holds and brings back what is picked. */
export async function restoreFromTrash(trash: Trash): Promise<void> {
  const lost = (await restorables(trash)).filter(({ now }) => now !== 'there');
  if (lost.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('There is nothing to restore: the trash holds nothing that is not where it was.'),
    );
    return;
  }
  const picked = await vscode.window.showQuickPick(itemsOf(lost), {
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
    title: vscode.l10n.t('Restore'),
    placeHolder: vscode.l10n.t('Pick the files to bring back'),
  });
  const files = [...new Set((picked ?? []).flatMap((item) => item.files))];
  if (files.length === 0) return;
  const conflict = await conflictOf(files.filter(({ now }) => now === 'other').length);
  if (conflict) tell(await bringBack(trash, files, conflict));
}

/** Empties the trash once the person has read what is lost with that. */
export async function emptyTrashAsked(trash: Trash): Promise<void> {
  const { files, bytes, oldest } = await sizeOfTrash(trash);
  if (files === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('The trash is empty.'));
    return;
  }
  const empty = vscode.l10n.t('Empty Trash');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('Remove {0} kept files for good?', files),
    {
      modal: true,
      detail: vscode.l10n.t(
        'These are copies of files as they were before a command could delete or overwrite them, the oldest {0} old. {1} are freed. This cannot be undone.',
        ageOf(Date.now() - (oldest ?? Date.now())),
        sizeOf(bytes),
      ),
    },
    empty,
  );
  if (picked !== empty) return;
  await emptyTrash(trash);
  void vscode.window.showInformationMessage(vscode.l10n.t('The trash is empty.'));
}

/** By call, newest first: all of its files, then each. */
function itemsOf(lost: readonly Restorable[]): Item[] {
  return [...new Set(lost.map(({ batch }) => batch))].flatMap((batch) => {
    const files = lost.filter((one) => one.batch === batch);
    const age = vscode.l10n.t('{0} ago', ageOf(Date.now() - Date.parse(batch.at)));
    const call = visible(batch.title);
    const bytes = files.reduce((total, { file }) => total + file.size, 0);
    const all = {
      label: vscode.l10n.t('All {0} files', files.length),
      description: `${sizeOf(bytes)}, ${age}`,
      detail: vscode.l10n.t('Kept before: {0}', call),
      files,
    };
    return [
      ...(files.length > 1 ? [all] : []),
      ...files.slice(0, MAX_FILES_OF_A_CALL).map((one) => ({
        label: visible(vscode.workspace.asRelativePath(one.file.path)),
        description: [one.file.kind, sizeOf(one.file.size), age, ...(one.now === 'other' ? [another()] : [])].join(
          ', ',
        ),
        detail: vscode.l10n.t('Kept before: {0}', call),
        files: [one],
      })),
    ];
  });
}

function another(): string {
  return vscode.l10n.t('another is there now');
}

/** What is done where another file lies; `undefined` when the person thought better of it. */
async function conflictOf(count: number): Promise<'beside' | 'replace' | undefined> {
  if (count === 0) return 'beside';
  const [beside, replace] = [vscode.l10n.t('Restore Beside'), vscode.l10n.t('Replace')];
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('At the place of {0} of these files lies another file by now.', count),
    {
      modal: true,
      detail: vscode.l10n.t(
        'Beside: the restored file gets a name of its own. Replace: the file that lies there goes to the trash first.',
      ),
    },
    beside,
    replace,
  );
  return picked === beside ? 'beside' : picked === replace ? 'replace' : undefined;
}

function bringBack(trash: Trash, files: readonly Restorable[], conflict: 'beside' | 'replace'): Thenable<Outcome[]> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Restoring files'),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, token) => {
    const outcomes: Outcome[] = [];
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    for (const one of files) {
      if (stop.signal.aborted) break;
      progress.report({ message: vscode.workspace.asRelativePath(one.file.path), increment: 100 / files.length });
      try {
        outcomes.push(await restore(trash, one, conflict, stop.signal));
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      }
    }
    return outcomes;
  });
}

function tell(outcomes: readonly Outcome[]): void {
  const back = outcomes.filter(({ how }) => how !== 'failed');
  const failed = outcomes.flatMap((one) => (one.how === 'failed' ? [one] : []));
  const shown = back.slice(0, 3).map(({ path }) => vscode.workspace.asRelativePath(path));
  if (back.length > 3) shown.push(vscode.l10n.t('{0} more', back.length - 3));
  const lines = [
    ...(back.length > 0 ? [vscode.l10n.t('Restored: {0}.', visible(shown.join(', ')))] : []),
    ...failed
      .slice(0, 3)
      .map(({ path, why }) => vscode.l10n.t('Not restored: {0} ({1}).', visible(path), visible(why))),
  ];
  if (lines.length === 0) return;
  const show = failed.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  void show(lines.join(' '));
}
