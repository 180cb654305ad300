import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Session } from '../../../src/agent/session';
import { createAnthropicModel } from '../../../src/models/anthropic';
import { watched, type Clock } from '../../../src/models/watched';
import { startAnthropicServer, type AnthropicServer } from '../../support/anthropic-server';
import { buildCli } from '../../support/built-cli';
import { close, delta, end, halfText, start, text } from '../../support/events';
import { actTool, tell } from '../../support/fault-run';
import { startFaultServer, type FaultServer } from '../../support/fault-server';

const HOUR_MS = 3_600_000;

describe('a machine that sleeps', function () {
  this.timeout(60_000);
  let server: AnthropicServer;
  let front: FaultServer;
  /** So many requests are answered by a server that has no room. */
  async function busy(times: number, headers: Record<string, string> = {}) {
    server = await startAnthropicServer({ turns: () => ({ content: [{ type: 'text', text: 'Done.' }] }) });
    front = await startFaultServer(server.url, (index) =>
      index < times ? { kind: 'status', status: 529, headers } : undefined,
    );
    return createAnthropicModel({
      model: 'claude-opus-5-5',
      credential: { kind: 'apiKey', value: 'test-key', source: 'test', baseUrl: front.url },
    });
  }
  afterEach(async () => {
    await front?.stop();
    await server?.stop();
  });

  it('sleep-wait: tries again as soon as the clock is past what was counted down to', async () => {
    const model = await busy(1, { 'retry-after': '100' });
    const session = await Session.open('sleep-wait');
    let now = Date.now();
    const began = performance.now();
    const retrying = { now: () => now, awake: () => 1, random: () => 0 };
    const told = await tell(session, model, 'do it', { tools: [actTool([])], retrying }, ({ type }) => {
      if (type === 'retry') now += HOUR_MS;
    });
    assert.equal(told.shown, 'Done.');
    assert.equal(told.retries, 1);
    assert.ok(performance.now() - began < 50_000);
  });

  it('sleep-trouble: does not count the hours it slept among the minutes of trying', async () => {
    const model = await busy(4);
    let now = Date.now();
    let awake = 1;
    const sleep = async (ms: number): Promise<void> => {
      awake += ms;
      now += HOUR_MS;
    };
    const retrying = { now: () => now, awake: () => awake, random: () => 0, sleep };
    const told = await tell(await Session.open('sleep-trouble'), model, 'do it', { tools: [actTool([])], retrying });
    assert.deepEqual([told.shown, told.retries, told.end.reason], ['Done.', 4, 'done']);
  });

  it('sleep-watch: gives a server that was not listened to more time, and no more than that', async () => {
    let now = 0;
    const timers = new Map<object, { at: number; act: () => void }>();
    const clock: Clock = {
      now: () => now,
      after(ms, act) {
        const key = {};
        timers.set(key, { at: now + ms, act });
        return () => timers.delete(key);
      },
    };
    const pass = (ms: number): void => {
      now += ms;
      for (const [key, { at, act }] of [...timers]) if (at <= now && timers.delete(key)) act();
    };
    const never: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error)),
      );
    const patience = { firstByteMs: 120_000, silenceMs: 60_000 };
    let failed = '';
    const ask = (): Promise<unknown> =>
      watched(never, patience, clock)('https://model.test').catch((error: Error) => (failed = error.message));
    const slept = ask();
    pass(HOUR_MS);
    await delay(0);
    assert.equal(failed, '');
    pass(10_000);
    await slept;
    assert.match(failed, /has sent nothing for/u);
    failed = '';
    const awake = ask();
    pass(120_000);
    await awake;
    assert.match(failed, /has sent nothing for 120 s/u);
    assert.equal(timers.size, 0);
  });
});

describe('a process that stands still', function () {
  this.timeout(90_000);
  const project = resolve(__dirname, '..', '..', '..');
  const cli = join(project, 'dist', 'cli-to-stop.js');
  let home = '';
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'still-'));
    await mkdir(join(home, '.config', 'ml-engineer'), { recursive: true });
    await writeFile(join(home, '.config', 'ml-engineer', 'settings.json'), '{"silenceSeconds": 3}');
    await mkdir(join(home, 'work'));
    await buildCli(cli);
  });
  after(() => rm(home, { recursive: true, force: true }));

  /** A run whose answer stands at `One, ` while the process does; `meanwhile` is what the server does then. */
  async function stoodStill(
    meanwhile: (response: ServerResponse) => void,
  ): Promise<{ out: string; err: string; code: number }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      if (request.url !== '/v1/messages') return void response.writeHead(404).end();
      request.setEncoding('utf8').on('data', (data) => asked.push(String(data)));
      request.once('end', () => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        if (open.length > 0) return void response.end(start() + text('two.') + end('end_turn'));
        open.push(response);
        response.write(start() + halfText('One, '));
      });
    });
    const open: ServerResponse[] = [];
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const args = ['--cwd', join(home, 'work'), '--output-format', 'stream-json', 'count'];
    const env = { PATH: process.env['PATH'], HOME: home, ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: url };
    const child: ChildProcess = spawn(process.execPath, [cli, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { out: '', err: '' };
    const ended = once(child, 'close');
    await new Promise<void>((shown) => {
      child.stderr?.on('data', (data) => (said.err += String(data)));
      child.stdout?.on('data', (data) => {
        said.out += String(data);
        if (said.out.includes('One, ')) shown();
      });
      child.once('close', () => shown());
    });
    child.kill('SIGSTOP');
    const [response] = open;
    if (response) meanwhile(response);
    // Longer than the server may be silent, by more than any timer is late for.
    await delay(6_000);
    child.kill('SIGCONT');
    const [code] = (await ended) as [number];
    server.close();
    server.closeAllConnections();
    return { ...said, code };
  }
  const shown = (out: string): string =>
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; text?: string })
      .map((event) => (event.type === 'text-delta' ? event.text : ''))
      .join('');

  let went: ReturnType<typeof stoodStill>;
  let broke: ReturnType<typeof stoodStill>;
  before(async () => {
    // Side by side, since each takes its time.
    went = stoodStill((response) => {
      response.end(delta(0, { type: 'text_delta', text: 'two.' }) + close(0) + end('end_turn'));
    });
    broke = stoodStill((response) => void response.destroy());
    await Promise.allSettled([went, broke]);
  });

  it('sleep-stream: goes on with an answer that went on meanwhile', async () => {
    const { out, err, code } = await went;
    assert.deepEqual([code, shown(out)], [0, 'One, two.'], err);
    assert.doesNotMatch(out, /"type":"retry"/u);
  });

  it('sleep-broken: goes on from where a connection broke meanwhile, and shows nothing twice', async () => {
    const { out, err, code } = await broke;
    assert.deepEqual([code, shown(out)], [0, 'One, two.'], err);
    assert.match(out, /"type":"turn-cut"/u);
  });
});
