import { hashOf } from '../agent/store';
import { ToolError } from '../agent/tool';
import { nearest } from '../text/nearest';
import { parseNotebook, type Cell, type Notebook } from '../text/notebook';
import { cellTitle } from '../text/notebook-view';
import { cutLine } from '../text/truncate';
import type { HostContext } from './shared-paths';

export function isNotebookPath(path: string): boolean {
  return path.toLowerCase().endsWith('.ipynb');
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // Whatever is wrong with it, the caller only asks whether it can be read by its parts.
  }
}

/** The notebook a text holds, or a ToolError with what is wrong and what helps. */
export function notebookOf(name: string, text: string): Notebook {
  const notebook = parseNotebook(text);
  if (!('problem' in notebook)) return notebook;
  const help = notebook.problem.includes('nbformat')
    ? 'Upgrade it first: jupyter nbconvert --to notebook --inplace.'
    : text.trim() === ''
      ? 'Write it with Create, as JSON of nbformat 4.'
      : 'Its plain text can be repaired with Edit.';
  throw new ToolError(`${name} cannot be edited by cells: ${notebook.problem}. Nothing was changed. ${help}`);
}

/** A cell in one line: its name, type, count and how its source begins. */
export function cellLine(cell: Cell): string {
  const first = cell.source.split('\n').find((line) => line.trim() !== '') ?? '(empty)';
  return `${cellTitle(cell)}: ${cutLine(first, MAX_FIRST_LINE_CHARACTERS)}`;
}

const MAX_FIRST_LINE_CHARACTERS = 80;
const MAX_CANDIDATES = 30;

/** The cell of that name. Throws a ToolError with the cells there are. */
export function cellNamed(file: string, { cells }: Notebook, name: string): Cell {
  const found = cells.find((cell) => cell.name === name);
  if (found) return found;
  const twins = cells.filter(({ id }) => id === name);
  if (twins.length > 0)
    throw new ToolError(
      `${twins.length} cells of ${file} have the id ${name}. Name the one you mean by its place:\n${rows(twins)}`,
    );
  if (cells.length === 0) throw new ToolError(`${file} has no cells yet: insert one after "start".`);
  const near = nearest(name, cells.map((cell) => cell.name)); // prettier-ignore
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
  const most = cells.length > MAX_CANDIDATES ? ` (the first ${MAX_CANDIDATES} of ${cells.length})` : '';
  throw new ToolError(`${file} has no cell ${name}.${hint} Its cells${most}:\n${rows(cells.slice(0, MAX_CANDIDATES))}`);
}

function rows(cells: readonly Cell[]): string {
  return cells.map(cellLine).join('\n');
}

/**
 * What a notebook is to whoever edits its cells: their names, types and sources, and how many outputs each has. An editor
 * that saves what was read writes it in a layout of its own and takes the count from a cell that was typed in.
 */
function cellsText({ cells }: Notebook): string {
  return JSON.stringify(cells.map(({ name, type, source, outputs }) => [name, type, source, outputs.length]));
}

/** Notes in the session's record of reads what the cells were, under a name no path can have. */
export function cellsMark(path: string, notebook: Notebook): { path: string; hash: string } {
  return { path: `cells:${path}`, hash: hashOf(Buffer.from(cellsText(notebook))) };
}

/** Whether the cells are those the model saw last, whatever became of the bytes around them. */
export function hasSeenCells(path: string, notebook: Notebook, context: HostContext): boolean {
  const mark = cellsMark(path, notebook);
  return context.seen(mark.path) === mark.hash;
}

/** Notes in the session's record of reads that a cell was edited while its outputs stayed, under a name no path can have. */
export function editedMark(path: string, { id, count, outputs }: Cell): { path: string; hash: string }[] {
  if (id === undefined || (count === undefined && outputs.length === 0)) return [];
  return [{ path: markName(path, id), hash: runHash(count, outputs) }];
}

/** Whether a cell was edited in this session and its count and outputs are still those from before. */
export function isEdited(path: string, { id, count, outputs }: Cell, context: HostContext): boolean {
  const known = id === undefined ? undefined : context.seen(markName(path, id));
  return known !== undefined && known === runHash(count, outputs);
}

function markName(path: string, id: string): string {
  return `cell:${path}#${id}`;
}

function runHash(count: number | undefined, outputs: readonly unknown[]): string {
  return hashOf(Buffer.from(JSON.stringify([count, outputs])));
}
