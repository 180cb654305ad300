import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolOutput } from '../../../src/agent/tool';
import { findJob, isDamaged, listJobs, type JobStatus } from '../../../src/jobs/jobs';
import { stopJob } from '../../../src/jobs/stop';
import { executeTool } from '../../../src/tools/execute';
import { FakeSession, textOf } from '../../support/fake-tool-context';
import { JobsWorld, killGroup, until } from '../../support/jobs';

describe('a command that outlives its limit', () => {
  let world: JobsWorld;
  beforeEach(() => (world = new JobsWorld()));
  afterEach(async () => {
    for (const job of await jobs()) killGroup(job.found.process?.pid ?? 0);
    await world.remove();
  });

  const jobs = async (): Promise<JobStatus[]> => {
    const all = await listJobs({ state: world.home.state, folders: [world.workspace] });
    return all.filter((one) => !isDamaged(one)) as JobStatus[];
  };
  const run = (command: string, more: object = {}): Promise<ToolOutput> =>
    new FakeSession({ host: world.host }).call(executeTool(undefined, world.home), { command, timeout: 1, ...more });

  it('becomes a job without being ended or begun again, with no byte lost and its exit on record', async () => {
    writeFileSync(
      join(world.workspace, 'count.py'),
      'import time\nfor n in range(3000):\n  print(f"line {n} äöü " + "x" * 40, flush=True)\n  time.sleep(0.0007)\nraise SystemExit(5)\n',
    );
    const output = await run('echo began >> began; python3 count.py');
    assert.match(textOf(output), /^Goes on as job \d{8}T\d{6}-[0-9a-f]{6}, after 1\.\d s/u);
    const [job] = await jobs();
    assert.ok(job?.found.record.startedBy.handedOver);
    const { found, state } = await world.over(job.id);
    assert.deepEqual([state.how, found.exit?.code], ['failed', 5]);
    const lines = readFileSync(found.record.log, 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines,
      Array.from({ length: 3000 }, (_, n) => `line ${n} äöü ${'x'.repeat(40)}`),
    );
    assert.equal(readFileSync(join(world.workspace, 'began'), 'utf8'), 'began\n');
  });

  it('can be interrupted as a job', async () => {
    await run('exec python3 -c "import time; print(1, flush=True); time.sleep(300)"');
    const [job] = await jobs();
    assert.ok(job);
    const stopped = await stopJob(job, { by: 's', graceMs: 30_000, signal: new AbortController().signal });
    assert.equal(stopped.state.state === 'ended' && stopped.state.how, 'killed');
    await until(
      async () => readFileSync(stopped.found.record.log, 'utf8').includes('KeyboardInterrupt') || undefined,
      'its last words',
    );
  });

  it('that prints without a pause goes on doing so', async () => {
    await run('while :; do echo more than nothing; done');
    const [job] = await jobs();
    const size = async (): Promise<number> => statSync(job?.found.record.log ?? '').size;
    const before = await size();
    await until(async () => (await size()) > before + 100_000 || undefined, 'its log to grow');
  });

  it('job-hand-over-fails: goes on where its folder cannot be made, in the background as ever', async () => {
    writeFileSync(world.home.state, '');
    const text = textOf(await run('sleep 300'));
    assert.match(text, /^Goes on in the background as %1/u);
    await world.host.stopBackground(1);
  });

  it('that was started to go on in the background is no job', async () => {
    assert.match(textOf(await run('sleep 300', { fireAndForget: true })), /^Goes on in the background as %1/u);
    await world.host.stopBackground(1);
    assert.deepEqual(await jobs(), []);
  });

  it('leaves no folder behind when it ends in time', async () => {
    assert.match(textOf(await run('echo done')), /^Exit code 0/u);
    assert.deepEqual(await jobs(), []);
    assert.equal(await findJob({ state: world.home.state, folders: [world.workspace] }, 'none'), undefined);
  });

  it('within it gives the exit codes and the messages of the shell it always had', async () => {
    assert.match(textOf(await run('exit 7')), /^Exit code 7/u);
    assert.match(textOf(await run('nothing-of-this-name')), /line 1: nothing-of-this-name: command not found/u);
    assert.match(textOf(await run('echo one; echo two >&2; echo three')), /one\ntwo\nthree/u);
  });
});
