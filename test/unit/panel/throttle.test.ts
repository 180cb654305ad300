import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { throttle } from '../../../src/panel/throttle';

describe('throttle', () => {
  it('makes one run of many requests, and always one after the last', async () => {
    const seen: number[] = [];
    let value = 0;
    const throttled = throttle(async () => void seen.push(value), 30);
    for (; value < 50; value += 1) {
      throttled.request();
      await sleep(2);
    }
    value = 99;
    throttled.request();
    await sleep(80);
    throttled.dispose();
    assert.equal(seen.at(-1), 99);
    assert.ok(seen.length >= 2 && seen.length < 12, `${seen.length} runs`);
  });

  it('never runs twice at a time, nor after it is disposed', async () => {
    let [running, most, runs] = [0, 0, 0];
    const throttled = throttle(async () => {
      running += 1;
      runs += 1;
      most = Math.max(most, running);
      await sleep(20);
      running -= 1;
    }, 1);
    for (let times = 0; times < 10; times += 1) {
      throttled.request();
      await sleep(5);
    }
    throttled.dispose();
    const before = runs;
    throttled.request();
    await sleep(50);
    assert.deepEqual([most, runs], [1, before]);
  });
});
