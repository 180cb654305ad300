import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import * as vscode from 'vscode';
import type { Host } from '../../src/host/host';
import { createEditorHost } from '../../src/vscode/editor-host';
import { PythonExtensions } from '../../src/vscode/python-extensions';
import type { Log } from '../../src/vscode/log';

interface PythonStandIn {
  choose(folder: string, path: string | undefined): void;
  wait(until: Promise<void>): void;
}
interface EnvironmentsStandIn {
  answer(next: (scope: vscode.Uri) => Promise<unknown>): void;
}

async function standIn<StandIn>(id: string): Promise<StandIn> {
  const extension = vscode.extensions.getExtension<{ standIn: StandIn }>(id);
  assert.ok(extension, `${id} is installed beside the tests`);
  return (await extension.activate()).standIn;
}

describe('the Python of a workspace folder', () => {
  let folder = '';
  let host: Host;
  let python: PythonStandIn;
  let environments: EnvironmentsStandIn;
  const warnings: string[] = [];
  const subscriptions: vscode.Disposable[] = [];
  const log = { warn: (text: string) => void warnings.push(text) } as unknown as Log;

  /** An interpreter that says its name and nothing else. */
  async function interpreter(name: string): Promise<string> {
    const path = join(folder, name, 'bin', 'python');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `#!/bin/sh\necho Python 3.98.0\n`);
    await chmod(path, 0o755);
    return path;
  }

  before(async () => {
    python = await standIn('ms-python.python');
    environments = await standIn('ms-python.vscode-python-envs');
  });
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-python-')));
    const context = {
      subscriptions,
      globalStorageUri: vscode.Uri.file(join(folder, 'storage')),
      extensionPath: resolve(__dirname, '..', '..'),
    };
    const pythons = new PythonExtensions(log);
    host = createEditorHost(context, undefined, () => [{ name: 'repo', path: folder }], pythons);
    subscriptions.push(pythons);
  });
  afterEach(async () => {
    python.wait(Promise.resolve());
    python.choose(folder, undefined);
    environments.answer(async () => undefined);
    for (const one of subscriptions.splice(0)) one.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('is the one chosen in the Python extension, first on PATH of commands, until another is chosen', async () => {
    const [first, second, own] = [await interpreter('first'), await interpreter('second'), await interpreter('.venv')];
    python.choose(folder, first);
    assert.deepEqual((await host.environment()).python, { path: first, version: '3.99.1' });
    const command = {
      command: 'command -v python',
      cwd: folder,
      timeoutMs: 20_000,
      title: '',
      onOutput: () => undefined,
    };
    const signal = new AbortController().signal;
    assert.equal((await host.run(command, signal)).output.trim(), first);
    python.choose(folder, second);
    assert.equal((await host.environment()).python?.path, second);
    assert.equal((await host.run(command, signal)).output.trim(), second);
    python.choose(folder, undefined);
    assert.deepEqual((await host.environment()).python, { path: own, version: '3.98.0' });
  });

  it('is the one that Python Environments names before that of the Python extension', async () => {
    const [first, second] = [await interpreter('first'), await interpreter('second')];
    python.choose(folder, first);
    const asked: string[] = [];
    environments.answer(async (scope) => {
      asked.push(scope.fsPath);
      return { envId: { id: 'x', managerId: 'y' }, version: '3.97.2', execInfo: { run: { executable: second } } };
    });
    assert.deepEqual((await host.environment()).python, { path: second, version: '3.97.2' });
    await host.environment();
    assert.deepEqual(asked, [folder], 'asked once, for the folder');
  });

  it('is what the folder itself holds where the extensions answer nonsense, fail, or name what is not there', async () => {
    const own = await interpreter('.venv');
    python.choose(folder, join(folder, 'gone', 'bin', 'python'));
    const answers: (() => Promise<unknown>)[] = [
      async () => null,
      async () => ({ version: 3, execInfo: { run: { executable: own } } }),
      async () => ({ execInfo: { run: { executable: 7 } } }),
      async () => ({ version: '3.1', execInfo: { run: { executable: 'conda' } } }),
      async () => Promise.reject(new Error('no manager')),
      () => {
        throw new Error('disposed');
      },
    ];
    for (const answer of answers) {
      environments.answer(answer);
      assert.deepEqual((await host.environment()).python, { path: own, version: '3.98.0' }, String(answer));
    }
    assert.equal(warnings.filter((text) => /did not say which Python/u.test(text)).length, 2);
  });

  it('is not waited for longer than two seconds, and counts from when it is told', async () => {
    const [late, own] = [await interpreter('late'), await interpreter('.venv')];
    let answer = (): void => undefined;
    python.wait(new Promise<void>((done) => (answer = done)));
    python.choose(folder, late);
    const began = Date.now();
    assert.equal((await host.environment()).python?.path, own);
    assert.ok(Date.now() - began < 5_000, `${Date.now() - began} ms`);
    answer();
    const told = async (): Promise<boolean> => (await host.environment()).python?.path === late;
    while (!(await told())) await new Promise((done) => setImmediate(done));
  });
});
