import assert from 'node:assert/strict';
import { gathered } from '../../../src/jobs/gathered';

describe('a question for many', () => {
  it('is asked once for all that look at once, and not again while the answer is fresh', async () => {
    const asked: string[][] = [];
    const queue = gathered(async (keys) => {
      asked.push([...keys].sort());
      return new Map(keys.filter((key) => key !== 'none').map((key) => [key, key.toUpperCase()]));
    }, 60_000);
    assert.deepEqual(await Promise.all(['a', 'b', 'none', 'a'].map((key) => queue.of(key))), [
      'A',
      'B',
      undefined,
      'A',
    ]);
    assert.equal(await queue.of('b'), 'B');
    assert.deepEqual(asked, [['a', 'b', 'none']]);
    await queue.of('c');
    assert.deepEqual(asked[1], ['a', 'b', 'c', 'none'], 'those that were looked at lately come along');
  });

  it('is asked anew where something was done, or more is known than the answer could', async () => {
    let asked = 0;
    const queue = gathered(async () => {
      asked += 1;
      return new Map([['a', asked]]);
    }, 60_000);
    assert.equal(await queue.of('a'), 1);
    queue.hurry('a');
    assert.equal(await queue.of('a'), 2);
    assert.equal(await queue.of('a', Date.now() + 1), 3);
  });

  it('that fails fails for all who asked, and for who asks next while it is fresh', async () => {
    const queue = gathered(async (): Promise<Map<string, string>> => {
      throw new Error('no answer');
    }, 60_000);
    for (const result of await Promise.allSettled([queue.of('a'), queue.of('b')]))
      assert.equal(result.status, 'rejected');
    await assert.rejects(queue.of('a'), /no answer/u);
  });
});
