import * as vscode from 'vscode';
import type { Library } from '../library/library';
import { COMMAND_FOLDERS, DROID_FOLDERS, SKILL_FOLDERS } from '../library/places';
import { explain, type Log } from './log';
import type { Shelf } from './shelf';
import { tellOfShadows } from './show-library';

const SETTLE_MS = 300;
const FILES = `{${[...SKILL_FOLDERS, ...COMMAND_FOLDERS, ...DROID_FOLDERS].join(',')}}/**/*.{md,mdx}`;

/** Marks what is wrong with the skills and droids of the workspace on their files, now and whenever one changes. */
export function registerLibraryProblems(context: vscode.ExtensionContext, shelf: Shelf, log: Log): void {
  const diagnostics = vscode.languages.createDiagnosticCollection('ml-engineer');
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const library = await shelf.load();
    diagnostics.clear();
    diagnostics.set(diagnosticsOf(library));
    await tellOfShadows(shelf, library);
  };
  const request = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => void look().catch((error: unknown) => explain(log, 'looking at skills', error)),
      SETTLE_MS,
    );
  };
  const watchers: vscode.Disposable[] = [];
  const watch = (): void => {
    for (const watcher of watchers.splice(0)) watcher.dispose();
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, FILES));
      watchers.push(watcher, watcher.onDidCreate(request), watcher.onDidChange(request), watcher.onDidDelete(request));
    }
    request();
  };
  watch();
  context.subscriptions.push(
    diagnostics,
    shelf.onDidChange(request),
    vscode.workspace.onDidChangeWorkspaceFolders(watch),
    vscode.workspace.onDidGrantWorkspaceTrust(request),
    // A watcher takes its time, or is turned off for a folder; a save is told at once.
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (vscode.languages.match({ pattern: `**/${FILES}` }, { uri } as vscode.TextDocument) > 0) request();
    }),
    {
      dispose: () => {
        clearTimeout(timer);
        for (const watcher of watchers) watcher.dispose();
      },
    },
  );
}

function diagnosticsOf({ all, shadows }: Library): [vscode.Uri, vscode.Diagnostic[]][] {
  const texts = new Map<string, { message: string; severity: vscode.DiagnosticSeverity }[]>();
  const add = (path: string, message: string, severity: vscode.DiagnosticSeverity): void => {
    texts.set(path, [...(texts.get(path) ?? []), { message, severity }]);
  };
  for (const { item } of all) {
    if (item.source !== 'project') continue;
    for (const problem of item.problems) add(item.path, problem, vscode.DiagnosticSeverity.Warning);
  }
  for (const { by, over, pending } of shadows) {
    if (by.source !== 'project') continue;
    if (pending)
      add(
        by.path,
        vscode.l10n.t(
          'Not used: it would replace the {0} "{1}", and you have not accepted it.',
          over.source,
          over.name,
        ),
        vscode.DiagnosticSeverity.Warning,
      );
    else
      add(
        by.path,
        vscode.l10n.t('Replaces the {0} "{1}".', over.source, over.name),
        vscode.DiagnosticSeverity.Information,
      );
  }
  const top = new vscode.Range(0, 0, 0, 200);
  return [...texts].map(([path, found]) => [
    vscode.Uri.file(path),
    found.map(({ message, severity }) =>
      Object.assign(new vscode.Diagnostic(top, message, severity), { source: 'ML Engineer' }),
    ),
  ]);
}
