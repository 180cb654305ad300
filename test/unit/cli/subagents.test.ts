import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JournalEntry } from '../../../src/agent/events';
import type { RunResult } from '../../../src/cli/output';
import { startAnthropicServer, type AnthropicServer, type ScriptedTurn } from '../../support/anthropic-server';
import { buildCli } from '../../support/built-cli';
import { calls, conversations, says } from '../../support/conversations';

const PROJECT = resolve(__dirname, '..', '..', '..');
const CLI = join(PROJECT, 'dist', 'cli-subagents-under-test.js');

const DROIDS = {
  'scout.md': '---\nname: scout\ndescription: Looks.\nmodel: haiku\ntools: [Read, Grep]\n---\nYou look and report.',
  'fixer.md':
    '---\nname: fixer\ndescription: Fixes.\nmodel: inherit\nreasoningEffort: max\ntools: [Read, Edit, Create, Execute, Task]\n---\nYou fix.',
};

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(20);
}

type Line = Record<string, unknown> & { type: string; session?: string; event?: { type: string } };

describe('subagents on the command line', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;
  let server: AnthropicServer;

  before(() => buildCli(CLI));
  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'cli-agents-')));
    folder = join(home, 'churn');
    await cp(join(PROJECT, 'examples', 'churn'), folder, { recursive: true });
    await mkdir(join(folder, '.factory', 'droids'), { recursive: true });
    for (const [name, text] of Object.entries(DROIDS)) await writeFile(join(folder, '.factory', 'droids', name), text);
  });
  afterEach(async () => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });

  async function run(
    scripts: Record<string, ScriptedTurn[]>,
    args: string[],
    onOut?: (out: string, stop: () => void) => void,
  ): Promise<{ code: number | null; out: string; err: string }> {
    server = await startAnthropicServer({ turns: conversations(scripts) });
    return new Promise((done) => {
      const env = {
        PATH: process.env['PATH'],
        HOME: home,
        ANTHROPIC_API_KEY: 'test-key',
        ANTHROPIC_BASE_URL: server.url,
      };
      const child = spawn(process.execPath, [CLI, '--cwd', folder, '--model', 'claude-opus-5-5', ...args], { env });
      const ended = { out: '', err: '' };
      child.stdout.on('data', (data) => {
        ended.out += String(data);
        onOut?.(ended.out, () => child.kill('SIGINT'));
      });
      child.stderr.on('data', (data) => (ended.err += String(data)));
      child.on('close', (code) => done({ ...ended, code }));
      child.stdin.end();
    });
  }
  async function journals(): Promise<{ id: string; events: JournalEntry['event'][] }[]> {
    const root = join(home, '.local', 'state', 'ml-engineer', 'sessions');
    return Promise.all(
      (await readdir(root)).sort().map(async (id) => {
        const text = await readFile(join(root, id, 'journal.jsonl'), 'utf8');
        return {
          id,
          events: text
            .trim()
            .split('\n')
            .map((line) => (JSON.parse(line) as JournalEntry).event),
        };
      }),
    );
  }
  const task = (subagent_type: string, prompt: string, more: object = {}): [string, Record<string, unknown>] => [
    'Task',
    { subagent_type, description: `have ${subagent_type} do it`, prompt, ...more },
  ];

  it('run in parallel over the true protocol, with their own model and tools, and their events carry their id', async () => {
    const { code, out, err } = await run(
      {
        'check it': [
          calls(task('scout', 'look at the split'), task('fixer', 'write the note')),
          says('Both are back.'),
        ],
        'look at the split': [
          calls(['Grep', { pattern: 'customers' }]),
          calls(['Execute', { command: 'ls' }]),
          says('It leaks.'),
        ],
        'write the note': [calls(['Create', { file_path: 'NOTE.md', content: 'leak\n' }]), says('Noted.')],
      },
      ['--permission-mode', 'acceptEdits', '--output-format', 'stream-json', '--effort', 'xhigh', 'check it'],
    );
    assert.equal(code, 0, err);
    assert.deepEqual(server.refusals, []);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const children = new Set(lines.flatMap(({ type, session }) => (type === 'subagent' ? [session] : [])));
    assert.equal(children.size, 2);
    const of = (prompt: string) =>
      server.requests.map(({ body }) => body).filter(({ messages }) => JSON.stringify(messages[0]).includes(prompt));
    assert.equal(of('look at the split')[0]?.model, 'claude-haiku-5-5');
    assert.equal(of('write the note')[0]?.model, 'claude-opus-5-5');
    // As the flag says, lowered to what the model takes, and as the droid itself says.
    assert.deepEqual(
      ['check it', 'look at the split', 'write the note'].map((prompt) => of(prompt)[0]?.output_config?.effort),
      ['xhigh', 'high', 'max'],
    );
    assert.match(out, /claude-haiku-5-5 takes the efforts low, medium, high, so it is asked for high/u);
    assert.deepEqual(
      of('look at the split')[0]?.tools?.map((tool) => 'name' in tool && tool.name),
      ['Read', 'Grep', 'TodoWrite', 'Skill'],
    );
    assert.match(JSON.stringify(of('look at the split')[2]?.messages.at(-1)), /There is no tool Execute/u);
    assert.ok(!of('write the note')[0]?.tools?.some((tool) => 'name' in tool && tool.name === 'Task'));
    const [parent, ...own] = await journals();
    assert.deepEqual(own.map(({ id }) => id).sort(), [...children].sort());
    for (const { events } of own)
      assert.ok(events[0]?.type === 'session-start' && events[0].parent?.session === parent?.id);
    const last = JSON.stringify(of('check it')[1]?.messages.at(-1));
    assert.match(last, /Subagent scout[^]*It leaks\.[^]*Subagent fixer[^]*Files it changed: NOTE\.md[^]*Noted\./u);
  });

  it('change files that the result names, and what they were refused is told as refused', async () => {
    const { code, out, err } = await run(
      {
        'go on': [calls(task('fixer', 'do both')), says('Done.')],
        'do both': [
          calls(['Create', { file_path: 'NOTE.md', content: 'x' }]),
          calls(['Execute', { command: 'rm -rf data' }]),
          says('One of two.'),
        ],
      },
      ['--permission-mode', 'acceptEdits', '--output-format', 'json', 'go on'],
    );
    assert.equal(code, 4, err);
    const result = JSON.parse(out) as RunResult;
    assert.deepEqual(result.files_changed, ['NOTE.md']);
    assert.deepEqual(
      result.denied.map(({ tool }) => tool),
      ['Execute'],
    );
    assert.equal(result.turns, 2);
    assert.ok((await readdir(folder)).includes('data'));
  });

  it('in the background end with the run, and that is said', async () => {
    const { code, err } = await run(
      {
        'start it': [calls(task('scout', 'look on', { run_in_background: true })), says('It looks.')],
        'look on': [{ content: [{ type: 'text', text: 'slow' }], hang: true }],
      },
      ['start it'],
    );
    assert.equal(code, 0, err);
    assert.match(
      err,
      /Stopped the background subagent scout \(\S+-agent-\w+\): have scout do it, since the run is over/u,
    );
    const [parent] = await journals();
    const end = parent?.events.find((event) => event.type === 'subagent-end');
    assert.deepEqual(end?.type === 'subagent-end' && end.end, { reason: 'cut' });
  });

  it('work as a droid that was written a moment before, where a rule names its very file', async () => {
    const draft = { description: 'Counts.', tools: ['Read'], model: 'inherit', prompt: 'You count.' };
    const scripts = {
      'make one': [
        calls(['GenerateDroid', { description: 'Count', location: 'project', name: 'counter' }]),
        calls(task('counter', 'count')),
        says('Counted.'),
      ],
      'What it is for: Count': [says(JSON.stringify(draft))],
      count: [says('Seven.')],
    };
    const allowed = await run(scripts, ['--allow', 'GenerateDroid(.factory/droids/counter.md)', 'make one']);
    assert.equal(allowed.code, 0, allowed.err);
    assert.match(await readFile(join(folder, '.factory', 'droids', 'counter.md'), 'utf8'), /tools: \[Read\]/u);
    assert.match(JSON.stringify(server.requests.at(-1)?.body.messages.at(-1)), /Subagent counter[^]*Seven\./u);
    await rm(join(folder, '.factory', 'droids', 'counter.md'));
    await server.stop();
    const refused = await run(scripts, ['--permission-mode', 'auto', '--allow', 'GenerateDroid(**)', 'make one']);
    assert.equal(refused.code, 4, refused.err);
    assert.deepEqual((await readdir(join(folder, '.factory', 'droids'))).sort(), ['fixer.md', 'scout.md']);
    assert.match(
      JSON.stringify(server.requests.at(-1)?.body.messages),
      /There is no droid counter\. The droids are, nearest first:/u,
    );
  });

  it('are stopped with the run, and leave no process', async () => {
    const pidFile = join(folder, 'pid.txt');
    let begun = false;
    const { code } = await run(
      {
        'wait for it': [calls(task('fixer', 'sleep')), says('never')],
        sleep: [calls(['Execute', { command: 'echo $$ > pid.txt; exec sleep 300' }]), says('never')],
      },
      ['--allow', 'Execute', '--permission-mode', 'acceptEdits', '--output-format', 'stream-json', 'wait for it'],
      (out, stop) => {
        if (begun || !out.includes('"tool-decision"')) return;
        begun = true;
        void until(() =>
          readFile(pidFile, 'utf8').then(
            (text) => text.endsWith('\n'),
            () => false,
          ),
        ).then(stop);
      },
    );
    assert.equal(code, 130);
    const pid = Number(await readFile(pidFile, 'utf8'));
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });
});
