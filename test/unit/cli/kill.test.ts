import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JournalEntry } from '../../../src/agent/events';
import { messagesOf } from '../../../src/agent/folds';
import { branchTo, parseJournal } from '../../../src/agent/journal';
import { hashOf } from '../../../src/agent/store';
import { buildCli } from '../../support/built-cli';
import { seeded } from '../../support/seeded';
import { historyFaults } from '../../support/turns';

const PROJECT = resolve(__dirname, '..', '..', '..');
const CLI = join(PROJECT, 'dist', 'cli-to-kill.js');
/** `npm run kill -- --runs N --seed N` asks for others. */
const KILLS = Number(process.env['ML_ENGINEER_KILLS'] ?? 200);
const SEED = Number(process.env['ML_ENGINEER_KILL_SEED'] ?? 20_261_124);
/** Each so often the session is gone on with by a run of its own, which costs as much as the killed one. */
const RESUME_EVERY = 10;

const call = (name: string, input: object): object => ({ content: [{ type: 'tool_use', name, input }] });
const edits = Array.from({ length: 4 }, (_, at) => [
  call('Create', { file_path: `made-${at}.txt`, content: `${'x'.repeat(20_000)}\nend ${at}\n` }),
  call('Execute', { command: `echo ${at} >> ran.txt` }),
  call('Edit', { file_path: `made-${at}.txt`, old_str: `end ${at}`, new_str: `END ${at}` }),
]).flat();
const SCRIPT = { name: 'edits', turns: [...edits, { content: [{ type: 'text', text: 'Done.' }] }] };
const GO_ON = { name: 'go-on', turns: [{ content: [{ type: 'text', text: 'I looked at what is there.' }] }] };

interface Killed {
  folder: string;
  /** The ids of the events that were told before the end. */
  told: string[];
  ended: boolean;
}

describe('a run that is killed', function () {
  this.timeout(600_000 + KILLS * 5_000);
  let home: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'kill-'));
    await writeFile(join(home, 'script.json'), JSON.stringify(SCRIPT));
    await writeFile(join(home, 'go-on.json'), JSON.stringify(GO_ON));
    await buildCli(CLI);
  });
  after(() => rm(home, { recursive: true, force: true }));

  /** Runs until the end, or so many ms after the first event was told. */
  const run = async (name: string, killAfterMs?: number): Promise<Killed> => {
    const folder = join(home, name, 'work');
    await mkdir(folder, { recursive: true });
    const child = spawn(
      process.execPath,
      [
        CLI,
        '--cwd',
        folder,
        '--session-dir',
        join(home, name, 'sessions'),
        '--script',
        join(home, 'script.json'),
      ].concat(['--output-format', 'stream-json', '--permission-mode', 'acceptEdits', '--allow', 'Execute', 'go']),
      { env: { PATH: process.env['PATH'], HOME: home }, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    const closed = once(child, 'close');
    if (killAfterMs !== undefined) {
      await Promise.race([once(child.stdout, 'data'), closed]);
      await Promise.race([delay(killAfterMs), closed]);
      child.kill('SIGKILL');
    }
    const [code] = (await closed) as [number | null];
    // The pipe may end in the middle of a line, the journal is what counts.
    const lines = out
      .slice(0, out.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean);
    const told = lines.flatMap((line) => (JSON.parse(line) as { id?: string }).id ?? []);
    return { folder, told, ended: code === 0 };
  };

  it(`loses no event that was told, leaves no edit half done, and a history that goes on, at ${KILLS} moments`, async () => {
    const began = performance.now();
    const whole = await run('whole');
    assert.ok(whole.ended);
    const lasts = performance.now() - began;
    const random = seeded(SEED);
    const moments = Array.from({ length: KILLS }, () => random() * lasts);
    const cut = new Set<number>();
    const work = async (first: number): Promise<void> => {
      for (let at = first; at < KILLS; at += 2) {
        const killed = await run(`kill-${at}`, moments[at]);
        await check(killed, join(home, `kill-${at}`, 'sessions'), `seeded moment ${at}`);
        if (!killed.ended) cut.add(at);
        if (at % RESUME_EVERY === 0) await goOn(join(home, `kill-${at}`));
        await rm(join(home, `kill-${at}`), { recursive: true, force: true });
      }
    };
    await Promise.all([work(0), work(1)]);
    // Else nearly all of them would have come too late to cut anything.
    assert.ok(cut.size > KILLS / 4, `only ${cut.size} of ${KILLS} came before the end`);
  });

  async function check({ folder, told }: Killed, sessions: string, which: string): Promise<void> {
    const { entries, damaged } = await journalIn(sessions);
    assert.ok(damaged.length <= 1, `${which}: ${JSON.stringify(damaged)}`);
    const known = new Set(entries.map(({ id }) => id));
    assert.deepEqual(
      told.filter((id) => !known.has(id)),
      [],
      which,
    );
    const branch = branchTo(entries, entries.at(-1)?.id ?? null);
    const next: JournalEntry['event'] = { type: 'prompt', text: 'go on', attachments: [], notes: [] };
    const messages = messagesOf([...branch, { id: 'next', parent: null, at: '', event: next }]);
    assert.deepEqual(historyFaults(messages), [], which);
    await checkFiles(folder, branch, which);
  }

  it('is undone, or gone on with, by what its journal holds', async () => {
    const { folder } = await run('undo', 250);
    const { entries } = await journalIn(join(home, 'undo', 'sessions'));
    await checkFiles(folder, entries, 'undo');
    await goOn(join(home, 'undo'));
  });

  async function goOn(place: string): Promise<void> {
    const [id] = await readdir(join(place, 'sessions')).catch(() => []);
    if (id === undefined) return; // Killed before the session was made.
    const before = await readFile(join(place, 'work', 'ran.txt'), 'utf8').catch(() => '');
    const child = spawn(
      process.execPath,
      [CLI, '--cwd', join(place, 'work'), '--session-dir', join(place, 'sessions'), '--resume', id].concat([
        '--script',
        join(home, 'go-on.json'),
        'go on',
      ]),
      { env: { PATH: process.env['PATH'], HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let err = '';
    child.stderr.on('data', (data) => (err += String(data)));
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 0, err);
    const after = await readFile(join(place, 'work', 'ran.txt'), 'utf8').catch(() => '');
    assert.equal(after, before, 'a command ran again without being asked for');
  }
});

async function journalIn(sessions: string): Promise<ReturnType<typeof parseJournal>> {
  const [id] = await readdir(sessions).catch(() => []);
  const journal = id === undefined ? '' : await readFile(join(sessions, id, 'journal.jsonl'), 'utf8').catch(() => '');
  return parseJournal(journal);
}

/** Every file is as one of the changes left it or found it, no command ran twice, and nothing else lies about. */
async function checkFiles(folder: string, branch: readonly JournalEntry[], which: string): Promise<void> {
  const changes = branch.flatMap(({ event }) => (event.type === 'change' ? [event.change] : []));
  for (const name of await readdir(folder)) {
    const bytes = await readFile(join(folder, name));
    if (name === 'ran.txt') {
      const lines = bytes.toString().split('\n').filter(Boolean);
      assert.equal(new Set(lines).size, lines.length, `${which}: ${lines.join(' ')}`);
    } else if (/^made-\d\.txt$/u.test(name)) {
      const last = changes.findLast(({ path }) => path.endsWith(`/${name}`));
      assert.ok([last?.before, last?.after].includes(hashOf(bytes)), `${which}: ${name} is neither old nor new`);
    } else {
      // What a killed write leaves; the next write of that file removes it.
      assert.match(name, /^\.ml-engineer-\w+-\w+-\d+-\w+\.tmp$/u, which);
    }
  }
}
