import assert from 'node:assert/strict';
import { stateLine, stateOf, type Found } from '../../../src/jobs/job';
import {
  completionFile,
  endIn,
  endOf,
  exitOf,
  isOver,
  queuedAs,
  sacctEnd,
  squeueRows,
} from '../../../src/jobs/slurm-text';

// As Slurm 22.05 printed them.
const SQUEUE = `2|ml-b|PENDING|N/A||Resources
1|ml-a|RUNNING|1795632044|vm|None
9|ml-c|PENDING|1795642044||(ReqNodeNotAvail, May be reserved | UnavailableNodes:vm)
`;
const SHOWN =
  'JobId=2 JobName=ml-b UserId=root(0) GroupId=root(0) MCS_label=N/A Priority=4294901758 Nice=0 Account=(null) QOS=(null) JobState=NODE_FAIL Reason=NodeDown Dependency=(null) Requeue=0 Restarts=0 BatchFlag=1 Reboot=0 ExitCode=0:0 RunTime=00:00:12 TimeLimit=01:00:00 TimeMin=N/A SubmitTime=1795632042 EligibleTime=1795632042 AccrueTime=1795632042 StartTime=1795632044 EndTime=1795632056 Deadline=N/A Partition=main AllocNode:Sid=localhost:9979 ReqNodeList=(null) ExcNodeList=(null) NodeList=vm BatchHost=vm NumNodes=1 Command=/tmp/JobState=COMPLETED x.sh WorkDir=/tmp ExitCode=0:0';
const COMPLETED = `JobId=1 UserId=root(0) GroupId=root(0) Name=wrap JobState=COMPLETED Partition=main TimeLimit=60 StartTime=2026-11-25T18:40:44 EndTime=2026-11-25T18:42:24 NodeList=vm NodeCnt=1 ProcCnt=2 WorkDir=/tmp ReservationName= Tres=cpu=2,mem=2000M,node=1,billing=2 Account= QOS= WcKey= Cluster=unknown DerivedExitCode=0:0 ExitCode=0:0 
JobId=1 UserId=root(0) GroupId=root(0) Name=ml-a JobState=FAILED Partition=main TimeLimit=60 StartTime=2026-11-25T19:40:44 EndTime=2026-11-25T19:42:24 NodeList=vm NodeCnt=1 ProcCnt=2 WorkDir=/tmp ReservationName= DerivedExitCode=0:0 ExitCode=0:9 
JobId=12 UserId=root(0) GroupId=root(0) Name=ml-a JobState=COMPLETED NodeList=vm ExitCode=0:0 
`;

describe('what Slurm prints', () => {
  const now = 1_795_632_050_000;

  it('of a queue is read line by line, whatever the reason holds', () => {
    const rows = squeueRows(SQUEUE);
    assert.deepEqual(
      rows.map(({ id, name, state }) => [id, name, state]),
      [
        ['2', 'ml-b', 'PENDING'],
        ['1', 'ml-a', 'RUNNING'],
        ['9', 'ml-c', 'PENDING'],
      ],
    );
    assert.deepEqual(
      rows.map((row) => queuedAs(row, now)),
      [
        { queue: 'waiting', why: 'what it asks for is in use (Resources)' },
        { queue: 'running', why: 'on vm' },
        {
          queue: 'waiting',
          why: `(ReqNodeNotAvail, May be reserved | UnavailableNodes:vm); it may begin at ${new Date(1_795_642_044_000).toISOString()}`,
        },
      ],
    );
    for (const text of ['', '\n\n', 'slurm_load_jobs error: Invalid job id specified', '7_1|a|RUNNING|||', '|||||'])
      assert.deepEqual(squeueRows(text), []);
  });

  it('of a job counts by the first of each key, and only for the job that was asked for', () => {
    const end = endOf(SHOWN, '2');
    assert.deepEqual(end, { name: 'ml-b', state: 'NODE_FAIL', exit: '0:0', nodes: 'vm', at: 1_795_632_056_000 });
    assert.equal(endOf(SHOWN, '22'), undefined);
    assert.equal(endOf('', '2'), undefined);
  });

  it('of completed jobs counts for the last one of that number and name', () => {
    assert.equal(endIn(COMPLETED, '1', 'ml-a')?.exit, '0:9');
    assert.equal(endIn(COMPLETED, '1', 'wrap')?.state, 'COMPLETED');
    assert.equal(endIn(COMPLETED, '2', 'ml-a'), undefined);
    assert.equal(endIn(`${'x'.repeat(1_000_000)}\nJobId=1 Name=`, '1', 'ml-a'), undefined);
    const config = 'JobCompLoc              = /var/log/slurm jobs.txt\nJobCompType             = jobcomp/filetxt\n';
    assert.equal(completionFile(config), '/var/log/slurm jobs.txt');
    assert.equal(completionFile(config.replace('filetxt', 'none')), undefined);
  });

  it('of accounting counts for the job of that number and name', () => {
    const text = '5|old|COMPLETED|0:0|1795000000|n1\n5|ml-a|CANCELLED by 0|0:15|1795632056|n[1-2]\n';
    assert.deepEqual(sacctEnd(text, '5', 'ml-a'), {
      ...{ id: '5', name: 'ml-a', state: 'CANCELLED', exit: '0:15', nodes: 'n[1-2]', at: 1_795_632_056_000 },
    });
    assert.equal(sacctEnd('Slurm accounting storage is disabled', '5', 'ml-a'), undefined);
  });

  it('becomes an exit that never says more than Slurm knows', () => {
    const at = { name: 'ml-a', nodes: 'n7', at: now };
    const told = (state: string, exit: string): unknown[] => {
      const { code, signal, why } = exitOf({ ...at, state, exit }, 78, now);
      return [code, signal, why];
    };
    assert.deepEqual(told('COMPLETED', '0:0'), [0, null, undefined]);
    assert.deepEqual(told('FAILED', '3:0'), [3, null, undefined]);
    assert.deepEqual(told('FAILED', '0:9'), [137, 'KILL', undefined]);
    assert.deepEqual(told('NODE_FAIL', '0:0'), [null, null, 'its node n7 failed']);
    assert.deepEqual(told('CANCELLED', '0:15'), [null, null, 'it was cancelled in Slurm']);
    assert.deepEqual(told('TIMEOUT', '0:15'), [143, 'TERM', 'it ran past its time limit in Slurm']);
    assert.deepEqual(told('OUT_OF_MEMORY', '0:125').at(-1), 'it took more memory than Slurm gave it');
    assert.match(String(told('FAILED', '78:0').at(-1)), /does not see its folder/u);
    assert.deepEqual(told('COMPLETED', ''), [null, null, undefined]);
    assert.ok(isOver({ state: 'NODE_FAIL' }) && !isOver({ state: 'COMPLETING' }) && !isOver({ state: '' }));
  });

  it('of a node that failed is never told as success, and a silent controller changes nothing that was known', () => {
    const record = { startedAt: new Date(0).toISOString(), where: { kind: 'slurm', options: [] } };
    const found = (more: object): Found => ({ record, events: [], ...more }) as unknown as Found;
    const exit = exitOf({ name: 'ml-a', state: 'NODE_FAIL', exit: '0:0', nodes: 'n7', at: now }, 78, now);
    const failed = stateOf(found({ exit }), 'gone', now);
    assert.equal(failed.state === 'ended' && failed.how, 'failed');
    const silent = { queue: 'silent', why: 'no answer' } as const;
    assert.equal(stateOf(found({}), silent, now).state, 'waiting');
    assert.equal(stateOf(found({ process: { pid: 1, started: '' } }), silent, now).state, 'running');
    assert.equal(stateLine(stateOf(found({}), 'gone', now)).includes('its queue knows it no more'), true);
  });
});
