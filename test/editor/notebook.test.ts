import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import { notebookEdit } from '../../src/tools/notebook-edit';
import { read } from '../../src/tools/read';
import { createEditorHost } from '../../src/vscode/editor-host';
import { FakeSession, textOf } from '../support/fake-tool-context';

interface CellJson {
  cell_type: string;
  id: string;
  metadata: object;
  source: string[];
  execution_count?: number | null;
  outputs?: object[];
}
interface NotebookJson {
  cells: CellJson[];
  metadata: object;
  nbformat: number;
  nbformat_minor: number;
}

const stream = (text: string): object => ({ output_type: 'stream', name: 'stdout', text: [text] });
const code = (id: string, source: string, count: number, output: string): CellJson => ({
  cell_type: 'code',
  execution_count: count,
  id,
  metadata: {},
  outputs: [stream(output)],
  source: [source],
});
const NOTEBOOK: NotebookJson = {
  cells: [
    { cell_type: 'markdown', id: 'title', metadata: {}, source: ['# Training'] },
    code('load', 'rows = load()', 1, '3000 rows'),
    code('fit', 'fit(rows)', 2, 'AUC 0.81'),
  ],
  metadata: { language_info: { name: 'python' } },
  nbformat: 4,
  nbformat_minor: 5,
};

describe('a notebook that is open in the editor', () => {
  let folder: string;
  let session: FakeSession;
  let notebook: vscode.NotebookDocument;
  const subscriptions: vscode.Disposable[] = [];
  const path = (): string => join(folder, 'train.ipynb');
  const sources = (): string[] => notebook.getCells().map(({ document }) => document.getText());
  const outputs = (): number[] => notebook.getCells().map((cell) => cell.outputs.length);
  const onDisk = async (): Promise<NotebookJson> => JSON.parse(await readFile(path(), 'utf8')) as NotebookJson;
  /** An edit that was refused says why in the failure, not only that the cell is unchanged. */
  const edit = async (input: object): Promise<string> => {
    const output = await session.call(notebookEdit, { file_path: 'train.ipynb', ...input });
    assert.notEqual(output.isError, true, textOf(output));
    return textOf(output);
  };
  const type = async (text: string): Promise<void> => {
    const typing = new vscode.WorkspaceEdit();
    typing.insert(notebook.cellAt(1).document.uri, new vscode.Position(0, 0), text);
    await vscode.workspace.applyEdit(typing);
  };

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-notebook-')));
    await writeFile(path(), JSON.stringify(NOTEBOOK, null, 1));
    const context = {
      subscriptions,
      globalStorageUri: vscode.Uri.file(join(folder, 'storage')),
      extensionPath: resolve(__dirname, '..', '..'),
    };
    session = new FakeSession({ host: createEditorHost(context, undefined, () => [{ name: 'repo', path: folder }]) });
    notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(path()));
    await vscode.window.showNotebookDocument(notebook);
    await session.call(read, { file_path: 'train.ipynb' });
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const one of subscriptions.splice(0)) one.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('has one cell changed, saved, with every output and name as it was, and undone in one step', async () => {
    assert.match(
      await edit({ mode: 'replace', cell_id: 'fit', new_source: 'fit(rows, seed=7)' }),
      /^Changed cell fit/u,
    );
    assert.deepEqual(sources(), ['# Training', 'rows = load()', 'fit(rows, seed=7)']);
    assert.deepEqual(outputs(), [0, 1, 1]);
    assert.equal(notebook.isDirty, false);
    const { cells } = await onDisk();
    assert.deepEqual(
      cells.map(({ id }) => id),
      ['title', 'load', 'fit'],
    );
    assert.deepEqual([cells[2]?.source].flat(), ['fit(rows, seed=7)']);
    await vscode.window.showNotebookDocument(notebook, { selections: [new vscode.NotebookRange(2, 3)] });
    await vscode.commands.executeCommand('notebook.cell.edit');
    await vscode.commands.executeCommand('undo');
    assert.equal(sources()[2], 'fit(rows)');
  });

  it('takes cells in, out and to another place, and keeps the outputs of the others', async () => {
    await edit({ mode: 'insert', after: 'title', cell_type: 'code', new_source: 'import random' });
    assert.deepEqual(sources(), ['# Training', 'import random', 'rows = load()', 'fit(rows)']);
    await edit({ mode: 'move', cell_id: 'fit', after: 'start' });
    assert.deepEqual(sources(), ['fit(rows)', '# Training', 'import random', 'rows = load()']);
    assert.deepEqual(outputs(), [1, 0, 0, 1]);
    await edit({ mode: 'delete', cell_id: 'load' });
    assert.deepEqual(sources(), ['fit(rows)', '# Training', 'import random']);
    const { cells } = await onDisk();
    assert.deepEqual([cells.length, cells[0]?.id], [3, 'fit']);
  });

  it('is read as the person sees it, and an edit beside unsaved typing loses none of it', async () => {
    await type('import data\n');
    const seen = textOf(await session.call(read, { file_path: 'train.ipynb' }));
    assert.match(seen, /import data/u);
    await edit({ mode: 'replace', cell_id: 'fit', new_source: 'fit(rows, seed=7)' });
    assert.deepEqual(sources(), ['# Training', 'import data\nrows = load()', 'fit(rows, seed=7)']);
    assert.match(JSON.stringify(await onDisk()), /import data/u);
  });

  it('is edited on although the editor saved what was read, without the count of the cell that was typed in', async () => {
    await type('import data\n');
    await session.call(read, { file_path: 'train.ipynb' });
    while ((await onDisk()).cells[1]?.execution_count !== null) {
      await setTimeout(50);
      await notebook.save();
    }
    await edit({ mode: 'replace', cell_id: 'fit', new_source: 'fit(rows, seed=7)' });
    assert.deepEqual(sources(), ['# Training', 'import data\nrows = load()', 'fit(rows, seed=7)']);
  });

  it('records what lies on the disk afterwards, so that undo and the next edit know it', async () => {
    await edit({ mode: 'replace', cell_id: 'load', new_source: 'rows = load(1)' });
    const { after } = session.images.at(-1) ?? {};
    assert.ok(after && (await readFile(path())).equals(Buffer.from(after)));
    assert.match(await edit({ mode: 'replace', cell_id: 'load', new_source: 'rows = load(2)' }), /^Changed cell load/u);
  });
});
