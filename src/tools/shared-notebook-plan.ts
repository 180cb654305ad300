import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { ToolError } from '../agent/tool';
import type { Cell, Notebook } from '../text/notebook';
import { CELL_TYPES, changeNotebook, type NotebookChange } from '../text/notebook-change';
import { unifiedDiff } from '../text/unified-diff';
import { editable, type Editable } from './shared-edit';
import { cellNamed, hasSeenCells, isNotebookPath, notebookOf } from './shared-notebook';
import type { HostContext } from './shared-paths';
import { replaceText } from './shared-replace';

export const notebookInput = z.object({
  file_path: z.string(),
  mode: z.enum(['insert', 'replace', 'delete', 'move']),
  cell_id: z.string().optional().describe('As Read shows it'),
  after: z.string().optional().describe('Where insert and move put the cell: a cell id, start or end'),
  cell_type: z.enum(CELL_TYPES).optional(),
  new_source: z.string().optional().describe('The whole source'),
  old_str: z.string().optional().describe('With new_str: replaces a part of the source'),
  new_str: z.string().optional(),
});
type Input = z.infer<typeof notebookInput>;

export interface NotebookPlan {
  source: Editable;
  notebook: Notebook;
  change: NotebookChange;
  /** The cell before the change; `undefined` where one is inserted. */
  cell: Cell | undefined;
  text: string;
  /** What is done, in the words of a command: for the person who is asked. */
  title: string;
  diff: ReturnType<typeof unifiedDiff>;
}

/** What a call of NotebookEdit would do, nothing changed yet. Throws ToolErrors that say what to do. */
export async function planNotebookEdit(given: Input, context: HostContext): Promise<NotebookPlan> {
  const source = await editable(given.file_path, context, 'cells');
  const { file } = source;
  if (!isNotebookPath(file.path)) throw new ToolError(`${file.shown} is no notebook. Change it with Edit.`);
  const notebook = notebookOf(file.shown, source.text);
  const name = given.mode === 'insert' ? undefined : (given.cell_id ?? '');
  if (name === '') throw new ToolError(`To ${given.mode} a cell, give its cell_id.`);
  const cell = name === undefined ? undefined : cellNamed(file.shown, notebook, name);
  if (source.changedSince && !hasSeenCells(file.path, notebook, context)) checkNamed(given, source, notebook);
  const change = CHANGES[given.mode](given, { file: file.shown, notebook, cell });
  const sourceAfter = 'source' in change ? change.source : change.mode === 'delete' ? '' : (cell?.source ?? '');
  const what = cell ? `cell ${cell.name}` : `a ${given.cell_type ?? 'code'} cell`;
  return {
    source,
    notebook,
    change,
    cell,
    text: changeNotebook(notebook, change),
    title: `${given.mode[0]?.toUpperCase()}${given.mode.slice(1)} ${what} ${cell ? 'of' : 'in'} ${file.shown}`,
    diff: unifiedDiff(ended(cell?.source ?? ''), ended(sourceAfter)),
  };
}

/** A source's last line rarely has a line end: a diff would say so every time. */
function ended(source: string): string {
  return source === '' || source.endsWith('\n') ? source : `${source}\n`;
}

/** In a file that changed since, only what is named for sure and replaces nothing unseen may be done. */
function checkNamed({ mode, cell_id, after, old_str }: Input, { file }: Editable, { cells }: Notebook): void {
  const byPlace = cells.some(({ id, name }) => id !== name && (name === cell_id || name === after));
  if (byPlace || mode === 'delete' || (mode === 'replace' && !old_str))
    throw new ToolError(`${file.shown} has changed since it was read. Read it again before you ${mode} this cell.`);
}

interface Target {
  file: string;
  notebook: Notebook;
  cell: Cell | undefined;
}

const CHANGES: Record<Input['mode'], (given: Input, target: Target) => NotebookChange> = {
  insert: ({ after, cell_id, cell_type: type = 'code', new_source, new_str }, { file, notebook }) => {
    const source = new_source ?? new_str;
    if (source === undefined) throw new ToolError('To insert a cell, give its new_source.');
    const index = placeAfter(file, notebook, after || cell_id || 'end');
    const id = notebook.hasIds ? { id: newId(notebook) } : {};
    return { mode: 'insert', index, type, source: source.replaceAll('\r\n', '\n'), ...id };
  },
  replace: (given, { file, notebook, cell }) => replacement(given, file, notebook, cell as Cell),
  delete: (_, { notebook, cell }) => ({ mode: 'delete', index: notebook.cells.indexOf(cell as Cell) }),
  move: ({ after }, { file, notebook, cell }) => {
    if (!after) throw new ToolError('To move a cell, say after which: a cell id, start or end.');
    const index = notebook.cells.indexOf(cell as Cell);
    const place = placeAfter(file, notebook, after);
    const to = place > index ? place - 1 : place;
    if (to === index) throw new ToolError(`Cell ${cell?.name} stands there already: there is nothing to move.`);
    return { mode: 'move', index, to };
  },
};

function placeAfter(file: string, notebook: Notebook, after: string): number {
  if (after === 'start') return 0;
  if (after === 'end') return notebook.cells.length;
  return notebook.cells.indexOf(cellNamed(file, notebook, after)) + 1;
}

function replacement(given: Input, file: string, notebook: Notebook, cell: Cell): NotebookChange {
  const { cell_type: type = cell.type, old_str, new_str, new_source } = given;
  const name = `cell ${cell.name} of ${file}`;
  if (Object.keys(cell.fields).length === 0) throw new ToolError(`${name} is no JSON object: delete it instead.`);
  if (old_str && new_str === undefined) throw new ToolError('old_str needs new_str: what stands there afterwards.');
  if (old_str && new_source) throw new ToolError('Give new_source, or old_str with new_str, not both.');
  if (type === 'code' && type !== cell.type && cell.fields['attachments'] !== undefined)
    throw new ToolError(`${name} holds attachments, which a code cell cannot have. Insert a new cell instead.`);
  const source = old_str
    ? replaceText({ name, text: cell.source, oneOnly: true }, { old_str, new_str: new_str ?? '' })
    : (new_source ?? (given.cell_type ? cell.source : undefined))?.replaceAll('\r\n', '\n');
  if (source === undefined) throw new ToolError('To replace a cell, give new_source, or old_str with new_str.');
  if (source === cell.source && type === cell.type)
    throw new ToolError(`${name} reads so already: there is nothing to change.`);
  return { mode: 'replace', index: notebook.cells.indexOf(cell), type, source };
}

/** nbformat's own kind of id: eight hexadecimal digits. */
function newId({ cells }: Notebook): string {
  const taken = new Set(cells.map(({ id }) => id));
  let id = randomBytes(4).toString('hex');
  while (taken.has(id)) id = randomBytes(4).toString('hex');
  return id;
}
