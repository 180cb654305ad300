import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDamaged, findJob, listJobs } from '../../../src/jobs/jobs';
import { stopJob } from '../../../src/jobs/stop';
import { JobsWorld, killGroup, until } from '../../support/jobs';

const signal = new AbortController().signal;

describe('a job', () => {
  let world: JobsWorld;
  beforeEach(() => (world = new JobsWorld()));
  afterEach(() => world.remove());

  it('has all it printed in its log, and its exit code on record, with nobody there', async () => {
    const { id, record } = await world.start('echo out; echo err >&2; sleep 0.2; echo late; exit 3');
    const { state, found } = await world.over(id);
    assert.equal(readFileSync(record.log, 'utf8'), 'out\nerr\nlate\n');
    assert.deepEqual([state.how, found.exit?.code, found.exit?.signal], ['failed', 3, null]);
  });

  it('runs in its folder with the words it was given, whatever stands in them', async () => {
    const { id, record } = await world.start(`pwd; printf '%s\\n' "it's \\"$((1+1))\\"" '$HOME' 'ü%'`);
    await world.over(id);
    assert.equal(readFileSync(record.log, 'utf8'), `${world.workspace}\nit's "2"\n$HOME\nü%\n`);
  });

  it('is said to be killed, and by which signal, when one ends it', async () => {
    const { id } = await world.start('kill -9 $$');
    const { state, found } = await world.over(id);
    assert.deepEqual([state.how, found.exit?.code, found.exit?.signal], ['killed', 137, 'KILL']);
  });

  it('leaves nothing running in its group when its command has ended', async () => {
    const { id } = await world.start('sleep 300 & echo $!');
    const { found } = await world.over(id);
    const child = Number(readFileSync(found.record.log, 'utf8'));
    await until(async () => !isAlive(child) || undefined, 'what it left to be ended');
  });

  it('may save what it has when it is interrupted, and its exit is its own', async () => {
    writeFileSync(
      join(world.workspace, 'train.py'),
      'import time\ntry:\n  print("training", flush=True)\n  time.sleep(300)\nexcept KeyboardInterrupt:\n  print("saved", flush=True)\n',
    );
    const { id, record } = await world.start('python3 train.py; echo "then $?"');
    await until(async () => readFileSync(record.log, 'utf8').includes('training') || undefined, 'it to train');
    const stopped = await stopJob(await world.look(id), { by: 's', graceMs: 30_000, signal });
    assert.equal(stopped.state.state, 'ended');
    assert.match(readFileSync(record.log, 'utf8'), /saved/u);
    assert.equal(stopped.state.state === 'ended' && stopped.state.how, 'killed');
  });

  it('that heeds no signal is killed with all it started, and its supervisor records that', async () => {
    const { id, record } = await world.start(`trap '' INT TERM; sleep 300 & echo $!; while :; do sleep 1; done`);
    const child = await until(async () => Number(readFileSync(record.log, 'utf8')) || undefined, 'its child');
    const steps: string[] = [];
    const stopped = await stopJob(await world.look(id), {
      ...{ by: 's', graceMs: 100, signal },
      tell: (how) => steps.push(how),
    });
    assert.deepEqual(steps, ['interrupt', 'terminate', 'kill']);
    assert.deepEqual([stopped.state.state, stopped.found.exit?.signal], ['ended', 'KILL']);
    await until(async () => !isAlive(child) || undefined, 'its child to be ended');
  });

  it('job-supervisor-killed: whose supervisor was killed with it ended nobody knows how, and says so', async () => {
    const { id } = await world.start('sleep 300');
    killGroup((await world.look(id)).found.process?.pid ?? 0);
    const { state } = await world.over(id);
    assert.equal(state.how, 'unknown');
    assert.match(state.why ?? '', /supervisor was killed/u);
  });

  it('job-supervisor-alone: whose supervisor alone was killed is lost while its command runs, and can still be stopped', async () => {
    const { id } = await world.start('sleep 300');
    const pid = (await world.look(id)).found.process?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    const lost = await until(async () => {
      const now = await world.look(id);
      return now.state.state === 'lost' ? now : undefined;
    }, 'it to be lost');
    assert.equal((await stopJob(lost, { by: 's', graceMs: 5_000, signal })).state.state, 'ended');
  });

  it('job-pid-reused: is not taken for a later process that was given its number', async () => {
    const { id, folder } = await world.start('sleep 300');
    killGroup((await world.look(id)).found.process?.pid ?? 0);
    // This very process has the number, but did not start when the job did.
    writeFileSync(join(folder, 'process.json'), JSON.stringify({ pid: process.pid, started: '1' }));
    const now = await world.over(id);
    assert.equal(now.state.how, 'unknown');
    await stopJob(now, { by: 's', graceMs: 0, signal });
  });

  it('job-reboot: of before a restart of the machine ended with it', async () => {
    const { id, folder } = await world.start('sleep 300');
    killGroup((await world.look(id)).found.process?.pid ?? 0);
    const path = join(folder, 'job.json');
    const record = JSON.parse(readFileSync(path, 'utf8')) as { where: { boot: string } };
    writeFileSync(path, JSON.stringify({ ...record, where: { ...record.where, boot: 'another' } }));
    const { state } = await world.over(id);
    assert.match(state.why ?? '', /machine was started anew/u);
  });

  it('job-torn: with a torn file of its own is named with the reason, and hides no other', async () => {
    const torn = await world.start('true');
    const whole = await world.start('true');
    await world.over(torn.id);
    writeFileSync(join(torn.folder, 'job.json'), '{"version":1,"id":"2026');
    const place = { state: world.home.state, folders: [world.workspace] };
    const found = await findJob(place, torn.id);
    assert.ok(found && isDamaged(found) && /torn/u.test(found.damaged));
    assert.deepEqual((await listJobs(place)).map(({ id }) => id).sort(), [torn.id, whole.id].sort());
  });

  it('with a torn line among what happened to it keeps the others', async () => {
    const { id, folder } = await world.start('sleep 300');
    writeFileSync(join(folder, 'events.jsonl'), '{"type":"fired","at":"2026-0', { flag: 'a' });
    const stopped = await stopJob(await world.look(id), { by: 's', graceMs: 5_000, signal });
    assert.equal(stopped.state.state === 'ended' && stopped.state.how, 'killed');
  });

  it('that cannot have a folder does not begin, and says why', async () => {
    writeFileSync(world.home.state, 'a file where the folder should be');
    await assert.rejects(world.start('echo ran > ran'), /The job was not started: its folder .* could not be written/u);
    rmSync(world.home.state);
  });

  it('job-full: does not begin on a full disk, says so, and leaves nothing behind', async function () {
    const disk = await fullable(world.home.state);
    if (!disk) return this.skip(); // No file system can be mounted here.
    try {
      disk.fill();
      await assert.rejects(world.start('echo ran > ran'), /the disk is full\. Free space there, then start it again/u);
      disk.free();
      assert.deepEqual(await listJobs({ state: world.home.state, folders: [world.workspace] }), []);
      await world.over((await world.start('true')).id);
    } finally {
      disk.remove();
    }
  });

  it('job-fills: has its exit on record although the disk filled up meanwhile', async function () {
    const disk = await fullable(world.home.state);
    if (!disk) return this.skip(); // No file system can be mounted here.
    try {
      const { id } = await world.start('until [ -e full ]; do sleep 0.05; done; echo much; exit 6');
      disk.fill();
      writeFileSync(join(world.workspace, 'full'), '');
      assert.equal((await world.over(id)).found.exit?.code, 6);
    } finally {
      disk.remove();
    }
  });

  it('is one of fifty that all end and are all recorded', async () => {
    const started = await Promise.all(
      Array.from({ length: 50 }, (_, index) => world.start(`echo number ${index}; exit ${index}`)),
    );
    for (const [index, { id, record }] of started.entries()) {
      assert.equal((await world.over(id)).found.exit?.code, index);
      assert.equal(readFileSync(record.log, 'utf8'), `number ${index}\n`);
    }
  });
});

/** A small file system of its own at this folder, where one may be mounted. */
async function fullable(folder: string): Promise<{ fill(): void; free(): void; remove(): void } | undefined> {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const ballast = join(folder, 'ballast');
  const fill = (): void => {
    // By ever less, until not a byte more goes in.
    for (let size = 65_536; size >= 1; size = Math.floor(size / 2))
      try {
        for (;;) appendFileSync(ballast, Buffer.alloc(size));
      } catch {
        continue;
      }
  };
  return {
    fill,
    free: () => rmSync(ballast),
    remove: () => void execFileSync('umount', ['-l', folder]),
  };
}

function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/\) [ZX] /u.test(stat);
  } catch {
    return false;
  }
}
