import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Book } from '../../../src/ledger/book';
import { mlflowServer, readMlflowServer } from '../../../src/trackers/mlflow-server';
import { RunTable } from '../../../src/trackers/table';
import { until } from '../../support/jobs';
import { pythonProgram } from '../../support/python';

const signal = new AbortController().signal;

describe('a real MLflow', function () {
  this.timeout(240_000);
  let folder: string;
  let server: ChildProcess;
  let address: string;
  let said = '';

  const free = async (): Promise<number> => {
    const one = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => one.once('listening', done));
    const { port } = one.address() as AddressInfo;
    await new Promise((done) => one.close(done));
    return port;
  };
  const post = async (what: string, body: object): Promise<Record<string, never>> => {
    const response = await fetch(`${address}/api/2.0/mlflow/${what}`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    });
    assert.equal(response.status, 200, `${what}: ${await response.clone().text()}\n${said}`);
    return (await response.json()) as Record<string, never>;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mlflow-'));
    const port = await free();
    address = `http://127.0.0.1:${port}`;
    const options = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
    const store = ['--backend-store-uri', 'sqlite:///mlflow.db', '--default-artifact-root', './artifacts'];
    server = spawn(pythonProgram('mlflow'), ['server', ...options, ...store], {
      ...{ cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
      env: { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', DO_NOT_TRACK: '1' },
    });
    for (const stream of [server.stdout, server.stderr]) stream?.on('data', (text) => (said += String(text)));
    const isUp = (): Promise<boolean> =>
      fetch(`${address}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    for (const end = Date.now() + 200_000; !(await isUp()); await new Promise((done) => setTimeout(done, 200)))
      if (Date.now() > end || server.exitCode !== null) throw new Error(`the server did not come up:\n${said}`);
  });
  after(async () => {
    if (server?.pid !== undefined && server.exitCode === null) {
      const gone = new Promise((done) => server.once('exit', done));
      process.kill(-server.pid, 'SIGKILL');
      await gone;
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('has the same runs by its server and by its database, which is read while the server writes it', async () => {
    const { experiment_id: experiment } = await post('experiments/create', { name: 'churn' });
    for (const [at, status] of (['FINISHED', 'FAILED', undefined] as const).entries()) {
      const named = { experiment_id: experiment, run_name: `run ${at}`, start_time: 1_795_631_660_000 + at * 1_000 };
      const { run } = (await post('runs/create', named)) as unknown as { run: { info: { run_id: string } } };
      const { run_id } = run.info;
      await post('runs/log-batch', {
        run_id,
        metrics: [
          { key: 'val_auc', value: 0.8, timestamp: 1, step: 1 },
          { key: 'val_auc', value: 0.75 + at / 100, timestamp: 2, step: 2 },
          { key: 'loss', value: 'NaN', timestamp: 2, step: 2 },
        ],
        params: [
          { key: 'lr', value: '0.1' },
          { key: 'seed', value: String(at) },
        ],
        tags: [{ key: 'mlflow.source.name', value: 'train.py' }],
      });
      if (status) await post('runs/update', { run_id, status, end_time: 1_795_631_665_000 + at * 1_000 });
    }
    const looking = {
      folders: [{ name: 'ws', path: folder }],
      path: undefined,
      ignores: async () => undefined,
      signal,
    };
    const read = (more: object, folders = looking.folders): Promise<Book> =>
      new RunTable().read({ ...looking, ...more, folders });
    const byDatabase = await until(async () => {
      const book = await read({});
      return book.runs.length === 3 ? book : undefined;
    }, 'three runs in the database');
    const byServer = await read({ mlflow: () => ({ address }) }, []);
    assert.deepEqual([byServer.problems, byDatabase.problems], [[], []]);
    const plain = ({ runs }: Book): unknown[] =>
      runs.map(({ record }) => ({
        ...record,
        metrics: [...record.metrics].sort((a, b) => (a.name < b.name ? -1 : 1)),
      }));
    assert.deepEqual(plain(byServer), plain(byDatabase));
    const [, , last] = byServer.runs;
    assert.deepEqual(byServer.runs.map(({ record }) => record.state).sort(), ['failed', 'ok', 'unknown']);
    assert.ok(last?.file.startsWith(address));
    // Both at once: a run is in the table once.
    assert.equal((await read({ mlflow: () => ({ address }) })).runs.length, 3);
  });
});

describe('an MLflow server', () => {
  it('is the one of the setting, else of the environment, and a token goes to no other and not in the clear', () => {
    const token = { MLFLOW_TRACKING_TOKEN: 'secret' };
    const to = (setting: string, env: Record<string, string> = {}): unknown => mlflowServer(setting, env);
    assert.equal(to('', { MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db' }), undefined);
    assert.deepEqual(to('https://a.example/ml/', token), {
      address: 'https://a.example/ml',
      authorization: 'Bearer secret',
    });
    assert.deepEqual(to('https://a.example', { ...token, MLFLOW_TRACKING_URI: 'https://b.example' }), {
      address: 'https://a.example',
    });
    assert.deepEqual(to('', { ...token, MLFLOW_TRACKING_URI: 'http://b.example' }), { address: 'http://b.example' });
    assert.deepEqual(to('http://127.0.0.1:5000', token), {
      ...{ address: 'http://127.0.0.1:5000', authorization: 'Bearer secret' },
    });
    assert.deepEqual(to('https://me:pw@a.example'), {
      ...{ address: 'https://a.example', authorization: `Basic ${Buffer.from('me:pw').toString('base64')}` },
    });
    assert.throws(() => to('file:///etc'), /http/u);
  });

  it('that is none, sends elsewhere, wants a name or is gone costs one line, with no token in it', async () => {
    let redirected = 0;
    const answers: Record<string, (url: string) => [number, string, Record<string, string>?]> = {
      text: () => [200, '<html>'],
      away: (url) =>
        url.startsWith('/away') ? [307, '', { location: '/elsewhere' }] : ((redirected += 1), [200, '{}']),
      closed: () => [401, ''],
      odd: () => [200, '{"experiments": 7}'],
    };
    const one: Server = createServer(({ url = '' }, response) => {
      const [status, body, headers] = answers[url.split('/')[1] ?? '']?.(url) ?? [200, ((redirected += 1), '{}')];
      response.writeHead(status, headers).end(body);
    }).listen(0, '127.0.0.1');
    await new Promise((done) => one.once('listening', done));
    const address = `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
    const fault = (path: string): Promise<unknown> =>
      readMlflowServer({ address: `${address}${path}`, authorization: 'Bearer secret' }, signal).then(
        () => 'none',
        (error: Error) => `${error.name} ${error.message}`,
      );
    assert.match(String(await fault('/text')), /UserError .*not JSON/u);
    assert.match(String(await fault('/away')), /UserError it cannot be reached/u);
    assert.match(String(await fault('/closed')), /UserError it wants a name/u);
    assert.match(String(await fault('/odd')), /UserError/u);
    assert.equal(redirected, 0);
    await new Promise((done) => one.close(done));
    assert.match(String(await fault('/text')), /UserError it cannot be reached/u);
  });
});
