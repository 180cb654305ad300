import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jobsOf } from '../../../src/host/session-folders';
import { askedOf, queueRow, type Asked } from '../../../src/jobs/asked';
import { HERE, type Site } from '../../../src/jobs/backend';
import { capOf, computeLimitsSchema, gpusFor, NOTHING_TAKEN, usedUpBy, type Taken } from '../../../src/jobs/compute';
import { EYES } from '../../../src/jobs/eyes';
import { stateLine } from '../../../src/jobs/job';
import { observe } from '../../../src/jobs/observe';
import { spending, takenOf } from '../../../src/jobs/spent';
import type { ComputeSettings } from '../../../src/jobs/start';
import { jobTool } from '../../../src/tools/job';
import { FakeSession, textOf } from '../../support/fake-tool-context';
import { JobsWorld, until } from '../../support/jobs';

const TAKEN: Taken = {
  session: { hours: 2, gpuHours: 4, usd: 6 },
  day: { hours: 3, gpuHours: 6, usd: 9 },
};

describe('what jobs may take', () => {
  it('holds a job to the least of its limits, less what the session and the day have taken', () => {
    const rates = { gpus: 2, usdPerHour: 1, usdPerGpuHour: 1 };
    assert.equal(capOf({}, rates, TAKEN), undefined);
    assert.deepEqual(capOf({ jobHours: 5, dayGpuHours: 8 }, rates, TAKEN), {
      minutes: 60,
      by: 'its limit of 8 GPU-hours for the jobs of a day',
    });
    assert.deepEqual(capOf({ jobUsd: 1.5, dayGpuHours: 8 }, rates, TAKEN)?.by, 'its limit of $1.50 for a job');
    assert.deepEqual(capOf({ jobUsd: 1.5 }, rates, TAKEN)?.minutes, 30);
    assert.deepEqual(capOf({ jobHours: 5 }, rates, TAKEN, 7), { minutes: 7, by: 'its budget of 7 minutes' });
    assert.equal(capOf({ sessionHours: 1 }, rates, TAKEN)?.minutes, 0);
    // Without a price money holds nothing, without a GPU its hours do not.
    assert.equal(capOf({ jobUsd: 1, jobGpuHours: 1 }, { gpus: 0 }, NOTHING_TAKEN), undefined);
  });

  it('is used up for the session and the day, never for a job that has not begun', () => {
    assert.equal(usedUpBy({ jobHours: 1, sessionHours: 2.1, dayUsd: 9 }, TAKEN)?.key, 'dayUsd');
    assert.equal(usedUpBy({ jobHours: 1, sessionHours: 2.1 }, TAKEN), undefined);
  });

  it('is no limit where it is zero, below it, a word or a name that nobody knows', () => {
    for (const bad of [{ jobHours: 0 }, { dayUsd: -1 }, { jobHours: '3' }, { jobHour: 3 }, { dayUsd: NaN }])
      assert.equal(computeLimitsSchema.safeParse(bad).success, false, JSON.stringify(bad));
  });

  it('counts the GPUs that the command may see', () => {
    const rows: [string, Record<string, string>, number][] = [
      ['python train.py', {}, 4],
      ['python train.py', { CUDA_VISIBLE_DEVICES: '0,2' }, 2],
      ['CUDA_VISIBLE_DEVICES=1 python train.py', { CUDA_VISIBLE_DEVICES: '0,2' }, 1],
      ['cd x && CUDA_VISIBLE_DEVICES="0,1,3" python train.py', {}, 3],
      ['CUDA_VISIBLE_DEVICES=-1 python train.py', {}, 0],
      ['CUDA_VISIBLE_DEVICES= python train.py', {}, 0],
      ['CUDA_VISIBLE_DEVICES=0,-1,2 python train.py', {}, 1],
      ['CUDA_VISIBLE_DEVICES=0,1,2,3,4,5 python train.py', {}, 4],
    ];
    for (const [command, environment, expected] of rows)
      assert.equal(gpusFor(command, environment, 4), expected, `${command} ${JSON.stringify(environment)}`);
  });
});

describe('what a queue is asked for', () => {
  const slurm = (...slurmOptions: string[]): Site => ({ ...HERE, kind: 'slurm', slurmOptions });

  it('is read from the options of the site, as sbatch reads them', () => {
    const rows: [string[], Asked][] = [
      [[], { gpus: 0 }],
      [['--gres=gpu:2', '--time=08:00:00'], { gpus: 2, hours: 8 }],
      [['--gres=gpu:a100:2,shard:4', '--nodes=2', '-t', '90'], { gpus: 4, hours: 1.5 }],
      [['--gres', 'gpu', '-t90:30'], { gpus: 1, hours: 90.5 / 60 }],
      [['-G', 'a100:3', '--time=1-12'], { gpus: 3, hours: 36 }],
      [['--gpus=a100:1,v100:2', '--time=2-00:30'], { gpus: 3, hours: 48.5 }],
      [['--gpus-per-node=4', '-N', '1-3', '--time=0-1:0:36'], { gpus: 12, hours: 1.01 }],
      [['--gpus-per-task=1', '--ntasks=8', '--time=UNLIMITED'], { gpus: 8 }],
      [['--tres-per-node=gres/gpu:2'], { gpus: 2 }],
      [['--gres=license:5'], { gpus: 0 }],
      [['--time=1:00:00', '--time=2:00:00'], { gpus: 0, hours: 2 }],
    ];
    for (const [options, expected] of rows) assert.deepEqual(askedOf(slurm(...options)), expected, options.join(' '));
    assert.deepEqual(askedOf({ ...HERE, kind: 'ray', ray: { address: '', cpus: 1, gpus: 2 } }), { gpus: 2 });
  });

  it('is said with what it costs before it is joined, at the most by its own time or by a limit', () => {
    const rates = { gpus: 4, usdPerGpuHour: 3 };
    const row = (hours?: number, minutes?: number): string =>
      queueRow({ gpus: 4, ...(hours && { hours }) }, rates, minutes ? { minutes, by: 'its limit' } : undefined);
    assert.equal(row(8), 'Asked of the queue: 4 GPUs for 8 h at the most, which is 32 GPU-hours, $96.00.');
    assert.match(row(8, 60), /4 GPUs for 1 h at the most, which is 4 GPU-hours, \$12\.00/u);
    assert.match(row(), /4 GPUs, without a limit of time; \$12\.00 an hour/u);
    assert.match(queueRow({ gpus: 1, hours: 2 }, { gpus: 1 }, undefined), /1 GPU for 2 h .*; no price is set/u);
  });
});

describe('a job whose time is up', function () {
  this.timeout(120_000);
  let world: JobsWorld;
  let settings: ComputeSettings;
  beforeEach(() => {
    world = new JobsWorld();
    settings = { limits: {} };
    world.home.compute = () => settings;
    world.home.stopSeconds = () => 1;
  });
  afterEach(() => world.remove());

  const seconds = (number: number): number => number / 3_600;
  const started = (command: string): ReturnType<JobsWorld['start']> => world.start(command);
  const log = (folder: string): string => readFileSync(join(folder, 'output.log'), 'utf8');

  it('is interrupted where nobody watches, and its end says by what', async () => {
    settings = { limits: { jobUsd: 0.001 }, usdPerHour: 3.6 };
    const { id, folder } = await started(`trap 'echo saved; exit 3' INT\nwhile :; do sleep 0.1; done`);
    const { state } = await world.over(id);
    assert.match(log(folder), /saved/u);
    assert.match(stateLine(state), /exit code 3, it was stopped by its limit of \$0\.001 for a job/u);
  });

  it('is killed where it heeds nothing, its exit recorded all the same', async () => {
    settings = { limits: { jobHours: seconds(1) } };
    const { id, record } = await started(`trap '' INT TERM\nwhile :; do sleep 0.1; done`);
    assert.equal(record.budget.cap?.by, 'its limit of 0.000278 h for a job');
    const { state } = await world.over(id);
    assert.equal(state.exit?.signal, 'KILL');
    await until(async () => {
      const pid = (await world.look(id)).found.process?.pid ?? 0;
      return !isThere(pid);
    }, 'its supervisor to be gone');
  });

  it('leaves one that ends in time as it is, with nothing of the watch behind', async () => {
    settings = { limits: { jobHours: 1 } };
    const { id } = await started('echo done');
    const { state, found } = await world.over(id);
    assert.equal(state.how, 'ok');
    assert.deepEqual(found.events, []);
    await until(async () => !isThere(-(found.process?.pid ?? 0)), 'its group to be gone');
  });

  it('does not start once the jobs of the day have taken all, of whatever workspace, and stops those that run', async () => {
    const elsewhere = new JobsWorld();
    elsewhere.home.state = world.home.state;
    after(() => elsewhere.remove());
    const other = await elsewhere.start('sleep 600');
    await delay(1_500);
    settings = { limits: { dayHours: seconds(1) } };
    const refused = await new FakeSession({ host: world.host }).call(jobTool(world.home), {
      ...{ action: 'start', command: 'sleep 600' },
    });
    assert.ok(refused.isError);
    assert.match(
      textOf(refused),
      /Not started: the limit of 0\.000278 h for the jobs of a day is used up.*Only the user/u,
    );
    // One that began while there was room is held to the sum of all.
    settings = { limits: { dayHours: seconds(4) } };
    const { id } = await started('sleep 600');
    const seen = await observe(await world.look(id), {
      ...{ eyes: EYES, signal: new AbortController().signal, graceMs: 1_000 },
      look: () => false,
    });
    assert.match(stateLine(seen?.status.state ?? { state: 'starting' }), /limit of 0\.00111 h for the jobs of a day/u);
    assert.equal((await elsewhere.look(other.id)).state.state, 'running');
  });

  it('is put down to its droid and skill, in the sums of session and day', async () => {
    world.home.droid = 'ml-engineer';
    settings = { limits: {}, usdPerHour: 3_600 };
    const session = new FakeSession({ host: world.host, skill: 'training-runs' });
    const text = textOf(await session.call(jobTool(world.home), { action: 'start', command: 'sleep 1' }));
    const id = /Job (\S+)/u.exec(text)?.[1] ?? '';
    await world.over(id);
    const all = await spending(jobsOf(world.home.state), new Date());
    assert.deepEqual(
      all.map(({ droid, skill, session: by }) => [droid, skill, by]),
      [['ml-engineer', 'training-runs', 'session-1']],
    );
    const { session: whole, day } = takenOf(all, 'session-1');
    // Ends are noted to the second.
    assert.ok(whole.usd > 0 && whole.usd < 60, `${whole.usd} for a second or so`);
    assert.ok(day.usd <= whole.usd);
    assert.equal(takenOf(all, 'another').session.usd, 0);
  });

  it('is said before it starts, with what holds nothing', async () => {
    settings = { limits: { jobHours: 2, jobUsd: 5 } };
    const tool = jobTool(world.home);
    const given = tool.input.parse({ action: 'start', command: 'true' });
    const preview = await tool.preview?.(given, new FakeSession({ host: world.host }).context());
    assert.match(
      (preview?.facts ?? []).join('\n'),
      /stopped after 2 h, by its limit of 2 h for a job\.\nNo price of an hour is set/u,
    );
  });
});

function isThere(pid: number): boolean {
  try {
    return pid !== 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
