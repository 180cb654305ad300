import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Book } from '../../../src/ledger/book';
import { comparisonOf } from '../../../src/ledger/comparison';
import type { Run } from '../../../src/ledger/parse';
import { lineOf } from '../../../src/ledger/record';
import { repeatsOf } from '../../../src/ledger/repeats';
import { runText } from '../../../src/ledger/tell';
import { RunTable } from '../../../src/trackers/table';
import { scalarRecord } from '../../support/event-file';
import { runRecord } from '../../support/ledger';

const WANDB = 'wandb/offline-run-20261125_185434-9zc1gud8';
const WANDB_LOG = resolve(__dirname, '../../fixtures/trackers/run-9zc1gud8.wandb.gz');

describe('runs of other trackers', function () {
  this.timeout(60_000);
  let folder: string;
  let table: RunTable;
  let ignored: string[];

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'trackers-')));
    table = new RunTable();
    ignored = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const put = async (files: Record<string, string | Uint8Array>): Promise<void> => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
  };
  const read = (signal = new AbortController().signal): Promise<Book> =>
    table.read({
      folders: [{ name: 'ws', path: folder }],
      path: 'experiments/ledger.jsonl',
      ignores: async ([path = '']) => ignored.find((name) => path.startsWith(join(folder, name))),
      signal,
    });
  const one = async (): Promise<Run> => {
    const { runs, problems } = await read();
    assert.deepEqual(problems, []);
    assert.equal(runs.length, 1);
    return runs[0] as Run;
  };
  const metrics = ({ record }: Run): [string, number | null, number?][] =>
    record.metrics.map(({ name, last, best }) => (best === undefined ? [name, last] : [name, last, best]));
  const params = ({ record }: Run): Record<string, string> =>
    Object.fromEntries((record.params ?? []).map(({ name, value }) => [name, value]));

  const MLRUN = 'mlruns/12/0123456789abcdef0123456789abcdef';
  const mlrun = (status: number, more: Record<string, string> = {}): Record<string, string> => ({
    'mlruns/12/meta.yaml': "artifact_location: file:///x\nexperiment_id: '12'\nlifecycle_stage: active\nname: churn\n",
    [`${MLRUN}/meta.yaml`]: `end_time: ${status === 1 ? 'null' : 1795631666242}\nexperiment_id: '12'\nlifecycle_stage: active\nrun_id: 0123456789abcdef0123456789abcdef\nrun_name: first\nstart_time: 1795631660242\nstatus: ${status}\n`,
    [`${MLRUN}/metrics/val/auc`]: '1795631666240 0.7 1\n1795631666241 0.75 2\n1795631666242 0.9',
    [`${MLRUN}/metrics/loss`]: '1 nan 1\n',
    [`${MLRUN}/params/seed`]: '4',
    [`${MLRUN}/tags/mlflow.source.name`]: 'train.py',
    [`${MLRUN}/tags/mlflow.source.git.commit`]: 'a'.repeat(40),
    ...more,
  });

  it('are read of MLflow folders: the last whole line of a metric, settings, seed, commit, and how it ended', async () => {
    await put(mlrun(3));
    const run = await one();
    assert.deepEqual(metrics(run).sort(), [
      ['loss', null],
      ['val/auc', 0.75],
    ]);
    const { id, title, state, seconds, seeds, code, group, command } = run.record;
    assert.deepEqual(
      { id, title, state, seconds, seeds, group, command, commit: code?.commit },
      {
        ...{ id: 'mlflow-0123456789abcdef0123456789abcdef', title: 'first', state: 'ok', seconds: 6 },
        ...{ seeds: [{ name: 'seed', value: '4' }], group: 'churn', command: 'train.py', commit: 'a'.repeat(40) },
      },
    );
  });

  it('that go on are read anew each time, those that ended only once', async () => {
    await put(mlrun(1));
    assert.equal((await one()).record.state, 'unknown');
    await put({ [`${MLRUN}/metrics/loss`]: '1 0.5 1\n' });
    assert.deepEqual(metrics(await one()).find(([name]) => name === 'loss')?.[1], 0.5);
    await put(mlrun(4));
    const ended = await one();
    assert.equal(ended.record.state, 'failed');
    assert.equal((await one()).record, ended.record);
  });

  it('are read of W&B: the log of an offline run, over its blocks, as its own client wrote it', async () => {
    await put({ [`${WANDB}/run-9zc1gud8.wandb`]: gunzipSync(await readFile(WANDB_LOG)) });
    const run = await one();
    const { id, title, group, state, exit, command, code, environment, seeds } = run.record;
    assert.deepEqual(
      { id, title, group, state, exit, command, commit: code?.commit.length, python: environment.python, seeds },
      {
        ...{ id: 'wandb-9zc1gud8', title: 'tree', group: 'churn', state: 'ok', exit: 0, command: 'train.py' },
        ...{ commit: 40, python: '3.11.7', seeds: [{ name: 'seed', value: '3' }] },
      },
    );
    assert.deepEqual(metrics(run).sort(), [
      ['epoch', 2],
      ['loss', null, 1],
      ['test.f1', 0.7],
      ['val_auc', 0.82, 0.84],
    ]);
    assert.equal(params(run)['model.depth'], '4');
    assert.match(params(run)['note'] ?? '', /^a{500} \[line cut: 40000 characters\]$/u);
    assert.doesNotMatch(JSON.stringify(run), /team@example\.com|laptop/u);
  });

  it('are read of W&B where its log is torn, as far as it goes, and say that the end is not known', async () => {
    const whole = gunzipSync(await readFile(WANDB_LOG));
    await put({ [`${WANDB}/run-9zc1gud8.wandb`]: whole.subarray(0, whole.length - 900) });
    const run = await one();
    assert.deepEqual([run.record.state, run.record.title], ['unknown', 'tree']);
    assert.match(run.record.missing?.join() ?? '', /how it ended/u);
  });

  it('are read of W&B folders of runs that were sent: summary, configuration, metadata', async () => {
    const path = 'wandb/run-20261101_101010-abcd1234';
    await put({
      [`${path}/files/wandb-summary.json`]:
        '{"val_auc": 0.9, "loss": NaN, "_step": 3, "_timestamp": 1795631666.5, "nested": {"f1": 0.5}, "name": "x"}',
      [`${path}/files/config.yaml`]:
        'wandb_version: 1\nlr:\n  desc: null\n  value: 0.1\nopt:\n  value: !!python/object:os.system\n    cmd: rm\n_wandb:\n  value: {}\n',
      [`${path}/files/wandb-metadata.json`]:
        '{"program": "train.py", "args": ["--lr", "0.1"], "startedAt": "2026-11-01T10:10:10Z", "git": {"commit": "bbbbbbbbbb"}, "python": "CPython 3.11.2"}',
    });
    const run = await one();
    assert.deepEqual(metrics(run), [
      ['val_auc', 0.9],
      ['loss', null],
      ['nested.f1', 0.5],
    ]);
    assert.deepEqual(params(run), { lr: '0.1', 'opt.cmd': 'rm' });
    assert.deepEqual(
      [run.record.command, run.record.code?.commit, run.record.environment.python, run.record.at],
      ['train.py --lr 0.1', 'bbbbbbbbbb', '3.11.2', '2026-11-25T18:34:26.500Z'],
    );
  });

  it('are read of Lightning: last and best of its table without the half row, settings as text, and no tag is obeyed', async () => {
    await put({
      'lightning_logs/version_0/metrics.csv':
        'epoch,step,train_loss,val_auc\n0,9,0.5,\n0,9,,0.84\n1,19,0.4,0.83\n1,19,0.1',
      'lightning_logs/version_0/hparams.yaml':
        'lr: 0.1\nmodel: !!python/object/apply:os.system ["touch pwned"]\nlist: [1, 2]\nfn: !!python/name:os.system\n',
    });
    const run = await one();
    assert.deepEqual(metrics(run), [
      ['train_loss', 0.4, 0.4],
      ['val_auc', 0.83, 0.84],
    ]);
    assert.deepEqual(params(run), { lr: '0.1', model: '["touch pwned"]', list: '[1,2]', fn: 'None' });
    assert.match(runText(run, repeatsOf([run])), /how it ended: Lightning does not record that/u);
  });

  it('are read of TensorBoard: a folder with event files is one run', async () => {
    const event = (step: number, value: number): Buffer =>
      scalarRecord({ tag: 'val_auc', value, step, time: 1_795_631_660_000 + step * 1_000 });
    await put({ 'logs/a/events.out.tfevents.1.host': Buffer.concat([event(1, 0.5), event(2, 0.75), event(3, 0.625)]) });
    const run = await one();
    assert.deepEqual(metrics(run), [['val_auc', 0.625, 0.75]]);
    assert.deepEqual([run.record.id, run.record.seconds], ['tensorboard-logs/a', 2]);
  });

  it('are read of DVC: the metrics that dvc.yaml names inside of its folder, the command that makes them, its settings', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'));
    await writeFile(join(outside, 'secret.json'), '{"secret": 7}');
    await put({
      'dvc.yaml':
        'stages:\n  train:\n    cmd: python train.py\n    metrics:\n      - out/metrics.json:\n          cache: false\n      - link/secret.json\nmetrics:\n  - ../x.json\n',
      'out/metrics.json': '{"val": {"auc": 0.9}, "step": 3, "name": "x", "bad": NaN}',
      'params.yaml': 'train:\n  lr: 0.1\n',
    });
    await symlink(outside, join(folder, 'link'));
    const run = await one();
    await rm(outside, { recursive: true });
    assert.deepEqual(metrics(run), [
      ['out/metrics.json:val.auc', 0.9],
      ['out/metrics.json:bad', null],
    ]);
    assert.deepEqual([run.record.command, params(run)], ['python train.py', { 'train.lr': '0.1' }]);
    assert.match(run.record.missing?.join() ?? '', /outside of the folder/u);
  });

  it('stand beside the ledger and are compared with it, and nothing is left out silently of three trackers', async () => {
    const event = scalarRecord({ tag: 'val_auc', value: 0.5, step: 1, time: 1 });
    await put({
      'experiments/ledger.jsonl': lineOf(runRecord({ id: '20260101T100000-abcdef' })),
      ...mlrun(3, { [`${MLRUN}/metrics/val_auc`]: '1 0.75 1\n', [`${MLRUN}/params/lr`]: '0.3' }),
      'logs/a/events.out.tfevents.1.host': event,
    });
    const { runs } = await read();
    assert.deepEqual(
      runs.map(({ tracker = 'ledger' }) => tracker),
      ['TensorBoard', 'ledger', 'MLflow'],
    );
    const { rows } = comparisonOf(runs, runs);
    const values = (name: string): string[] | undefined => rows.find((row) => row.name === name)?.values;
    assert.deepEqual(values('from'), ['TensorBoard', 'ledger', 'MLflow']);
    assert.deepEqual(values('val_auc'), ['0.5', '0.91', '0.75']);
    assert.deepEqual(values('lr'), ['', '0.1', '0.3']);
  });

  it('that nobody knows the settings of are no repeats of each other', async () => {
    const event = scalarRecord({ tag: 'val_auc', value: 0.5, step: 1, time: 1 });
    await put({ 'logs/a/events.out.tfevents.1.host': event, 'logs/b/events.out.tfevents.1.host': event });
    const { runs } = await read();
    assert.equal(repeatsOf(runs).size, 2);
  });

  it('that are broken, hostile or half written are named with the reason, and hide no others', async () => {
    const bomb = `a: &a [${'x,'.repeat(50)}x]\n${Array.from({ length: 12 }, (_, n) => `${'bcdefghijklm'[n]}: &${'bcdefghijklm'[n]} [${`*${'abcdefghijkl'[n]},`.repeat(30)}1]`).join('\n')}\n`;
    await put({
      ...mlrun(3),
      'mlflow.db': 'not a database',
      'other.db': 'not a database either',
      'wandb/run-20261101_101010-torn/files/wandb-summary.json': '{"val_auc": 0.',
      'wandb/run-20261101_101010-none/files/requirements.txt': '',
      'lightning_logs/version_0/metrics.csv': '',
      'lightning_logs/version_1/metrics.csv': 'epoch,val_auc\n1,0.5\n',
      'lightning_logs/version_1/hparams.yaml': bomb,
      'p/dvc.yaml': 'metrics: [m.json]\n',
      'p/m.json': `{"<img src=x onerror=alert(1)>\\u202e": 1, "deep": ${'{"a":'.repeat(50)}1${'}'.repeat(50)}}`,
      'q/dvc.yaml': '- : [\n',
      'logs/events.out.tfevents.1.host': Buffer.alloc(64, 7),
    });
    await symlink('/etc', join(folder, 'linked'));
    execFileSync('mkfifo', [join(folder, 'p/metrics.json')]);
    const { runs, problems } = await read();
    assert.deepEqual(runs.map(({ tracker }) => tracker).sort(), ['DVC', 'Lightning', 'MLflow']);
    const told = problems.join('\n');
    for (const reason of [/mlflow\.db: it is cut off/u, /q\/dvc\.yaml: it is no YAML/u]) assert.match(told, reason);
    assert.match(told, /and 1 more|tfevents/u);
    assert.doesNotMatch(told, /other\.db|undefined|TypeError/u);
    for (const { record } of runs) assert.ok(JSON.stringify(record).length < 200_000);
  });

  it('that `.agentignore` names, that lie among installed packages or behind a link are not read', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'elsewhere-'));
    await put(mlrun(3));
    await put({ '.venv/lib/dvclive/metrics.json': '{"a": 1}', 'node_modules/dvclive/metrics.json': '{"a": 1}' });
    await mkdir(join(elsewhere, 'dvclive'));
    await writeFile(join(elsewhere, 'dvclive/metrics.json'), '{"a": 1}');
    await symlink(elsewhere, join(folder, 'behind'));
    assert.equal((await one()).tracker, 'MLflow');
    ignored = ['mlruns'];
    assert.deepEqual(await read(), { runs: [], problems: [] });
    await rm(elsewhere, { recursive: true });
  });

  it('are looked for no longer once nobody waits', async () => {
    await put(mlrun(3));
    await assert.rejects(read(AbortSignal.abort(new Error('nobody waits'))), /nobody waits/u);
  });

  it('of ten thousand in one database are read within seconds, the newest of more, and the next look costs next to nothing', async () => {
    const make = `
import sqlite3, sys
c = sqlite3.connect(sys.argv[1]); c.execute('pragma synchronous=off')
c.execute('create table experiments (experiment_id integer not null, name varchar, constraint p primary key (experiment_id))')
c.execute('create table runs (run_uuid varchar, name varchar, source_name varchar, status varchar, start_time bigint, end_time bigint, lifecycle_stage varchar, experiment_id integer)')
c.execute('create table latest_metrics (key varchar, value float, timestamp bigint, step bigint, is_nan boolean, run_uuid varchar)')
c.execute('create table params (key varchar, value varchar, run_uuid varchar)')
c.execute('create table tags (key varchar, value varchar, run_uuid varchar)')
c.execute("insert into experiments values (1, 'e')")
n = 10500
c.executemany("insert into runs values (?, ?, '', 'FINISHED', ?, ?, 'active', 1)", [(f'{i:032x}', f'r{i}', i * 1000, i * 1000 + 5) for i in range(n)])
c.executemany("insert into latest_metrics values (?, ?, 0, 0, 0, ?)", [(m, i / n, f'{i:032x}') for i in range(n) for m in ('auc', 'loss', 'f1')])
c.executemany("insert into params values (?, ?, ?)", [(p, str(i % 50), f'{i:032x}') for i in range(n) for p in ('lr', 'seed', 'depth')])
c.commit()
`;
    execFileSync('python3', ['-c', make, join(folder, 'mlflow.db')]);
    const { runs } = await read();
    assert.deepEqual([runs.length, runs[0]?.record.title, runs.at(-1)?.record.title], [10_000, 'r500', 'r10499']);
    assert.equal(runs[0]?.record.metrics.length, 3);
    const again = await read();
    assert.ok(again.runs.every((run, at) => run.record === runs[at]?.record));
  });
});
