import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DurableEvent } from '../../../src/agent/events';
import { changesOf, messagesOf, todosOf } from '../../../src/agent/folds';
import { parseJournal } from '../../../src/agent/journal';
import { Session } from '../../../src/agent/session';
import { hashOf, memoryStore, type Store } from '../../../src/agent/store';
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

  it('sees what another window wrote before it writes, and then forks rather than lose it', async () => {
    const store = memoryStore();
    const [here, there] = [await Session.open('s', store), await Session.open('s', store)];
    const { id } = await here.append(prompt('here'));
    await there.append(prompt('there'));
    await there.append(prompt('there again'));
    await here.append(prompt('here again'));
    const { entries, damaged } = parseJournal(await store.read());
    assert.deepEqual(damaged, []);
    assert.deepEqual(
      entries.map((entry) => [entry.id, entry.parent]),
      [
        ['e1', null],
        ['e2', 'e1'],
        ['e3', 'e2'],
        ['e4', id],
      ],
    );
  });

  it('writes nothing more after an entry that could not be written, and goes on once there is room', async () => {
    const store = memoryStore();
    const append = store.append.bind(store);
    const session = await Session.open('s', store);
    await session.append(prompt('one'));
    const release = await session.hold();
    store.append = async (lines) => {
      // A full disk takes a part of the line.
      await append(lines.slice(0, 20), false);
      throw new Error('no space left');
    };
    const results = await Promise.allSettled([session.append(prompt('lost')), session.append(prompt('after it'))]);
    store.append = append;
    await assert.rejects(session.append(prompt('while held')), /no space left/u);
    await release();
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    await session.append(prompt('two'));
    const again = await Session.open('s', store);
    assert.deepEqual(
      again.branch.map(({ event }) => event.type === 'prompt' && event.text),
      ['one', 'two'],
    );
    assert.equal(again.damaged.length, 1);
    assert.deepEqual(session.branch, again.branch);
  });

  it('counts by its own entries and not by a clock that may go back', async () => {
    const store = memoryStore();
    const session = await Session.open('s', store);
    await session.append(prompt('one'));
    const { now } = Date;
    Date.now = () => 0;
    await session.append(prompt('two'));
    Date.now = now;
    const again = await Session.open('s', store);
    assert.deepEqual(
      again.branch.map(({ id }) => id),
      ['e1', 'e2'],
    );
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
    const results = (): string => JSON.stringify(messagesOf(session.branch)[2]);
    assert.match(results(), /Not run: the turn ended before this call was allowed/u);
    await session.append({ type: 'tool-run', call: 'c1' });
    assert.match(results(), /cut short before it ended/u);
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

/** Ends the process that holds the folder, and holds it as soon as that is gone. */
async function holdOnce(other: ChildProcess, folder: string, session: Session): Promise<() => Promise<void>> {
  const ended = once(other, 'exit');
  other.kill('SIGKILL');
  await ended;
  assert.ok((await stat(join(folder, 'lock'))).isFile());
  return session.hold();
}

describe('the file store', () => {
  let folder: string;
  const sessions: Session[] = [];
  const opened = async (store: Store = fileStore(folder)): Promise<Session> => {
    const session = await Session.open('s', store);
    sessions.push(session);
    return session;
  };
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'store-')), 'session');
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('keeps journal and images in a folder nobody else can read', async () => {
    const session = await opened();
    await session.append(prompt('one'));
    const hash = await session.store.putBlob(Buffer.from('image'));
    assert.equal(hash, hashOf(Buffer.from('image')));
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.equal((await stat(join(folder, 'journal.jsonl'))).mode & 0o777, 0o600);
    await session.close();
    const again = await opened();
    assert.equal(again.branch.length, 1);
    assert.equal(await again.store.getBlob('0'.repeat(64)), undefined);
  });

  it('keeps a large text under a name that cannot leave the folder', async () => {
    const path = await fileStore(folder).keep('../../etc/x', 'text');
    assert.ok(path.startsWith(folder));
    assert.equal(await readFile(path, 'utf8'), 'text');
  });

  it('is written by one process at a time, and by the next once that one is gone', async () => {
    const script = `
      const { fileStore } = require(${JSON.stringify(resolve('src/host/file-store.ts'))});
      fileStore(process.argv[1]).hold().then(() => { console.log('held'); setInterval(() => {}, 1e6); });`;
    const other = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', script, folder]);
    await once(other.stdout, 'data');
    const session = await opened();
    await assert.rejects(session.append(prompt('one')), new RegExp(`at work in another.*process ${other.pid} on`, 'u'));
    const release = await holdOnce(other, folder, session);
    assert.equal((await session.append(prompt('two'))).id, 'e1');
    await release();
    await assert.rejects(stat(join(folder, 'lock')), { code: 'ENOENT' });
  });

  it('takes a lock whose number another process has by now, and waits for one that is just being made', async () => {
    const store = fileStore(folder);
    await (await store.hold()).release();
    const holder = { pid: process.pid, host: hostname(), started: '1', token: 'x' };
    await writeFile(join(folder, 'lock'), JSON.stringify(holder));
    await (await store.hold()).release();
    await writeFile(join(folder, 'lock'), '');
    await assert.rejects(store.hold(), /at work in another window or terminal \(another process\)/u);
    await utimes(join(folder, 'lock'), 0, 0);
    await (await store.hold()).release();
  });

  it('says that the disk is full, or that nothing may be written there', async () => {
    await mkdir(folder, { recursive: true });
    await symlink('/dev/full', join(folder, 'journal.jsonl'));
    const session = await opened({ ...fileStore(folder), readBytes: async () => Buffer.alloc(0) });
    await assert.rejects(session.append(prompt('one')), /cannot be written to .*ENOSPC.*Free space there/u);
    await session.close();
    const nowhere = fileStore(join(folder, 'journal.jsonl', 'session'));
    await assert.rejects((await Session.open('s', nowhere)).append(prompt('one')), /cannot be written to .*ENOTDIR/u);
  });

  it('survives half-written UTF-8 at the end of the journal', async () => {
    const session = await opened();
    await session.append(prompt('one'));
    const journal = join(folder, 'journal.jsonl');
    await writeFile(journal, Buffer.concat([await readFile(journal), Buffer.from([0x7b, 0xe2, 0x82])]));
    await session.close();
    const again = await opened();
    assert.equal(again.branch.length, 1);
    assert.equal(again.damaged.length, 1);
  });
});
