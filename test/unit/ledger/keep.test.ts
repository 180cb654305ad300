import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EYES, type EyesOf } from '../../../src/jobs/eyes';
import type { JobsHome, Wanted } from '../../../src/jobs/start';
import { startJob } from '../../../src/jobs/start';
import { glance } from '../../../src/jobs/wait';
import { KEPT, keepEnded, keepingOf, keepRecord, type Kept, type Keeping } from '../../../src/ledger/keep';
import { readLedger } from '../../../src/ledger/read';
import type { Run } from '../../../src/ledger/parse';
import { JobsWorld } from '../../support/jobs';

const LEDGER = 'experiments/ledger.jsonl';
const SECRET = 'hunter2-hunter2-hunter2';

describe('a finished job in the ledger', function () {
  this.timeout(60_000);
  let world: JobsWorld;
  let home: JobsHome;

  beforeEach(() => {
    world = new JobsWorld();
    home = { ...world.home, secrets: [SECRET], ledger: () => LEDGER, droid: 'ml-engineer' };
  });
  afterEach(() => world.remove());

  const never = new AbortController().signal;
  const keeping = (some: Partial<Keeping> = {}): Keeping => ({ ...keepingOf(home, world.host, never), ...some });
  const ran = async (command: string, more: Partial<Wanted> = {}): Promise<string> => {
    const place = { cwd: world.workspace, title: 'Train', words: [], watches: [], session: 's', call: 'c' };
    const { id } = await startJob(home, world.host, { command, ...place, ...more });
    await world.over(id);
    return id;
  };
  const keep = async (id: string, eyes: EyesOf = EYES, some: Partial<Keeping> = {}): Promise<Kept | undefined> => {
    const observed = await glance(await world.look(id), eyes, never);
    assert.ok(observed);
    return keepRecord(observed, keeping(some));
  };
  const runs = async (): Promise<Run[]> => (await readLedger(world.workspace, LEDGER)).runs;
  const put = (name: string, text: string): Promise<void> => writeFile(join(world.workspace, name), text);

  it('says what was expected, run, measured and made, with hashes, and no secret', async () => {
    execFileSync('git', ['init', '-q', world.workspace]);
    await put('train.sh', 'mkdir -p models; echo weights > models/m.pt; exit 0');
    await put('data.csv', 'a,b\n1,2\n');
    const git = ['-C', world.workspace, '-c', 'user.name=t', '-c', 'user.email=t@t'];
    execFileSync('git', [...git, 'add', '.']);
    execFileSync('git', [...git, 'commit', '-q', '-m', 'first']);
    await put('data.csv', 'a,b\n1,3\n');
    const eyes: EyesOf = () => ({
      read: () => undefined,
      readings: () => ({
        metrics: [
          { name: 'auc', value: 0.91 },
          { name: 'loss', value: Number.NaN },
        ],
        epochs: 1,
      }),
      firing: () => [],
    });
    const id = await ran(`sh train.sh data.csv --seed 7 --token ${SECRET}`, {
      words: ['train.sh', 'data.csv'],
      hypothesis: `It learns with ${SECRET}`,
    });
    assert.deepEqual(await keep(id, eyes), { kept: true, path: LEDGER });
    const [run] = await runs();
    assert.ok(run);
    const { record } = run;
    assert.deepEqual(
      [record.id, record.state, record.exit, record.cwd, record.droid],
      [id, 'ok', 0, '.', 'ml-engineer'],
    );
    assert.deepEqual(record.metrics, [
      { name: 'auc', last: 0.91 },
      { name: 'loss', last: null },
    ]);
    assert.deepEqual(record.seeds, [{ name: 'seed', value: '7' }]);
    assert.deepEqual(
      [record.data, record.sources ?? []].map((files) => files.map(({ path, hash }) => [path, hash?.length])),
      [[['data.csv', 64]], [['train.sh', 64]]],
    );
    assert.deepEqual(
      record.artefacts.map(({ path, size, hash }) => [path, size, hash?.length]),
      [['models/m.pt', 8, 64]],
    );
    assert.deepEqual([record.code?.dirty, record.code?.diff?.length], [true, 64]);
    const text = await readFile(join(world.workspace, LEDGER), 'utf8');
    assert.ok(!text.includes(SECRET) && !text.includes(world.workspace));
    assert.match(text, /It learns with \[\[masked-/u);
    assert.equal(await readFile(join((await world.look(id)).folder, KEPT), 'utf8'), text);
  });

  it('has the metrics that its log really tells, the best over the curve beside the last, and the line', async () => {
    const id = await ran('for n in 3 5 4; do echo "epoch=$n val_auc=0.$n"; done');
    await keep(id);
    const [run] = await runs();
    assert.deepEqual(
      run?.record.metrics.find(({ name }) => name === 'val_auc'),
      { name: 'val_auc', last: 0.4, best: 0.5, split: 'val', line: 3 },
    );
  });

  it('is no difference of the code to the run after it', async () => {
    execFileSync('git', ['init', '-q', world.workspace]);
    const git = ['-C', world.workspace, '-c', 'user.name=t', '-c', 'user.email=t@t'];
    execFileSync('git', [...git, 'commit', '-q', '--allow-empty', '-m', 'first']);
    await keep(await ran('true'));
    execFileSync('git', [...git, 'add', '.']);
    execFileSync('git', [...git, 'commit', '-q', '-m', 'the ledger']);
    await keep(await ran('true'));
    await keep(await ran('true'));
    const dirty = (await runs()).map(({ record }) => record.code?.dirty);
    assert.deepEqual(dirty, [false, false, false]);
  });

  it('is written once, however many see its end at once, and after a kill between line and mark', async () => {
    const id = await ran('true');
    const observed = await glance(await world.look(id), EYES, never);
    assert.ok(observed);
    await Promise.all([1, 2, 3, 4].map(() => keepRecord(observed, keeping())));
    await keepEnded({ state: home.state, folders: [world.workspace] }, EYES, keeping());
    assert.equal((await runs()).length, 1);
    await (await import('node:fs/promises')).rm(join(observed.status.folder, KEPT));
    assert.deepEqual(await keep(id), { kept: true, path: LEDGER });
    assert.equal((await readFile(join(world.workspace, LEDGER), 'utf8')).trim().split('\n').length, 1);
  });

  it('waits where it cannot be written, says so once, and is written when it can', async () => {
    const id = await ran('exit 3');
    await put('experiments', 'a file lies there');
    const [first, second] = [await keep(id), await keep(id)];
    assert.ok(first && 'problem' in first && second && 'problem' in second);
    assert.match(first.problem, /could not be written into experiments\/ledger\.jsonl.*a file lies where its folder/u);
    assert.deepEqual([first.isNew, second.isNew], [true, false]);
    const { events } = (await world.look(id)).found;
    assert.equal(events.filter(({ type }) => type === 'problem').length, 1);
    execFileSync('rm', [join(world.workspace, 'experiments')]);
    const kept = await keepEnded({ state: home.state, folders: [world.workspace] }, EYES, keeping());
    assert.deepEqual(kept, [{ kept: true, path: LEDGER }]);
    assert.deepEqual(
      (await runs()).map(({ record }) => [record.id, record.state, record.exit]),
      [[id, 'failed', 3]],
    );
  });

  it('says that a folder is read-only', async function () {
    if (process.getuid?.() === 0) this.skip(); // Root may write anywhere.
    const id = await ran('true');
    await mkdir(join(world.workspace, 'experiments'));
    await chmod(join(world.workspace, 'experiments'), 0o500);
    const kept = await keep(id);
    await chmod(join(world.workspace, 'experiments'), 0o700);
    assert.ok(kept && 'problem' in kept);
    assert.match(kept.problem, /it may not be written/u);
  });

  it('is none where the user wants none, .agentignore names it, the workspace is not trusted, or it lies elsewhere', async () => {
    const wanted = await ran('true');
    assert.equal(await keep(wanted, EYES, { isOn: false }), undefined);
    assert.equal(await keep(wanted, EYES, { trusted: false }), undefined);
    assert.equal(await keep(wanted, EYES, { folders: [join(world.root, 'another')] }), undefined);
    await put('.agentignore', 'experiments/\n');
    assert.equal(await keep(await ran('true')), undefined);
    home = { ...home, ledger: () => undefined };
    const off = await ran('true');
    home = { ...home, ledger: () => LEDGER };
    assert.equal(await keep(off), undefined);
    assert.ok(!existsSync(join(world.workspace, 'experiments')));
  });
});
