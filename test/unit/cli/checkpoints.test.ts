import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { Checkpoints } from '../../../src/agent/checkpoints';
import { restorePoints } from '../../../src/agent/restore-points';
import { Session } from '../../../src/agent/session';
import { DEFAULT_CHECKPOINTS } from '../../../src/checkpoints/bounds';
import { restoreInSession } from '../../../src/checkpoints/session-restore';
import { parseArguments } from '../../../src/cli/arguments';
import { UsageError } from '../../../src/cli/choices';
import { checkpoints } from '../../../src/cli/checkpoints';
import { UserError } from '../../../src/agent/tool';
import { createNodeHost } from '../../../src/host/node';
import { findJob, isDamaged } from '../../../src/jobs/jobs';
import { startJob } from '../../../src/jobs/start';
import { CheckpointStore } from '../../../src/checkpoints/store';
import { fileStore } from '../../../src/host/file-store';
import { checkpointsFolder, tellTerminal } from '../../../src/host/session-folders';
import { buildCli } from '../../support/built-cli';
import { setEnvironment } from '../../support/environment';
import { killGroup } from '../../support/jobs';
import { startAnthropicServer, type AnthropicServer, type ScriptedTurn } from '../../support/anthropic-server';

const PROJECT = resolve(__dirname, '..', '..', '..');
const CLI = join(PROJECT, 'dist', 'cli-under-checkpoints.js');

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

interface Listed {
  session: string;
  checkpoints: { number: number; why: string; words: string; changed: number | null; stored: boolean }[];
}

describe('checkpoints in the terminal', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;
  let server: AnthropicServer | undefined;
  let env: Record<string, string>;

  const spawned = (args: string[], PATH: string): Promise<Ended> =>
    new Promise((done) => {
      const child = spawn(process.execPath, [CLI, '--cwd', folder, ...args], {
        ...{ cwd: home, env: { PATH, HOME: home, ...env } },
      });
      const ended: Ended = { code: null, out: '', err: '' };
      child.stdout.on('data', (data) => (ended.out += String(data)));
      child.stderr.on('data', (data) => (ended.err += String(data)));
      child.on('close', (code) => done({ ...ended, code }));
      child.stdin.end();
    });
  /** Prompts run as a user runs them, the commands in this process: one for each would cost most of the test's time. */
  const run = async (args: string[], { PATH = process.env['PATH'] ?? '' } = {}): Promise<Ended> => {
    const ended: Ended = { code: null, out: '', err: '' };
    const world = {
      places: { product: PROJECT, home },
      streams: { out: (words: string) => void (ended.out += words), err: (words: string) => void (ended.err += words) },
      settings: join(home, '.config', 'ml-engineer', 'settings.json'),
      env: { PATH, HOME: home, ...env },
      signal: new AbortController().signal,
    };
    const putBack = setEnvironment({ PATH });
    try {
      const given = parseArguments(['--cwd', folder, ...args]);
      if (given.kind === 'checkpoints') ended.code = await checkpoints(given, world);
      else Object.assign(ended, await spawned(args, PATH));
    } catch (error) {
      if (!(error instanceof UserError || error instanceof UsageError)) throw error;
      ended.code = 1;
      ended.err += error.message;
    } finally {
      putBack();
    }
    return ended;
  };
  const ok = async (args: string[], more: { PATH?: string } = {}): Promise<string> => {
    const { code, out, err } = await run(args, more);
    assert.equal(code, 0, `${args.join(' ')}: ${out}${err}`);
    return out;
  };
  const list = async (...more: string[]): Promise<Listed> =>
    JSON.parse(await ok(['checkpoints', '--json', ...more])) as Listed;
  const serve = async (turns: ScriptedTurn[]): Promise<void> => {
    server = await startAnthropicServer({ turns });
    env = { ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: server.url };
  };
  const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
  const creates = (name: string, content: string): ScriptedTurn => ({
    content: [{ type: 'tool_use', name: 'Create', input: { file_path: name, content } }],
  });
  const runs = (command: string): ScriptedTurn => ({
    content: [{ type: 'tool_use', name: 'Execute', input: { command, summary: 'do it' } }],
  });
  const WORK = ['--permission-mode', 'acceptEdits', '--allow', 'Execute(touch *)'];
  const text = (name: string): Promise<string | undefined> =>
    readFile(join(folder, name), 'utf8').catch(() => undefined);

  before(() => buildCli(CLI));
  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'cli-checkpoints-')));
    folder = join(home, 'churn');
    await cp(join(PROJECT, 'examples', 'churn'), folder, { recursive: true });
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
    await rm(home, { recursive: true, force: true });
  });

  it('are made by runs, listed, compared, gone back to in files and conversation, and that is undone', async () => {
    await serve([
      says('Hello.'),
      creates('one.md', 'one\n'),
      runs('touch two.txt'),
      says('Made both.'),
      says('Where was I?'),
    ]);
    await ok(['hello']);
    assert.deepEqual(
      (await list()).checkpoints.map(({ why, words }) => [why, words]),
      [['prompt', 'hello']],
      'a question makes no checkpoint, and is a place to go back to',
    );
    const { session } = await list();
    await ok([...WORK, '--resume', session, 'make two files']);
    const { checkpoints: made } = await list();
    assert.deepEqual(
      made.map(({ why, changed, stored }) => [why, changed, stored]),
      [
        ['prompt', null, true],
        ['prompt', 0, true],
        ['step', 1, true],
        ['step', 1, true],
      ],
    );
    assert.match(made[3]?.words ?? '', /two\.txt|do it/u);
    assert.match(await ok(['checkpoints']), /^ +3 {2}after: .*one\.md.*1 file changed/mu);

    assert.match(await ok(['checkpoints', 'compare', '4', '3']), /^added {4}two\.txt {2}\+0 -0$/mu);
    assert.deepEqual(
      (JSON.parse(await ok(['checkpoints', 'compare', '2', '--json'])) as { path: string; how: string }[]).map(
        ({ path, how }) => [path, how],
      ),
      [
        [join(folder, 'one.md'), 'added'],
        [join(folder, 'two.txt'), 'added'],
      ],
    );

    assert.match(await ok(['checkpoints', 'restore', '3', '--files']), /Files put back: two\.txt[^]*checkpoints undo/u);
    assert.deepEqual([await text('one.md'), await text('two.txt')], ['one\n', undefined]);
    await ok(['checkpoints', 'undo']);
    assert.equal(await text('two.txt'), '');
    assert.equal((await run(['checkpoints', 'undo'])).code, 1, 'it is undone once');

    await ok(['checkpoints', 'restore', '2', '--both']);
    assert.deepEqual([await text('one.md'), await text('two.txt')], [undefined, undefined]);
    await ok(['--resume', session, 'and now?']);
    const said = JSON.stringify(server?.requests.at(-1)?.body.messages);
    assert.match(said, /hello/u);
    assert.doesNotMatch(said, /make two files/u);
    assert.match(said, /went back to an earlier checkpoint/u);
  });

  it('say that there is no git, and take back edits alone', async () => {
    const bin = join(home, 'bin');
    await mkdir(bin);
    for (const tool of ['sh', 'bash', 'echo', 'ls'])
      for (const from of (process.env['PATH'] ?? '').split(delimiter))
        if (
          await symlink(join(from, tool), join(bin, tool)).then(
            () => true,
            () => false,
          )
        )
          break;
    const noGit = { PATH: bin };
    await serve([creates('one.md', 'one\n'), says('Made it.')]);
    const { err, code } = await run([...WORK, 'make it'], noGit);
    assert.equal(code, 0, err);
    assert.match(err, /There is no git, so there are no checkpoints/u);
    assert.match(await ok(['checkpoints'], noGit), /before: make it \(.*edits alone\)/u);
    await ok(['checkpoints', 'restore', '1', '--files'], noGit);
    assert.equal(await text('one.md'), undefined);
    await ok(['checkpoints', 'undo'], noGit);
    assert.equal(await text('one.md'), 'one\n');
  });

  it("are the editor's own: a session of either is gone back in by the other", async () => {
    const state = join(home, '.local', 'state', 'ml-engineer');
    const store = new CheckpointStore({
      ...{ storage: checkpointsFolder(state), folders: () => [folder], settings: () => DEFAULT_CHECKPOINTS },
    });
    const ways = { store, files: { read: async () => undefined, write: async () => undefined } };
    await serve([creates('one.md', 'one\n'), says('Made it.')]);
    await ok([...WORK, 'make it']);
    const { session: id } = await list();
    const session = await Session.open(id, fileStore(join(state, 'sessions', id)));
    const [first] = restorePoints(session.branch);
    assert.ok(first);
    await restoreInSession(ways, session, first, 'files');
    await session.close();
    assert.equal(await text('one.md'), undefined);

    const editor = join(home, 'editor', 'sessions');
    const other = await Session.open('from-the-editor', fileStore(join(editor, 'from-the-editor')));
    const start = { version: 2, folders: [folder], droid: 'd', model: 'm', system: '', tools: [] };
    await other.append({ type: 'session-start', ...start });
    await other.append({ type: 'prompt', text: 'in the editor', attachments: [], notes: [] });
    const port: Checkpoints = store;
    const { folders } = await port.take();
    await other.append({ type: 'checkpoint', why: 'prompt', after: other.leaf, folders }, true);
    await other.close();
    await tellTerminal(state, editor);
    await writeFile(join(folder, 'since.txt'), 'since');
    const listed = await list();
    assert.deepEqual([listed.session, listed.checkpoints[0]?.words], ['from-the-editor', 'in the editor']);
    await ok(['checkpoints', 'restore', '1', '--files']);
    assert.equal(await text('since.txt'), undefined);
  });

  it('are held to their bounds by a run, refused while a job is at work, and off where the settings say so', async () => {
    const settings = join(home, '.config', 'ml-engineer', 'settings.json');
    await mkdir(join(settings, '..'), { recursive: true });
    const write = (some: object): Promise<void> => writeFile(settings, JSON.stringify({ checkpoints: some }));
    await serve([creates('one.md', 'one\n'), says('Made it.'), creates('two.md', 'two\n'), says('Made it.')]);
    await write({ enabled: false });
    await ok([...WORK, 'make it']);
    assert.equal((await list()).checkpoints[0]?.stored, false);

    await write({ maxFileMb: 0.1 });
    await writeFile(join(folder, 'large.txt'), 'x'.repeat(200_000));
    const { err } = await run([...WORK, 'make another']);
    assert.match(err, /leave out 2 large files/u);
    const { checkpoints: made } = await list();
    assert.deepEqual(
      made.map(({ why, stored }) => [why, stored]),
      [
        ['prompt', true],
        ['step', true],
      ],
    );
    const state = join(home, '.local', 'state', 'ml-engineer');
    const job = await startJob(
      { state, secrets: [], waitSeconds: () => 600, stopSeconds: () => 1 },
      createNodeHost({ folders: [folder] }),
      {
        ...{ command: 'sleep 600', cwd: folder, title: 'train it', words: [], watches: [] },
        ...{ session: 's', call: 'c' },
      },
    );
    const refused = await run(['checkpoints', 'restore', '1', '--files']);
    assert.match(refused.err, new RegExp(`Job ${job.id} is at work in this folder: train it`, 'u'));
    assert.equal(refused.code, 1);
    const found = await findJob({ state, folders: [folder] }, job.id);
    assert.ok(found && !isDamaged(found));
    killGroup(found.found.process?.pid ?? 0);
    for (const args of [['restore', '9', '--files'], ['restore', '1'], ['compare'], ['restore', 'x', '--files']])
      assert.notEqual((await run(['checkpoints', ...args])).code, 0, args.join(' '));
  });
});
