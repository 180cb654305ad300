import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { ToolError } from '../agent/tool';
import { copyOf, openNotebook } from './notebook-edits';

/**
 * Brings a notebook that is open to the content of `bytes`, by an edit of the cells that differ, so that Undo works and
 * what is unsaved elsewhere in it stays; then saves it. False where it is not open.
 */
export async function restoreOpenNotebook(path: string, bytes: Uint8Array): Promise<boolean> {
  const notebook = openNotebook(path);
  if (!notebook) return false;
  const edits = await asNotebook(bytes, (wanted) => editsBetween(notebook, wanted));
  if (edits.length > 0) {
    const edit = new vscode.WorkspaceEdit();
    edit.set(notebook.uri, edits);
    if (!(await vscode.workspace.applyEdit(edit)))
      throw new ToolError(`The editor did not take the change to ${path}. Try again.`);
  }
  if (!(await notebook.save())) throw new ToolError(`The editor could not save ${path}.`);
  return true;
}

/** Only a file is read as a notebook, with its outputs as the editor holds them. */
async function asNotebook<T>(bytes: Uint8Array, use: (notebook: vscode.NotebookDocument) => T): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ml-engineer-notebook-'));
  try {
    const file = join(folder, 'wanted.ipynb');
    await writeFile(file, bytes);
    return use(await vscode.workspace.openNotebookDocument(vscode.Uri.file(file)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function editsBetween(now: vscode.NotebookDocument, wanted: vscode.NotebookDocument): vscode.NotebookEdit[] {
  const [old, young] = [now.getCells(), wanted.getCells()];
  const isSame = (one: vscode.NotebookCell | undefined, other: vscode.NotebookCell | undefined): boolean =>
    keyOf(one) === keyOf(other);
  const shorter = Math.min(old.length, young.length);
  let head = 0;
  while (head < shorter && isSame(old[head], young[head])) head += 1;
  let tail = 0;
  while (tail < shorter - head && isSame(old.at(-1 - tail), young.at(-1 - tail))) tail += 1;
  const edits: vscode.NotebookEdit[] = [];
  const [range, cells] = [new vscode.NotebookRange(head, old.length - tail), young.slice(head, young.length - tail)];
  if (!range.isEmpty || cells.length > 0) edits.push(vscode.NotebookEdit.replaceCells(range, cells.map(copyOf)));
  if (JSON.stringify(now.metadata) !== JSON.stringify(wanted.metadata))
    edits.push(vscode.NotebookEdit.updateNotebookMetadata(wanted.metadata));
  return edits;
}

/** Outputs and counts of runs stay with the cells that are there. */
function keyOf(cell: vscode.NotebookCell | undefined): string {
  const { execution_count: _, ...metadata } = cell?.metadata ?? {};
  const sorted = Object.entries(metadata).sort(([one], [two]) => (one < two ? -1 : 1));
  return JSON.stringify([cell?.kind, cell?.document.languageId, cell?.document.getText(), sorted]);
}
