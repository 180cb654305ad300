import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { ToolError } from '../agent/tool';
import type { CommandRequest, CommandResult, Diagnostic, FileSnapshot, Host } from '../host/host';
import { createNodeHost, statFile } from '../host/node';
import { jobsOf, stateFolder, terminalSessions } from '../host/session-folders';
import { scaleImage } from '../host/scale-image';
import { MACHINE_DIALECT } from '../host/shell';
import { writeWhole } from '../host/atomic-write';
import { BackgroundCommands } from '../host/background';
import { skillFolders } from '../library/places';
import { decode } from '../text/encoding';
import { diskFolders } from './folders';
import { MirrorTerminal } from './mirror-terminal';
import type { PythonExtensions } from './python-extensions';
import { searchUnsaved } from './unsaved-search';
import { editOpenNotebook, openNotebook, unsavedNotebook } from './notebook-edits';

/** How long an edit's diagnostics are waited for: language services answer in this time or with the next edit. */
const DIAGNOSTICS_MS = 1_000;

/**
 * The machine seen through the editor: what the Node host does, with open documents' unsaved text, undoable edits,
 * language services, and commands mirrored into a visible terminal.
 */
export function createEditorHost(
  context: Pick<vscode.ExtensionContext, 'subscriptions' | 'globalStorageUri' | 'extensionPath'>,
  commandVariables: () => Readonly<Record<string, string>> = () => ({}),
  workspace = diskFolders,
  pythons?: Pick<PythonExtensions, 'find' | 'onDidChange'>,
): Host {
  const terminal = new MirrorTerminal();
  const background = new BackgroundCommands();
  context.subscriptions.push(terminal, background);
  const libraryFolders = skillFolders({ product: context.extensionPath, home: homedir() });
  const state = stateFolder(process.env, homedir());
  const kept = [context.globalStorageUri.fsPath, terminalSessions(process.env, homedir()), jobsOf(state)];
  const alsoInside = [...kept, ...libraryFolders];
  let built: { key: string; host: Host } | undefined;
  const forget = pythons?.onDidChange(() => (built = undefined));
  if (forget) context.subscriptions.push(forget);
  const chosenPython = pythons && { chosenPython: (folder: string) => pythons.find(folder) };
  /** Rebuilt when folders, trust or the chosen Python change, so that what it has found out (interpreter, ripgrep) is kept until then. */
  const node = (): Host => {
    const folders = workspace();
    const trusted = vscode.workspace.isTrusted;
    const key = JSON.stringify([folders, trusted]);
    if (built?.key !== key)
      built = {
        key,
        host: createNodeHost({
          ...{ folders, trusted, alsoInside, background, commandVariables, ...chosenPython },
          ripgrep: ripgrepPaths(),
        }),
      };
    return built.host;
  };
  return {
    get folders() {
      return node().folders;
    },
    get trusted() {
      return node().trusted;
    },
    dialect: MACHINE_DIALECT,
    locate: (path) => node().locate(path),
    ignores: (words, cwd) => node().ignores(words, cwd),
    stat: (path) => node().stat(path),
    scaleImage: (png, most) => scaleImage(png, most),
    list: (path) => node().list(path),
    glob: (query, signal) => node().glob({ ...query, exclude: [...query.exclude, ...hiddenFiles()] }, signal),
    search: (query, signal) => searchUnsaved(query, node(), signal),
    environment: () => node().environment(),
    read: (path) => readAsSeen(path, () => node().read(path)),
    write: writeThroughEditor,
    editNotebook: editOpenNotebook,
    variables: (cwd) => node().variables(cwd),
    run: (request, signal) => mirrored(terminal, request, signal, (mirror) => node().run(mirror, signal)),
    background: () => background.list(),
    stopBackground: (id) => background.stop(id),
    diagnostics: diagnosticsOf,
  };
}

/** Where VS Code keeps its own ripgrep: the layout of 1.139 and the older one. */
function ripgrepPaths(): string[] {
  const binary = process.platform === 'win32' ? 'rg.exe' : 'rg';
  const modules = join(vscode.env.appRoot, 'node_modules', '@vscode');
  return [
    join(modules, 'ripgrep-universal', 'bin', `${process.platform}-${process.arch}`, binary),
    join(modules, 'ripgrep', 'bin', binary),
  ];
}

/** What the person hid in the explorer. */
function hiddenFiles(): string[] {
  const hidden = vscode.workspace.getConfiguration('files').get<Record<string, unknown>>('exclude') ?? {};
  return Object.entries(hidden).flatMap(([glob, on]) => (on === true ? [glob] : []));
}

function openDocument(path: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(
    (document) => document.uri.scheme === 'file' && document.uri.fsPath === path && !document.isClosed,
  );
}

/**
 * An open editor's unsaved text wins over the disk, so that the model sees what the user sees. The editor is looked at
 * first: after the disk, what it saved in between (by itself, a second after the typing) would be in neither.
 */
async function readAsSeen(
  path: string,
  readDisk: () => Promise<FileSnapshot | undefined>,
): Promise<FileSnapshot | undefined> {
  const document = openDocument(path);
  const unsavedText = document?.isDirty ? document.getText() : await unsavedNotebook(path);
  const snapshot = await readDisk();
  return snapshot && unsavedText !== undefined ? { ...snapshot, unsavedText } : snapshot;
}

const SAVE_TRIES = 3;

/** An open document is edited where it differs, so that undo works and cursors stay, and saved; all else is written whole. */
async function writeThroughEditor(path: string, bytes: Uint8Array | null): Promise<void> {
  const document = openDocument(path);
  const text = bytes === null ? undefined : decode(bytes)?.text;
  const same = document?.getText() === text;
  // An editor may still show a file that was deleted: saving text it already has would write nothing.
  if (!document || text === undefined || (same && !document.isDirty)) return writeWhole(path, bytes);
  if (!same) await replaceText(document, text);
  if (!(await saved(document))) throw new ToolError(`The editor could not save ${path}.`);
  const written = await statFile(path);
  if (document.getText() !== text || written === undefined) {
    throw new ToolError(
      `Something in the editor changed ${path} while it was saved (a formatter, perhaps). Read the file again.`,
    );
  }
}

/** While the editor saves by itself, a wish to save is answered with no. */
async function saved(document: vscode.TextDocument): Promise<boolean> {
  for (let tries = 0; tries < SAVE_TRIES; tries++) if ((await document.save()) || !document.isDirty) return true;
  return false;
}

async function replaceText(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  const { range, replacement } = changedPart(document, text);
  edit.replace(document.uri, range, replacement);
  if (!(await vscode.workspace.applyEdit(edit)))
    throw new ToolError(`The editor did not take the change to ${document.uri.fsPath}. Read the file again.`);
}

function changedPart(document: vscode.TextDocument, text: string): { range: vscode.Range; replacement: string } {
  const old = document.getText();
  let start = 0;
  while (start < old.length && start < text.length && old[start] === text[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < text.length - start && old.at(-1 - end) === text.at(-1 - end)) end += 1;
  return {
    range: new vscode.Range(document.positionAt(start), document.positionAt(old.length - end)),
    replacement: text.slice(start, text.length - end),
  };
}

async function mirrored(
  terminal: MirrorTerminal,
  request: CommandRequest,
  signal: AbortSignal,
  run: (request: CommandRequest) => Promise<CommandResult>,
): Promise<CommandResult> {
  terminal.begin(request.command);
  const onOutput = (text: string): void => {
    terminal.write(text);
    request.onOutput(text);
  };
  try {
    const result = await run({ ...request, onOutput });
    const seconds = (result.durationMs / 1_000).toFixed(1);
    terminal.end(
      result.handedOver
        ? vscode.l10n.t('goes on as a job')
        : result.background
          ? vscode.l10n.t('goes on in the background as command {0}', result.background.id)
          : result.timedOut
            ? vscode.l10n.t('ended at its time limit')
            : vscode.l10n.t('exit code {0} after {1} s', result.exitCode ?? '–', seconds),
    );
    return result;
  } catch (error) {
    terminal.end(signal.aborted ? vscode.l10n.t('stopped') : String(error));
    throw error;
  }
}

/** What language services say of a file. Only an open file is looked at by them, so only there is anything waited for. */
async function diagnosticsOf(path: string, when: 'now' | 'after-edit'): Promise<Diagnostic[]> {
  const cells = openNotebook(path)?.getCells();
  const places: { uri: vscode.Uri; cell?: string }[] = cells?.map(({ document, metadata, index }) => ({
    uri: document.uri,
    cell: typeof metadata['id'] === 'string' ? metadata['id'] : `cell-${index}`,
  })) ?? [{ uri: vscode.Uri.file(path) }];
  if (when === 'after-edit' && (cells || openDocument(path))) await changeOrTimeout(places.map(({ uri }) => uri));
  return places.flatMap(({ uri, cell }) =>
    vscode.languages
      .getDiagnostics(uri)
      .filter(({ severity }) => severity <= vscode.DiagnosticSeverity.Warning)
      .map(({ severity, range, message, source }) => ({
        severity: severity === vscode.DiagnosticSeverity.Error ? ('error' as const) : ('warning' as const),
        ...(cell === undefined ? {} : { cell }),
        line: range.start.line + 1,
        message,
        ...(source ? { source } : {}),
      })),
  );
}

function changeOrTimeout(places: readonly vscode.Uri[]): Promise<void> {
  const wanted = new Set(places.map(String));
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      listener.dispose();
      resolve();
    };
    const timer = setTimeout(done, DIAGNOSTICS_MS);
    const listener = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      if (uris.some((changed) => wanted.has(changed.toString()))) done();
    });
  });
}
