import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EYES } from '../../../src/jobs/eyes';
import { stopJob } from '../../../src/jobs/stop';
import { viewOf } from '../../../src/jobs/tell';
import { glance, waitFor, type Waited } from '../../../src/jobs/wait';
import { JobsWorld } from '../../support/jobs';

const signal = new AbortController().signal;
const firedIn = (waited: Waited | undefined): string[] =>
  (waited?.news ?? []).map((news) => (news.kind === 'fired' ? `${news.firing.watch}: ${news.firing.text}` : 'ended'));

describe('the watches of a job', () => {
  let world: JobsWorld;
  beforeEach(() => (world = new JobsWorld()));
  afterEach(() => world.remove());
  const python = async (
    program: string,
    more: Parameters<JobsWorld['start']>[1] = {},
  ): ReturnType<JobsWorld['start']> => {
    writeFileSync(join(world.workspace, 'train.py'), program);
    return world.start('python3 train.py', more);
  };

  it('notice a NaN before the next step is logged, unasked', async () => {
    // The next step waits for the notice: were it not noticed, there would be no end of waiting.
    const job = await python(
      [
        'import os, time',
        'for step in range(1, 6):',
        '    loss = float("nan") if step == 4 else 1 / step',
        '    print(f"step={step} loss={loss:.4f} lr=0.001")',
        '    while step == 4 and not os.path.exists("noticed"): time.sleep(0.01)',
      ].join('\n'),
    );
    const waited = await waitFor(job, { eyes: EYES, signal, ms: 60_000 });
    assert.deepEqual(firedIn(waited), ['nan: loss is NaN (step 4, line 4 of the log)']);
    assert.doesNotMatch(readFileSync(job.record.log, 'utf8'), /step=5/u);
    writeFileSync(join(world.workspace, 'noticed'), '');
    await world.over(job.id);
    const again = await waitFor(job, { eyes: EYES, signal, ms: 60_000 });
    assert.deepEqual(firedIn(again), ['ended'], 'it is told once');
  });

  it('tell running out of memory from being stopped', async () => {
    const killed = await world.start('echo begin; kill -9 $$');
    await world.over(killed.id);
    assert.deepEqual(firedIn(await waitFor(killed, { eyes: EYES, signal, ms: 60_000 })), [
      'memory: a process of it was killed, as the system does when memory runs out (line 2 of the log)',
      'ended',
    ]);
    const stopped = await world.start('trap "" INT TERM; echo ready; while :; do sleep 0.1; done');
    await stopJob(await world.look(stopped.id), { by: 's', graceMs: 300, signal });
    assert.equal((await world.over(stopped.id)).found.exit?.code, 137);
    assert.deepEqual(firedIn(await waitFor(stopped, { eyes: EYES, signal, ms: 60_000 })), ['ended']);
    const raised = await python('raise MemoryError("no room")');
    await world.over(raised.id);
    assert.deepEqual(firedIn(await waitFor(raised, { eyes: EYES, signal, ms: 60_000 })).slice(0, 1), [
      'memory: Python got no more memory (line 4 of the log)',
    ]);
  });

  it('read what the last line says though nothing ends it, and show NaN as a word', async () => {
    const job = await world.start('printf "epoch 3/4 loss=nan val_auc=0.875"');
    await world.over(job.id);
    const observed = await glance(job, EYES, signal);
    assert.ok(observed);
    const view = await viewOf(observed.status, observed.readings);
    assert.deepEqual(view.metrics, [
      { name: 'loss', value: 'NaN' },
      { name: 'val_auc', value: 0.875 },
    ]);
    assert.equal(observed.readings.progress?.fraction, 0.5);
  });
});
