import assert from 'node:assert/strict';
import { matcherOf } from '../../../src/metrics/pattern';

describe('a pattern of a watch', () => {
  it('matches a place anywhere in a line, over signs of all kinds', async () => {
    const cases: readonly [string, string, boolean][] = [
      ['checkpoint \\d+', 'saved checkpoint 12 to /runs/a', true],
      ['^Epoch (\\d+)/10$', 'Epoch 3/10', true],
      ['^Epoch (\\d+)/10$', 'Epoch 3/100', false],
      ['\\bgrad\\b', 'WARNING: grad overflow', true],
      ['(?i)saved [C-D]HECK', 'Saved checkpoint', true],
      ['e.$', 'naïve é', false],
      ['', '', true],
    ];
    for (const [pattern, line, wanted] of cases)
      assert.equal((await matcherOf(pattern))(line), wanted, `${pattern} on ${line}`);
  });

  it('that would take a backtracking matcher years takes moments', async () => {
    for (const pattern of [
      '(a+)+$',
      '(a|a)*b',
      '(.*)(.*)(.*)(.*)(.*)x$',
      '(?:a?){100}a{100}b',
      '^(([a-z])+.)+[A-Z]([a-z])+$',
    ]) {
      const matches = await matcherOf(pattern);
      const began = performance.now();
      for (let turn = 0; turn < 20; turn++) assert.equal(matches(`${'a'.repeat(4_000)}!`), false);
      assert.ok(performance.now() - began < 10_000, pattern);
    }
  });

  it('is not looked for past the first four thousand characters of a line', async () => {
    const matches = await matcherOf('end');
    assert.equal(matches(`${'x'.repeat(4_000)}end`), true);
    assert.equal(matches(`${'x'.repeat(10_000_000)}end`), false);
  });

  it('that cannot be read in linear time, or at all, is refused with the reason', async () => {
    const faults: readonly [string, RegExp][] = [
      ['(a)\\1', /\\1/u],
      ['(?=a)', /\(\?=/u],
      ['(?<=a)b', /\(\?<=/u],
      ['(a', /missing closing \)/u],
      ['[a', /missing closing \]/u],
      ['*a', /missing argument/u],
      ['a{9999}', /repeat/u],
      ['a{900}b{900}', /repeats too much/u],
      ['x'.repeat(501), /501 characters/u],
    ];
    for (const [pattern, why] of faults) await assert.rejects(matcherOf(pattern), why, pattern);
  });
});
