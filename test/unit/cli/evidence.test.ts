import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startAnthropicServer, type AnthropicServer, type ScriptedTurn } from '../../support/anthropic-server';
import { buildCli } from '../../support/built-cli';

const PROJECT = resolve(__dirname, '..', '..', '..');
const CLI = join(PROJECT, 'dist', 'cli-with-evidence.js');
const TRAIN = `print("epoch 1 loss=0.61")
print("epoch 2 loss=0.44")
print("test auc=0.8137 n=1200")
`;

interface Result {
  result: string;
  turns: number;
  stop_reason: string;
  claims: { text: string; value: number | null; evidence: { source: string; line: number } | null; stale: boolean }[];
}

describe('the command line and what stands behind an answer', function () {
  this.timeout(120_000);
  let home: string;
  let folder: string;
  let server: AnthropicServer;

  before(() => buildCli(CLI));
  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'cli-evidence-')));
    folder = join(home, 'work');
    await mkdir(folder);
    await writeFile(join(folder, 'train.py'), TRAIN);
    await writeFile(join(folder, 'README.md'), 'The model has a recall of 0.77.\n');
  });
  afterEach(async () => {
    await server?.stop();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  const cli = (args: string[]) =>
    new Promise<{ code: number | null; out: string; err: string }>((done) => {
      const child = spawn(process.execPath, [CLI, ...args, '--cwd', folder], {
        env: { PATH: process.env['PATH'], HOME: home, ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: server.url },
      });
      const ended = { out: '', err: '' };
      child.stdout.on('data', (data) => (ended.out += String(data)));
      child.stderr.on('data', (data) => (ended.err += String(data)));
      child.on('close', (code) => done({ ...ended, code }));
      child.stdin.end();
    });
  const serve = async (turns: ScriptedTurn[]): Promise<void> => {
    server = await startAnthropicServer({ turns });
  };
  const say = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
  const call = (name: string, input: object): ScriptedTurn => ({
    content: [{ type: 'tool_use', name, input: { ...input } }],
  });
  const TRAINED = call('Execute', { command: 'python3 train.py' });
  const ALLOWED = ['--allow', 'Execute(python3 *)', '--permission-mode', 'acceptEdits'];
  const json = async (...more: string[]): Promise<Result> => {
    const { out, err } = await cli(['train it', ...ALLOWED, '--output-format', 'json', ...more]);
    assert.deepEqual(
      server.refusals.filter((text) => !text.startsWith('model:')),
      [],
      err,
    );
    return JSON.parse(out) as Result;
  };
  const asked = (): string[] =>
    server.requests.flatMap(({ body }) => {
      const last = JSON.stringify(body.messages.at(-1));
      return last.includes('have no run behind them') || last.includes('Files changed since the run') ? [last] : [];
    });

  it('asks once about a number that no run shows, and tells the line of one that a run does', async () => {
    await serve([
      TRAINED,
      say('The test AUC is 0.814 and the recall is 0.77.'),
      say('The test AUC is 0.814. I did not measure the recall.'),
    ]);
    const sessions = join(home, 'sessions');
    const { claims, result, turns } = await json('--session-dir', sessions);
    assert.equal(turns, 3);
    assert.match(result, /did not measure/u);
    assert.equal(asked().length, 1);
    assert.match(asked()[0] ?? '', /- \\"0\.77\\" in/u);
    assert.doesNotMatch(asked()[0] ?? '', /- \\"0\.814\\"/u);
    assert.deepEqual(
      claims.map(({ text, value, evidence, stale }) => [text, value, evidence?.line, stale]),
      [['0.814', 0.814, 3, false]],
    );
    assert.match(claims[0]?.evidence?.source ?? '', /^toolu_/u);
    const [session = ''] = await readdir(sessions);
    const journal = await readFile(join(sessions, session, 'journal.jsonl'), 'utf8');
    const types = [...journal.matchAll(/"event":\{"type":"([\w-]+)"/gu)].map(([, type]) => type);
    assert.deepEqual(types.slice(-2), ['claims', 'run-end']);
  });

  it('marks what the model does not take back, and asks no second time', async () => {
    await serve([TRAINED, say('Recall is 0.91.'), say('Recall is 0.91, no doubt.')]);
    const { claims, turns, stop_reason } = await json();
    assert.deepEqual([turns, stop_reason, asked().length], [3, 'done', 1]);
    assert.deepEqual(claims, [{ text: '0.91', value: 0.91, evidence: null, stale: false }]);
  });

  it('gives a number that was only read, printed or shown by a failed run no evidence', async () => {
    await writeFile(join(folder, 'broken.py'), 'print("f1=0.6543")\nraise SystemExit(2)\n');
    await serve([
      call('Read', { file_path: join(folder, 'README.md') }),
      call('Execute', { command: 'echo "precision 0.9012"' }),
      call('Execute', { command: 'python3 broken.py' }),
      say('Recall is 0.77, precision is 0.901 and F1 is 0.654.'),
    ]);
    const { claims } = await json('--evidence', 'mark', '--allow', 'Execute(echo *)');
    assert.deepEqual(
      claims.map(({ value, evidence }) => [value, evidence]),
      [
        [0.77, null],
        [0.901, null],
        [0.654, null],
      ],
    );
  });

  it('says that files changed since the run, and is content once it ran again', async () => {
    await serve([
      TRAINED,
      call('Read', { file_path: join(folder, 'train.py') }),
      call('Edit', { file_path: join(folder, 'train.py'), old_str: '0.61', new_str: '0.60' }),
      say('The test AUC is 0.8137.'),
      TRAINED,
      say('The test AUC is 0.8137.'),
    ]);
    const { claims, turns } = await json();
    assert.equal(turns, 6);
    assert.match(asked()[0] ?? '', /Files changed since the run that showed these/u);
    assert.deepEqual(
      claims.map(({ stale, evidence }) => [stale, evidence?.line]),
      [[false, 3]],
    );
  });

  it('asks nothing with mark, looks for nothing with off, and lists below a text', async () => {
    await serve([TRAINED, say('The test AUC is 0.814, recall is 0.91.')]);
    const { err, out } = await cli(['train it', ...ALLOWED, '--evidence', 'mark']);
    assert.match(out, /recall is 0\.91/u);
    assert.match(
      err,
      /Evidence: 1 of 2 claims rest on a run\.\n {2}! 0\.91: no run behind this number\n {2}✓ 0\.814: python3 train\.py, line 3/u,
    );
    await server.stop();
    await serve([TRAINED, say('The test AUC is 0.814, recall is 0.91.')]);
    assert.deepEqual((await json('--evidence', 'off')).claims, []);
    assert.equal(asked().length, 0);
  });

  it('asks nothing that a used up budget would not pay for', async () => {
    await serve([TRAINED, say('Recall is 0.91.')]);
    const { claims, stop_reason, turns } = await json('--max-turns', '2');
    assert.deepEqual([stop_reason, turns, claims.length], ['done', 2, 1]);
  });
});
