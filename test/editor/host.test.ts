import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as vscode from 'vscode';
import type { Host } from '../../src/host/host';
import { createEditorHost } from '../../src/vscode/editor-host';
import { describeHost, type HostUnderTest } from '../support/host-contract';

/** The host of this very editor, over a folder of its own. */
async function open(): Promise<HostUnderTest> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-host-')));
  const subscriptions: vscode.Disposable[] = [];
  const context = {
    subscriptions,
    globalStorageUri: vscode.Uri.file(join(folder, '..', 'storage')),
    extensionPath: resolve(__dirname, '..', '..'),
  };
  return {
    folder,
    host: createEditorHost(context, undefined, () => [{ name: 'repo', path: folder }]),
    close: async () => {
      for (const one of subscriptions) one.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describeHost('the host of VS Code', { programs: true }, open);

describe('a file that is open in the editor', () => {
  let under: HostUnderTest;
  let host: Host;
  let path: string;
  const show = async (bytes: string | Uint8Array): Promise<vscode.TextDocument> => {
    await writeFile(path, bytes);
    const document = await vscode.workspace.openTextDocument(path);
    await vscode.window.showTextDocument(document);
    return document;
  };
  const type = async (document: vscode.TextDocument, text: string): Promise<void> => {
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.positionAt(document.getText().length), text);
    await vscode.workspace.applyEdit(edit);
  };
  beforeEach(async () => {
    under = await open();
    ({ host } = under);
    path = join(under.folder, 'open.txt');
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await under.close?.();
  });

  it('is read as the person sees it, unsaved', async () => {
    const document = await show('one\n');
    assert.equal((await host.read(path))?.unsavedText, undefined);
    await type(document, 'two\n');
    const found = await host.read(path);
    assert.deepEqual([found?.unsavedText, Buffer.from(found?.bytes ?? []).toString()], ['one\ntwo\n', 'one\n']);
  });

  it('is searched as the person sees it, unsaved', async () => {
    const document = await show('old needle\n');
    await type(document, 'new needle\n');
    const query = {
      pattern: 'needle',
      path: under.folder,
      caseInsensitive: false,
      multiline: false,
      before: 0,
      after: 0,
    };
    const { lines } = await host.search({ ...query, output: 'content', limit: 9 }, new AbortController().signal);
    assert.deepEqual(
      lines.map(({ line, text }) => `${line} ${text}`),
      ['1 old needle', '2 new needle'],
    );
    const counted = await host.search(
      { ...query, glob: '*.md', output: 'count', limit: 9 },
      new AbortController().signal,
    );
    assert.deepEqual(counted.lines, []);
  });

  it('is left out of Glob where files.exclude names it', async () => {
    await show('one\n');
    const files = vscode.workspace.getConfiguration('files');
    await files.update('exclude', { '**/open.*': true }, vscode.ConfigurationTarget.Global);
    try {
      const query = { folder: under.folder, patterns: ['*'], exclude: [], limit: 9 };
      assert.deepEqual((await host.glob(query, new AbortController().signal)).paths, []);
    } finally {
      await files.update('exclude', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('is written so that one undo brings the old text back', async () => {
    const document = await show('one\ntwo\nthree\n');
    await host.write(path, Buffer.from('one\n2\nthree\n'));
    assert.deepEqual([document.getText(), document.isDirty], ['one\n2\nthree\n', false]);
    assert.equal(await readFile(path, 'utf8'), 'one\n2\nthree\n');
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), 'one\ntwo\nthree\n');
  });

  it('is not searched, unsaved or not, when .agentignore names it', async () => {
    const document = await show('needle on the disk\n');
    await type(document, 'needle unsaved\n');
    const query = {
      ...{ pattern: 'needle', path: under.folder, caseInsensitive: false, multiline: false },
      ...{ before: 0, after: 0, output: 'content' as const, limit: 10 },
    };
    const found = async (): Promise<number> => (await host.search(query, new AbortController().signal)).lines.length;
    assert.equal(await found(), 2);
    await writeFile(join(under.folder, '.agentignore'), 'open.txt\n');
    assert.equal(await found(), 0);
  });

  it('is saved when its unsaved text is what is written', async () => {
    const document = await show('one\n');
    await type(document, 'two\n');
    await host.write(path, Buffer.from('one\ntwo\n'));
    assert.equal(document.isDirty, false);
    assert.equal(await readFile(path, 'utf8'), 'one\ntwo\n');
  });

  it('comes back when it was deleted behind the editor', async () => {
    await show('one\n');
    await rm(path);
    await host.write(path, Buffer.from('one\n'));
    assert.equal(await readFile(path, 'utf8'), 'one\n');
    await rm(path);
    await host.write(path, Buffer.from('two\n'));
    assert.equal(await readFile(path, 'utf8'), 'two\n');
  });

  const encodings: Record<string, (text: string) => Buffer> = {
    'Windows line ends': (text) => Buffer.from(text.replaceAll('\n', '\r\n')),
    'its byte mark': (text) => Buffer.from(`\ufeff${text}`),
    'UTF-16': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
    'no final newline': (text) => Buffer.from(text.trimEnd()),
  };
  for (const [what, bytesOf] of Object.entries(encodings)) {
    it(`keeps ${what}`, async () => {
      await show(bytesOf('one\ntwo ä\n'));
      await host.write(path, bytesOf('one\n2 ä\n'));
      assert.ok((await readFile(path)).equals(bytesOf('one\n2 ä\n')), JSON.stringify(await readFile(path, 'latin1')));
    });
  }

  it('runs commands in view of the person, in a terminal that takes no focus', async () => {
    const { signal } = new AbortController();
    const request = {
      command: 'echo shown',
      cwd: under.folder,
      timeoutMs: 9_000,
      title: 'x',
      onOutput: () => undefined,
    };
    const result = await host.run(request, signal);
    assert.equal(result.output, 'shown\n');
    assert.ok(vscode.window.terminals.some(({ name }) => name === 'ML Engineer'));
  });
});
