import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startAnthropicServer, type AnthropicServer, type ScriptedTurn } from '../../support/anthropic-server';
import { buildCli } from '../../support/built-cli';

const PROJECT = resolve(__dirname, '..', '..', '..');
const CLI = join(PROJECT, 'dist', 'cli-budgets-under-test.js');

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

describe('budgets on the command line', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;
  let server: AnthropicServer;

  before(() => buildCli(CLI));
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'cli-budgets-'));
    folder = join(home, 'work');
    await mkdir(folder);
    for (let index = 0; index < 40; index++) await writeFile(join(folder, `f${index}.txt`), `file ${index}\n`);
  });
  afterEach(async () => {
    await server?.stop();
    await rm(home, { recursive: true, force: true });
  });

  const run = (...args: string[]): Promise<Ended> =>
    new Promise((done) => {
      const env = {
        PATH: process.env['PATH'],
        HOME: home,
        ANTHROPIC_API_KEY: 'test-key',
        ANTHROPIC_BASE_URL: server.url,
      };
      const child = spawn(process.execPath, [CLI, '--cwd', folder, '--model', 'claude-opus-5-5', ...args], { env });
      const ended: Ended = { code: null, out: '', err: '' };
      child.stdout.on('data', (data) => (ended.out += String(data)));
      child.stderr.on('data', (data) => (ended.err += String(data)));
      child.on('close', (code) => done({ ...ended, code }));
      child.stdin.end();
    });
  const read = (index: number): ScriptedTurn => ({
    content: [{ type: 'tool_use', name: 'Read', input: { file_path: `f${index}.txt` } }],
  });
  const todos = (status: string): ScriptedTurn => ({
    content: [{ type: 'tool_use', name: 'TodoWrite', input: { todos: [{ content: 'Read it all', status }] } }],
  });
  const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
  /** Reads one file after the other, as long as it is let. */
  const serve = async (turns: (index: number) => ScriptedTurn = read): Promise<void> => {
    server = await startAnthropicServer({ turns: (_, index) => turns(index) });
  };
  /** What the last run cost, by its own last line. */
  const costIn = ({ err }: Ended): number => Number(/\$(?<cost>[\d.]+)\. Session/u.exec(err)?.groups?.['cost']);
  const sessionIn = ({ err }: Ended): string => /Session (?<id>\S+)\.\n$/u.exec(err)?.groups?.['id'] ?? '';

  it('warns at 80 %, stops with 3 at 100 %, and goes on by the command it names, with the plan as it was', async () => {
    await serve((index) => (index === 0 ? todos('in_progress') : read(index)));
    const stopped = await run('--max-cost', '0.05', 'read all files');
    assert.equal(stopped.code, 3, stopped.err);
    assert.equal(
      stopped.err.match(/^! \$0\.04\d* of the \$0\.05 that this message may take are used\.$/gmu)?.length,
      1,
    );
    const asked = server.requests.length;
    assert.ok(costIn(stopped) >= 0.05 && costIn(stopped) < 0.06, stopped.err);
    assert.match(
      JSON.stringify(server.requests.at(-1)?.body.messages),
      /that this message may take are used\. When they/u,
    );
    const [, line] = /^Go on with: (.*)$/mu.exec(stopped.err) ?? [];
    assert.match(line ?? '', /^--resume \S+ --max-cost 0\.1 "go on"$/u);
    const goOn = (line ?? '').replaceAll('"go on"', 'go').split(' ');
    const more = await run(...goOn, '--max-turns', '2');
    assert.equal(more.code, 3);
    assert.match(more.err, /Stopped at the limit of 2 turns that this message may take/u);
    assert.equal(server.requests.length, asked + 2);
    assert.match(
      JSON.stringify(server.requests.at(-1)?.body.messages),
      /Read it all.*read all files|read all files.*Read it all/u,
    );
    assert.deepEqual(server.refusals, []);
  });

  it('holds tokens and a session over its runs', async () => {
    await serve();
    const first = await run('--max-tokens', '20000', 'read');
    assert.equal(first.code, 3);
    assert.match(first.err, /Stopped at the limit of 20,000 tokens that this message may take/u);
    const asked = server.requests.length;
    const again = await run('--resume', sessionIn(first), '--max-session-tokens', '20000', 'go on');
    assert.equal(again.code, 3);
    assert.equal(server.requests.length, asked, 'nothing was asked');
    const [, limit] = /--max-session-tokens (\d+) "go on"/u.exec(again.err) ?? [];
    assert.ok(Number(limit) >= 40_000);
    const on = await run(
      '--resume',
      sessionIn(first),
      '--max-session-tokens',
      limit ?? '',
      '--max-turns',
      '1',
      'go on',
    );
    assert.match(on.err, /limit of 1 turn /u);
    assert.equal(server.requests.length, asked + 1);
  });

  it('holds a day over two processes at once: each goes past it by one request at most', async () => {
    await serve();
    const runs = await Promise.all([1, 2].map(() => run('--max-day-cost', '0.07', 'read all files')));
    const told = runs.map(({ err }) => err).join('\n');
    assert.deepEqual(
      runs.map(({ code }) => code),
      [3, 3],
      told,
    );
    for (const { err } of runs) assert.match(err, /limit of \$0\.07 that this day, over all sessions, may take/u);
    const spending = join(home, '.local', 'state', 'ml-engineer', 'spending');
    const [file] = await readdir(spending);
    const lines = (await readFile(join(spending, file ?? ''), 'utf8')).split('\n').filter((line) => line !== '');
    assert.equal(lines.length, server.requests.length);
    const costs = lines.map((line) => (JSON.parse(line) as { usd: number }).usd);
    const total = costs.reduce((sum, cost) => sum + cost, 0);
    assert.ok(total >= 0.07 && total < 0.07 + 2 * Math.max(...costs), `${total} of 0.07`);
    assert.ok(Math.abs(total - runs.reduce((sum, ended) => sum + costIn(ended), 0)) < 0.001, told);
    const asked = server.requests.length;
    assert.equal((await run('--max-day-cost', '0.07', 'one more')).code, 3);
    assert.equal(server.requests.length, asked, 'a new session of the day asks nothing');
    assert.equal((await run('--max-turns', '1', 'without such a budget')).code, 3);
    assert.equal(server.requests.length, asked + 1);
  });

  it('ends by the clock, also in the middle of a command and of an answer', async () => {
    await serve((index) =>
      index === 0
        ? { content: [{ type: 'tool_use', name: 'Execute', input: { command: 'sleep 61.25' } }] }
        : { hang: true, content: [{ type: 'text', text: 'x' }] },
    );
    const began = Date.now();
    const command = await run('--max-minutes', '0.02', '--allow', 'Execute', 'wait');
    assert.equal(command.code, 3, command.err);
    assert.match(command.err, /Stopped at the limit of 0\.02 minutes that this message may take/u);
    const answer = await run('--resume', sessionIn(command), '--max-minutes', '0.02', 'go on');
    assert.equal(answer.code, 3, answer.err);
    assert.ok(Date.now() - began < 50_000);
    assert.match(
      JSON.stringify(server.requests[1]?.body.messages),
      /Stopped before it ended: The 0\.02 minutes of this message are up/u,
    );
    assert.deepEqual(server.refusals, []);
  });

  it('tells a model that goes round in a circle, then stops with 3 and says what repeats', async () => {
    await serve(() => read(7));
    const { code, err } = await run('read');
    assert.equal(code, 3, err);
    assert.equal(server.requests.length, 5);
    assert.match(
      err,
      /Stopped since it goes round in a circle: 5 times the same call with the same result \(Reading f7\.txt\)\./u,
    );
    assert.match(err, /Say what to do instead: --resume \S+ "\.\.\."/u);
    assert.match(JSON.stringify(server.requests[3]?.body.messages), /You have made the same call 3 times/u);
  });

  it('says that a price is not known, and holds the tokens all the same', async () => {
    server = await startAnthropicServer({
      turns: (_, index) => read(index),
      models: [{ id: 'house-model', max_input_tokens: 200_000, max_tokens: 64_000 } as never],
    });
    const { code, err } = await run('--model', 'house-model', '--max-tokens', '20000', 'read');
    assert.equal(code, 3, err);
    assert.equal(
      err.match(/^! The price of house-model is not known, so what it costs is not held by any limit of money/gmu)
        ?.length,
      1,
    );
    assert.match(err, /limit of 20,000 tokens/u);
  });

  it('refuses a settings file whose budget holds nothing, and says what it takes', async () => {
    await serve(() => says('never'));
    const file = join(home, '.config', 'ml-engineer', 'settings.json');
    await mkdir(join(file, '..'), { recursive: true });
    for (const [settings, message] of [
      [{ maxCostUsd: 0 }, /takes a number of US dollars above 0\s+→ at maxCostUsd/u],
      [{ budget: { dayCostUsd: '5' } }, /takes a number of US dollars above 0\s+→ at budget\.dayCostUsd/u],
      [{ budget: { tokens: 1.5 } }, /takes a whole number of tokens from 1\s+→ at budget\.tokens/u],
      [{ budget: { dayCost: 5 } }, /dayCost/u],
    ] as [object, RegExp][]) {
      await writeFile(file, JSON.stringify(settings));
      const { code, err } = await run('hello');
      assert.equal(code, 1);
      assert.match(err, message);
    }
    await writeFile(file, JSON.stringify({ maxTurns: 1, budget: { minutes: null } }));
    const { code, err } = await run('hello');
    assert.equal(code, 0, err);
    assert.equal(server.requests.length, 1);
  });
});
