import assert from 'node:assert/strict';
import { exitOf, isOver, queuedAs, rayJobs } from '../../../src/jobs/ray-text';
import { rayAddress } from '../../../src/jobs/ray';

const JOB = {
  type: 'SUBMISSION',
  job_id: null,
  submission_id: 'ml-1',
  status: 'PENDING',
  entrypoint: '/bin/sh x',
  message: 'Job has not started yet. It may be waiting for resources (CPUs, GPUs) to be available.',
  error_type: null,
  start_time: 1_795_632_044_000,
  end_time: null,
  driver_exit_code: null,
};
const NOW = 1_795_632_050_000;
const job = (more: object): ReturnType<typeof one> => one({ ...JOB, ...more });
function one(given: object): NonNullable<ReturnType<ReturnType<typeof rayJobs>['get']>> {
  const found = rayJobs(given).get('ml-1');
  assert.ok(found);
  return found;
}

describe("what Ray's Jobs API says", () => {
  it('of jobs is kept by id, and whatever is no such job left out', () => {
    assert.deepEqual([...rayJobs([JOB, { type: 'DRIVER', status: 'RUNNING' }, null, 7]).keys()], ['ml-1']);
    for (const answer of [undefined, null, {}, [], 'Job ml-1 does not exist.', { ...JOB, status: 'DANCING' }])
      assert.equal(rayJobs(answer).size, 0);
  });

  it('of one that waits or runs is told in its words', () => {
    assert.match(String(queuedAs(job({})).why), /^Job has not started yet/u);
    assert.deepEqual(queuedAs(job({ message: null })), { queue: 'waiting', why: 'Ray has no place for it yet' });
    assert.deepEqual(queuedAs(job({ status: 'RUNNING' })), { queue: 'running' });
    assert.equal(queuedAs(job({ message: `a\u0007 ${'b'.repeat(9_000)}` })).why?.length, 301);
  });

  it('of the end becomes an exit that is success only where Ray says so', () => {
    const told = (more: object): unknown[] => {
      const { code, why } = exitOf(job(more), NOW);
      return [code, why];
    };
    assert.deepEqual(told({ status: 'SUCCEEDED' }), [0, undefined]);
    assert.deepEqual(told({ status: 'STOPPED' }), [null, 'it was stopped in Ray']);
    assert.deepEqual(told({ status: 'FAILED', driver_exit_code: 3 }), [3, undefined]);
    const lost = 'Job supervisor actor died: its node was lost.\nLast available logs (truncated):\nepoch 3';
    assert.deepEqual(told({ status: 'FAILED', message: lost }), [
      null,
      'Job supervisor actor died: its node was lost.',
    ]);
    assert.deepEqual(told({ status: 'FAILED', driver_exit_code: 0, message: '' }), [null, 'Ray says that it failed']);
    assert.equal(exitOf(job({ status: 'FAILED', end_time: NOW }), 0).at, new Date(NOW).toISOString());
    assert.ok(!isOver(job({})) && isOver(job({ status: 'STOPPED' })));
  });

  it('is asked at the address that is set, else at that of the environment, and at no other kind', () => {
    assert.equal(rayAddress('', {}), 'http://127.0.0.1:8265');
    assert.equal(rayAddress('', { RAY_ADDRESS: 'auto' }), 'http://127.0.0.1:8265');
    assert.equal(rayAddress('', { RAY_ADDRESS: 'http://b:1', RAY_API_SERVER_ADDRESS: 'http://a:1/' }), 'http://a:1');
    assert.equal(rayAddress(' https://head:8265/ray/ ', { RAY_ADDRESS: 'http://b:1' }), 'https://head:8265/ray');
    for (const bad of ['ray://head:10001', '10.0.0.1:6379', 'file:///etc/passwd', 'nowhere'])
      assert.throws(() => rayAddress(bad, {}), /is no address of Ray's jobs/u);
  });
});
