import assert from 'node:assert/strict';
import { LinearPattern } from '../../../src/metrics/pattern';
import { randomFor } from '../../fuzz/random';

const LINES = [
  '',
  'saved checkpoint 12 to /runs/a/step-0012.pt',
  'Epoch 3/10',
  'WARNING: grad overflow, scale=0.5',
  'aaa',
  'ab\tb',
  'naïve é',
  'x-y_z 10.5%',
  '[INFO] done.',
];
const PATTERNS = [
  'checkpoint \\d+',
  '^Epoch (\\d+)/10$',
  '(?:a|b)+?b',
  'a{2,3}',
  'a{4}',
  'a{2,}$',
  '\\bgrad\\b',
  '\\Brad',
  '[^\\w\\s]',
  '[a-c\\]]+',
  '\\[INFO\\] done\\.',
  '(x|y|)z',
  '.*e.*e',
  '\\S+\\.pt$',
  '(?<n>sc)ale=[\\d.]+',
  '\\x41|\\u0057',
  '[]a]',
  'a||b',
  '^$',
];

describe('a pattern of a watch', () => {
  it('matches what an expression matches', () => {
    for (const pattern of PATTERNS) {
      // JavaScript reads an empty set where others, and we, read a bracket.
      const expression = new RegExp(pattern === '[]a]' ? '[\\]a]' : pattern, 's');
      const ours = new LinearPattern(pattern);
      for (const line of LINES) assert.equal(ours.test(line), expression.test(line), `${pattern} on ${line}`);
    }
    assert.ok(new LinearPattern('(?i)SAVED [C-D]HECK').test('saved checkpoint'));
  });

  it('matches what an expression matches, for expressions of chance', () => {
    const pieces = [
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\d',
      '\\b',
      '(?:',
      ')',
      '|',
      '*',
      '+',
      '?',
      '{2}',
      '^',
      '$',
      '\\w',
    ];
    let tried = 0;
    for (let index = 0; index < 4_000; index++) {
      const random = randomFor(3, 'pattern', index);
      const pattern = Array.from({ length: 1 + random.below(7) }, () => random.of(pieces)).join('');
      const line = Array.from({ length: random.below(8) }, () => random.of(['a', 'b', '1', ' ', '-'])).join('');
      let expression: RegExp;
      let ours: LinearPattern;
      try {
        expression = new RegExp(pattern, 's');
        ours = new LinearPattern(pattern);
      } catch {
        continue;
      }
      tried += 1;
      assert.equal(ours.test(line), expression.test(line), `${pattern} on "${line}"`);
    }
    assert.ok(tried > 1_000, String(tried));
  });

  it('that would take a backtracking matcher years takes moments', () => {
    for (const pattern of [
      '(a+)+$',
      '(a|a)*b',
      '(.*)(.*)(.*)(.*)(.*)x$',
      '(?:a?){100}a{100}b',
      '^(([a-z])+.)+[A-Z]([a-z])+$',
    ]) {
      const ours = new LinearPattern(pattern);
      const began = performance.now();
      for (let turn = 0; turn < 20; turn++) assert.equal(ours.test(`${'a'.repeat(4_000)}!`), false);
      assert.ok(performance.now() - began < 10_000, pattern);
    }
  });

  it('that cannot be read in linear time, or at all, is refused with what and where', () => {
    const faults: readonly [string, RegExp][] = [
      ['(a)\\1', /\\1, which is not read here, at 6/u],
      ['(?=a)', /looks around/u],
      ['a)', /nothing opens at 2/u],
      ['(a', /nothing closes/u],
      ['[a', /nothing closes/u],
      ['*a', /a \* with nothing before it/u],
      ['a{999}', /more than 200 repeats/u],
      ['((a{200}){200}){200}', /repeats too much/u],
      ['x'.repeat(501), /501 characters/u],
    ];
    for (const [pattern, why] of faults) assert.throws(() => new LinearPattern(pattern), why, pattern);
  });
});
