import { basename } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { FileChange } from '../agent/events';
import type { Session } from '../agent/session';
import type { Store } from '../agent/store';

const SCHEME = 'ml-engineer-before';

// Anyone may open an address of our scheme, and both become parts of paths in the store.
const querySchema = z.object({
  session: z.string().regex(/^[\w-]{1,100}$/u),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/u)
    .nullable(),
});

/** Finds a session's store, also for a diff that was left open before a reload; `undefined` when it is gone. */
export type FindStore = (session: string) => Promise<Store | undefined> | Store | undefined;

/** Serves the texts of files as a session first found them, for the left side of diff editors. */
export function registerBeforeImages(context: vscode.ExtensionContext, findStore: FindStore): void {
  const provider: vscode.TextDocumentContentProvider = {
    provideTextDocumentContent: async (uri) => {
      const { session, hash } = querySchema.parse(JSON.parse(uri.query));
      if (hash === null) return '';
      const bytes = await (await findStore(session))?.getBlob(hash);
      if (!bytes) return vscode.l10n.t('The earlier content of this file is no longer stored.');
      if (bytes.includes(0)) return vscode.l10n.t('A binary file of {0} bytes.', bytes.length);
      return new TextDecoder().decode(bytes);
    },
  };
  context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
}

/** Opens one file's change in the native diff editor: as the session found it, and as it lies there now. */
export async function openDiff(session: Session, change: FileChange): Promise<void> {
  const { file, before, now } = await sidesOf(session, change);
  const title = vscode.l10n.t('{0} (before ↔ now)', basename(file.path));
  await vscode.commands.executeCommand('vscode.diff', before, now, title);
}

/** Opens all changes in the native multi-file diff editor, or the first of them in a VS Code that has none. */
export async function openChanges(session: Session, changes: readonly FileChange[]): Promise<void> {
  const [first] = changes;
  if (!first) return;
  const known = await vscode.commands.getCommands(true);
  if (!known.includes('vscode.changes')) return openDiff(session, first);
  const sides = await Promise.all(
    changes.map(async (change) => {
      const { file, before, now } = await sidesOf(session, change);
      const isGone = change.after === null && now !== file;
      // Only a missing side marks the file as created or deleted; an empty one does not.
      return [file, change.before === null ? undefined : before, isGone ? undefined : now];
    }),
  );
  await vscode.commands.executeCommand('vscode.changes', vscode.l10n.t('Changes by ML Engineer'), sides);
}

async function sidesOf(session: Session, change: FileChange): Promise<Record<'file' | 'before' | 'now', vscode.Uri>> {
  const file = vscode.Uri.file(change.path);
  const image = (hash: string | null): vscode.Uri =>
    file.with({ scheme: SCHEME, query: JSON.stringify({ session: session.id, hash }) });
  // A file that someone has deleted since is shown as the session left it, not as an error.
  const there = await exists(file);
  return { file, before: image(change.before), now: there ? file : image(change.after) };
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
