import { defineTool, ToolError, type ToolOutput } from '../agent/tool';
import type { Host } from '../host/host';
import { parseNotebook, type Cell, type Notebook } from '../text/notebook';
import type { NotebookChange } from '../text/notebook-change';
import { encodedAs, firstOf, newDiagnostics } from './shared-edit';
import { cellLine, cellsMark, editedMark } from './shared-notebook';
import { notebookInput, planNotebookEdit, type NotebookPlan } from './shared-notebook-plan';
import { pathAction, type HostContext } from './shared-paths';
import { currentFile } from './shared-text';

export const notebookEdit = defineTool<Host, typeof notebookInput>({
  name: 'NotebookEdit',
  description: 'Insert, replace, delete or move one cell of a notebook that was read before. Outputs stay.',
  input: notebookInput,
  reads: false,
  title: ({ file_path }) => `Editing ${file_path}`,
  action: ({ file_path }, context) => pathAction('edit', file_path, context),
  async preview(given, context) {
    const { title, diff } = await planNotebookEdit(given, context);
    return { title, body: diff.diff === '' ? title : diff.diff, language: 'diff' };
  },
  async run(given, context) {
    return perform(await planNotebookEdit(given, context), context);
  },
});

async function perform(plan: NotebookPlan, context: HostContext): Promise<ToolOutput> {
  const { source, notebook, change, cell, text, diff } = plan;
  const { path, shown } = source.file;
  const { host } = context;
  const known = await host.diagnostics(path, 'now');
  const after = encodedAs(source, text);
  const sources = notebook.cells.map((one) => one.source);
  await context.change({ path, before: source.bytes, after }, async () => {
    if (!(await host.editNotebook?.(path, change, sources))) await host.write(path, after);
  });
  const result = await readBack(plan, after, context);
  const { added, removed } = diff;
  const place = change.mode === 'move' ? change.to : change.index;
  const name = change.mode === 'delete' ? cell?.name : result.cells[place]?.name;
  const content = [
    `${DONE[change.mode]} cell ${name} of ${shown}${change.mode === 'move' ? '' : ` (+${added} -${removed})`}.`,
    ...(change.mode === 'replace' ? firstOf(diff.after) : []),
    ...consequences(change, cell, notebook),
    'The cells around it now:',
    ...around(result, place, change.mode === 'delete'),
    ...newDiagnostics(known, await host.diagnostics(path, 'after-edit')),
  ].join('\n');
  const edited = cell && change.mode === 'replace' && change.source !== cell.source ? editedMark(path, cell) : [];
  return {
    content,
    reads: [...edited, cellsMark(path, result)],
    view: { kind: 'diff', path, diff: diff.diff, added, removed },
  };
}

const DONE = { insert: 'Inserted', replace: 'Changed', delete: 'Deleted', move: 'Moved' } as const;

/** What the model would otherwise believe of outputs and names. */
function consequences(change: NotebookChange, cell: Cell | undefined, { cells }: Notebook): string[] {
  const outputs = cell?.outputs.length ?? 0;
  const ran = cell?.type === 'code' && (outputs > 0 || cell.count !== undefined);
  const gone = change.mode === 'delete' || (change.mode === 'replace' && change.type !== 'code');
  const byPlace = change.mode !== 'replace' && cells.some(({ id, name }) => id !== name);
  return [
    ...(ran && gone && outputs > 0 ? [`Its ${outputs === 1 ? 'output' : `${outputs} outputs`} went with it.`] : []),
    ...(ran && change.mode === 'replace' && !gone
      ? ['It has not run since: its outputs and count are from before.']
      : []),
    ...(byPlace ? ['Cells without an id of their own are named by place, so those after it have new names.'] : []),
  ];
}

function around({ cells }: Notebook, place: number, isDeleted: boolean): string[] {
  if (cells.length === 0) return ['(none)'];
  const [from, to] = [Math.max(0, place - 1), place + (isDeleted ? 1 : 2)];
  return cells
    .slice(from, to)
    .map((cell, index) => `${!isDeleted && from + index === place ? '>' : ' '} ${cellLine(cell)}`);
}

/** The notebook as it now lies there. Throws when its cells are not those that were meant. */
async function readBack({ source, text }: NotebookPlan, after: Uint8Array, context: HostContext): Promise<Notebook> {
  const { path, shown } = source.file;
  const snapshot = await context.host.read(path);
  const current = snapshot && currentFile(snapshot);
  const written = parseNotebook(current?.decoded?.text ?? '');
  if ('problem' in written || cellsOf(written) !== cellsOf(parseNotebook(text)))
    throw new ToolError(`${shown} does not hold the cells that were meant: something else changed it. Read it again.`);
  // An editor writes notebooks in a layout of its own: undo and the next edit go by the bytes that are there.
  if (current && !Buffer.from(after).equals(current.bytes))
    await context.change({ path, before: after, after: current.bytes }, () => Promise.resolve());
  return written;
}

/** What must be as it was meant, whoever wrote the file. Names are left out: an editor may give a cell another id. */
function cellsOf(notebook: ReturnType<typeof parseNotebook>): string {
  if ('problem' in notebook) return notebook.problem;
  return JSON.stringify(notebook.cells.map(({ type, source, outputs }) => [type, source, outputs.length]));
}
