import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { messagesOf, promptsOf } from '../../../src/agent/folds';
import { JOURNAL_VERSION } from '../../../src/agent/journal';
import { Session } from '../../../src/agent/session';
import { hashOf } from '../../../src/agent/store';
import { defineTool, type Tool } from '../../../src/agent/tool';
import { changesIn, revert } from '../../../src/agent/undo';
import { fileStore } from '../../../src/host/file-store';
import type { Host } from '../../../src/host/host';
import { createNodeHost } from '../../../src/host/node';
import { createAnthropicModel } from '../../../src/models/anthropic';
import { executeTool } from '../../../src/tools/execute';
import { JOURNAL_FAULTS, type JournalFault } from '../../faults/journal';
import { startAnthropicServer, type AnthropicServer } from '../../support/anthropic-server';
import { tell, type Told } from '../../support/fault-run';
import { readOnly, smallDisk } from '../../support/full-disk';

/** Writes a text into a file of the test, as tools that edit do. */
const write = defineTool<Host, z.ZodObject<{ path: z.ZodString; text: z.ZodString }>>({
  name: 'Write',
  description: 'writes',
  input: z.object({ path: z.string(), text: z.string() }),
  reads: false,
  title: ({ path }) => `Writing ${path}`,
  action: () => ({ effect: 'none' }),
  async run({ path, text }, context) {
    const before = await readFile(path).catch(() => null);
    await context.change({ path, before, after: Buffer.from(text) }, () => writeFile(path, text));
    return { content: 'written' };
  },
});

interface Call {
  name: string;
  input: object;
}

interface Broken {
  /** The session to go on with; none where it cannot be opened. */
  session?: Session;
  /** What was said. */
  said?: string;
}

describe('a fault of the journal, injected', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;
  let journal: string;
  let server: AnthropicServer;
  let ends: (() => unknown)[];
  let next: Call | undefined;
  const file = (name: string): string => join(home, 'work', name);

  before(async () => {
    server = await startAnthropicServer({
      turns: () => {
        const calls = next;
        next = undefined;
        return {
          content: [
            calls ? { type: 'tool_use', ...calls, input: { ...calls.input } } : { type: 'text', text: 'Done.' },
          ],
        };
      },
    });
  });
  after(() => server.stop());
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'journal-'));
    folder = join(home, 'session');
    journal = join(folder, 'journal.jsonl');
    await mkdir(join(home, 'work'));
    ends = [];
    next = undefined;
  });
  afterEach(async () => {
    for (const end of ends.reverse()) await end();
    await rm(home, { recursive: true, force: true });
  });

  const say = (session: Session, text: string, call?: Call): Promise<Told> => {
    next = call;
    const credential = { kind: 'apiKey', value: 'test-key', source: 'test', baseUrl: server.url } as const;
    const host = createNodeHost({ folders: [join(home, 'work')] });
    const tools: Tool<Host>[] = [write, executeTool()];
    const policy = () => ({
      mode: 'acceptEdits' as const,
      trusted: true,
      allow: [{ tool: 'Execute' }],
      ask: [],
      deny: [],
    });
    return tell<Host>(session, createAnthropicModel({ model: 'claude-opus-5-5', credential }), text, {
      tools,
      host,
      policy,
    });
  };
  /** Two messages, the first with an edit. */
  const made = async (store = fileStore(folder)): Promise<Session> => {
    await writeFile(file('a.txt'), 'old');
    const session = await Session.open('s', store);
    await say(session, 'one', { name: 'Write', input: { path: file('a.txt'), text: 'new' } });
    await say(session, 'two');
    return session;
  };
  const closed = async (): Promise<void> => (await made()).close();
  const opened = (): Promise<Session> => Session.open('s', fileStore(folder));
  const lines = async (): Promise<string[]> => (await readFile(journal, 'utf8')).trimEnd().split('\n');
  /** The journal of a closed session with other bytes, opened. */
  const changed = async (change: (lines: string[]) => string | Buffer): Promise<Broken> => {
    await closed();
    await writeFile(journal, change(await lines()));
    return { session: await opened() };
  };
  const failing = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'nothing failed',
      (error: Error) => error.message,
    );
  const refused = async (): Promise<Broken> => ({ said: await failing(opened()) });
  /** A message that is said while the cause is there, which `cure` takes away. */
  const meanwhile = async (session: Session, cure: () => unknown, ...call: Call[]): Promise<Broken> => {
    const said = await failing(say(session, 'meanwhile', ...call));
    await cure();
    return { session, said };
  };
  const holder = async (): Promise<ChildProcess> => {
    const script = `
      const { fileStore } = require(${JSON.stringify(resolve('src/host/file-store.ts'))});
      fileStore(process.argv[1]).hold().then(() => { console.log('held'); setInterval(() => {}, 1e6); });`;
    const child = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', script, folder]);
    ends.push(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    return child;
  };
  const killed = async (child: ChildProcess): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const lockFile = (text: string): Promise<void> => writeFile(join(folder, 'lock'), text);
  /** Undoes the edits of two files, where the image of one of them is no longer what it was. */
  const undone = async (spoil: (image: string) => Promise<void>): Promise<Broken> => {
    const session = await made();
    await writeFile(file('b.txt'), 'old b');
    await say(session, 'and b', { name: 'Write', input: { path: file('b.txt'), text: 'new b' } });
    await spoil(join(folder, 'blobs', hashOf(Buffer.from('old'))));
    const { refused: left } = await revert(session, changesIn(session.branch), {
      read: (path) => readFile(path).catch(() => undefined),
      write: (path, bytes) => writeFile(path, bytes ?? ''),
    });
    assert.deepEqual([await readFile(file('a.txt'), 'utf8'), await readFile(file('b.txt'), 'utf8')], ['new', 'old b']);
    return { session, said: left.map(({ reason }) => reason).join() };
  };
  const onSmallDisk = async (): Promise<{ session: Session; disk: Awaited<ReturnType<typeof smallDisk>> }> => {
    await mkdir(folder);
    const disk = await smallDisk(folder);
    const session = await made(disk.over(fileStore(folder)));
    ends.push(async () => {
      await session.close();
      await disk.remove();
    });
    await disk.fill();
    return { session, disk };
  };

  const INJECTED: Readonly<Record<string, () => Promise<Broken>>> = {
    'journal-torn': () => changed((all) => whole(all).concat('{"id":"e99","parent":"e9","at":"20')),
    'journal-utf8': () => changed((all) => Buffer.concat([Buffer.from(whole(all)), Buffer.from([0x7b, 0xe2, 0x82])])),
    'journal-nul': () => changed((all) => Buffer.concat([Buffer.from(whole(all)), Buffer.alloc(700)])),
    async 'journal-garbage'() {
      const broken = await changed((all) => spoilt(all, '"tool-end"', () => '%$§ garbage'));
      assert.match(JSON.stringify(messagesOf(broken.session?.branch ?? [])), /cut short before it ended/u);
      return broken;
    },
    'journal-bad-byte': () =>
      changed((all) => spoilt(all, '"block-end"', (line) => line.replace('"event":', '"ev"nt:'))),
    'journal-head': () => changed(([, ...rest]) => whole(['}{ no head', ...rest])),
    'journal-twice': () => changed((all) => whole([...all.slice(0, 4), all[2] ?? '', ...all.slice(4)])),
    'journal-empty': () => changed(() => ''),
    async 'journal-future'() {
      await closed();
      await writeFile(
        journal,
        (await readFile(journal, 'utf8')).replace(`"version":${JOURNAL_VERSION}`, '"version":99'),
      );
      return refused();
    },
    async 'journal-future-later'() {
      await closed();
      const marker = { id: 'e99', parent: 'e3', at: '', event: { type: 'journal-version', version: 99 } };
      await writeFile(journal, whole([...(await lines()), JSON.stringify(marker)]));
      return refused();
    },
    async 'journal-older'() {
      await mkdir(folder);
      await copyFile(resolve('test/fixtures/journals/version-1.jsonl'), journal);
      const session = await opened();
      assert.deepEqual(promptsOf(session.branch), ['Split the data, then train.']);
      const [result] = JSON.stringify(messagesOf(session.branch).at(-1)).match(/[^"]*cut short[^"]*/u) ?? [];
      assert.match(result ?? '', /Its effects are not known/u);
      ends.push(async () => {
        const old = await readFile(resolve('test/fixtures/journals/version-1.jsonl'), 'utf8');
        const now = await readFile(journal, 'utf8');
        assert.ok(now.startsWith(old));
        assert.match(now.slice(old.length).split('\n')[0] ?? '', /"type":"journal-version","version":2/u);
        assert.deepEqual((await opened()).branch, session.branch);
      });
      return { session };
    },
    async 'journal-full'() {
      const { session, disk } = await onSmallDisk();
      return meanwhile(session, () => disk.free());
    },
    async 'journal-fills'() {
      const { session, disk } = await onSmallDisk();
      await disk.free();
      const append = session.store.append.bind(session.store);
      session.store.append = async (text, sync) => {
        if (text.includes('"block-end"')) await disk.fill();
        return append(text, sync);
      };
      // Longer than what is left of the last block.
      const broken = await meanwhile(session, () => disk.free(), {
        name: 'Write',
        input: { path: file('a.txt'), text: 'y'.repeat(9_000) },
      });
      session.store.append = append;
      assert.equal(await readFile(file('a.txt'), 'utf8'), 'new');
      return broken;
    },
    async 'journal-full-image'() {
      const { session, disk } = await onSmallDisk();
      // Room for the journal, which is short, and none for what is larger.
      await disk.free();
      next = { name: 'Write', input: { path: file('a.txt'), text: 'shorter' } };
      const store = session.store.putBlob.bind(session.store);
      session.store.putBlob = async (bytes) => {
        await disk.fill();
        return store(bytes).finally(() => disk.free());
      };
      await writeFile(file('a.txt'), 'z'.repeat(8_000));
      const told = await say(session, 'edit', next);
      assert.equal(await readFile(file('a.txt'), 'utf8'), 'z'.repeat(8_000));
      return { session, said: resultOf(told) };
    },
    async 'journal-full-output'() {
      const { session, disk } = await onSmallDisk();
      const keep = session.store.keep.bind(session.store);
      await disk.free();
      session.store.keep = async (name, text) => {
        await disk.fill();
        return keep(name, text).finally(() => disk.free());
      };
      const told = await say(session, 'run', { name: 'Execute', input: { command: 'seq 1 20000; echo last' } });
      assert.match(resultOf(told), /Exit code 0[^]*\n1\n2\n[^]*last/u);
      return { session, said: resultOf(told) };
    },
    async 'journal-read-only'() {
      await closed();
      const { over, cure } = await readOnly(folder);
      ends.push(cure);
      return meanwhile(await Session.open('s', over(fileStore(folder))), cure);
    },
    async 'journal-no-folder'() {
      await writeFile(folder, 'a file');
      return meanwhile(await opened(), () => rm(folder));
    },
    async 'journal-two'() {
      await closed();
      const other = await holder();
      return meanwhile(await opened(), () => killed(other));
    },
    async 'journal-between'() {
      const here = await made();
      const there = await opened();
      await say(there, 'there');
      await there.close();
      await say(here, 'here');
      assert.ok(here.entries.some(({ event }) => event.type === 'prompt' && event.text === 'there'));
      return { session: here };
    },
    async 'journal-dead-lock'() {
      await closed();
      await killed(await holder());
      assert.ok((await readdir(folder)).includes('lock'));
      return { session: await opened() };
    },
    async 'journal-reused-lock'() {
      await closed();
      await lockFile(JSON.stringify({ pid: process.pid, host: hostname(), started: '1', token: 'x' }));
      return { session: await opened() };
    },
    async 'journal-new-lock'() {
      await closed();
      await lockFile('');
      return meanwhile(await opened(), () => utimes(join(folder, 'lock'), 0, 0));
    },
    async 'journal-clock'() {
      const session = await made();
      const { now } = Date;
      Date.now = () => 0;
      ends.push(() => (Date.now = now));
      await say(session, 'back');
      return { session };
    },
    async 'journal-deleted'() {
      const session = await made();
      const append = session.store.append.bind(session.store);
      let written = 0;
      session.store.append = async (text, sync) => {
        if (++written === 3) await rm(folder, { recursive: true });
        return append(text, sync);
      };
      await say(session, 'in between');
      return { session };
    },
    async 'journal-deleted-between'() {
      const session = await made();
      await rm(journal);
      return { session };
    },
    async 'journal-replaced'() {
      const session = await Session.open('s', fileStore(folder));
      await say(session, 'one');
      await copyFile(journal, `${journal}.bak`);
      await say(session, 'two');
      await rename(`${journal}.bak`, journal);
      return { session };
    },
    'journal-image': () => undone((image) => rm(image)),
    'journal-image-damaged': () => undone((image) => writeFile(image, 'ol')),
  };

  for (const row of JOURNAL_FAULTS) {
    it(`${row.id}: ${row.fails}`, async () => {
      const inject = INJECTED[row.id];
      assert.ok(inject, 'nothing injects it');
      const before = server.refusals.length;
      const { session, said = '' } = await inject();
      assert.ok(said.includes(row.says ?? ''), said);
      if (row.goes === 'never') assert.equal(session, undefined);
      else await goesOn(row, session);
      assert.deepEqual(server.refusals.slice(before), []);
    });
  }

  async function goesOn(row: JournalFault, session: Session | undefined): Promise<void> {
    assert.ok(session);
    assert.equal((await say(session, 'go on')).end.reason, 'done');
    assert.equal(session.damaged.length, row.damaged ?? 0);
    const asked = promptsOf(session.branch);
    assert.deepEqual(
      ['one', 'two'].filter((text) => asked.includes(text)),
      [...row.keeps],
    );
    const sent = JSON.stringify(server.requests.at(-1)?.body.messages);
    for (const text of [...row.keeps, 'go on']) assert.ok(sent.includes(`"${text}"`), sent);
    // All of it is on the disk, too.
    const again = await Session.open('s', session.store);
    assert.deepEqual(again.branch, session.branch);
    await session.close();
  }
});

function whole(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/** The first line that holds a text, made another. */
function spoilt(lines: readonly string[], which: string, how: (line: string) => string): string {
  const at = lines.findIndex((line) => line.includes(which));
  return whole(lines.map((line, index) => (index === at ? how(line) : line)));
}

function resultOf({ events }: Told): string {
  return events
    .map((event) => (event.type === 'tool-end' && typeof event.content === 'string' ? event.content : ''))
    .join('');
}
