import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Explanation } from '../../../src/agent/explain';
import { Session } from '../../../src/agent/session';
import { fileStore } from '../../../src/host/file-store';
import { tellTerminal } from '../../../src/host/session-folders';
import { buildCli } from '../../support/built-cli';
import { startConnectProxy } from '../../support/connect-proxy';
import { startTlsServer, TEST_CA } from '../../support/tls-server';
import { searchFixture, startSearchService } from '../../support/search-service';
import { startAnthropicServer, type AnthropicServer, type ScriptedTurn } from '../../support/anthropic-server';

const PROJECT = resolve(__dirname, '..', '..', '..');
/** A bundle of its own, so that the tests run what a user runs and need no build before them. */
const CLI = join(PROJECT, 'dist', 'cli-under-test.js');
const NINE = join(PROJECT, 'test', 'fixtures', 'trajectories', 'nine-requests.json');
const TESTS_ALLOWED = ['--permission-mode', 'acceptEdits', '--allow', 'Execute(python3 -m unittest *)'];

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

interface Result {
  result: string;
  session_id: string;
  turns: number;
  stop_reason: string;
  cost_usd: number | null;
  files_changed: string[];
  denied: { tool: string; input: unknown; reason: string }[];
  usage: Record<string, number>;
}

describe('the command line, run', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;
  let server: AnthropicServer | undefined;

  const run = (
    args: string[],
    {
      env = {},
      input = '',
      onErr,
    }: { env?: Record<string, string>; input?: string; onErr?: (text: string, stop: () => void) => void } = {},
  ): Promise<Ended> =>
    new Promise((done) => {
      const child = spawn(process.execPath, [CLI, ...args], {
        cwd: PROJECT,
        env: { PATH: process.env['PATH'], HOME: home, ...env },
      });
      const ended: Ended = { code: null, out: '', err: '' };
      child.stdout.on('data', (data) => (ended.out += String(data)));
      child.stderr.on('data', (data) => {
        ended.err += String(data);
        onErr?.(ended.err, () => child.kill('SIGINT'));
      });
      child.on('close', (code) => done({ ...ended, code }));
      child.stdin.end(input);
    });
  const serve = async (turns: ScriptedTurn[], only?: ('opus' | 'haiku')[]): Promise<Record<string, string>> => {
    const models = only?.map((line) => ({
      ...{ id: `claude-${line}-4-5`, line, lifecycle: 'active' as const },
      created_at: '2026-01-01T00:00:00Z',
    }));
    server = await startAnthropicServer({ turns, ...(models ? { models } : {}) });
    return { ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: server.url };
  };
  const text = (words: string): ScriptedTurn => ({ content: [{ type: 'text', text: words }] });
  const call = (name: string, input: Record<string, unknown>): ScriptedTurn => ({
    content: [{ type: 'tool_use', name, input }],
  });

  before(() => buildCli(CLI));
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'cli-'));
    folder = join(home, 'churn');
    await cp(join(PROJECT, 'examples', 'churn'), folder, { recursive: true });
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
    await rm(home, { recursive: true, force: true });
  });

  it('finishes a trajectory of nine requests, and the file is fixed', async () => {
    const { code, out } = await run([
      '--cwd',
      folder,
      '--script',
      NINE,
      '--output-format',
      'json',
      ...TESTS_ALLOWED,
      'fix the split',
    ]);
    const result = JSON.parse(out) as Result;
    assert.equal(code, 0);
    assert.equal(result.turns, 9);
    assert.equal(result.stop_reason, 'done');
    assert.deepEqual(result.files_changed.sort(), ['churn/data.py', 'docs/split.md']);
    assert.deepEqual(result.denied, []);
    assert.match(await readFile(join(folder, 'churn', 'data.py'), 'utf8'), /customers = sorted/u);
  });

  it('does the same against the true protocol, and each request has the one before as its prefix', async () => {
    const { turns } = JSON.parse(await readFile(NINE, 'utf8')) as { turns: ScriptedTurn[] };
    const env = await serve(turns);
    const { code, out, err } = await run(
      ['--cwd', folder, '--output-format', 'json', ...TESTS_ALLOWED, 'fix the split'],
      { env },
    );
    assert.equal(code, 0, err);
    const result = JSON.parse(out) as Result;
    assert.deepEqual(server?.refusals, ['model: claude-opus-4-1-20250805']);
    assert.ok((result.usage['cache_read_input_tokens'] ?? 0) > 0);
    assert.ok((result.cost_usd ?? 0) > 0);
    const bodies = (server?.requests ?? []).map(
      ({ body }) =>
        JSON.parse(
          JSON.stringify(body, (key, value: unknown) => (key === 'cache_control' ? undefined : value)),
        ) as typeof body,
    );
    assert.equal(bodies.length, 9);
    bodies.slice(1).forEach((body, index) => {
      const before = bodies[index];
      assert.deepEqual(body.messages.slice(0, before?.messages.length), before?.messages);
      assert.deepEqual([body.system, body.tools], [before?.system, before?.tools]);
    });
  });

  it('reaches the model by the proxy and the certificates of the environment, and says when it waits', async () => {
    const env = await serve([
      { error: { status: 529, type: 'overloaded_error', message: 'Overloaded' } },
      text('Hello.'),
    ]);
    const tls = await startTlsServer(server?.url ?? '');
    const proxy = await startConnectProxy(() => ({ port: tls.port, credentials: 'ada:secret' }));
    try {
      const by = {
        ...env,
        ANTHROPIC_BASE_URL: 'https://model.test',
        ANTHROPIC_MODEL: 'claude-opus-5-5',
        HTTPS_PROXY: `http://ada:secret@127.0.0.1:${proxy.port}`,
        NODE_EXTRA_CA_CERTS: TEST_CA,
      };
      const { code, out, err } = await run(['--cwd', folder, 'hello'], { env: by });
      assert.equal(code, 0, err);
      assert.match(out, /Hello\./u);
      assert.match(err, /is busy \(529\): Overloaded Trying again in \d s \(1 of 6\)\./u);
      assert.doesNotMatch(err, /secret/u);
      assert.equal(proxy.asked[0], 'CONNECT model.test:443');
      const refused = await run(['--cwd', folder, 'hello'], {
        env: { ...by, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` },
      });
      assert.equal(refused.code, 1);
      assert.match(refused.err, /wants a name and a password \(407\)[\s\S]*Go on with --resume \S+ "go on"/u);
    } finally {
      await proxy.stop();
      await tls.stop();
    }
  });

  it('refuses what would ask, names the flag that allows it, and ends with 4', async () => {
    const env = await serve([
      call('Execute', { command: 'python3 -m unittest' }),
      text('I was not allowed to run the tests: not run.'),
    ]);
    const { code, out } = await run(['--cwd', folder, '--output-format', 'json', 'run the tests'], { env });
    const { denied } = JSON.parse(out) as Result;
    assert.equal(code, 4);
    assert.equal(denied[0]?.tool, 'Execute');
    assert.match(denied[0]?.reason ?? '', /--allow 'Execute\(python3 -m unittest \*\)' allows it/u);
  });

  it('lets a command go on in the background while it runs, and leaves none behind', async () => {
    const env = await serve([
      call('Execute', { command: 'echo started; sleep 63.75', fireAndForget: true }),
      call('Execute', { command: 'jobs' }),
      text('It runs.'),
    ]);
    const { code, err } = await run(['--cwd', folder, '--allow', 'Execute', 'start it'], { env });
    assert.equal(code, 0, err);
    assert.match(JSON.stringify(server?.requests[1]?.body.messages), /Goes on in the background as %1[^]*started/u);
    assert.match(JSON.stringify(server?.requests[2]?.body.messages), /%1 running for [\d.]+ s, log /u);
    assert.match(err, /Stopped the background command %1, since the run is over/u);
    const left = await promisify(execFile)('ps', ['-eo', 'args']);
    assert.doesNotMatch(left.stdout, /^sleep 63\.75/mu);
  });

  it('goes on with a session of an editor that left word where its sessions lie, in that very place', async () => {
    const text = (said: string): ScriptedTurn => ({ content: [{ type: 'text', text: said }] });
    server = await startAnthropicServer({ turns: [text('gone on')] });
    const env = { ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: server.url };
    const sessions = join(home, 'editor storage', 'sessions');
    const session = await Session.open('of-editor', fileStore(join(sessions, 'of-editor')));
    await session.append({ type: 'prompt', text: 'begun in the chat', attachments: [], notes: [] });
    await session.append({ type: 'run-end', reason: 'done' });
    await session.close();
    await tellTerminal(join(home, '.local', 'state', 'ml-engineer'), sessions);
    const { code, out } = await run(['--cwd', folder, '--resume', 'of-editor', 'go on'], { env });
    assert.equal(code, 0);
    assert.match(out, /gone on/u);
    assert.match(JSON.stringify(server.requests[0]?.body.messages), /begun in the chat[^]*go on/u);
    const again = await Session.open('of-editor', fileStore(join(sessions, 'of-editor')));
    const froms = again.branch.flatMap(({ event }) => (event.type === 'prompt' ? [event.from ?? 'chat'] : []));
    assert.deepEqual(froms, ['chat', 'terminal']);
  });

  it('stops at the turn limit with 3, and goes on with --resume', async () => {
    const env = await serve([
      call('LS', {}),
      call('LS', { directory_path: 'data' }),
      text('It is a churn repository.'),
    ]);
    const first = await run(['--cwd', folder, '--max-turns', '2', '--output-format', 'json', 'what is this?'], { env });
    assert.equal(first.code, 3);
    const { session_id, stop_reason } = JSON.parse(first.out) as Result;
    assert.equal(stop_reason, 'limit: turns');
    const second = await run(['--cwd', folder, '--resume', session_id, 'go on'], { env });
    assert.equal(second.code, 0, second.err);
    assert.match(second.out, /It is a churn repository\./u);
    assert.equal(server?.requests.at(-1)?.body.messages.length, 5);
  });

  it('has a summary written by the model for that, and by the one of the session where that is not offered', async () => {
    const env = await serve(
      [
        ...[call('LS', {}), text('It is a churn repository.'), text('SUMMED UP CHEAPLY'), text('Went on.')],
        ...[call('LS', {}), text('It is a churn repository.'), text('SUMMED UP'), text('Went on.')],
      ],
      ['opus', 'haiku'],
    );
    const model = ['--model', 'claude-opus-4-5'];
    // Long enough for a summary to leave it out.
    const input = `What is this?\n${'row 1 of many\n'.repeat(15_000)}`;
    const shortened = async (writer: string): Promise<Ended> => {
      const first = await run(['--cwd', folder, ...model, '--output-format', 'json', '-'], { env, input });
      const { session_id } = JSON.parse(first.out) as Result;
      return run(['--cwd', folder, '--resume', session_id, ...model, '--compact', '--summary-model', writer, 'go on'], {
        env,
      });
    };
    const cheap = await shortened('haiku');
    assert.equal(cheap.code, 0, cheap.err);
    assert.match(JSON.stringify(server?.requests.at(-1)?.body.messages), /SUMMED UP CHEAPLY/u);
    assert.doesNotMatch(cheap.err, /wrote no summary/u);
    const dear = await shortened('claude-fable-5');
    assert.match(dear.err, /claude-fable-5 wrote no summary \([^)]*has no model claude-fable-5/u);
    assert.deepEqual(
      server?.requests.map(({ body }) => body.model.replace(/-[\d-]+$/u, '')),
      ['opus', 'opus', 'haiku', 'opus', 'opus', 'opus', 'opus', 'opus'].map((line) => `claude-${line}`),
    );
  });

  it('ends with 130 when interrupted, and leaves a session that goes on', async () => {
    const env = await serve([
      { ...call('LS', {}) },
      { hang: true, content: [{ type: 'text', text: 'x' }] },
      text('resumed'),
    ]);
    const { code, err } = await run(['--cwd', folder, 'look'], {
      env,
      onErr: (said, stop) => said.includes('Listing') && setTimeout(stop, 500),
    });
    assert.equal(code, 130, err);
    const [session] = await readdir(join(home, '.local', 'state', 'ml-engineer', 'sessions'));
    const again = await run(['--cwd', folder, '--resume', session ?? '', 'go on'], { env });
    assert.match(again.out, /resumed/u);
  });

  it('prints one event a line with stream-json, durable ones with their id', async () => {
    const { out } = await run([
      '--cwd',
      folder,
      '--script',
      NINE,
      '--output-format',
      'stream-json',
      ...TESTS_ALLOWED,
      'fix the split',
    ]);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; id?: string });
    assert.equal(events.at(-1)?.type, 'run-end');
    assert.equal(events.filter(({ type }) => type === 'tool-end').length, 8);
    assert.ok(
      events.every(
        ({ type, id }) =>
          type.endsWith('-delta') || type === 'turn-start' || type === 'tool-output' || id !== undefined,
      ),
    );
  });

  it('lists tools, skills and droids as rows, broken ones with their problem', async () => {
    await mkdir(join(folder, '.factory', 'droids'), { recursive: true });
    await writeFile(join(folder, '.factory', 'droids', 'evil.md'), '---js\nprocess.exit(99)\n---\nbody');
    const rows = async (
      list: string,
    ): Promise<{ name: string; description: string; source: string; problems: string[] }[]> =>
      JSON.parse((await run([list, '--json', '--cwd', folder])).out) as never;
    assert.deepEqual(
      (await rows('tools')).map(({ name }) => name),
      [
        'Read',
        'LS',
        'Grep',
        'Glob',
        'Create',
        'Edit',
        'MultiEdit',
        'NotebookEdit',
        'Execute',
        'Job',
        'Runs',
        'WebSearch',
        'FetchUrl',
        'TodoWrite',
        'Task',
        'GenerateDroid',
        'Skill',
      ],
    );
    assert.ok(
      (await rows('skills')).some(({ name, source }) => name === 'systematic-debugging' && source === 'bundled'),
    );
    const droids = await rows('droids');
    assert.deepEqual(droids.find(({ name }) => name === 'ml-engineer')?.problems, []);
    assert.match(droids.find(({ name }) => name === 'evil')?.problems.join() ?? '', /only YAML is read/u);
  });

  it('explains each part of a call by the code that judges a run, and runs nothing', async () => {
    const ask = async (input: object, ...more: string[]): Promise<Explanation> => {
      const { code, out, err } = await run([
        'explain',
        'Execute',
        JSON.stringify(input),
        '--cwd',
        folder,
        '--json',
        ...more,
      ]);
      assert.equal(code, 0, err);
      return JSON.parse(out) as Explanation;
    };
    const command = 'touch made.txt && python3 -m unittest; rm -rf data';
    const { effect, class: kind, decision, parts } = await ask({ command }, '--allow', 'Execute(touch *)');
    assert.deepEqual([effect, kind, decision], ['execute', 'destructive', 'ask']);
    assert.deepEqual(
      parts.map((part) => [part.text, part.class, part.decision]),
      [
        ['touch made.txt', 'changes-files', 'allow'],
        ['python3 -m unittest', 'runs-code', 'ask'],
        ['rm -rf data', 'destructive', 'ask'],
      ],
    );
    assert.match(parts[0]?.reason ?? '', /allowed by the rule Execute\(touch \*\)/u);
    assert.ok(!(await readdir(folder)).includes('made.txt'));
    assert.equal((await ask({ command: 'rm -rf /' })).decision, 'deny');
    assert.equal((await ask({ command: 'ls' }, '--permission-mode', 'auto')).decision, 'allow');
    assert.equal((await ask({ command: 'cat .env' }, '--permission-mode', 'auto')).decision, 'ask');
    const inPowerShell = await ask({ command: 'ri -Rec data; gc .\\README.md' }, '--shell', 'powershell');
    assert.deepEqual(
      inPowerShell.parts.map((part) => part.class),
      ['destructive', 'read-only'],
    );
    assert.equal((await run(['explain', 'Execute', '{}', '--shell', 'fish'])).code, 2);
    const text = await run([
      'explain',
      'Edit',
      '{"file_path":".git/config","old_str":"a","new_str":"b"}',
      '--cwd',
      folder,
    ]);
    assert.match(text.out, /^It is asked for: \.git\/config steers git/u);
  });

  it('tells what a call may lose, keeps a copy of what a rule lets it lose, and gives it back', async () => {
    const ask = ['--cwd', folder, '--permission-mode', 'auto'];
    const call1 = ['explain', 'Execute', '{"command":"rm -rf data"}', ...ask];
    const { danger, decision } = JSON.parse((await run([...call1, '--json'])).out) as Explanation;
    assert.equal(decision, 'ask');
    assert.deepEqual(
      danger?.losses.map(({ shown, kind, elsewhere, keeps }) => [shown, kind, elsewhere, keeps]),
      [
        ['data/churn.csv', 'data set', 'nowhere', true],
        ['data/make_data.py', 'file', 'nowhere', true],
      ],
    );
    const text1 = (await run(call1)).out;
    assert.match(
      text1,
      /^It is asked for: may lose 1 file of a data set[^]*What may be lost:\n {2}data\/churn\.csv: data set/u,
    );
    assert.match((await run(['restore', '--cwd', folder])).out, /holds nothing/u);

    const rows = await readFile(join(folder, 'data', 'churn.csv'));
    const env = await serve([call('Execute', { command: 'rm -rf data' }), text('done')]);
    const wide = await run([...ask, '--allow', 'Execute', 'go'], { env });
    assert.equal(wide.code, 4, wide.err);
    await server?.stop();
    const env2 = await serve([call('Execute', { command: 'rm -rf data' }), text('done')]);
    const named = await run([...ask, '--allow', 'Execute(rm -rf data)', 'go'], { env: env2 });
    assert.equal(named.code, 0, named.err);
    assert.match(named.err, /Kept a copy of 2 files/u);
    const list = JSON.parse((await run(['restore', '--json', '--cwd', folder])).out) as { id: string; now: string }[];
    assert.deepEqual(
      list.map(({ now }) => now),
      ['gone', 'gone'],
    );
    const [batch = ''] = list.map(({ id }) => id.split('/')[0]);
    assert.match(
      (await run(['restore', '--cwd', folder])).out,
      new RegExp(`^${batch}  2 files, .* before: Running rm -rf data\n`, 'u'),
    );
    const back = await run(['restore', batch, '--cwd', folder]);
    assert.equal(back.code, 0, back.err);
    assert.deepEqual(await readFile(join(folder, 'data', 'churn.csv')), rows);
    assert.match((await run(['restore', batch, '--cwd', folder])).err, /Nothing in the trash is called/u);
  });

  it('takes globs of artefacts from the settings and from the repository, which only adds', async () => {
    await mkdir(join(home, '.config', 'ml-engineer'), { recursive: true });
    await writeFile(
      join(home, '.config', 'ml-engineer', 'settings.json'),
      '{"artefacts": ["*.mine", "!data/churn.csv"]}',
    );
    await mkdir(join(folder, '.factory'));
    await writeFile(join(folder, '.factory', 'settings.json'), '{"artefacts": ["*.theirs", "!*.mine"]}');
    for (const name of ['a.mine', 'a.theirs']) await writeFile(join(folder, name), 'x');
    const command = 'rm a.mine a.theirs data/churn.csv';
    const { out, err } = await run(['explain', 'Execute', JSON.stringify({ command }), '--json', '--cwd', folder]);
    const { danger } = JSON.parse(out) as Explanation;
    const kinds = Object.fromEntries(danger?.losses.map(({ shown, kind }) => [shown, kind]) ?? []);
    assert.deepEqual(kinds, { 'a.mine': 'data set', 'a.theirs': 'data set', 'data/churn.csv': 'file' });
    assert.match(err, /!\*\.mine in "artefacts" is left out, since a repository only adds/u);
  });

  it("lets a repository's settings only narrow, unless it is told to trust them", async () => {
    await mkdir(join(folder, '.factory'));
    const settings = { mode: 'auto', permissions: { allow: ['Execute(touch *)'], deny: ['LS'] }, env: { WHO: 'them' } };
    await writeFile(join(folder, '.factory', 'settings.json'), JSON.stringify(settings));
    const turns = [call('LS', {}), call('Execute', { command: 'touch "made-$WHO.txt"' }), text('done')];
    const careful = await run(['--cwd', folder, 'go'], { env: await serve(turns) });
    assert.equal(careful.code, 4);
    assert.equal(careful.err.split('asks for more than is allowed by itself').length, 2);
    assert.match(careful.err, /Execute\(touch \*\)[^]*auto[^]*WHO=them[^]*--trust-project accepts it/u);
    assert.match(JSON.stringify(server?.requests.at(-1)?.body.messages), /denied by the rule LS of \.factory/u);
    assert.ok(!(await readdir(folder)).some((name) => name.startsWith('made')));
    await server?.stop();
    const trusting = await run(['--trust-project', '--cwd', folder, 'go'], { env: await serve(turns) });
    assert.doesNotMatch(trusting.err, /asks for more/u);
    assert.ok((await readdir(folder)).includes('made-them.txt'), trusting.err);
    await writeFile(join(folder, '.factory', 'settings.json'), '{');
    const read = ['explain', 'Read', '{"file_path":"README.md"}', '--cwd', folder];
    assert.match(
      (await run([...read, '--allow', 'Read'])).out,
      /^It is asked for: \.factory\/settings\.json cannot be read/u,
    );
  });

  it('in mode auto runs the code there is, and not what the session wrote unseen', async () => {
    const tests = call('Execute', { command: 'python3 -m unittest' });
    const writes = call('Create', { file_path: 'tests/test_new.py', content: 'raise SystemExit("ran")' });
    const env = await serve([tests, writes, tests, text('done')]);
    const { code } = await run(['--cwd', folder, '--permission-mode', 'auto', 'go'], { env });
    const said = JSON.stringify(server?.requests.at(-1)?.body.messages);
    assert.equal(code, 4);
    assert.match(said, /Exit code \d/u);
    assert.match(said, /you have not reviewed what this session wrote: tests\/test_new\.py/u);
    assert.doesNotMatch(said, /SystemExit: ran/u);
  });

  it('says what is wrong with a call that cannot be explained', async () => {
    assert.match((await run(['explain', 'Exceute', '{}'])).err, /no tool Exceute\. Did you mean Execute\?/u);
    assert.match((await run(['explain', 'Execute', '{"cmd":1}'])).err, /does not fit Execute/u);
    assert.match((await run(['explain', 'Execute', 'ls'])).err, /The input is not JSON/u);
    assert.equal((await run(['explain', 'Execute'])).code, 2);
  });

  it('searches with the service of --web-search once that is allowed, and says how to set one otherwise', async () => {
    const { response } = await searchFixture('searxng');
    const service = await startSearchService(() => ({ body: JSON.stringify(response) }));
    try {
      const turns = [call('WebSearch', { query: 'probability calibration' }), text('done')];
      const ask = async (...more: string[]): Promise<{ code: number | null; results: string }> => {
        const env = await serve(turns);
        const { code } = await run(['--cwd', folder, '--output-format', 'json', ...more, 'search'], { env });
        const results = JSON.stringify(server?.requests[1]?.body.messages);
        await server?.stop();
        return { code, results };
      };
      const refused = await ask('--web-search', service.url);
      assert.equal(refused.code, 4);
      assert.match(refused.results, new RegExp(`--allow 'WebSearch\\(${new URL(service.url).host}\\)' allows it`, 'u'));
      assert.equal(service.requests.length, 0);
      const allowed = await ask('--web-search', service.url, '--allow', 'WebSearch');
      assert.match(allowed.results, /2 results for .*https:\/\/scikit-learn\.org\/stable/u);
      assert.match((await ask('--web-search', 'none')).results, /turned web search off/u);
    } finally {
      await service.stop();
    }
  });

  it("fetches the page that the user's own words name, from a private host only where the settings let it through", async () => {
    const pages = await startSearchService(() => ({ headers: { 'content-type': 'text/plain' }, body: 'the page' }));
    const { host } = new URL(pages.url);
    const fetchFor = async (prompt: string, path: string, input = ''): Promise<string> => {
      const env = await serve([call('FetchUrl', { url: `${pages.url}${path}` }), text('done')]);
      await run(['--cwd', folder, prompt], { env, input });
      const results = JSON.stringify(server?.requests[1]?.body.messages);
      await server?.stop();
      return results;
    };
    try {
      const named = `read ${pages.url}/page`;
      assert.match(await fetchFor(named, '/page'), /Not fetched: 127\.0\.0\.1 .*mlEngineer\.web\.allowedHosts/u);
      await mkdir(join(home, '.config', 'ml-engineer'), { recursive: true });
      const settings = JSON.stringify({ web: { allowedHosts: [host] } });
      await writeFile(join(home, '.config', 'ml-engineer', 'settings.json'), settings);
      assert.match(await fetchFor(named, '/page'), /the page/u);
      for (const refused of [
        await fetchFor(named, '/page?a=secret'),
        await fetchFor('read the page', '/page'),
        await fetchFor('-', '/page', named),
      ])
        assert.match(refused, new RegExp(`--allow 'FetchUrl\\(${host}\\)' allows it`, 'u'));
      assert.equal(pages.requests.length, 1);
    } finally {
      await pages.stop();
    }
  });

  it('connects to the chosen endpoint and to nothing else', async () => {
    const env = await serve([call('LS', {}), call('Grep', { pattern: 'def' }), text('done')]);
    const file = join(home, 'connections.txt');
    const { code } = await run(['--cwd', folder, 'look around'], {
      env: {
        ...env,
        CONNECTIONS_FILE: file,
        NODE_OPTIONS: `--require ${join(PROJECT, 'test', 'support', 'record-connections.cjs')}`,
      },
    });
    assert.equal(code, 0);
    const seen = new Set((await readFile(file, 'utf8')).trim().split('\n'));
    assert.deepEqual([...seen], [new URL(server?.url ?? '').host]);
  });

  it('reads the prompt from standard input', async () => {
    const env = await serve([text('understood')]);
    assert.match((await run(['--cwd', folder, '-'], { env, input: 'from a pipe' })).out, /understood/u);
    assert.match(JSON.stringify(server?.requests[0]?.body.messages), /from a pipe/u);
  });

  for (const [what, args, message] of [
    ['no key', ['hello'], /No API key for Anthropic\. Set ANTHROPIC_API_KEY/u],
    ['a folder that is not there', ['--cwd', '/no/such/folder', 'hello'], /\/no\/such\/folder is not a folder/u],
    [
      'a droid that is not there',
      ['--droid', 'nobody', 'hello'],
      /There is no droid "nobody"\. The droids are: ml-engineer/u,
    ],
    ['a session that is not there', ['--resume', 'nothing', 'hello'], /There is no session nothing/u],
    ['a session outside its folder', ['--resume', '../..', 'hello'], /There is no session/u],
  ] as [string, string[], RegExp][]) {
    it(`says what to do about ${what}`, async () => {
      const { code, err } = await run(['--cwd', folder, ...args]);
      assert.equal(code, 1);
      assert.match(err, message);
      assert.doesNotMatch(err, /^\s+at /mu);
    });
  }

  it('says what to do when the session cannot be kept', async () => {
    const { code, err } = await run([
      '--cwd',
      folder,
      '--script',
      NINE,
      '--session-dir',
      join(folder, 'README.md'),
      'hello',
    ]);
    assert.equal(code, 1);
    assert.match(err, /The session cannot be written to .*choose another folder/u);
    assert.doesNotMatch(err, /^\s+at /mu);
  });

  it('tells the model why a file could not be written, and goes on', async () => {
    const env = await serve([
      call('Create', { file_path: 'README.md/x.txt', content: 'x' }),
      text('It could not be written.'),
    ]);
    const { code } = await run(['--cwd', folder, '--permission-mode', 'acceptEdits', 'create it'], { env });
    assert.equal(code, 0);
    assert.match(
      JSON.stringify(server?.requests.at(-1)?.body.messages),
      /was not written: a part of the path is a file/u,
    );
  });

  it('goes on when AGENTS.md cannot be read, and says so', async () => {
    await mkdir(join(folder, 'AGENTS.md'));
    await chmod(join(folder, 'AGENTS.md'), 0o000);
    const env = await serve([text('hello')]);
    const { code, err } = await run(['--cwd', folder, 'hello'], { env });
    assert.equal(code, 0);
    assert.match(err, /AGENTS\.md could not be read/u);
  });

  it('ends with 1 and the reason when the key is wrong', async () => {
    const env = await serve([text('hello')]);
    const { code, err } = await run(['--cwd', folder, 'hello'], { env: { ...env, ANTHROPIC_API_KEY: 'wrong' } });
    assert.equal(code, 1);
    assert.match(err, /does not accept the key from the environment variable ANTHROPIC_API_KEY/u);
    assert.doesNotMatch(err, /wrong/u);
  });

  it('sends and stores no secret that a file, a command or the prompt holds, and writes none back masked', async () => {
    const [token, password] = [`hf_${'aB3dE6gH9j'.repeat(4)}`, 'plain-but-secret-words'];
    await writeFile(join(folder, '.env'), `DB_PASSWORD=${password}\n`);
    await writeFile(join(folder, 'config.py'), `TOKEN = "${token}"\nDEPTH = 3\n`);
    const env = await serve([
      call('Read', { file_path: 'config.py' }),
      call('Execute', { command: `echo "connecting with ${password.slice(0, 10)}${password.slice(10)}"` }),
      call('Create', { file_path: 'copy.py', content: 'TOKEN = "[[masked-hugging-face-token]]"\n' }),
      call('Edit', { file_path: 'config.py', old_str: 'DEPTH = 3', new_str: 'DEPTH = 4' }),
      text('Done.'),
    ]);
    const { code, err } = await run(
      ['--cwd', folder, '--permission-mode', 'acceptEdits', '--allow', 'Execute(echo *)', '--session-dir', home].concat(
        `use ${token} of config.py, and my key ${env['ANTHROPIC_API_KEY']}`,
      ),
      { env },
    );
    assert.equal(code, 0, err);
    const [session = ''] = (await readdir(home)).filter((name) => /^\d{8}T/u.test(name));
    const journal = await readFile(join(home, session, 'journal.jsonl'), 'utf8');
    for (const secret of [token, password, 'test-key']) {
      // The command is the model's own text: here the test wrote the password into it, a model could not know it.
      const told = [JSON.stringify(server?.requests.map(({ body }) => body)), journal].map((all) =>
        all.replaceAll(`echo \\"connecting with ${password}\\"`, ''),
      );
      for (const all of told) assert.ok(!all.includes(secret), `${secret} in ${all}`);
    }
    assert.match(err, /masked \(Hugging Face token/u);
    const results = JSON.stringify(server?.requests.at(-1)?.body.messages);
    assert.match(results, /connecting with \[\[masked-known-secret\]\]/u);
    assert.match(results, /Not done: this holds the mark of a masked secret/u);
    assert.equal(await readFile(join(folder, 'config.py'), 'utf8'), `TOKEN = "${token}"\nDEPTH = 4\n`);
    await assert.rejects(readFile(join(folder, 'copy.py')), { code: 'ENOENT' });
  });
});
