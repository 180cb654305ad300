import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as vscode from 'vscode';
import { runAgent } from '../../src/agent/loop';
import type { Session } from '../../src/agent/session';
import { loadEngineer, type Engineer } from '../../src/engineer';
import type { Host } from '../../src/host/host';
import { createEditorHost } from '../../src/vscode/editor-host';
import { diskFolders, virtualNotice } from '../../src/vscode/folders';
import type { Log } from '../../src/vscode/log';
import { Permissions } from '../../src/vscode/permissions';
import { attach } from '../../src/vscode/references';
import { Sessions } from '../../src/vscode/sessions';
import { Turns } from '../../src/vscode/turns';
import { undoTurn } from '../../src/vscode/undoing';
import { memento } from '../support/memento';
import { turnsModel } from '../support/turns';

const product = resolve(__dirname, '..', '..', '..');
const SCHEME = 'ml-engineer-test-memory';

/** One file in one folder, served from no disk. */
function memoryFiles(text: string): vscode.FileSystemProvider {
  const isFile = ({ path }: vscode.Uri): boolean => path.endsWith('.txt');
  const readonly = (): never => {
    throw vscode.FileSystemError.NoPermissions();
  };
  return {
    onDidChangeFile: new vscode.EventEmitter<vscode.FileChangeEvent[]>().event,
    watch: () => new vscode.Disposable(() => undefined),
    stat: (uri) => ({
      type: isFile(uri) ? vscode.FileType.File : vscode.FileType.Directory,
      ctime: 0,
      mtime: 0,
      size: 0,
    }),
    readDirectory: () => [['note.txt', vscode.FileType.File]],
    readFile: () => Buffer.from(text),
    ...{ createDirectory: readonly, writeFile: readonly, delete: readonly, rename: readonly },
  };
}

describe('a window of several folders', function () {
  this.timeout(60_000);
  const subscriptions: vscode.Disposable[] = [];
  let home = '';
  let second = '';
  let host: Host;
  let sessions: Sessions;
  const first = (): string => vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const isThere = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  const put = async (path: string, content: string): Promise<void> => {
    await mkdir(join(second, path, '..'), { recursive: true });
    await writeFile(join(second, path), content);
  };
  /** Folders after the first come and go without a restart. */
  const replaceRest = async (...uris: vscode.Uri[]): Promise<void> => {
    const old = (vscode.workspace.workspaceFolders?.length ?? 1) - 1;
    if (old === 0 && uris.length === 0) return;
    const changed = new Promise((done) => {
      const listener = vscode.workspace.onDidChangeWorkspaceFolders(() => {
        listener.dispose();
        done(undefined);
      });
    });
    assert.ok(vscode.workspace.updateWorkspaceFolders(1, old, ...uris.map((uri) => ({ uri }))));
    await changed;
  };

  before(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-folders-')));
    second = join(home, 'churn');
    await put('app.py', 'PORT = 80\n');
    await put('AGENTS.md', 'Serve with care.\n');
    await put('.agentignore', 'private/\n');
    await put('private/keys.txt', 'hidden');
    await put('.factory/settings.json', JSON.stringify({ permissions: { deny: ['Execute(docker *)'] } }));
    await put('.factory/skills/serving/SKILL.md', '---\nname: serving\ndescription: Use when serving\n---\nServe.\n');
    await replaceRest(vscode.Uri.file(second));
    const storage = vscode.Uri.file(join(home, 'storage'));
    host = createEditorHost({ subscriptions, globalStorageUri: storage, extensionPath: product });
    sessions = new Sessions(storage);
  });
  after(async () => {
    await replaceRest();
    sessions.dispose();
    for (const one of subscriptions.splice(0)) one.dispose();
    await rm(join(first(), 'notes.md'), { force: true });
    await rm(home, { recursive: true, force: true });
  });

  async function work(calls: [string, object][]): Promise<{ session: Session; results: string[]; engineer: Engineer }> {
    const permissions = new Permissions({ workspaceState: memento(), globalState: memento() } as never);
    await permissions.project.load(host.folders);
    const engineer = await loadEngineer({ host, places: { product, home: homedir() }, mode: 'acceptEdits' });
    const session = await sessions.create();
    const blocks = calls.map(([call, input]) => ({ blocks: [{ call, input }] }));
    const run = runAgent({
      ...{ session, head: engineer.head, tools: engineer.tools, host, limits: { turns: 30, costUsd: 1 } },
      model: turnsModel([...blocks, { blocks: [{ text: 'Done.' }] }]),
      prompt: await engineer.prompt({ text: 'work on both', branch: [] }),
      policy: () => ({ ...permissions.policy('acceptEdits', session.id), mode: 'acceptEdits' }),
      ask: async () => ({ decision: 'allow', by: 'user', reason: 'as the test says' }),
      signal: new AbortController().signal,
    });
    for await (const event of run) sessions.tell(session, event);
    const results = session.branch.flatMap(({ event }) =>
      event.type === 'tool-end' && typeof event.content === 'string' ? [event.content] : [],
    );
    return { session, results, engineer };
  }

  it('folder-two: is worked on in all of them, each under a name of its own, and undone in all of them', async () => {
    assert.deepEqual(
      host.folders.map(({ name }) => name),
      ['churn', 'churn-2'],
    );
    const { session, results, engineer } = await work([
      ['Create', { file_path: 'churn/notes.md', content: 'first\n' }],
      ['Create', { file_path: 'churn-2/notes.md', content: 'second\n' }],
      ['Read', { file_path: 'churn-2/app.py' }],
      ['Edit', { file_path: join(second, 'app.py'), old_str: '80', new_str: '8080' }],
      ['Glob', { patterns: ['**/app.py', '**/split.py'] }],
      ['Grep', { pattern: 'PORT', output_mode: 'content' }],
      ['Execute', { command: 'cat app.py', cwd: 'churn-2' }],
      ['Execute', { command: 'docker ps', cwd: 'churn-2' }],
      ['Read', { file_path: 'churn-2/private/keys.txt' }],
      ['Skill', { skill: 'serving' }],
    ]);
    const [made, madeToo, read, edited, globbed, grepped, ran, denied, ignored, skill] = results;
    assert.match(`${made}\n${madeToo}`, /churn\/notes\.md[^]*churn-2\/notes\.md/u);
    assert.match(`${read}\n${edited}`, /PORT = 80[^]*churn-2\/app\.py/u);
    assert.match(globbed ?? '', /churn-2\/app\.py/u);
    assert.match(grepped ?? '', /churn-2\/app\.py/u);
    assert.match(ran ?? '', /PORT = 8080/u);
    assert.match(denied ?? '', /denied by the rule Execute\(docker \*\)/u);
    assert.match(ignored ?? '', /private\/.*\.agentignore|\.agentignore.*private\//u);
    assert.match(skill ?? '', /Serve\./u);
    assert.match(engineer.head.system, /Serve with care\./u);
    assert.equal(await readFile(join(second, 'notes.md'), 'utf8'), 'second\n');
    const undoing = { sessions, turns: new Turns(memento()), host: () => host, log: {} as Log };
    await undoTurn(undoing, { session: session.id, event: session.leaf ?? '' });
    assert.equal(await readFile(join(second, 'app.py'), 'utf8'), 'PORT = 80\n');
    for (const folder of [first(), second]) assert.equal(await isThere(join(folder, 'notes.md')), false);
  });

  it('folder-virtual: leaves alone what is on no disk, says so, and reads what is attached of it', async () => {
    const provider = vscode.workspace.registerFileSystemProvider(SCHEME, memoryFiles('from no disk'), {
      isReadonly: true,
    });
    const root = vscode.Uri.from({ scheme: SCHEME, path: '/remote-repo' });
    try {
      await replaceRest(vscode.Uri.file(second), root);
      assert.equal(host.folders.length, 2);
      assert.match(virtualNotice() ?? '', /^Not on a disk[^]*remote-repo \(ml-engineer-test-memory:\)/u);
      const { results, session, engineer } = await work([
        ['Read', { file_path: 'remote-repo/note.txt' }],
        ['Create', { file_path: `${root.toString()}/made.txt`, content: 'x' }],
        ['Glob', { patterns: ['**/note.txt'] }],
      ]);
      assert.match(results[0] ?? '', /There is no/u);
      assert.doesNotMatch(results.join('\n'), /from no disk/u);
      const reference = { id: 'x', value: vscode.Uri.joinPath(root, 'note.txt') } as vscode.ChatPromptReference;
      const policy = { mode: 'ask', trusted: true, allow: [], ask: [], deny: [] } as const;
      const attaching = {
        host,
        session,
        tools: engineer.tools,
        skills: [],
        policy,
        signal: new AbortController().signal,
      };
      const { blocks, problems } = await attach([reference], attaching);
      assert.deepEqual(problems, []);
      assert.match(JSON.stringify(blocks), /from no disk/u);
    } finally {
      await replaceRest(vscode.Uri.file(second));
      provider.dispose();
      await rm(join(first(), `${SCHEME}:`), { recursive: true, force: true });
    }
  });

  it('is told what to do where none of them is on a disk', () => {
    const uri = vscode.Uri.from({ scheme: 'vscode-vfs', authority: 'github', path: '/octo/repo' });
    const only = [{ name: 'repo', uri }];
    assert.deepEqual(diskFolders(only), []);
    assert.match(
      virtualNotice(only) ?? '',
      /^ML Engineer works on files that lie on a disk[^]*only repo \(vscode-vfs:\)\. Clone/u,
    );
    assert.equal(virtualNotice([]), undefined);
  });
});
