import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages';
import { startAnthropicServer, type AnthropicServer, type ScriptedTurn } from '../../support/anthropic-server';
import { buildCli } from '../../support/built-cli';
import { killGroup, until } from '../../support/jobs';

const PROJECT = resolve(__dirname, '..', '..', '..');
const CLI = join(PROJECT, 'dist', 'cli-with-jobs.js');
const TRAIN = `import sys, time
for epoch in range(int(sys.argv[1])):
  print(f"epoch={epoch} loss={1 / (epoch + 1):.3f}", flush=True)
  time.sleep(0.3)
print("final auc=0.9137", flush=True)
`;

interface Job {
  id: string;
  title: string;
  state: string;
  exit_code: number | null;
}

interface Listed {
  id: string;
  folder: string;
  state: string;
  exit: { code: number } | null;
}

describe('the command line with jobs', function () {
  this.timeout(120_000);
  let home: string;
  let folder: string;
  let server: AnthropicServer;
  /** Process groups of jobs, which outlive the run that started them. */
  const groups = new Set<number>();

  before(() => buildCli(CLI));
  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'cli-jobs-')));
    folder = join(home, 'work');
    await mkdir(folder);
    await writeFile(join(folder, 'train.py'), TRAIN);
    await mkdir(join(home, '.config', 'ml-engineer'), { recursive: true });
    await writeFile(join(home, '.config', 'ml-engineer', 'settings.json'), '{"jobs":{"waitMinutes":0.01}}');
  });
  afterEach(async () => {
    for (const { folder: place } of await listed()) {
      const { pid } = JSON.parse(await readFile(join(place, 'process.json'), 'utf8')) as { pid: number };
      groups.add(pid);
    }
    for (const group of groups) killGroup(group);
    groups.clear();
    await server?.stop();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  const cli = (args: string[], onErr?: (text: string, kill: (by: NodeJS.Signals) => void) => void) =>
    new Promise<{ code: number | null; out: string; err: string }>((done) => {
      const child = spawn(process.execPath, [CLI, ...args, '--cwd', folder], {
        env: {
          PATH: process.env['PATH'],
          HOME: home,
          ...(server ? { ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: server.url } : {}),
        },
      });
      const ended = { out: '', err: '' };
      child.stdout.on('data', (data) => (ended.out += String(data)));
      child.stderr.on('data', (data) => {
        ended.err += String(data);
        onErr?.(ended.err, (by) => child.kill(by));
      });
      child.on('close', (code) => done({ ...ended, code }));
      child.stdin.end();
    });
  const listed = async (): Promise<Listed[]> => JSON.parse((await cli(['jobs', '--json'])).out) as Listed[];
  const serve = async (next: (request: MessageCreateParams, index: number) => ScriptedTurn): Promise<void> => {
    server = await startAnthropicServer({ turns: next });
  };
  const say = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
  const job = (input: object): ScriptedTurn => ({ content: [{ type: 'tool_use', name: 'Job', input: { ...input } }] });
  /** The end of what the model was sent. */
  const last = (request: MessageCreateParams): string => JSON.stringify(request.messages.at(-1));
  const idIn = (request: MessageCreateParams): string =>
    /Job (\d{8}T\d{6}-[0-9a-f]{6})/u.exec(JSON.stringify(request.messages))?.[1] ?? 'none';
  const ALLOWED = ['--allow', 'Execute(python3 *)', '--output-format', 'json'];

  it('starts one, waits for it without asking the model, and is woken by its end with what it printed', async () => {
    await serve((request, index) => {
      if (index === 0)
        return job({ action: 'start', command: 'python3 train.py 8', title: 'Train', hypothesis: 'It learns' });
      if (index === 1) return job({ action: 'wait', job: idIn(request) });
      assert.match(last(request), /no message of the user.*ended with exit code 0.*final auc=0\.9137/su);
      return say('It reached an AUC of 0.9137.');
    });
    const { code, out, err } = await cli(['train it', ...ALLOWED]);
    const result = JSON.parse(out) as { result: string; turns: number; stop_reason: string; jobs: Job[] };
    assert.deepEqual(
      [code, result.result, result.stop_reason, result.turns],
      [0, 'It reached an AUC of 0.9137.', 'done', 3],
    );
    assert.equal(server.requests.length, 3);
    const [line = '', ...more] = (await readFile(join(folder, 'experiments', 'ledger.jsonl'), 'utf8'))
      .trim()
      .split('\n');
    const run = JSON.parse(line) as { id: string; hypothesis: string; state: string };
    assert.deepEqual([more, run.id, run.hypothesis, run.state], [[], result.jobs[0]?.id, 'It learns', 'ok']);
    assert.equal((await cli(['runs', 'note', run.id.slice(-6), '--verdict', 'It does'])).code, 0);
    const [listedRun] = JSON.parse((await cli(['runs', '--json'])).out) as { line: number; verdict: string }[];
    assert.deepEqual([listedRun?.line, listedRun?.verdict], [1, 'It does']);
    assert.match((await cli(['runs', 'show', run.id])).out, /hypothesis: It learns\nverdict: It does/u);
    assert.equal((await cli(['runs', 'best'])).code, 2);
    // Which model of its line there is today is found out by asking.
    assert.deepEqual(
      server.refusals.filter((text) => !text.startsWith('model:')),
      [],
    );
    assert.deepEqual(
      result.jobs.map(({ title, state, exit_code }) => [title, state, exit_code]),
      [['Train', 'ok', 0]],
    );
    assert.match(err, /Waiting for job/u);
    const { out: shown } = await cli(['jobs', 'logs', result.jobs[0]?.id.slice(-6) ?? '', '--lines', '2']);
    assert.equal(shown, '8\tepoch=7 loss=0.125\n9\tfinal auc=0.9137\n');
  });

  it('has subagents leave what outlives its limit to the parent, which is told and waits for it', async () => {
    await mkdir(join(folder, '.factory', 'droids'), { recursive: true });
    await writeFile(
      join(folder, '.factory', 'droids', 'trainer.md'),
      '---\nname: trainer\ndescription: Trains.\nmodel: inherit\ntools: [Execute, Job]\n---\nYou train.',
    );
    const tool = (name: string, input: object): ScriptedTurn => ({
      content: [{ type: 'tool_use', name, input: { ...input } }],
    });
    const course: [told: RegExp, next: (request: MessageCreateParams) => ScriptedTurn][] = [
      [/no message of the user.*final auc=0\.9137/su, () => say('It reached an AUC of 0.9137.')],
      [/It could not wait for them; you can.*It trains, I could not wait/su, (request) => wait(request)],
      [/There is no tool Job/u, () => say('It trains, I could not wait.')],
      [/Goes on as job .*You cannot wait for it: whoever you work for is told/su, (request) => wait(request)],
      [/do the training/u, () => tool('Execute', { command: 'python3 train.py 12', timeout: 1 })],
      [
        /train it/u,
        () => tool('Task', { subagent_type: 'trainer', description: 'training', prompt: 'do the training' }),
      ],
    ];
    const wait = (request: MessageCreateParams): ScriptedTurn =>
      job({ action: 'wait', job: /as jobs?:? (\d{8}T\d{6}-[0-9a-f]{6})/u.exec(last(request))?.[1] });
    await serve((request) => {
      const found = course.find(([told]) => told.test(last(request)));
      return found?.[1](request) ?? say(`Nothing was expected after ${last(request)}`);
    });
    const { code, out } = await cli(['train it', ...ALLOWED]);
    const result = JSON.parse(out) as { result: string; jobs: Job[]; claims: { evidence: { line: number } | null }[] };
    assert.deepEqual([code, result.result], [0, 'It reached an AUC of 0.9137.']);
    assert.deepEqual(
      result.claims.map(({ evidence }) => evidence?.line),
      [13],
    );
    const told = server.requests.map(({ body }) => JSON.stringify(body.messages.at(-1))).join('\n');
    assert.match(told, /It worked without Job, which no subagent has/u);
  });

  it('does not start one of unknown length without a pre-flight where the settings want that, nor without a word of the person', async () => {
    const settings = '{"jobs":{"waitMinutes":0.01,"preflight":"required","longMinutes":0.01}}';
    await writeFile(join(home, '.config', 'ml-engineer', 'settings.json'), settings);
    const start = job({ action: 'start', command: 'python3 train.py 2' });
    const trial = job({ action: 'preflight', command: 'python3 train.py 2', dry: 'python3 train.py 1' });
    await serve(
      (request, index) =>
        [start, trial, start, start, job({ action: 'wait', job: idIn(request) })][index] ?? say('Ended.'),
    );
    const refused = await cli(['train it', ...ALLOWED]);
    const told = server.requests.map(({ body }) => last(body));
    assert.match(told[1] ?? '', /Not started: how long it takes is not known.*action preflight/su);
    assert.match(told[2] ?? '', /Pre-flight passed.*WARNING: it saves nothing.*start the job/su);
    assert.match(told[3] ?? '', /a long run: your settings want its pre-flight read/u);
    assert.deepEqual([refused.code, await listed()], [4, []]);
  });

  it('ends by its minutes while it waits, names the job that goes on, and a person stops that', async () => {
    await serve((request, index) =>
      index === 0
        ? job({ action: 'start', command: 'python3 train.py 2000' })
        : job({ action: 'wait', job: idIn(request) }),
    );
    const { code, out, err } = await cli(['train it', ...ALLOWED, '--max-minutes', '0.1']);
    assert.equal(code, 3, err);
    const result = JSON.parse(out) as { stop_reason: string; jobs: Job[] };
    assert.deepEqual([code, result.stop_reason, result.jobs[0]?.state], [3, 'limit: minutes', 'running']);
    assert.equal(server.requests.length, 2);
    const id = result.jobs[0]?.id ?? '';
    assert.match((await cli(['jobs', 'status', id])).out, /running .*epoch=\d/su);
    const { code: stopped, out: how } = await cli(['jobs', 'stop', id]);
    assert.equal(stopped, 0);
    assert.match(how, /it was stopped/u);
    assert.match((await cli(['jobs', 'stop', 'beef01'])).err, /There is no job beef01/u);
  });

  it('job-starter-killed: that is killed loses nothing of its jobs', async () => {
    await serve((request, index) =>
      index === 0
        ? job({ action: 'start', command: 'python3 train.py 12' })
        : job({ action: 'wait', job: idIn(request) }),
    );
    await cli(['train it', ...ALLOWED], (text, kill) => text.includes('Waiting for job') && kill('SIGKILL'));
    const ended = await until(async () => (await listed()).find(({ exit }) => exit !== null), 'the job to end');
    assert.deepEqual([ended.state, ended.exit?.code], ['ok', 0]);
    const log = await readFile(join(ended.folder, 'output.log'), 'utf8');
    assert.equal(log.split('\n').filter((line) => line.startsWith('epoch=')).length, 12);
    assert.match(log, /final auc=0\.9137\n$/u);
  });

  it('job-handed-over-killed: that is killed loses nothing of a command that it handed over', async () => {
    let kill: (() => void) | undefined;
    await serve((_, index) => {
      if (index === 0)
        return {
          content: [{ type: 'tool_use', name: 'Execute', input: { command: 'python3 train.py 12', timeout: 1 } }],
        };
      kill?.();
      return say('It is too late for this.');
    });
    await cli(['train it', ...ALLOWED], (_, end) => (kill = () => end('SIGKILL')));
    const ended = await until(async () => (await listed()).find(({ exit }) => exit !== null), 'the job to end');
    assert.deepEqual([ended.state, ended.exit?.code], ['ok', 0]);
    const log = await readFile(join(ended.folder, 'output.log'), 'utf8');
    const epochs = log.split('\n').flatMap((line) => /^epoch=(\d+)/u.exec(line)?.[1] ?? []);
    assert.deepEqual(
      epochs,
      Array.from({ length: 12 }, (_, at) => String(at)),
    );
    assert.match(log, /final auc=0\.9137\n$/u);
  });

  it('refuses a job whose command a rule refuses, and one that nobody allowed', async () => {
    await serve((request, index) => {
      if (index === 0) return job({ action: 'start', command: 'python3 train.py 1' });
      assert.match(last(request), index === 1 ? /--allow 'Execute\(python3 \*\)' allows it/u : /denied by the rule/u);
      return index === 1 ? job({ action: 'start', command: 'rm -r data' }) : say('Not allowed.');
    });
    const { code } = await cli(['train it', '--deny', 'Execute(rm *)', '--output-format', 'json']);
    assert.equal(code, 4);
    assert.deepEqual(await listed(), []);
  });
});
