import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DurableEvent } from '../../../src/agent/events';
import { changesOf, messagesOf, todosOf } from '../../../src/agent/folds';
import { parseJournal } from '../../../src/agent/journal';
import { Session } from '../../../src/agent/session';
import { hashOf, memoryStore } from '../../../src/agent/store';
import { changesIn, revert, type Files } from '../../../src/agent/undo';
import { fileStore } from '../../../src/host/file-store';

const prompt = (text: string): DurableEvent => ({ type: 'prompt', text, attachments: [], notes: [] });

function files(now: Record<string, string>): Files {
  return {
    read: async (path) => (now[path] === undefined ? undefined : Buffer.from(now[path])),
    async write(path, bytes) {
      if (bytes === null) delete now[path];
      else now[path] = Buffer.from(bytes).toString();
    },
  };
}

describe('a session', () => {
  it('is what its journal says after it is opened again', async () => {
    const store = memoryStore();
    const first = await Session.open('s', store);
    await first.append(prompt('one'));
    await first.append({ type: 'todos', todos: [{ id: '1', content: 'look', status: 'in_progress' }] });
    const again = await Session.open('s', store);
    assert.deepEqual(again.branch, first.branch);
    assert.equal(todosOf(again.branch)[0]?.content, 'look');
    assert.equal((await again.append(prompt('two'))).id, 'e3');
  });

  it('keeps both branches when it goes on from an earlier event', async () => {
    const session = await Session.open('s');
    const { id } = await session.append(prompt('one'));
    await session.append(prompt('two'));
    assert.equal(session.continueFrom(id), true);
    await session.append(prompt('three'));
    assert.deepEqual(
      session.branch.map(({ event }) => event.type === 'prompt' && event.text),
      ['one', 'three'],
    );
    assert.equal(session.entries.length, 3);
    assert.throws(() => session.continueFrom('e99'), /has no event e99/u);
  });

  it('reads past a torn last line, says so, and does not glue the next entry to it', async () => {
    const store = memoryStore();
    const session = await Session.open('s', store);
    await session.append(prompt('one'));
    await store.append('{"id":"e2","parent":"e1","at":"', false);
    const again = await Session.open('s', store);
    assert.equal(again.damaged.length, 1);
    await again.append(prompt('two'));
    assert.equal(parseJournal(await store.read()).entries.length, 2);
  });

  it('refuses a journal of a later version with what to do', async () => {
    const store = memoryStore();
    const start = { type: 'session-start', version: 99, folders: [], droid: 'd', model: 'm', system: '', tools: [] };
    await store.append(`${JSON.stringify({ id: 'e1', parent: null, at: '', event: start })}\n`, false);
    await assert.rejects(Session.open('s', store), /later version.*Update the extension/u);
  });

  it('answers a call that was cut off by a crash', async () => {
    const session = await Session.open('s');
    await session.append(prompt('one'));
    await session.append({ type: 'block-end', block: { type: 'tool_use', id: 'c1', name: 'X', input: {} } as never });
    await session.append({ type: 'tool-start', call: 'c1', name: 'X', input: {}, title: 'X' });
    const [, , results] = messagesOf(session.branch);
    assert.match(JSON.stringify(results), /cut short before it ended/u);
  });

  it('undoes the files of a run, leaves those edited since, and can undo the undo', async () => {
    const session = await Session.open('s');
    const now: Record<string, string> = { '/a': 'new a', '/b': 'new b', '/c': 'new c' };
    const blob = (text: string): Promise<string> => session.store.putBlob(Buffer.from(text));
    const change = (path: string, before: string | null, after: string): DurableEvent => ({
      type: 'change',
      call: 'x',
      change: { path, before, after },
    });
    await session.append(change('/a', await blob('old a'), await blob('new a')));
    await session.append(change('/b', null, await blob('new b')));
    await session.append(change('/c', await blob('old c'), await blob('new c')));
    now['/c'] = 'mine';
    const undone = await revert(session, changesIn(session.branch), files(now));
    assert.deepEqual(now, { '/a': 'old a', '/c': 'mine' });
    assert.deepEqual(undone.refused, [{ path: '/c', reason: 'it was edited since' }]);
    assert.deepEqual(
      changesOf(session.branch).map(({ path }) => path),
      ['/c'],
    );
    const redo = session.branch.filter(({ id }) => id === undone.entry);
    await revert(session, changesIn(redo), files(now));
    assert.deepEqual(now, { '/a': 'new a', '/b': 'new b', '/c': 'mine' });
  });
});

describe('the file store', () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'store-')), 'session');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('keeps journal and images in a folder nobody else can read', async () => {
    const session = await Session.open('s', fileStore(folder));
    await session.append(prompt('one'));
    const hash = await session.store.putBlob(Buffer.from('image'));
    assert.equal(hash, hashOf(Buffer.from('image')));
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.equal((await stat(join(folder, 'journal.jsonl'))).mode & 0o777, 0o600);
    await session.close();
    const again = await Session.open('s', fileStore(folder));
    assert.equal(again.branch.length, 1);
    assert.equal(await again.store.getBlob('0'.repeat(64)), undefined);
  });

  it('keeps a large text under a name that cannot leave the folder', async () => {
    const path = await fileStore(folder).keep('../../etc/x', 'text');
    assert.ok(path.startsWith(folder));
    assert.equal(await readFile(path, 'utf8'), 'text');
  });

  it('survives half-written UTF-8 at the end of the journal', async () => {
    const session = await Session.open('s', fileStore(folder));
    await session.append(prompt('one'));
    const journal = join(folder, 'journal.jsonl');
    await writeFile(journal, Buffer.concat([await readFile(journal), Buffer.from([0x7b, 0xe2, 0x82])]));
    await session.close();
    const again = await Session.open('s', fileStore(folder));
    assert.equal(again.branch.length, 1);
    assert.equal(again.damaged.length, 1);
  });
});
