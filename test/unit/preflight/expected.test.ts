import assert from 'node:assert/strict';
import type { Run } from '../../../src/ledger/parse';
import type { RunRecord } from '../../../src/ledger/record';
import { expectedByRuns, expectedByTrial, isSameProgram, likeRuns, scaleOf } from '../../../src/preflight/expected';

const run = (command: string, seconds: number | null, more: Partial<RunRecord> = {}): Run =>
  ({ record: { command, seconds, state: 'ok', cwd: '.', ...more }, line: 1 }) as unknown as Run;

describe('how much a job does', () => {
  it('is told by the numbers of epochs and steps that both commands give', () => {
    assert.deepEqual(scaleOf('python3 t.py --epochs 1', 'python3 t.py --epochs=40'), { ratio: 40, isMore: false });
    assert.equal(scaleOf('t trainer.max_epochs=2', 't trainer.max_epochs=50')?.ratio, 25);
    assert.equal(scaleOf('t --n-estimators 10 --n_rounds 2', 't --n_estimators 100 --n-rounds 8')?.ratio, 40);
  });

  it('is not told by what only looks like an amount', () => {
    assert.equal(scaleOf('t --warmup-steps 1 --eval-steps 2', 't --warmup-steps 100 --eval-steps 500'), undefined);
    assert.equal(scaleOf('t --lr 1 --batch-size 2', 't --lr 10 --batch-size 64'), undefined);
    assert.equal(scaleOf('t --epochs 0', 't --epochs 10'), undefined);
  });

  it('is at least so much where the dry run leaves out more', () => {
    const scale = scaleOf('t --epochs 1 --limit-rows 100', 't --epochs 10');
    assert.deepEqual(scale, { ratio: 10, isMore: true });
    assert.equal(expectedByTrial(3, scale)?.bound, 'at least');
    assert.equal(scaleOf('t --epochs 1 --max-steps 2', 't --epochs 10')?.isMore, true);
  });
});

describe('a dry run', () => {
  it('is of the same program whatever its options and the way to it', () => {
    assert.ok(isSameProgram('python3 train.py --epochs 1', 'python train.py --epochs 40'));
    assert.ok(isSameProgram('cd x && uv run python ./train.py -n 1', 'python3 train.py'));
    assert.ok(isSameProgram('python3 -m churn.train --out /tmp/o', 'nohup python3 -m churn.train'));
    assert.ok(isSameProgram('torchrun --nproc-per-node 2 train.py', 'torchrun --nproc-per-node 8 train.py'));
  });

  it('of another program is none, nor is one that runs nothing', () => {
    assert.ok(!isSameProgram('true', 'python3 train.py'));
    assert.ok(!isSameProgram('python3 other.py', 'python3 train.py'));
    assert.ok(!isSameProgram('python3 -m churn.other', 'python3 -m churn.train'));
    assert.ok(!isSameProgram('python3 train.py; true', 'python3 train.py'));
    assert.ok(!isSameProgram('', ''));
  });
});

describe('like runs of the ledger', () => {
  it('are those that differ in seeds and amounts alone, and tell the time for the amount that is wanted', () => {
    const runs = [
      run('python3 t.py --epochs 10 --seed 1', 100),
      run('python3 t.py --epochs 20 --seed 2', 180),
      run('python3 t.py --epochs 20 --lr 9', 7),
      run('python3 t.py --epochs 20 --seed 3', 8, { state: 'failed' }),
      run('python3 t.py --epochs 20', null),
      run('python3 t.py --epochs 20', 9, { cwd: 'other' }),
    ];
    assert.deepEqual(likeRuns(runs, 'python3 t.py --seed 9 --epochs 20', '.'), [200, 180]);
  });

  it('say nothing where there are none, and count by the newest five', () => {
    assert.equal(expectedByRuns([]), undefined);
    const runs = Array.from({ length: 9 }, (_, index) => run('t', index + 1));
    assert.deepEqual(likeRuns(runs, 't', '.'), [5, 6, 7, 8, 9]);
    const expected = expectedByRuns([60, 50, 3_600]);
    assert.deepEqual([expected?.seconds, expected?.bound], [60, 'about']);
    assert.match(expected?.why ?? '', /3 like runs of the ledger, 50 s to 60 min/u);
  });
});
