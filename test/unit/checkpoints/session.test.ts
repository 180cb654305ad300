import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { checkpointsOf, type Checkpoints, type Taken } from '../../../src/agent/checkpoints';
import type { AgentEvent } from '../../../src/agent/events';
import { changesOf, promptsOf } from '../../../src/agent/folds';
import { runAgent } from '../../../src/agent/loop';
import { undoNotes } from '../../../src/agent/prompt';
import { lastRestore, restorePoints } from '../../../src/agent/restore-points';
import { Session } from '../../../src/agent/session';
import { hashOf, memoryStore, type Store } from '../../../src/agent/store';
import { defineTool, toolSchema, type Tool } from '../../../src/agent/tool';
import { DEFAULT_CHECKPOINTS } from '../../../src/checkpoints/bounds';
import { editsBetween, restoreInSession, undoRestore } from '../../../src/checkpoints/session-restore';
import type { Files } from '../../../src/agent/undo';
import { CheckpointStore } from '../../../src/checkpoints/store';
import { turnsModel, type Turn } from '../../support/turns';

type NoHost = Record<string, never>;
const input = z.object({ name: z.string(), text: z.string() });

describe('the checkpoints of a session', () => {
  let top: string;
  let folder: string;
  let store: CheckpointStore;
  let journal: Store;
  let session: Session;
  beforeEach(async () => {
    top = realpathSync(mkdtempSync(join(tmpdir(), 'ml-engineer-checkpoints-')));
    folder = join(top, 'work');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a'), 'first');
    store = new CheckpointStore({
      ...{ storage: join(top, 'storage'), folders: () => [folder], settings: () => DEFAULT_CHECKPOINTS },
    });
    journal = memoryStore();
    session = await Session.open('s', journal);
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  /** Through the journal, as an edit; or past it, as a command. */
  const writer = (name: string, effect: 'edit' | 'execute'): Tool<NoHost> =>
    defineTool<NoHost, typeof input>({
      ...{ name, description: '', input, reads: false, title: (given) => given.name },
      action: (given) =>
        effect === 'edit'
          ? { effect, paths: [{ path: join(folder, given.name), shown: given.name, inside: true }] }
          : { effect: 'network', url: 'https://a.b', host: 'a.b' },
      async run(given, context) {
        const path = join(folder, given.name);
        const write = async (): Promise<void> => writeFileSync(path, given.text);
        const before = existsSync(path) ? readFileSync(path) : null;
        if (effect === 'edit') await context.change({ path, before, after: Buffer.from(given.text) }, write);
        else await write();
        return { content: 'done' };
      },
    });
  const tools = [writer('Edit', 'edit'), writer('Run', 'execute')];
  const says = (call: string, name: string, text: string): Turn => ({ blocks: [{ call, input: { name, text } }] });
  const done: Turn = { blocks: [{ text: 'done' }] };

  async function run(
    turns: Turn[],
    checkpoints: Checkpoints,
    signal = new AbortController().signal,
  ): Promise<AgentEvent[]> {
    const events: AgentEvent[] = [];
    const stream = runAgent<NoHost>({
      ...{ session, tools, host: {}, signal, checkpoints, limits: { turns: 10, costUsd: 1 }, model: turnsModel(turns) },
      head: { folders: [folder], droid: 'd', system: '', tools: tools.map(toolSchema) },
      prompt: { text: `do ${turns.length}`, attachments: [], notes: [] },
      policy: () => ({ mode: 'acceptEdits', trusted: true, allow: [], ask: [], deny: [] }),
      ask: async () => ({ decision: 'allow', by: 'user', reason: '' }),
    });
    for await (const event of stream) events.push(event);
    return events;
  }

  const files: Files = {
    read: async (path) => (existsSync(path) ? readFileSync(path) : undefined),
    write: async (path, bytes) => (bytes === null ? rmSync(path) : writeFileSync(path, bytes)),
  };
  const text = (name: string): string | undefined =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined;

  it('are made for each message and for each step that changed something, by edits or not', async () => {
    await run([says('Edit', 'a', 'second'), says('Run', 'b', 'made'), says('Run', 'b', 'made'), done], store);
    const made = checkpointsOf(session.branch);
    assert.deepEqual(
      made.map(({ why, prompt }) => [why, prompt]),
      [
        ['prompt', 'do 4'],
        ['step', 'do 4'],
        ['step', 'do 4'],
      ],
    );
    const texts = await Promise.all(
      made.map(async ({ folders }) => [
        (await store.content(folders[0]!, 'a'))?.toString(),
        (await store.content(folders[0]!, 'b'))?.toString(),
      ]),
    );
    assert.deepEqual(texts, [
      ['first', undefined],
      ['second', undefined],
      ['second', 'made'],
    ]);
    await run([done], store);
    assert.deepEqual(checkpointsOf(session.branch).at(-1)?.why, 'prompt');
  });

  it('are complete before the first call that may change something, and hold up nothing else', async () => {
    let finish: (taken: Taken) => void = () => undefined;
    let isAsked = false;
    const slow: Checkpoints = {
      take: () => new Promise((settle) => ((finish = settle), (isAsked = true))),
    };
    const running = run([says('Edit', 'a', 'second'), done], slow);
    while (!session.branch.some(({ event }) => event.type === 'tool-decision')) await new Promise(setImmediate);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    assert.ok(isAsked);
    assert.equal(text('a'), 'first');
    const finishing = setInterval(() => finish({ folders: [{ folder, commit: 'c' }], notes: ['mind this'] }), 1);
    const events = await running;
    clearInterval(finishing);
    assert.equal(text('a'), 'second');
    const order = session.branch
      .map(({ event }) => event.type)
      .filter((type) => ['checkpoint', 'change'].includes(type));
    assert.deepEqual(order, ['checkpoint', 'change']);
    assert.ok(events.some((event) => event.type === 'warning' && event.message === 'mind this'));
  });

  it('do not keep a run from being stopped', async () => {
    const stop = new AbortController();
    const running = run([says('Edit', 'a', 'second'), done], { take: () => new Promise(() => undefined) }, stop.signal);
    while (!session.branch.some(({ event }) => event.type === 'tool-decision')) await new Promise(setImmediate);
    stop.abort();
    await running;
    assert.deepEqual(session.branch.at(-1)?.event, { type: 'run-end', reason: 'stopped' });
    assert.equal(text('a'), 'first');
  });

  it('bring back files, conversation or both, and what was brought back can be undone', async () => {
    await run([says('Edit', 'a', 'second'), done], store);
    await run([says('Edit', 'a', 'third'), says('Run', 'b', 'made'), done], store);
    const second = restorePoints(session.branch).find(({ why, prompt }) => why === 'prompt' && prompt === 'do 3')!;

    await restoreInSession({ store, files }, session, second, 'files');
    assert.deepEqual([text('a'), text('b'), promptsOf(session.branch).length], ['second', undefined, 2]);
    assert.deepEqual(
      changesOf(session.branch).map(({ after }) => after),
      [hashOf(Buffer.from('second'))],
    );
    assert.match(
      undoNotes(session.branch, (path) => path).join('\n'),
      /put back these files[\s\S]*earlier checkpoint/u,
    );

    const undoing = restorePoints(session.branch).at(-1)!;
    assert.equal(undoing.why, 'restore');
    await restoreInSession({ store, files }, session, undoing, 'files');
    assert.deepEqual([text('a'), text('b')], ['third', 'made']);

    await restoreInSession({ store, files }, session, second, 'both');
    assert.deepEqual([text('a'), text('b'), promptsOf(session.branch)], ['second', undefined, ['do 2']]);
    const again = await Session.open('s', journal);
    assert.deepEqual(promptsOf(again.branch), ['do 2'], 'the branch is the one that is gone on with after a reload');
    await run([done], store);
    assert.deepEqual(promptsOf(session.branch), ['do 2', 'do 1']);
  });

  it('are taken back by undo: files, conversation and both, once, and not after the next message', async () => {
    const ways = { store, files };
    await run([says('Edit', 'a', 'second'), done], store);
    await run([says('Edit', 'a', 'third'), says('Run', 'b', 'made'), done], store);
    const second = restorePoints(session.branch).find(({ why, prompt }) => why === 'prompt' && prompt === 'do 3')!;
    for (const what of ['files', 'conversation', 'both'] as const) {
      const files0 = [text('a'), text('b')];
      await restoreInSession(ways, session, second, what);
      assert.equal(promptsOf(session.branch).length, what === 'files' ? 2 : 1);
      assert.equal(text('a'), what === 'conversation' ? 'third' : 'second');
      session = await Session.open('s', journal);
      assert.equal(lastRestore(session.branch)?.restored.what, what, 'it is known after a reload');
      await undoRestore(ways, session);
      assert.deepEqual([text('a'), text('b'), promptsOf(session.branch)], [...files0, ['do 2', 'do 3']]);
      assert.deepEqual(
        changesOf(session.branch).map(({ after }) => after),
        [hashOf(Buffer.from('third'))],
      );
      await assert.rejects(undoRestore(ways, session), /no restore to take back/u);
      session = await Session.open('s', journal);
      assert.deepEqual(promptsOf(session.branch), ['do 2', 'do 3']);
    }
    await restoreInSession(ways, session, second, 'both');
    await run([done], store);
    await assert.rejects(undoRestore(ways, session), /the session went on/u);
  });

  it('take edits back where nothing else was kept, name those they cannot, and that is undone too', async () => {
    const none: Checkpoints = { take: async () => ({ folders: [], notes: ['no git'] }) };
    const ways = { store, files };
    await run([says('Edit', 'a', 'second'), says('Edit', 'c', 'new'), done], none);
    await run([says('Edit', 'a', 'third'), says('Run', 'b', 'made'), done], none);
    const points = restorePoints(session.branch);
    assert.deepEqual(
      points.map(({ why, words }) => [why, words]),
      [
        ['prompt', 'do 3'],
        ['step', 'a'],
        ['step', 'c'],
        ['prompt', 'do 3'],
        ['step', 'a'],
      ],
    );
    const since = editsBetween(session, points[1]!, points[3]).map(({ path }) => path);
    assert.deepEqual(since, [join(folder, 'c')]);
    const back = await restoreInSession(ways, session, points[1]!, 'both');
    assert.deepEqual([text('a'), text('b'), text('c')], ['second', 'made', undefined]);
    assert.deepEqual(back.files.sort(), [join(folder, 'a'), join(folder, 'c')]);
    assert.deepEqual(promptsOf(session.branch), ['do 3']);
    await undoRestore(ways, session);
    assert.deepEqual([text('a'), text('c'), promptsOf(session.branch).length], ['third', 'new', 2]);

    writeFileSync(join(folder, 'a'), 'my own');
    const some = await restoreInSession(ways, session, points[0]!, 'both');
    assert.deepEqual(
      some.failed.map(({ path }) => path),
      [join(folder, 'a')],
    );
    assert.deepEqual([text('a'), text('c'), promptsOf(session.branch).length], ['my own', undefined, 2]);
  });

  it('that wait for the first change cost a question nothing, and its message is still a place to go back to', async () => {
    let takes = 0;
    const lazy: Checkpoints = { lazy: true, take: () => (takes++, store.take()) };
    await run([done], lazy);
    assert.equal(takes, 0);
    await run([says('Edit', 'a', 'second'), done], lazy);
    assert.equal(takes, 2);
    const points = restorePoints(session.branch);
    assert.deepEqual(
      points.map(({ why, words }) => [why, words]),
      [
        ['prompt', 'do 1'],
        ['prompt', 'do 2'],
        ['step', 'a'],
      ],
    );
    assert.deepEqual(points[0]!.folders, points[1]!.folders, 'nothing was edited between them');
    await restoreInSession({ store, files }, session, points[0]!, 'both');
    assert.deepEqual([text('a'), promptsOf(session.branch)], ['first', []]);
  });

  it('that were pruned are named as gone, and nothing is put back', async () => {
    await run([says('Edit', 'a', 'second'), done], store);
    const [first] = restorePoints(session.branch);
    const gone = { ...first!, folders: [{ folder, commit: '0'.repeat(40) }] };
    const { failed } = await restoreInSession({ store, files }, session, gone, 'both');
    assert.match(failed[0]!.why, /no longer stored/u);
    assert.deepEqual([text('a'), promptsOf(session.branch).length], ['second', 1]);
  });
});
