import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { LastCommand } from './last-commands';
import type { Attachment } from './open-chat';

/** A name that is shown and the text under it, for the model: English, and never shown as our own words. */
export type NamedText = [name: string, text: string];

export interface FailedTest {
  name: string;
  uri?: vscode.Uri;
  range?: vscode.Range;
  message?: vscode.TestMessage;
}

const MAX_OUTPUTS = 20;
const MAX_PROBLEMS = 100;
const TEXT_OUTPUT = /^text\/plain$|^application\/vnd\.code\.notebook\.(?:stdout|stderr|error)$/u;

const shown = (uri: vscode.Uri): string => vscode.workspace.asRelativePath(uri);
const lines = ({ start, end }: vscode.Range): string => `${start.line + 1}-${end.line + 1}`;

/** A problem that a language service or a linter reports. */
export function problemText(uri: vscode.Uri, problem: vscode.Diagnostic): NamedText {
  const { message, range, severity, source, code, relatedInformation = [] } = problem;
  const value = typeof code === 'object' ? code.value : code;
  const related = relatedInformation.map(
    ({ location, message: text }) => `  ${shown(location.uri)}:${location.range.start.line + 1}: ${text}`,
  );
  const from = [source, value].filter((one) => one !== undefined).join(' ');
  const head = `${placeOf(uri)}:${range.start.line + 1}:${range.start.character + 1}: ${vscode.DiagnosticSeverity[severity]}`;
  const text = [`${head}${from === '' ? '' : ` (${from})`}`, message, ...related].join('\n');
  return [vscode.l10n.t('Problem in {0}', basename(uri.path)), text];
}

/** Part of a document that is no file: a new one, or a notebook's cell. */
export function documentText(document: vscode.TextDocument, range: vscode.Range): NamedText {
  const text = `Lines ${lines(range)} of ${placeOf(document.uri)}:\n${document.getText(range)}`;
  return [vscode.l10n.t('Selection in {0}', basename(document.uri.path)), text];
}

/** A cell with what it printed last. */
export function cellText(cell: vscode.NotebookCell): NamedText {
  const { document, index, notebook, outputs, executionSummary } = cell;
  const printed = outputs
    .flatMap(({ items }) => items)
    // Outputs of a notebook that an extension made from data come without their bytes.
    .filter(({ mime, data }) => TEXT_OUTPUT.test(mime) && ArrayBuffer.isView(data))
    .slice(0, MAX_OUTPUTS)
    .map(({ data }) => new TextDecoder().decode(data));
  const run =
    executionSummary?.executionOrder === undefined ? 'not run' : `run as [${executionSummary.executionOrder}]`;
  const parts = [`${placeOf(document.uri)} (${document.languageId}, ${run}):`, document.getText()];
  if (printed.length > 0) parts.push('', 'Output:', ...printed);
  return [vscode.l10n.t('Cell {0} of {1}', index + 1, basename(notebook.uri.path)), parts.join('\n')];
}

/** A command of a terminal with what it printed. */
export function commandText({ line, folder, exitCode, output }: LastCommand): NamedText {
  const facts = [`Command: ${line}`, `Folder: ${folder ?? 'unknown'}`, `Exit code: ${exitCode ?? 'unknown'}`];
  return [vscode.l10n.t('Last command'), [...facts, '', output].join('\n')];
}

/** The problems there are, errors first, as many as are looked through. */
export function problemsText(all: readonly [vscode.Uri, readonly vscode.Diagnostic[]][]): NamedText {
  const found = all
    .filter(([uri]) => uri.scheme === 'file')
    .flatMap(([uri, problems]) => problems.map((problem) => ({ uri, problem })))
    .sort((a, b) => a.problem.severity - b.problem.severity);
  const texts = found.slice(0, MAX_PROBLEMS).map(({ uri, problem }) => problemText(uri, problem)[1]);
  const rest = found.length - texts.length;
  return [vscode.l10n.t('Problems'), [...texts, ...(rest > 0 ? [`And ${rest} more.`] : [])].join('\n\n')];
}

/** A failed test: where it stands, and what it said. */
export function testAttachments({ name, uri, range, message }: FailedTest): { places: Attachment[]; text: NamedText } {
  const places: Attachment[] = uri ? [range ? { uri, range } : { uri }] : [];
  const { location, expectedOutput, actualOutput } = message ?? {};
  if (location && (location.uri.toString() !== uri?.toString() || !range?.contains(location.range)))
    places.push({ uri: location.uri, range: wholeLines(location.range) });
  const said = message?.message;
  const text = [
    `Test: ${name}`,
    ...(uri ? [`File: ${shown(uri)}`] : []),
    ...(location ? [`Failed at: ${shown(location.uri)}:${location.range.start.line + 1}`] : []),
    ...(said === undefined ? [] : [typeof said === 'string' ? said : said.value]),
    ...(expectedOutput === undefined ? [] : ['Expected:', expectedOutput]),
    ...(actualOutput === undefined ? [] : ['Actual:', actualOutput]),
  ];
  return {
    places: places.filter((place) => place.uri.scheme === 'file'),
    text: [vscode.l10n.t('Failed test'), text.join('\n')],
  };
}

/** An empty range would stand for the whole file. */
function wholeLines({ start, end }: vscode.Range): vscode.Range {
  return new vscode.Range(start.line, 0, end.line + 1, 0);
}

/** A path, or for a cell its place in its notebook and the id by which the notebook is edited. */
function placeOf(uri: vscode.Uri): string {
  for (const notebook of vscode.workspace.notebookDocuments) {
    const cell = notebook.getCells().find(({ document }) => document.uri.toString() === uri.toString());
    if (!cell) continue;
    const id: unknown = cell.metadata['id'];
    return `cell ${cell.index + 1}${typeof id === 'string' ? ` (id ${id})` : ''} of ${shown(notebook.uri)}`;
  }
  return uri.scheme === 'file' ? shown(uri) : uri.path;
}
