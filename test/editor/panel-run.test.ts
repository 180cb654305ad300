import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as vscode from 'vscode';
import type { DurableEvent } from '../../src/agent/events';
import { promptsOf } from '../../src/agent/folds';
import { Session } from '../../src/agent/session';
import { loadEngineer } from '../../src/engineer';
import { fileStore } from '../../src/host/file-store';
import type { Host } from '../../src/host/host';
import { Archive } from '../../src/vscode/archive';
import { createAsking } from '../../src/vscode/asking';
import { placeOf } from '../../src/vscode/continuing';
import { createEditorHost } from '../../src/vscode/editor-host';
import { Composer } from '../../src/vscode/panel/composer';
import { PanelEffort } from '../../src/vscode/panel/effort';
import { PanelModel } from '../../src/vscode/panel/picking';
import { PanelRuns, type PanelMessage } from '../../src/vscode/panel-run';
import type { Questions } from '../../src/vscode/questions';
import { Sessions } from '../../src/vscode/sessions';
import type { Turns } from '../../src/vscode/turns';
import { memento } from '../support/memento';
import { panelRunning } from '../support/panel-running';
import { turnsModel, type Turn } from '../support/turns';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const root = (): string => vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
const product = resolve(__dirname, '..', '..', '..');

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 2_000) throw new Error('It never came to hold');
    await new Promise((done) => setTimeout(done, 10));
  }
}

describe('messages of the panel', () => {
  let storage = '';
  let terminal = '';
  let host: Host;
  let sessions: Sessions;
  let questions: Questions;
  let runs: PanelRuns;
  let archive: Archive;
  let composer: Composer;
  let turns: Turns;
  let refused: PanelMessage[];
  let requests: () => string[];
  const subscriptions: vscode.Disposable[] = [];

  /** As the extension builds it, with a scripted model, or without a key. */
  function build(script: Turn[] | 'demo-elsewhere'): void {
    const model = script === 'demo-elsewhere' ? script : turnsModel(script);
    requests = () => (model === 'demo-elsewhere' ? [] : model.requests.map(({ messages }) => JSON.stringify(messages)));
    const running = panelRunning({
      ...{ sessions, host: () => host, storage: vscode.Uri.file(storage), model },
      engineer: (on) => loadEngineer({ host: on, places: { product, home: homedir() }, mode: 'ask' }),
    });
    ({ questions, turns } = running);
    runs = new PanelRuns(running);
    runs.seen = true;
    refused = [];
    runs.onDidRefuse((message) => refused.push(message));
    archive = new Archive(running);
    const picked = new PanelModel(memento(), { list: () => [] });
    const shelf = { load: async () => ({ skills: [], droids: [], shadows: [] }) } as unknown as ConstructorParameters<
      typeof Composer
    >[0]['shelf'];
    const effort = new PanelEffort({
      models: { efforts: async () => [] },
      model: picked,
      droid: async () => ({ model: 'inherit' }),
    });
    composer = new Composer({
      ...{ host: () => host, asking: createAsking(), shelf, runs, model: picked, effort },
      ...{ state: memento(), mode: () => 'ask' as const },
    });
    subscriptions.push(runs, archive, composer, questions);
  }

  beforeEach(async () => {
    storage = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-panel-')));
    terminal = join(storage, 'terminal');
    const context = { subscriptions, globalStorageUri: vscode.Uri.file(storage), extensionPath: product };
    host = createEditorHost(context);
    sessions = new Sessions(vscode.Uri.file(storage), [terminal]);
  });
  afterEach(async () => {
    sessions.dispose();
    for (const one of subscriptions.splice(0)) one.dispose();
    for (const name of ['.env', '.agentignore', 'secret-notes.txt', 'from-panel.txt'])
      await rm(join(root(), name), { force: true });
    await rm(storage, { recursive: true, force: true });
  });

  const message = (text: string): PanelMessage => ({ text, references: [] });
  const create = { call: 'Create', input: { file_path: 'from-panel.txt', content: 'x\n' } };
  const prompts = (): string[] => promptsOf(sessions.current?.branch ?? []);

  it('begin a session, are asked for in the panel, steered at the next step, and followed by what waits', async () => {
    build([{ blocks: [create] }, { blocks: [{ text: 'one' }] }, { blocks: [{ text: 'two' }] }]);
    const first = runs.send(message('make it'));
    await until(() => questions.pending.length === 1);
    assert.match(questions.pending[0]?.title ?? '', /from-panel\.txt/u);
    await runs.steer('and briefly');
    assert.deepEqual(runs.said, ['and briefly']);
    await runs.send(message('then this'));
    await runs.send(message('never this'));
    const [, last] = runs.queue;
    assert.equal(runs.unqueue(last?.id ?? '')?.text, 'never this');
    questions.answer(questions.pending[0]?.id ?? '', { choice: 'once' });
    await first;
    await until(() => prompts().length === 3 && !runs.busy);
    assert.deepEqual(prompts(), ['make it', 'and briefly', 'then this']);
    assert.match(requests()[1] ?? '', /tool_result[^]*and briefly/u);
    const froms = sessions.current?.branch.flatMap(({ event }) => (event.type === 'prompt' ? [event.from] : []));
    assert.deepEqual(froms, ['panel', 'panel']);
    assert.equal(turns.last?.session, sessions.current?.id);
  });

  it('stay waiting after a stop, until a person sends them', async () => {
    build([{ hang: true }, { blocks: [{ text: 'now' }] }]);
    const first = runs.send(message('long'));
    await until(() => requests().length === 1);
    await runs.send(message('next'));
    runs.stop();
    await first;
    await new Promise((done) => setImmediate(done));
    assert.deepEqual([runs.busy, runs.queue.map(({ text }) => text)], [false, ['next']]);
    await runs.sendNext();
    assert.deepEqual(prompts(), ['long', 'next']);
    assert.deepEqual(runs.queue, []);
  });

  it('come back where there is no key, with the way to one', async () => {
    build('demo-elsewhere');
    await runs.send(message('work'));
    assert.deepEqual(
      refused.map(({ text }) => text),
      ['work'],
    );
    assert.equal(composer.state.draft.text, 'work');
    assert.deepEqual(
      composer.state.notice.buttons.map(({ id }) => id),
      ['mlEngineer.setApiKey', 'mlEngineer.openDemo'],
    );
    assert.equal(sessions.current, undefined);
  });

  it('attach what was suggested and Read may open, leave out the rest and say so', async () => {
    build([{ blocks: [{ text: 'seen' }] }]);
    await writeFile(join(root(), '.env'), 'KEY=hidden-value\n');
    await writeFile(join(root(), '.agentignore'), 'secret-notes.txt\n');
    await writeFile(join(root(), 'secret-notes.txt'), 'not for it\n');
    await composer.suggest(1, '@', 'secret-no');
    assert.equal(composer.state.suggestions.items.length, 0);
    await composer.suggest(2, '@', 'data.py');
    const [item] = composer.state.suggestions.items;
    assert.equal(item?.text, 'churn/data.py');
    await composer.attach('guessed');
    assert.equal(composer.state.attachments.length, 0);
    await composer.attach(item?.id ?? '');
    composer.attachImage('a.png', PIXEL);
    assert.throws(() => composer.attachImage('b.png', Buffer.from('<svg/>').toString('base64')), /no image/u);
    // Dropped ones: by their addresses, of this workspace alone, and read like any other.
    const dropped = (path: string): string => vscode.Uri.file(join(root(), path)).toString();
    await composer.attachFiles([dropped('churn'), dropped('secret-notes.txt')]);
    assert.deepEqual(
      composer.state.attachments.slice(-2).map(({ label, icon }) => [label, icon]),
      [
        ['churn', 'folder'],
        ['secret-notes.txt', 'file'],
      ],
    );
    for (const outside of ['file:///etc/passwd', 'file://elsewhere/share/x', 'https://example.com/x', 'x'])
      await assert.rejects(composer.attachFiles([outside]), /is no file of this workspace/u);
    await assert.rejects(composer.attachFiles([dropped('missing.py')]), /missing\.py: there is nothing to attach/u);
    const references = composer.take();
    assert.deepEqual(composer.state.attachments, []);
    const secret = { id: 'x', value: vscode.Uri.file(join(root(), '.env')) } as vscode.ChatPromptReference;
    await runs.send({ text: 'look', references: [...references, secret] });
    assert.match(requests()[0] ?? '', /path=\\"churn\/data\.py\\"[^]*"type":"image"/u);
    assert.match(requests()[0] ?? '', /kind=\\"folder\\" path=\\"churn\\"/u);
    assert.doesNotMatch(requests()[0] ?? '', /hidden-value|not for it/u);
    assert.match(runs.notice.lines.join('\n'), /\.env was not attached/u);
  });

  const start = (folder: string): DurableEvent => ({
    type: 'session-start',
    version: 1,
    folders: [folder],
    droid: 'd',
    model: 'm',
    system: 's',
    tools: [],
  });

  it('go on in a session of the terminal where it lies, and in none of another folder', async () => {
    build([{ blocks: [{ text: 'gone on' }] }]);
    for (const [id, folder] of [
      ['t-here', root()],
      ['t-other', '/somewhere/else'],
    ] as const) {
      const session = await Session.open(id, fileStore(join(terminal, id)));
      await session.append(start(folder));
      await session.append({ type: 'prompt', from: 'terminal', text: `begun in ${id}`, attachments: [], notes: [] });
      await session.append({ type: 'run-end', reason: 'done' });
      await session.close();
    }
    await archive.look('');
    assert.deepEqual(
      archive.list.rows.map(({ id, terminal: begun, elsewhere }) => [id, begun, elsewhere]),
      [
        ['t-here', true, ''],
        ['t-other', true, '/somewhere/else'],
      ],
    );
    await assert.rejects(archive.resume('t-other'), /Open that folder/u);
    await assert.rejects(archive.resume('never-listed'), /no longer stored/u);
    await archive.resume('t-here');
    await runs.send(message('go on'));
    const again = await Session.open('t-here', fileStore(join(terminal, 't-here')));
    assert.deepEqual(promptsOf(again.branch), ['begun in t-here', 'go on']);
  });

  it('are listed, forked before one of them, and not deleted while at work', async () => {
    build([{ blocks: [{ text: 'one' }] }, { hang: true }]);
    await runs.send(message('first'));
    const id = sessions.current?.id ?? '';
    const second = runs.send(message('second'));
    await until(() => requests().length === 2);
    await archive.look('');
    await assert.rejects(archive.remove(id), /at work/u);
    runs.stop();
    await second;
    const at = (await archive.prompts(id)).find(({ text }) => text === 'second');
    assert.equal(await archive.fork(id, at?.id), 'second');
    assert.notEqual(sessions.current?.id, id);
    assert.deepEqual(prompts(), ['first']);
    await archive.rename(sessions.current?.id ?? '', 'Mine');
    assert.ok(archive.list.rows.some(({ title, current }) => title === 'Mine' && current));
    await archive.remove(id);
    assert.equal(await sessions.exists(id), false);
    await archive.undoRemove();
    assert.equal(await sessions.exists(id), true);
    assert.match(Buffer.from((await archive.export(id, 'markdown')).bytes).toString(), /first[^]*second/u);
  });

  it('are gone on behind by the chat that began the session, and left where the chat itself went back', async () => {
    build([{ blocks: [{ text: 'of the panel' }] }]);
    const session = await sessions.create();
    await session.append(start(root()));
    await session.append({ type: 'prompt', text: 'of the chat', attachments: [], notes: [] });
    const end = await session.append({ type: 'run-end', reason: 'done' });
    sessions.show(session);
    await runs.send(message('of the panel'));
    const place = { session: session.id, event: end.id };
    const turn = Object.assign(Object.create(vscode.ChatResponseTurn.prototype) as vscode.ChatResponseTurn, {
      result: { metadata: place },
    });
    const placed = await placeOf([turn], 'next', sessions, turns);
    assert.deepEqual([placed.forked, placed.elsewhere], [false, true]);
    assert.deepEqual(promptsOf(placed.session.branch), ['of the chat', 'of the panel']);
    await session.append({ type: 'prompt', text: 'of the chat again', attachments: [], notes: [] });
    const back = await placeOf([turn], 'next', sessions, turns);
    assert.deepEqual([back.forked, back.elsewhere], [true, undefined]);
  });
});
