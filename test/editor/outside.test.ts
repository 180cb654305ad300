import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as vscode from 'vscode';
import type { AskRequest } from '../../src/agent/calls';
import { loadEngineer } from '../../src/engineer';
import type { Host } from '../../src/host/host';
import { ConfirmTool } from '../../src/vscode/confirm-tool';
import { createEditorHost } from '../../src/vscode/editor-host';
import type { Log } from '../../src/vscode/log';
import { OutsideCalls, type OutsideCall } from '../../src/vscode/outside-calls';
import { createGuards } from '../../src/vscode/guards';
import { Permissions } from '../../src/vscode/permissions';
import { Sessions } from '../../src/vscode/sessions';
import { startAnthropicServer, type AnthropicServer, type ScriptedTurn } from '../support/anthropic-server';
import { memento } from '../support/memento';

/** As any other agent or extension calls a tool it found in `vscode.lm.tools`. */
async function invoke(tool: string, input: object, token?: vscode.CancellationToken): Promise<string> {
  const result = await vscode.lm.invokeTool(tool, { input, toolInvocationToken: undefined }, token);
  return result.content
    .flatMap((part) => (part instanceof vscode.LanguageModelTextPart ? [part.value] : []))
    .join('\n');
}

const root = (): string => vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

describe('a call of our tools by another agent', () => {
  let storage = '';
  let host: Host;
  let sessions: Sessions;
  let asked: AskRequest[];
  let outside: OutsideCalls;
  const subscriptions: vscode.Disposable[] = [];
  const product = resolve(__dirname, '..', '..', '..');

  /** The same as the extension builds, with a person who answers at once. */
  function build(decision: 'allow' | 'deny'): OutsideCalls {
    const permissions = new Permissions({
      workspaceState: memento(),
      globalState: memento(),
    } as unknown as vscode.ExtensionContext);
    asked = [];
    return new OutsideCalls({
      ...{ sessions, permissions, confirm: new ConfirmTool(), log: { warn: () => undefined } as unknown as Log },
      guards: createGuards({ globalStorageUri: vscode.Uri.file(storage) }, () => host.folders, permissions.project),
      keysInUse: async () => [],
      closing: new AbortController().signal,
      host: () => host,
      engineer: (on) => loadEngineer({ host: on, places: { product, home: homedir() }, mode: 'ask' }),
      askFor: () => async (request) => {
        asked.push(request);
        return { decision, by: 'user', reason: 'as the test says' };
      },
    });
  }
  const call = (tool: string, input: object, signal = new AbortController().signal): Promise<string> =>
    outside.run({ tool, input, token: undefined, signal } satisfies OutsideCall);

  beforeEach(async () => {
    storage = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-outside-')));
    const context = { subscriptions, globalStorageUri: vscode.Uri.file(storage), extensionPath: product };
    host = createEditorHost(context);
    sessions = new Sessions(vscode.Uri.file(storage));
    outside = build('allow');
  });
  afterEach(async () => {
    sessions.dispose();
    for (const one of subscriptions.splice(0)) one.dispose();
    for (const name of ['made.txt', '.env', 'made-by-a-stranger']) await rm(join(root(), name), { force: true });
    await rm(storage, { recursive: true, force: true });
  });

  it('that reads inside the workspace is answered', async () => {
    assert.match(await invoke('ml-engineer_read', { file_path: 'README.md' }), /^1\t|^ *1\t/mu);
    assert.match(await invoke('ml-engineer_read', { file: 'README.md' }), /The input does not fit Read/u);
  });

  it('that changes, runs or opens a secret does nothing while no person answers', async () => {
    await writeFile(join(root(), '.env'), 'KEY=hidden');
    // No dialog can be answered here: the editor refuses to show one under test.
    for (const [tool, input] of [
      ['execute', { command: 'touch made-by-a-stranger' }],
      ['create', { file_path: 'made-by-a-stranger', content: '' }],
      ['read', { file_path: '.env' }],
      ['execute', { command: 'cat .env' }],
    ] as const)
      assert.doesNotMatch(await invoke(`ml-engineer_${tool}`, input), /hidden|^Created|^Exit code/u);
    assert.equal(await isThere(join(root(), 'made-by-a-stranger')), false);
  });

  it('is asked for on its own, each time, and journalled in one session made for such calls', async () => {
    assert.match(await call('Create', { file_path: 'made.txt', content: 'one\n' }), /^Created made\.txt/u);
    assert.match(await call('Edit', { file_path: 'made.txt', old_str: 'one', new_str: 'two' }), /^Edited made\.txt/u);
    assert.equal(await readFile(join(root(), 'made.txt'), 'utf8'), 'two\n');
    assert.deepEqual(
      asked.map(({ tool }) => tool),
      ['Create', 'Edit'],
    );
    const session = sessions.current;
    const events = session?.entries.map(({ event }) => event) ?? [];
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'tool-decision' ? [event.by] : [])),
      ['user', 'user'],
    );
    assert.equal(events.filter(({ type }) => type === 'session-start').length, 1);
    assert.equal(events.filter(({ type }) => type === 'change').length, 2);
    assert.equal(events.at(-1)?.type, 'run-end');
  });

  it('that a person declines is not run, and one of the block list is not even asked for', async () => {
    outside = build('deny');
    assert.match(await call('Execute', { command: 'touch made.txt' }), /^Declined: as the test says/u);
    assert.equal(await isThere(join(root(), 'made.txt')), false);
    assert.equal(asked.length, 1);
    assert.match(await call('Execute', { command: 'rm -rf /' }), /^Not allowed: runs in no mode/u);
    assert.match(await call('Nonsense', {}), /^There is no tool Nonsense/u);
    assert.equal(asked.length, 1);
  });

  it('in mode auto still asks for the code of files: what else the caller wrote is not known', async () => {
    const mode = vscode.workspace.getConfiguration('mlEngineer');
    await mode.update('permissionMode', 'auto', vscode.ConfigurationTarget.Global);
    try {
      outside = build('deny');
      assert.match(await call('Execute', { command: 'python3 -m unittest' }), /^Declined/u);
      assert.match(await call('Execute', { command: 'ls' }), /^Exit code 0/u);
      assert.equal(asked.length, 1);
    } finally {
      await mode.update('permissionMode', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('ends with the token of whoever made it', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 500);
    const began = Date.now();
    await assert.rejects(call('Execute', { command: 'sleep 60' }, stop.signal));
    assert.ok(Date.now() - began < 10_000, `${Date.now() - began} ms`);
  });
});

describe('a whole question handed over by another agent', () => {
  const ENVIRONMENT = ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_MODEL'];
  const kept = Object.fromEntries(ENVIRONMENT.map((name) => [name, process.env[name]]));
  let server: AnthropicServer;
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('mlEngineer');
  const set = (name: string, value: unknown): Thenable<void> =>
    settings().update(name, value, vscode.ConfigurationTarget.Global);

  async function serve(turns: ScriptedTurn[]): Promise<void> {
    server = await startAnthropicServer({ apiKey: 'test-key', turns });
    process.env['ANTHROPIC_API_KEY'] = 'test-key';
    process.env['ANTHROPIC_BASE_URL'] = server.url;
    process.env['ANTHROPIC_MODEL'] = 'claude-opus-5-5';
    await set('baseUrl', server.url);
  }
  beforeEach(() => {
    for (const name of ENVIRONMENT) delete process.env[name];
  });
  afterEach(async () => {
    for (const name of ENVIRONMENT) delete process.env[name];
    for (const [name, value] of Object.entries(kept)) if (value !== undefined) process.env[name] = value;
    for (const name of ['baseUrl', 'permissionMode', 'maxTurns']) await set(name, undefined);
    await server.stop();
    await rm(join(root(), 'notes'), { recursive: true, force: true });
  });
  const lastMessage = (): string => JSON.stringify((server.requests.at(-1)?.body as { messages: unknown[] }).messages);

  it('is worked on with our tools and rules, and its answer says what was changed', async () => {
    await serve([
      { content: [{ type: 'tool_use', name: 'Create', input: { file_path: 'notes/why.md', content: 'A leak.\n' } }] },
      { content: [{ type: 'tool_use', name: 'Execute', input: { command: 'touch notes/unasked' } }] },
      { content: [{ type: 'text', text: 'The split leaks.' }] },
    ]);
    await set('permissionMode', 'acceptEdits');
    const answer = await invoke('ml-engineer_ask', { question: 'Why is the score so good?', context: 'AUC is 0.99' });
    assert.match(answer, /^The split leaks\.\n\nChanged files:\n- notes\/why\.md \(created\)\n\n\(3 model turns, \$/u);
    assert.match(lastMessage(), /comes from another agent.*AUC is 0\.99|AUC is 0\.99.*comes from another agent/u);
    assert.equal(await isThere(join(root(), 'notes', 'unasked')), false);
    assert.deepEqual(server.refusals, []);
  });

  it('ends at the limits of the settings, and with the token of whoever asked', async () => {
    const read = { content: [{ type: 'tool_use' as const, name: 'LS', input: {} }] };
    await serve([read, read, { content: [{ type: 'text', text: 'slow' }], hang: true }]);
    await set('maxTurns', 1);
    assert.match(
      await invoke('ml-engineer_ask', { question: 'Look around.' }),
      /was stopped at the limit of 1 turn that this message may take/u,
    );
    await set('maxTurns', undefined);
    const stop = new vscode.CancellationTokenSource();
    setTimeout(() => stop.cancel(), 1_000);
    const began = Date.now();
    await assert.rejects(invoke('ml-engineer_ask', { question: 'Look again.' }, stop.token));
    assert.ok(Date.now() - began < 15_000, `${Date.now() - began} ms`);
  });

  it('is answered by another vendor without a key of ours, and not at all without a question', async () => {
    interface StandIn {
      answer(next: (asked: { progress: vscode.Progress<unknown>; vscode: typeof vscode }) => Promise<void>): void;
    }
    const models = vscode.extensions.getExtension<{ standIn: StandIn }>('another-vendor.stand-in-models');
    const { standIn } = (await models?.activate()) ?? assert.fail('the stand-in is installed beside the tests');
    standIn.answer(async ({ progress, vscode: theirs }) =>
      progress.report(new theirs.LanguageModelTextPart('I do, from elsewhere.')),
    );
    await serve([]);
    assert.match(await invoke('ml-engineer_ask', { question: '  ' }), /^Not asked\./u);
    delete process.env['ANTHROPIC_API_KEY'];
    const answer = await invoke('ml-engineer_ask', { question: 'Who answers?' });
    assert.equal(answer, 'I do, from elsewhere.\n\nIt changed no files.\n\n(1 model turns, price unknown)');
    assert.equal(server.requests.length, 0);
  });
});
