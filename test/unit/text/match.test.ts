import assert from 'node:assert/strict';
import fc from 'fast-check';
import { closestRegion } from '../../../src/text/closest-region';
import { findAll, lineAt, replaceSpans } from '../../../src/text/match';

describe('matching text', () => {
  it('prefers an exact place to forgiving ones', () => {
    assert.deepEqual(findAll('a \nb\na\nb', 'a\nb'), [{ start: 5, end: 8 }]);
  });

  it('finds nothing by likeness', () => {
    for (const wanted of ['A', ' a', 'a  b', 'ab']) assert.deepEqual(findAll('a b\n', wanted), []);
  });

  it('does not overlap', () => {
    assert.equal(findAll('aaaa', 'aa').length, 2);
  });

  it('leaves the trailing spaces of its last line alone', () => {
    const text = 'x \r\nfoo   ';
    assert.equal(replaceSpans(text, findAll(text, 'x\nfoo'), 'y\nz'), 'y\r\nz   ');
  });

  it('takes the line ends of the place in a file that mixes them', () => {
    const text = 'a\nb\nc\nd\r\ne\r\n';
    assert.equal(replaceSpans(text, findAll(text, 'd\ne'), '1\n2'), 'a\nb\nc\n1\r\n2\r\n');
  });

  it('finds what stands there with any line ends and trailing spaces, at its place', () => {
    const line = fc.stringMatching(/^[ab]{1,3}$/);
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.array(fc.constantFrom('\n', '\r\n', ' \n', '\t \r\n'), { minLength: 8, maxLength: 8 }),
        (lines, ends) => {
          const body = lines.map((one, index) => (index < lines.length - 1 ? one + ends[index] : one)).join('');
          const text = `${'-'.repeat(5)}${ends[6]}${body}${ends[7]}-----`;
          const spans = findAll(text, lines.join('\n'));
          assert.ok(spans.some(({ start, end }) => text.slice(start, end) === body) || spans.length > 1);
        },
      ),
    );
  });

  it('stays fast on long runs of spaces', () => {
    const began = Date.now();
    findAll(`${' '.repeat(1_000_000)}x`, 'a\nb');
    assert.ok(Date.now() - began < 1_000);
  });

  it('counts lines from 1', () => {
    assert.deepEqual([lineAt('a\nb', 0), lineAt('a\nb', 2)], [1, 2]);
  });
});

describe('the closest region', () => {
  it('is where most lines agree, and tells the first that does not', () => {
    const text = 'def a():\n    x = 1\n    return x\n\ndef b():\n    x = 2\n    return x\n';
    assert.deepEqual(closestRegion(text, 'def b():\n    x = 3\n    return x'), {
      first: 5,
      last: 7,
      lines: ['def b():', '    x = 2', '    return x'],
      difference: { line: 6, have: '    x = 2', wanted: '    x = 3' },
    });
  });

  it('is found by its longest line when no line agrees', () => {
    const region = closestRegion('one\nloss = model(batch, rate)\ntwo', 'loss = model(batch, speed)');
    assert.equal(region?.first, 2);
  });

  it('is nothing where nothing is alike', () => {
    assert.equal(closestRegion('abc\ndef', 'something else'), undefined);
  });

  it('is found in 20,000 lines without holding up the editor', () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `  call(value_${index}, other=${index})`).join('\n');
    const wanted = Array.from({ length: 100 }, (_, index) => `something(value, other=${index})`).join('\n');
    const began = Date.now();
    closestRegion(text, wanted);
    assert.ok(Date.now() - began < 1_000, `${Date.now() - began} ms`);
  });
});
