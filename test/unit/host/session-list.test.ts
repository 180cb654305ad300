import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DurableEvent } from '../../../src/agent/events';
import { Session } from '../../../src/agent/session';
import { fileStore } from '../../../src/host/file-store';
import { editorSessions, findSession, tellTerminal } from '../../../src/host/session-folders';
import { listSessions, nameSession, type SessionHeadLine } from '../../../src/host/session-list';
import { forkSession, moveAside, moveBack, purgeRemoved, REMOVED, REMOVED_MS } from '../../../src/host/session-moves';

const start = (some: object = {}): DurableEvent => ({
  type: 'session-start',
  version: 1,
  folders: ['/w'],
  droid: 'd',
  model: 'm',
  system: 's',
  tools: [],
  ...some,
});
const prompt = (text: string): DurableEvent => ({ type: 'prompt', text, attachments: [], notes: [] });

describe('the sessions of a folder', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ml-engineer-sessions-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function make(id: string, ...events: DurableEvent[]): Promise<Session> {
    const session = await Session.open(id, fileStore(join(folder, id)));
    for (const event of events) await session.append(event);
    await session.close();
    return session;
  }
  const titles = async (heads = new Map<string, SessionHeadLine>()): Promise<string[]> =>
    (await listSessions(folder, heads)).map(({ title }) => title);

  it('are listed newest first by their first line, without subagents, calls from elsewhere and what is no session', async () => {
    await make('old', start(), prompt('first "quoted" \u00e9\nmore'), prompt('second'));
    await make('new', start(), prompt('later'));
    await make('new-agent-1', start({ parent: { session: 'new', call: 'c' } }), prompt('aside'));
    await make('sub', start({ parent: { session: 'new', call: 'c' } }), prompt('aside'));
    await make('outside', start({ model: 'none' }), prompt('aside'));
    await mkdir(join(folder, 'empty'));
    await mkdir(join(folder, 'torn'));
    await writeFile(join(folder, 'torn', 'journal.jsonl'), '{"id":"e1","par');
    await writeFile(join(folder, 'heads.json'), '{broken');
    await utimes(join(folder, 'old', 'journal.jsonl'), new Date(0), new Date(1_000));
    assert.deepEqual(await titles(), ['later', 'first "quoted" \u00e9']);
    const [, old] = await listSessions(folder, new Map());
    assert.deepEqual([old?.usedAt, old?.droid, old?.folders], [1_000, 'd', ['/w']]);
  });

  it('give their title although what was attached to the first message is megabytes', async () => {
    const huge = { type: 'text' as const, text: 'x'.repeat(3_000_000) };
    await make('big', start({ system: 'é'.repeat(100_000) }), { ...prompt('t'), attachments: [huge] } as DurableEvent);
    assert.deepEqual(await titles(), ['t']);
  });

  it('are read once: what is known from before is not opened again', async () => {
    await make('a', start(), prompt('as it was'));
    assert.deepEqual(await titles(), ['as it was']);
    await writeFile(join(folder, 'a', 'journal.jsonl'), 'nothing of use\n');
    assert.deepEqual(await titles(), ['as it was'], 'also by another window');
  });

  it('get a title with their first message', async () => {
    const heads = new Map<string, SessionHeadLine>();
    const session = await make('a', start());
    assert.deepEqual(await titles(heads), ['']);
    await session.append(prompt('now'));
    await session.close();
    assert.deepEqual(await titles(heads), ['now']);
  });

  it('are called as a person named them, until the name is taken back', async () => {
    await make('a', start(), prompt('as it was'));
    await nameSession(join(folder, 'a'), '  Churn\nsecond line ');
    assert.deepEqual(await titles(), ['Churn']);
    await nameSession(join(folder, 'a'), ' ');
    await nameSession(join(folder, 'a'), '');
    assert.deepEqual(await titles(), ['as it was']);
  });

  it('move aside with their subagents and come back, and go for good a day later', async () => {
    await make('a', start(), prompt('x'));
    await make('a-agent-1', start(), prompt('x'));
    await make('ab', start(), prompt('other'));
    await moveAside(join(folder, 'a'));
    assert.deepEqual(await titles(), ['other']);
    assert.deepEqual((await readdir(join(folder, REMOVED))).sort(), ['a', 'a-agent-1']);
    await purgeRemoved(folder);
    await moveBack(join(folder, 'a'));
    assert.deepEqual((await titles()).sort(), ['other', 'x']);
    assert.ok(await stat(join(folder, 'a-agent-1')));
    await moveAside(join(folder, 'a'));
    await purgeRemoved(folder, Date.now() + 2 * REMOVED_MS);
    await assert.rejects(moveBack(join(folder, 'a')), /no longer there/u);
  });

  it('stay where they are while somebody works on them', async () => {
    const session = await make('a', start(), prompt('x'));
    const release = await session.hold();
    await assert.rejects(moveAside(join(folder, 'a')), /at work/u);
    await release();
    await moveAside(join(folder, 'a'));
    assert.deepEqual(await titles(), []);
  });

  it('fork into one of its own, which the first does not see change', async () => {
    const session = await make('a', start(), prompt('one'), prompt('two'));
    const hash = await session.store.putBlob(Buffer.from('image'));
    await session.store.keep('out.txt', 'long');
    const branch = session.branch.slice(0, 2);
    await forkSession(join(folder, 'a'), branch, join(folder, 'b'));
    const fork = await Session.open('b', fileStore(join(folder, 'b')));
    assert.deepEqual(fork.branch.slice(1), branch.slice(1));
    const [head] = fork.branch;
    assert.deepEqual(head?.event.type === 'session-start' && head.event.forkOf, { session: 'a', event: 'e2' });
    await fork.append(prompt('three'));
    await fork.close();
    assert.equal(Buffer.from((await fork.store.getBlob(hash)) ?? []).toString(), 'image');
    await writeFile(join(folder, 'b', 'kept', 'out.txt'), 'changed');
    assert.equal(await readFile(join(folder, 'a', 'kept', 'out.txt'), 'utf8'), 'long');
    const again = await Session.open('a', fileStore(join(folder, 'a')));
    assert.deepEqual(again.branch.length, 3);
  });

  it('of an editor are found by the terminal once it was told of them', async () => {
    const state = join(folder, 'state');
    await make('s1', start(), prompt('x'));
    assert.deepEqual(await editorSessions(state), []);
    await tellTerminal(state, folder);
    await tellTerminal(state, folder);
    await writeFile(join(state, 'editors', 'odd'), '../relative');
    assert.deepEqual(await editorSessions(state), [folder]);
    assert.equal(await findSession('s1', [state, folder]), join(folder, 's1'));
    assert.equal(await findSession('../s1', [state, folder]), undefined);
    assert.equal(await findSession('nothing', [state, folder]), undefined);
  });
});
