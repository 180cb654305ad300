import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HERE } from '../../../src/jobs/backend';
import { EYES } from '../../../src/jobs/eyes';
import { stateLine } from '../../../src/jobs/job';
import { listJobs } from '../../../src/jobs/jobs';
import { observe, type Observed } from '../../../src/jobs/observe';
import type { Started } from '../../../src/jobs/start';
import { stopJob } from '../../../src/jobs/stop';
import { keepingOf, keepRecord } from '../../../src/ledger/keep';
import { readLedger } from '../../../src/ledger/read';
import { JobsWorld, until } from '../../support/jobs';
import { RayCluster, whyNoRay } from '../../support/ray';

const signal = new AbortController().signal;
const LEDGER = 'experiments/ledger.jsonl';

describe('a job on a Ray cluster', function () {
  this.timeout(900_000);
  let cluster: RayCluster;
  let world: JobsWorld;

  before(async function () {
    const why = whyNoRay();
    if (why !== undefined) {
      console.log(`      skipped: ${why}`);
      return this.skip();
    }
    cluster = new RayCluster();
    await cluster.start();
  });
  after(() => cluster?.stop());
  beforeEach(() => {
    world = new JobsWorld();
    const ray = { address: cluster.address, cpus: 1, gpus: 0 };
    Object.assign(world.home, { site: () => ({ ...HERE, kind: 'ray', ray }), ledger: () => LEDGER });
  });
  afterEach(() => world.remove());

  const file = (name: string): string => join(world.workspace, name);
  const line = async ({ id }: Started): Promise<string> => stateLine((await world.look(id)).state);
  const isLine = (job: Started, wanted: RegExp): Promise<string> =>
    until(
      async () => {
        const now = await line(job);
        return wanted.test(now) ? now : undefined;
      },
      `${job.id} to be ${String(wanted)}`,
    );
  const seen = async (job: Started, holds: (now: Observed) => boolean): Promise<Observed> => {
    const found = await observe(job, { eyes: EYES, signal: AbortSignal.timeout(300_000), look: holds });
    assert.ok(found);
    return found;
  };
  const hasBegun = (job: Started): Promise<Observed> => seen(job, () => readFileSync(job.record.log, 'utf8') !== '');

  it('waits, runs, is read, watched and recorded, and stopped, as one of this machine is', async () => {
    const first = await world.start(
      'echo step=1 loss=0.5; until [ -e go ]; do sleep 0.1; done; echo step=2 loss=nan; until [ -e end ]; do sleep 0.1; done; echo step=3 auc=0.91',
    );
    const early = await seen(first, ({ readings }) => readings.metrics.some(({ name }) => name === 'loss'));
    assert.equal(early.status.state.state, 'running', 'its metrics are read while it runs');
    const second = await world.start("trap 'echo saved; exit 5' TERM; echo begun; while :; do sleep 0.1; done");
    assert.match(await isLine(second, /^waiting/u), /^waiting in the queue: \S/u);
    writeFileSync(file('go'), '');
    const fired = await seen(first, ({ fired: all }) => all.length > 0);
    assert.deepEqual([fired.fired[0]?.watch, fired.status.state.state], ['nan', 'running']);
    writeFileSync(file('end'), '');
    const ended = await seen(first, () => false);
    assert.equal(stateLine(ended.status.state), 'ended with exit code 0');
    await keepRecord(ended, keepingOf(world.home, world.host, signal));
    const [run] = (await readLedger(world.workspace, LEDGER)).runs;
    assert.deepEqual([run?.record.id, run?.record.state], [first.id, 'ok']);
    assert.equal(run?.record.metrics.find(({ name }) => name === 'auc')?.last, 0.91);

    await hasBegun(second);
    await stopJob(await world.look(second.id), { by: 's', graceMs: 60_000, signal });
    const stopped = await world.over(second.id);
    assert.deepEqual([stopped.state.how, stopped.found.exit?.code], ['killed', 5]);
    assert.match(readFileSync(second.record.log, 'utf8'), /saved/u);
  });

  it('that loses its node has failed, with what Ray says of it', async () => {
    const job = await world.start('echo begun; sleep 300');
    await hasBegun(job);
    cluster.kill('worker');
    const over = await seen(job, () => false);
    assert.equal(over.status.state.state === 'ended' && over.status.state.how, 'failed');
    assert.match(stateLine(over.status.state), /^ended, \S/u);
    await cluster.startWorker();
  });

  it('is told as it was while the head is gone, and as lost with it when that is back', async () => {
    const job = await world.start('echo begun; until [ -e go ]; do sleep 0.1; done; exit 3');
    await hasBegun(job);
    cluster.kill('head');
    await isLine(job, /^running, as far as is known: Ray does not answer/u);
    cluster.kill('worker');
    await cluster.startHead();
    const [found] = await listJobs({ state: world.home.state, folders: [world.workspace] });
    assert.equal(found?.id, job.id);
    const over = await seen(job, () => false);
    assert.match(stateLine(over.status.state), /its queue knows it no more, and nobody recorded how it ended$/u);
  });
});
