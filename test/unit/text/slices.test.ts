import assert from 'node:assert/strict';
import { drained, inSlices, type Sliced } from '../../../src/text/slices';

function* counting(to: number, each: () => void = () => undefined): Sliced<number> {
  for (let at = 0; at < to; at++) {
    each();
    yield;
  }
  return to;
}

const busy = (): void => {
  const until = performance.now() + 5;
  while (performance.now() < until);
};

describe('work in slices', () => {
  it('gives the same at once and in slices', async () => {
    assert.equal(drained(counting(1_000)), 1_000);
    assert.equal(await inSlices(counting(1_000)), 1_000);
  });

  it('lets others have their turn before it is done', async () => {
    let isDone = false;
    const work = inSlices(counting(60, busy)).then(() => (isDone = true));
    await new Promise((resume) => setImmediate(resume));
    assert.equal(isDone, false);
    await work;
  });

  it('leaves work behind that takes longer than there is patience', async () => {
    let steps = 0;
    const endless = counting(Infinity, () => {
      steps += 1;
      busy();
    });
    assert.equal(await inSlices(endless, 60), undefined);
    const before = steps;
    await new Promise((resume) => setImmediate(resume));
    assert.equal(steps, before);
    assert.equal(await inSlices(counting(3), 60), 3);
  });

  it('fails as its work fails', async () => {
    const failing = counting(3, () => assert.fail('no'));
    await assert.rejects(inSlices(failing), /no/u);
  });
});
