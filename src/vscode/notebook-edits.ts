import * as vscode from 'vscode';
import { ToolError } from '../agent/tool';
import type { CellType, NotebookChange } from '../text/notebook-change';

/** What VS Code's own extension for notebooks offers others: the JSON it would save. */
interface NotebookExporter {
  exportNotebook?(data: vscode.NotebookData): Promise<string>;
}

export function openNotebook(path: string): vscode.NotebookDocument | undefined {
  return vscode.workspace.notebookDocuments.find(
    ({ uri, notebookType, isClosed }) =>
      uri.scheme === 'file' && uri.fsPath === path && notebookType === 'jupyter-notebook' && !isClosed,
  );
}

/** The JSON that an open notebook would be saved as; `undefined` where it has no unsaved changes. */
export async function unsavedNotebook(path: string): Promise<string | undefined> {
  const notebook = openNotebook(path);
  if (!notebook?.isDirty) return undefined;
  const exporter = await vscode.extensions.getExtension<NotebookExporter>('vscode.ipynb')?.activate();
  const data = new vscode.NotebookData(notebook.getCells().map((cell) => copyOf(cell)));
  data.metadata = notebook.metadata;
  return exporter?.exportNotebook?.(data);
}

/**
 * Makes one change in an open notebook, so that undo works and outputs and identity stay, and saves it. `sources` is what
 * its cells are believed to hold; where they hold something else, that is a ToolError. False where it is not open.
 */
export async function editOpenNotebook(
  path: string,
  change: NotebookChange,
  sources: readonly string[],
): Promise<boolean> {
  const notebook = openNotebook(path);
  if (!notebook) return false;
  const now = notebook.getCells().map(({ document }) => document.getText().replaceAll('\r\n', '\n'));
  if (now.length !== sources.length || now.some((text, index) => text !== sources[index]?.replaceAll('\r\n', '\n')))
    throw new ToolError(`${path} is open in the editor with other cells than were read. Read it again.`);
  if (!(await vscode.workspace.applyEdit(workspaceEdit(notebook, change))))
    throw new ToolError(`The editor did not take the change to ${path}. Read the file again.`);
  if (!(await notebook.save())) throw new ToolError(`The editor could not save ${path}.`);
  return true;
}

function workspaceEdit(notebook: vscode.NotebookDocument, change: NotebookChange): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  const cell = change.mode === 'insert' ? undefined : notebook.cellAt(change.index);
  if (change.mode === 'replace' && cell && typeOf(cell) === change.type) {
    const { document } = cell;
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    edit.replace(document.uri, document.validateRange(whole), change.source);
  } else edit.set(notebook.uri, cellEdits(notebook, change, cell));
  return edit;
}

/** Several edits all count by the places before the first of them. */
function cellEdits(
  notebook: vscode.NotebookDocument,
  change: NotebookChange,
  cell: vscode.NotebookCell | undefined,
): vscode.NotebookEdit[] {
  const { index } = change;
  const own = new vscode.NotebookRange(index, index + 1);
  switch (change.mode) {
    case 'insert': {
      const metadata = change.id === undefined ? {} : { id: change.id, metadata: {} };
      return [vscode.NotebookEdit.insertCells(index, [newCell(notebook, change.type, change.source, metadata)])];
    }
    case 'replace': {
      const { execution_count: _, ...metadata } = cell?.metadata ?? {};
      const type = change.type as CellType;
      return [vscode.NotebookEdit.replaceCells(own, [newCell(notebook, type, change.source, metadata)])];
    }
    case 'delete':
      return [vscode.NotebookEdit.deleteCells(own)];
    case 'move': {
      const place = change.to > index ? change.to + 1 : change.to;
      const moved = cell ? [copyOf(cell)] : [];
      return [vscode.NotebookEdit.insertCells(place, moved), vscode.NotebookEdit.deleteCells(own)];
    }
  }
}

function newCell(
  notebook: vscode.NotebookDocument,
  type: CellType,
  source: string,
  metadata: Record<string, unknown>,
): vscode.NotebookCellData {
  const kind = type === 'markdown' ? vscode.NotebookCellKind.Markup : vscode.NotebookCellKind.Code;
  const cell = new vscode.NotebookCellData(kind, source, type === 'code' ? languageOf(notebook) : type);
  cell.metadata = metadata;
  return cell;
}

/** A notebook has one language for its code: that of the code it has, else what its metadata says. */
function languageOf(notebook: vscode.NotebookDocument): string {
  const known = notebook.getCells().find((cell) => typeOf(cell) === 'code')?.document.languageId;
  const { language_info: info } = (notebook.metadata['metadata'] ?? {}) as { language_info?: { name?: string } };
  return known ?? info?.name ?? 'python';
}

function typeOf({ kind, document }: vscode.NotebookCell): CellType {
  if (kind === vscode.NotebookCellKind.Markup) return 'markdown';
  return document.languageId === 'raw' ? 'raw' : 'code';
}

export function copyOf(cell: vscode.NotebookCell): vscode.NotebookCellData {
  const copy = new vscode.NotebookCellData(cell.kind, cell.document.getText(), cell.document.languageId);
  copy.metadata = cell.metadata;
  copy.outputs = [...cell.outputs];
  if (cell.executionSummary) copy.executionSummary = cell.executionSummary;
  return copy;
}
