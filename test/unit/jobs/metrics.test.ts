import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EYES } from '../../../src/jobs/eyes';
import { stopJob } from '../../../src/jobs/stop';
import { describe as describeJob, viewOf } from '../../../src/jobs/tell';
import { usageLine, usageOf } from '../../../src/jobs/usage';
import { glance, waitFor, type Waited } from '../../../src/jobs/wait';
import { scalarRecord } from '../../support/event-file';
import { JobsWorld, until } from '../../support/jobs';

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

  it('read the tables and event files that a job writes, and none of before', async () => {
    const old = 'epoch,val_loss\n1,9\n';
    writeFileSync(join(world.workspace, 'old_metrics.csv'), old);
    utimesSync(join(world.workspace, 'old_metrics.csv'), new Date(0), new Date(0));
    const record = scalarRecord({ tag: 'val/auc', value: 0.75, step: 7, time: Date.now() + 60_000 });
    writeFileSync(join(world.root, 'record'), record);
    const job = await python(
      [
        'import os, shutil',
        'os.makedirs("runs/a", exist_ok=True)',
        `shutil.copy(${JSON.stringify(join(world.root, 'record'))}, "runs/a/events.out.tfevents.1.host")`,
        'with open("runs/a/metrics.csv", "w") as out:',
        '    out.write("epoch,train_loss\\n" + "".join(f"{e},{1 / (e + 1)}\\n" for e in range(3)) + "3,0.")',
      ].join('\n'),
    );
    await world.over(job.id);
    const observed = await glance(job, EYES, signal);
    const shown = observed?.readings.metrics.map(({ name, value, source, epoch, step }) => [
      name,
      value.toFixed(2),
      source,
      epoch ?? step,
    ]);
    const expected = [
      ['train_loss', '0.33', 'runs/a/metrics.csv', 2],
      ['val/auc', '0.75', 'runs/a/events.out.tfevents.1.host', 7],
    ];
    assert.deepEqual(shown?.sort(), expected);
    // What was read of a job that is over is kept, with its curves.
    rmSync(join(world.workspace, 'runs'), { recursive: true });
    const again = await glance(job, EYES, signal);
    assert.equal(again?.readings.metrics.length, 2);
    assert.deepEqual(
      again
        ?.series()
        .find(({ name }) => name === 'train_loss')
        ?.points.map(([at]) => at),
      [0, 1, 2],
    );
  });

  it('tells what a job uses, of the GPU what nvidia-smi says', async () => {
    const bin = join(world.workspace, 'bin');
    mkdirSync(bin);
    const smi =
      '#!/bin/sh\ncase "$*" in *utilization.gpu*) echo "0, NVIDIA A100, 80GB, 97, 40000, 81920"; echo "1, Old, [N/A], [N/A], [N/A]" ;; esac\n';
    writeFileSync(join(bin, 'nvidia-smi'), smi, { mode: 0o755 });
    const job = await python('print("epoch 3/10 loss=0.5")\nwhile True: pass');
    const status = await world.look(job.id);
    const path = `${bin}:${process.env['PATH'] ?? ''}`;
    const usage = await until(async () => {
      const now = await usageOf({
        ...status,
        found: { ...status.found, record: { ...job.record, environment: { PATH: path } } },
      });
      return now && now.cpuPercent > 1 ? now : undefined;
    }, 'the job to be at work');
    assert.ok(usage.memoryBytes > 1e6 && usage.processes >= 1);
    assert.deepEqual(usage.gpus, [
      { index: 0, name: 'NVIDIA A100, 80GB', percent: 97, usedMb: 40_000, totalMb: 81_920 },
      { index: 1, name: 'Old' },
    ]);
    assert.match(
      usageLine(usage),
      /^It uses CPU \d+ %, memory .* GPU 0 \(NVIDIA A100, 80GB\) 97 %, 40000 of 81920 MB; GPU 1 \(Old\) tells no load\.$/u,
    );
    const observed = await glance(job, EYES, signal);
    assert.ok(observed);
    assert.match(await describeJob(observed.status, observed.readings), /\nProgress: 20 %, epoch 3 of 10/u);
    await stopJob(status, { by: 's', graceMs: 5_000, signal });
  });
});
