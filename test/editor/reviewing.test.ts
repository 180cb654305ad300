import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import { Session } from '../../src/agent/session';
import { createEditorHost } from '../../src/vscode/editor-host';
import { Reviewing } from '../../src/vscode/reviewing';

const cell = (id: string, source: string): object => ({
  ...{ cell_type: 'code', execution_count: null, id, metadata: {}, outputs: [], source: [source] },
});
const notebookOf = (...sources: string[]): string =>
  `${JSON.stringify({ cells: sources.map((source, index) => cell(`c${index}`, source)), metadata: {}, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`;

describe('rejecting in a notebook that is open', () => {
  let folder: string;
  const subscriptions: vscode.Disposable[] = [];

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-reviewing-')));
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const one of subscriptions.splice(0)) one.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('takes out the cell by an edit that Undo takes back, and keeps what was typed into another and not saved', async () => {
    const path = join(folder, 'train.ipynb');
    const [before, after] = [
      notebookOf('a = 1', 'b = 1', 'c = 1', 'd = 1'),
      notebookOf('a = 1', 'b = 2', 'c = 1', 'd = 1'),
    ];
    await writeFile(path, after);
    const context = {
      subscriptions,
      globalStorageUri: vscode.Uri.file(join(folder, 'storage')),
      extensionPath: resolve(__dirname, '..', '..'),
    };
    const host = createEditorHost(context, undefined, () => [{ name: 'repo', path: folder }]);
    const session = await Session.open('s');
    const image = (text: string): Promise<string> => session.store.putBlob(Buffer.from(text));
    const change = { path, before: await image(before), after: await image(after) };
    await session.append({ type: 'change', call: 'c', change });
    const reviews = new Reviewing(() => host).of(session);

    const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(path));
    await vscode.window.showNotebookDocument(notebook);
    const sources = (): string[] => notebook.getCells().map(({ document }) => document.getText());
    const typing = new vscode.WorkspaceEdit();
    typing.insert(notebook.cellAt(3).document.uri, new vscode.Position(0, 0), 'mine, ');
    await vscode.workspace.applyEdit(typing);

    const [open] = await reviews.open();
    const hunk = open?.hunks.find(({ by }) => by === 'agent');
    const rejected = await reviews.reject([{ path, ids: [hunk?.id ?? ''] }]);
    assert.equal(rejected.done, 1, JSON.stringify(rejected));
    assert.deepEqual(sources(), ['a = 1', 'b = 1', 'c = 1', 'mine, d = 1']);
    assert.equal(notebook.isDirty, false);
    assert.match(await readFile(path, 'utf8'), /b = 1[^]*mine, d = 1/u);
    assert.deepEqual(await reviews.open(), []);

    await vscode.commands.executeCommand('undo');
    while (sources()[1] !== 'b = 2') await setTimeout(50);
    assert.equal((await reviews.open())[0]?.hunks.filter(({ by }) => by === 'agent').length, 1);
  });
});
