import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Tool } from '../../../src/agent/tool';
import type { Host } from '../../../src/host/host';
import { createNodeHost } from '../../../src/host/node';
import { EYES } from '../../../src/jobs/eyes';
import { rootsOf } from '../../../src/jobs/jobs';
import { startJob } from '../../../src/jobs/start';
import { glance } from '../../../src/jobs/wait';
import { keepingOf, keepRecord } from '../../../src/ledger/keep';
import { readLedger } from '../../../src/ledger/read';
import { lineOf, type RunRecord } from '../../../src/ledger/record';
import { runsTool } from '../../../src/tools/runs';
import { FakeSession } from '../../support/fake-tool-context';
import { JobsWorld } from '../../support/jobs';

const CHURN = resolve(__dirname, '../../../examples/churn');
const LEDGER = 'experiments/ledger.jsonl';
const COMMAND = 'python3 -m churn.logistic --epochs 5 --seed 3';
const WHEEL = `
import sys, zipfile
for v in ('1.0', '2.0'):
    with zipfile.ZipFile(f'{sys.argv[1]}/toyfactor-{v}-py3-none-any.whl', 'w') as z:
        z.writestr('toyfactor.py', f'FACTOR = {v}\\n')
        z.writestr(f'toyfactor-{v}.dist-info/METADATA', f'Metadata-Version: 2.1\\nName: toyfactor\\nVersion: {v}\\n')
        z.writestr(f'toyfactor-{v}.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        z.writestr(f'toyfactor-{v}.dist-info/RECORD', '')
`;
const signal = new AbortController().signal;

describe('a run of the example, made again', function () {
  this.timeout(300_000);
  let world: JobsWorld;
  let home: JobsWorld['home'];
  let run: RunRecord;
  let ledger: string;

  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
      ...{ cwd: world.workspace, encoding: 'utf8' },
    });
  const file = (path: string): string => join(world.workspace, path);
  const edit = (path: string, change: (text: string) => string): void =>
    writeFileSync(file(path), change(readFileSync(file(path), 'utf8')));
  /** The example as a repository of its own, its data and packages not in git. */
  const open = (): void => {
    world = new JobsWorld();
    home = { ...world.home, ledger: () => LEDGER };
    cpSync(CHURN, world.workspace, { recursive: true });
    git('init', '-q', '-b', 'main');
    writeFileSync(file('.git/info/exclude'), 'data/churn.csv\n.venv\n__pycache__\n');
    git('add', '.');
    git('commit', '-qm', 'first');
  };
  /** Trains once, as a job, into the ledger. */
  const train = async (host: Host = world.host): Promise<RunRecord> => {
    const words = ['data/churn.csv', 'churn/logistic.py'];
    const given = {
      command: COMMAND,
      cwd: world.workspace,
      title: 'Train',
      words,
      watches: [],
      session: 's',
      call: 'c',
    };
    const { id } = await startJob(home, host, given);
    const observed = await glance(await world.over(id), EYES, signal);
    assert.ok(observed);
    await keepRecord(observed, keepingOf(home, host, signal));
    const found = (await readLedger(world.workspace, LEDGER)).runs.find(({ record }) => record.id === id);
    assert.equal(found?.record.state, 'ok');
    return found.record;
  };
  const again = async (id: string, host: Host = world.host): Promise<string> => {
    const tool: Tool<Host> = runsTool(home);
    const input = tool.input.parse({ action: 'reproduce', runs: [id] });
    const { content } = await tool.run(input, new FakeSession({ host }).context());
    return content as string;
  };
  const rewrite = (change: (record: RunRecord) => RunRecord): void => writeFileSync(file(LEDGER), lineOf(change(run)));

  before(async () => {
    open();
    // Not committed then, and gone since.
    edit('churn/logistic.py', (text) => text.replace('seed=arguments.seed', 'seed=1000 + arguments.seed'));
    run = await train();
    ledger = readFileSync(file(LEDGER), 'utf8');
    git('checkout', '-q', 'churn/logistic.py');
  });
  beforeEach(() => {
    if (existsSync(file(LEDGER))) writeFileSync(file(LEDGER), ledger);
  });
  after(() => world.remove());

  it('is asked for as the command that it is, in the tree that it will run in, and nothing is made by that', async () => {
    const tool = runsTool(home);
    const context = new FakeSession({ host: world.host }).context();
    const action = await tool.action(tool.input.parse({ action: 'reproduce', runs: [run.id] }), context);
    assert.ok(action.effect === 'execute');
    assert.deepEqual([action.command, action.cwd.inside, action.ruledAs], [COMMAND, false, 'Execute']);
    assert.match(action.cwd.path, /reproduce/u);
    assert.ok(action.parts.some((part) => part.class === 'runs-code'));
    assert.ok(!existsSync(join(home.state, 'reproduce')));
  });

  it('comes back with its changes, whatever became of the tree since, and leaves that as it is', async () => {
    edit('churn/train.py', () => 'raise SystemExit("broken since")\n');
    edit('churn/logistic.py', () => 'raise SystemExit("broken since")\n');
    const status = git('status', '--porcelain');
    const told = await again(run.id);
    assert.match(told, new RegExp(`Run ${run.id} came back\\.`, 'u'));
    assert.match(told, /auc: 0\.\d+ then, 0\.\d+ now\n/u);
    assert.match(told, /Nothing that is recorded differs/u);
    assert.match(told, /the same as then/u);
    assert.equal(git('status', '--porcelain'), status);
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
    git('checkout', '-q', '.');
  });

  it('does not come back where data, code, packages, hardware and seed differ, and each is named', async () => {
    const data = readFileSync(file('data/churn.csv'), 'utf8');
    edit('data/churn.csv', (text) => text.split('\n').slice(0, 2000).join('\n'));
    const [root = ''] = await rootsOf({ state: home.state, folders: [world.workspace] });
    const diff = join(root, run.id, 'changes.diff');
    renameSync(diff, `${diff}.away`);
    rewrite((record) => ({
      ...record,
      data: [...record.data, { path: '../../../etc/hostname', size: 1, hash: 'c'.repeat(64) }],
      environment: { ...record.environment, lock: { kind: 'snapshot', hash: 'a'.repeat(64) }, gpus: ['NVIDIA H100'] },
      seeds: [...record.seeds, { name: 'PYTHONHASHSEED', value: '7' }],
    }));
    const told = await again(run.id);
    renameSync(`${diff}.away`, diff);
    writeFileSync(file('data/churn.csv'), data);
    for (const expected of [
      /did not come back/u,
      /\(outside the tolerance\)/u,
      /data: data\/churn\.csv: sha256 [0-9a-f]{12} then, sha256 [0-9a-f]{12} now/u,
      /data: \.\.\/\.\.\/\.\.\/etc\/hostname: it may not be read/u,
      /code: its changes that were not committed are not kept on this machine/u,
      /code: churn\/logistic\.py: sha256/u,
      /packages: snapshot a{12} then/u,
      /Packages: as they are now; those of then \(snapshot a{12}\) cannot be had here/u,
      /hardware: GPUs: NVIDIA H100 then, none now/u,
      /seed: seed=3 PYTHONHASHSEED=7 then, seed=3 now/u,
    ])
      assert.match(told, expected);
  });

  it('is refused where it could not be the same: no commit, a hostile one, a masked command, one of a tracker', async () => {
    const refused = async (change: (record: RunRecord) => RunRecord, why: RegExp): Promise<void> => {
      rewrite(change);
      await assert.rejects(again(run.id), why);
    };
    const code = (commit: string): NonNullable<RunRecord['code']> => ({ commit, dirty: false });
    await refused((record) => ({ ...record, code: code('--upload-pack=touch pwned') }), /no commit is recorded/u);
    await refused((record) => ({ ...record, code: code('b'.repeat(40)) }), /is not in the repository/u);
    await refused((record) => ({ ...record, command: 'train --key [[masked-openai-key]]' }), /secret that was masked/u);
    await refused((record) => ({ ...record, command: `python ${world.workspace}/x.py` }), /would write there/u);
    await refused((record) => ({ ...record, cwd: '../..' }), /outside of the workspace folder/u);
    mkdirSync(file('dvclive'));
    writeFileSync(file('dvclive/metrics.json'), '{"auc": 1}');
    await assert.rejects(again('dvc-dvclive'), /is a run of DVC/u);
    rmSync(file('dvclive'), { recursive: true });
  });

  describe('with packages of its own', () => {
    before(async () => {
      await world.remove();
      open();
    });

    it('gets those of then in an environment beside its tree, where their list is kept', async () => {
      // A wheel is a zip; nothing is fetched.
      const wheels = join(world.root, 'wheels');
      mkdirSync(wheels);
      execFileSync('python3', ['-c', WHEEL, wheels]);
      const config = join(world.root, '.config/pip');
      mkdirSync(config, { recursive: true });
      writeFileSync(join(config, 'pip.conf'), `[global]\nno-index = true\nfind-links = ${wheels}\n`);
      const env = { ...process.env, HOME: world.root };
      execFileSync('python3', ['-m', 'venv', '--without-pip', file('.venv')]);
      const [python = ''] = readdirSync(file('.venv/lib'));
      const packages = file(`.venv/lib/${python}/site-packages`);
      const install = (version: string): void =>
        void execFileSync('python3', [
          '-m',
          'zipfile',
          '-e',
          `${wheels}/toyfactor-${version}-py3-none-any.whl`,
          packages,
        ]);
      install('1.0');
      edit('churn/logistic.py', (text) =>
        text
          .replace('import argparse', 'import argparse\nimport toyfactor')
          .replace('seed=arguments.seed', 'seed=int(1000 * toyfactor.FACTOR) + arguments.seed'),
      );
      git('commit', '-qam', 'second');
      const host = createNodeHost({ folders: [world.workspace], env });
      const { id, environment } = await train(host);
      assert.equal(environment.lock?.kind, 'snapshot');
      rmSync(join(packages, 'toyfactor-1.0.dist-info'), { recursive: true });
      install('2.0');
      const told = await again(id, host);
      assert.match(told, new RegExp(`Run ${id} came back`, 'u'), told);
      assert.match(told, /installed anew from the list of then \(snapshot [0-9a-f]{12}\), by venv and pip/u);
    });
  });
});
