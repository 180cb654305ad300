import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HERE } from '../../../src/jobs/backend';
import { EYES } from '../../../src/jobs/eyes';
import { stateLine } from '../../../src/jobs/job';
import { listJobs, isDamaged } from '../../../src/jobs/jobs';
import { untold } from '../../../src/jobs/news';
import { observe, type Observed } from '../../../src/jobs/observe';
import { slurm } from '../../../src/jobs/slurm';
import type { Started } from '../../../src/jobs/start';
import { stopJob } from '../../../src/jobs/stop';
import { glance } from '../../../src/jobs/wait';
import { JobWatcher } from '../../../src/jobs/watcher';
import { keepingOf, keepRecord } from '../../../src/ledger/keep';
import { readLedger } from '../../../src/ledger/read';
import { JobsWorld, until } from '../../support/jobs';
import { SlurmCluster, whyNoSlurm } from '../../support/slurm';

const signal = new AbortController().signal;
const LEDGER = 'experiments/ledger.jsonl';
/** All of the only node. */
const WHOLE = ['--ntasks=2'];

describe('a job in the queue of Slurm', function () {
  this.timeout(120_000);
  let cluster: SlurmCluster;
  let world: JobsWorld;
  let options: string[] = [];
  const config = process.env['SLURM_CONF'];

  before(async function () {
    const why = whyNoSlurm();
    if (why !== undefined) {
      console.log(`      skipped: ${why}`);
      return this.skip();
    }
    cluster = new SlurmCluster();
    await cluster.start();
    process.env['SLURM_CONF'] = cluster.config;
  });
  after(async () => {
    if (config === undefined) delete process.env['SLURM_CONF'];
    else process.env['SLURM_CONF'] = config;
    await cluster?.stop();
  });
  beforeEach(() => {
    world = new JobsWorld();
    options = [];
    Object.assign(world.home, {
      site: () => ({ ...HERE, kind: 'slurm', slurmOptions: options }),
      ledger: () => LEDGER,
    });
  });
  afterEach(async () => {
    for (const one of await listJobs(place()))
      if (!isDamaged(one) && one.state.state !== 'ended')
        await stopJob(one, { by: 'test', graceMs: 0, signal }).catch(() => undefined);
    await world.remove();
  });

  const place = (): Parameters<typeof listJobs>[0] => ({ state: world.home.state, folders: [world.workspace] });
  const file = (name: string): string => join(world.workspace, name);
  const line = async ({ id }: Started): Promise<string> => stateLine((await world.look(id)).state);
  const isLine = async (job: Started, wanted: RegExp): Promise<string> =>
    until(
      async () => {
        const now = await line(job);
        return wanted.test(now) ? now : undefined;
      },
      `${job.id} to be ${String(wanted)}`,
    );
  /** The job as its watcher sees it once this holds. */
  const seen = async (job: Started, holds: (now: Observed) => boolean): Promise<Observed> => {
    const found = await observe(job, { eyes: EYES, signal: AbortSignal.timeout(60_000), look: holds });
    assert.ok(found);
    return found;
  };
  const hasBegun = (job: Started): Promise<true> =>
    until(async () => readFileSync(job.record.log, 'utf8') !== '' || undefined, `${job.id} to print`);

  it('waits with the reason, runs, and is read, watched and recorded as one of this machine is', async () => {
    options = WHOLE;
    const first = await world.start(
      'echo step=1 loss=0.5; until [ -e go ]; do sleep 0.05; done; echo step=2 loss=nan; until [ -e end ]; do sleep 0.05; done; echo step=3 auc=0.91',
      { title: 'first', where: undefined },
    );
    const second = await world.start('echo "second on $SLURM_JOB_ID"; exit 6', { title: 'second' });
    const early = await seen(first, ({ readings }) => readings.metrics.some(({ name }) => name === 'loss'));
    assert.equal(early.status.state.state, 'running', 'its metrics are read while it runs');
    assert.match(
      await isLine(second, /Resources/u),
      /^waiting in the queue: what it asks for is in use \(Resources\)/u,
    );
    assert.equal((await glance(second, EYES, signal))?.fired.length, 0);
    writeFileSync(file('go'), '');
    const fired = await seen(first, ({ fired: all }) => all.length > 0);
    assert.deepEqual([fired.fired[0]?.watch, fired.status.state.state], ['nan', 'running']);
    assert.match(await line(first), /^running, on \S+$/u);
    writeFileSync(file('end'), '');
    const ended = await world.over(first.id);
    assert.deepEqual([ended.state.how, ended.found.exit?.code], ['ok', 0]);
    const after_ = await world.over(second.id);
    assert.deepEqual([after_.state.how, after_.found.exit?.code], ['failed', 6]);
    assert.match(
      readFileSync(second.record.log, 'utf8'),
      new RegExp(`second on ${after_.found.handle?.id ?? '?'}\\n`, 'u'),
    );
    await keepRecord(await seen(first, () => true), keepingOf(world.home, world.host, signal));
    const [run] = (await readLedger(world.workspace, LEDGER)).runs;
    assert.deepEqual([run?.record.id, run?.record.state, run?.record.exit], [first.id, 'ok', 0]);
    assert.equal(run?.record.metrics.find(({ name }) => name === 'auc')?.last, 0.91);
  });

  it('is interrupted so that its program may save, killed where it heeds nothing, and taken out of the queue', async () => {
    const [heeds, deaf] = [
      await world.start("trap 'echo saved; exit 5' INT; echo begun; while :; do sleep 0.05; done"),
      await world.start("trap '' INT TERM; echo $$ > pid; echo begun; while :; do sleep 0.05; done"),
    ];
    await Promise.all([hasBegun(heeds), hasBegun(deaf)]);
    const waits = await world.start('echo ran > ran');
    const told: string[] = [];
    const stop = async (job: Started, graceMs: number): Promise<ReturnType<typeof world.over>> => {
      await stopJob(await world.look(job.id), { by: 's', graceMs, signal, tell: (how) => told.push(how) });
      return world.over(job.id);
    };
    const out = await stop(waits, 30_000);
    assert.equal(stateLine(out.state), 'ended, it was stopped');
    assert.equal(existsSync(file('ran')), false);
    const saved = await stop(heeds, 30_000);
    assert.deepEqual([saved.state.how, saved.found.exit?.code], ['killed', 5]);
    assert.match(readFileSync(heeds.record.log, 'utf8'), /^begun\nsaved\n/u);
    assert.deepEqual(told, ['interrupt', 'interrupt']);
    const killed = await stop(deaf, 300);
    assert.equal(killed.state.how, 'killed');
    const pid = readFileSync(file('pid'), 'utf8').trim();
    await until(async () => !existsSync(`/proc/${pid}`) || undefined, 'what it ran to be gone');
    assert.deepEqual(told.slice(2), ['interrupt', 'terminate', 'kill']);
  });

  it('goes on while no editor is there, and is found and told of by the next', async () => {
    const watcherOf = (ended: string[]): JobWatcher => {
      const made = new JobWatcher({
        ...{ place, eyes: EYES, graceMs: () => 1_000 },
        failed: (error) => assert.fail(String(error)),
      });
      made.onChange(({ status }) => status.state.state === 'ended' && ended.push(status.id));
      return made;
    };
    const watcher = watcherOf([]);
    const job = await world.start('echo begun; until [ -e go ]; do sleep 0.05; done; echo auc=0.8; exit 4');
    await watcher.look();
    await hasBegun(job);
    watcher.dispose();
    writeFileSync(file('go'), '');
    await until(async () => existsSync(join(job.folder, 'exit.json')) || undefined, 'its end, with nobody there');
    const told: string[] = [];
    const next = watcherOf(told);
    await next.look();
    await until(async () => told.includes(job.id) || undefined, 'its end to be told');
    const [observed] = next.current;
    assert.ok(observed);
    assert.deepEqual([observed.status.found.exit?.code, observed.readings.metrics[0]?.value], [4, 0.8]);
    assert.deepEqual(await untold(observed), [{ kind: 'ended' }]);
    next.dispose();
  });

  it('is told as it was while the controller is gone, ends on record meanwhile, and is found when that is back', async () => {
    const [ends, goesOn] = [
      await world.start('echo begun; until [ -e go ]; do sleep 0.05; done; exit 3'),
      await world.start('echo begun; until [ -e later ]; do sleep 0.05; done'),
    ];
    await Promise.all([hasBegun(ends), hasBegun(goesOn)]);
    const waits = await world.start('true');
    await isLine(waits, /^waiting in the queue: (?!it was not)/u);
    await cluster.killController();
    const silent = /as far as is known: Slurm does not answer \(.*[Uu]nable to contact slurm controller/u;
    assert.match(await isLine(goesOn, silent), /^running, /u);
    assert.match(await line(waits), /^waiting in the queue: as far as is known/u);
    await assert.rejects(
      stopJob(await world.look(goesOn.id), { by: 's', graceMs: 100, signal }),
      /[Uu]nable to contact slurm controller/u,
    );
    writeFileSync(file('go'), '');
    assert.equal((await world.over(ends.id)).found.exit?.code, 3, 'the end is in its folder, whoever is away');
    await cluster.startController();
    await isLine(goesOn, /^running, on /u);
    writeFileSync(file('later'), '');
    assert.equal((await world.over(goesOn.id)).found.exit?.code, 0);
    assert.equal((await world.over(waits.id)).state.how, 'ok');
  });

  it('is looked up in the file of completed jobs where the controller has forgotten it', async () => {
    const job = await world.start('echo begun; sleep 300');
    await hasBegun(job);
    const pid = (await world.look(job.id)).found.process?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await until(async () => cluster.completed().includes(`Name=ml-${job.id} `) || undefined, 'Slurm to note its end');
    await cluster.killController();
    await cluster.forget();
    await cluster.startController();
    await cluster.nodeIsUp();
    const over = await world.over(job.id);
    assert.deepEqual([over.state.how, over.found.exit?.code, over.found.exit?.signal], ['killed', 137, 'KILL']);
  });

  it('that loses its node has failed, with the node named, and is not begun again', async () => {
    const job = await world.start('echo begun >> begun; echo begun; sleep 300');
    await hasBegun(job);
    await cluster.killNode();
    const over = await world.over(job.id);
    assert.deepEqual([over.state.how, over.found.exit?.code], ['failed', null]);
    assert.match(stateLine(over.state), /^ended, its node \S+ failed$/u);
    await cluster.startNode();
    // Slurm would begin what it begins again before this one.
    await world.over((await world.start('true')).id);
    assert.equal(readFileSync(file('begun'), 'utf8'), 'begun\n');
  });

  it('whose folder its node does not see does not begin, and says so', async () => {
    const cwd = file('gone');
    const job = await world.start(`mkdir ${cwd}; exit 1`).then(async (made) => world.over(made.id));
    assert.equal(job.found.exit?.code, 1);
    options = ['--begin=now+3'];
    const later = await world.start('true', { cwd });
    rmSync(cwd, { recursive: true });
    const over = await world.over(later.id);
    assert.equal(over.state.how, 'failed');
    assert.match(readFileSync(later.record.log, 'utf8'), /does not see .*gone, where the command is to run/u);
    assert.match(stateLine(over.state), /does not see its folder, or the one to run in/u);
  });

  it('is refused with the words of sbatch where the site does not take it', async () => {
    options = ['--partition=none'];
    await assert.rejects(world.start('true'), /Slurm's sbatch did not do it: .*invalid partition/iu);
    await assert.rejects(slurm.where({ ...HERE, slurmOptions: ['--array=1-9'] }), /--array=1-9 cannot be among/u);
  });
});
