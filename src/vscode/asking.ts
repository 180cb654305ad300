import * as vscode from 'vscode';
import { ATTACHED_SCHEME, AttachedTexts } from './attached-texts';
import { cellText, commandText, documentText, problemText, testAttachments, type FailedTest } from './attachment-texts';
import { registerCodeActions } from './code-actions';
import { COMMANDS } from './command-names';
import { LastCommands } from './last-commands';
import { openChat, type Attachment } from './open-chat';
import { symbolAt } from './symbol-at';

const MAX_ATTACHED = 10;

/** What questions about something in the editor need: where the texts lie that are in no file, and what terminals ran. */
export interface Asking {
  texts: AttachedTexts;
  commands: LastCommands;
}

export function createAsking(): Asking {
  return { texts: new AttachedTexts(), commands: new LastCommands() };
}

export function registerAsking({ subscriptions }: vscode.ExtensionContext, { texts, commands }: Asking): void {
  const options = { isReadonly: true, isCaseSensitive: true };
  subscriptions.push(commands, registerCodeActions());
  subscriptions.push(vscode.workspace.registerFileSystemProvider(ATTACHED_SCHEME, texts, options));
}

/** The commands that open the chat with something attached. Other extensions may run them with anything. */
export function askingHandlers(asking: Asking): Record<AskingCommand, (...values: unknown[]) => Promise<void>> {
  return {
    [COMMANDS.ask]: async (value, where) => ask(await askedFor(asking, value, where)),
    [COMMANDS.askSymbol]: async (uri, at) => {
      if (uri instanceof vscode.Uri && at instanceof vscode.Position) await ask([await symbol(asking, uri, at)]);
    },
    [COMMANDS.fixProblem]: async (uri, problem) => {
      if (uri instanceof vscode.Uri && problem instanceof vscode.Diagnostic) await fixProblem(asking, uri, problem);
    },
    [COMMANDS.askFiles]: (one, all) => ask(uris(one, all).map((uri) => ({ uri }))),
    [COMMANDS.askCell]: async (value) => {
      const cell = cellOf(value);
      if (cell) await ask([{ uri: asking.texts.add(...cellText(cell)) }]);
    },
    [COMMANDS.askTest]: (value) => askTest(asking, value),
    [COMMANDS.askTerminal]: (value) => askTerminal(asking, value),
  };
}

type AskingCommand = (typeof COMMANDS)[
  'ask' | 'askSymbol' | 'fixProblem' | 'askFiles' | 'askCell' | 'askTest' | 'askTerminal'];

/** The question itself is the person's to type. */
async function ask(attach: readonly Attachment[]): Promise<void> {
  await openChat({ text: '', send: false, attach });
}

/** A range of the code action, a line of the line-number menu, else what is selected in the active editor. */
async function askedFor(asking: Asking, value: unknown, where: unknown): Promise<Attachment[]> {
  if (value instanceof vscode.Uri && where instanceof vscode.Range) return [await part(asking, value, where)];
  const editor = vscode.window.activeTextEditor;
  if (isLine(value)) {
    const line = new vscode.Range(value.lineNumber - 1, 0, value.lineNumber, 0);
    const selection = editor?.document.uri.toString() === value.uri.toString() ? editor.selection : undefined;
    return [
      await part(asking, value.uri, selection && !selection.isEmpty && selection.intersection(line) ? selection : line),
    ];
  }
  if (!editor) return [];
  const selected = editor.selections.filter(({ isEmpty }) => !isEmpty).slice(0, MAX_ATTACHED);
  if (selected.length === 0 && value instanceof vscode.Uri)
    return [await symbol(asking, editor.document.uri, editor.selection.active)];
  return Promise.all(selected.map((range) => part(asking, editor.document.uri, range)));
}

async function symbol(asking: Asking, uri: vscode.Uri, at: vscode.Position): Promise<Attachment> {
  return part(asking, uri, (await symbolAt(uri, at)) ?? new vscode.Range(at.line, 0, at.line + 1, 0));
}

/** A part of a file by its range; of what is no file (a new document, a cell) the text itself. */
async function part({ texts }: Asking, uri: vscode.Uri, range: vscode.Range): Promise<Attachment> {
  if (uri.scheme === 'file') return { uri, range };
  return { uri: texts.add(...documentText(await vscode.workspace.openTextDocument(uri), range)) };
}

async function fixProblem(asking: Asking, uri: vscode.Uri, problem: vscode.Diagnostic): Promise<void> {
  const attach = [await part(asking, uri, problem.range), { uri: asking.texts.add(...problemText(uri, problem)) }];
  await openChat({ text: vscode.l10n.t('Fix the attached problem.'), send: true, attach });
}

async function askTest({ texts }: Asking, value: unknown): Promise<void> {
  const failed = failedTest(value);
  if (!failed) return;
  const { places, text } = testAttachments(failed);
  const attach = [...places, { uri: texts.add(...text) }];
  await openChat({
    text: vscode.l10n.t('Find out why the attached test fails, and fix the cause.'),
    send: true,
    attach,
  });
}

async function askTerminal({ texts, commands }: Asking, value: unknown): Promise<void> {
  // Terminals have no class of their own; one that is unknown here has no last command.
  const terminal = vscode.window.terminals.find((one) => one === value) ?? vscode.window.activeTerminal;
  const last = (await commands.last(terminal)) ?? (await commands.last(undefined));
  if (!last) {
    const text = vscode.l10n.t(
      'No command is known that ended in a terminal of this window. The terminal tells it where its shell integration is on.',
    );
    void vscode.window.showInformationMessage(text);
    return;
  }
  const { exitCode } = last;
  const attach = [{ uri: texts.add(...commandText(last)) }];
  const failed = exitCode !== undefined && exitCode !== 0;
  const text = failed ? vscode.l10n.t('The attached command failed. Find out why, and fix the cause.') : '';
  await openChat({ text, send: failed, attach });
}

/** The explorer gives the item that was clicked, and all that are selected where it is one of them. */
function uris(one: unknown, all: unknown): vscode.Uri[] {
  const given: unknown[] =
    Array.isArray(all) && all.length > 0 ? all : [one ?? vscode.window.activeTextEditor?.document.uri];
  return given.filter((uri) => uri instanceof vscode.Uri).slice(0, MAX_ATTACHED);
}

function isLine(value: unknown): value is { lineNumber: number; uri: vscode.Uri } {
  return (
    isRecord(value) &&
    Number.isInteger(value['lineNumber']) &&
    (value['lineNumber'] as number) > 0 &&
    value['uri'] instanceof vscode.Uri
  );
}

/** The cell itself, looked up: another extension may have given anything. */
function cellOf(value: unknown): vscode.NotebookCell | undefined {
  const cells = vscode.workspace.notebookDocuments.flatMap((notebook) => notebook.getCells());
  const active = vscode.window.activeNotebookEditor;
  return cells.find((cell) => cell === value) ?? (active && active.notebook.cellAt(active.selection.start));
}

/** A test item, or one with the message that was clicked. Items of other extensions are known by their shape. */
function failedTest(value: unknown): FailedTest | undefined {
  if (!isRecord(value)) return undefined;
  const test = isRecord(value['test']) ? value['test'] : value;
  const message = isRecord(value['message']) ? value['message'] : undefined;
  const { label: name, uri, range } = test;
  if (typeof name !== 'string') return undefined;
  return {
    name,
    ...(uri instanceof vscode.Uri ? { uri } : {}),
    ...(range instanceof vscode.Range ? { range } : {}),
    ...(message ? { message: message as unknown as vscode.TestMessage } : {}),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
