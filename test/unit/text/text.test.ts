import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ageOf, sizeOf } from '../../../src/text/sizes';
import { cleanOutput } from '../../../src/text/command-output';
import { decode, encode } from '../../../src/text/encoding';
import { cutLine, headAndTail } from '../../../src/text/truncate';
import { unifiedDiff } from '../../../src/text/unified-diff';

describe('encodings', () => {
  it('give back the same bytes for whatever they could read', () => {
    const marks = fc.constantFrom([], [0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff]);
    const bytes = fc.oneof(fc.uint8Array({ min: 32, maxLength: 40 }), fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(marks, bytes, (mark, rest) => {
        const given = Buffer.from([...mark, ...rest]);
        const decoded = decode(given);
        if (decoded) assert.deepEqual(Buffer.from(encode(decoded)), given);
      }),
      { numRuns: 500 },
    );
  });

  it('do not take a NUL for text', () => {
    assert.equal(decode(Buffer.from('a\u0000b')), undefined);
  });
});

describe('command output', () => {
  for (const [name, raw, shown] of [
    ['drops colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['drops titles and links', '\u001b]0;title\u0007a\u001b]8;;http://x\u001b\\b\u001b]8;;\u001b\\', 'ab'],
    ['loses no line to a sequence that is not ended', '\u001b]0;title\nkept', '\nkept'],
    ['keeps the last state of a progress bar', ' 10%\r 50%\r100%\ndone', '100%\ndone'],
    ['leaves what a shorter rewrite did not reach', 'abcdef\rxy', 'xycdef'],
    ['erases to the end of the line', 'Downloading 100%\r\u001b[KDone', 'Done'],
    ['erases the whole line', 'Downloading\r\u001b[2Kok', 'ok'],
    ['goes back by backspaces', 'wait |\b/\b-\bdone', 'wait done'],
    ['reads Windows line ends', 'a\r\nb\r\n', 'a\nb\n'],
    ['drops control characters but tabs', 'a\u0000\u0007\tb', 'a\tb'],
    ['folds a line that repeats', 'w\nw\nw\nw\nx', 'w\n[the line above 4 times]\nx'],
    ['leaves a line that repeats a little', 'w\nw\nw\nx', 'w\nw\nw\nx'],
  ] as const) {
    it(name, () => assert.equal(cleanOutput(raw), shown));
  }

  it('holds no escape afterwards, whatever came', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('\u001b[', '\u001b]', '\u001b[K', '\r', '\b', '\u009b', '\u001b'),
    );
    fc.assert(fc.property(fc.array(piece), (pieces) => !/[\u001b\r\u0008\u009b]/u.test(cleanOutput(pieces.join('')))));
  });

  it('stays fast on a million progress updates and a million equal lines', () => {
    const began = Date.now();
    cleanOutput('progress 10%\r'.repeat(100_000));
    cleanOutput('x\n'.repeat(1_000_000) + '\n'.repeat(1_000_000));
    assert.ok(Date.now() - began < 3_000);
  });
});

describe('truncation', () => {
  it('is none where all fits', () => {
    assert.deepEqual(headAndTail('abc', 2, 2), { text: 'abc', left: 0 });
  });

  it('counts what it left out, and cuts at line ends', () => {
    const text = Array.from({ length: 100 }, (_, index) => `row ${index}`).join('\n');
    const cut = headAndTail(text, 50, 50);
    const [head = '', tail = ''] = cut.text.split(/\n\[\.\.\. \d+ characters left out \.\.\.\]\n/u);
    assert.ok(text.startsWith(`${head}\n`) && text.endsWith(`\n${tail}`));
    assert.equal(head.length + tail.length + cut.left, text.length);
  });

  it('never leaves half a character', () => {
    const text = fc.array(fc.constantFrom('😀', 'a', '\n')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (given, head, tail) => {
        const lone = /[\ud800-\udfff]/u;
        return !lone.test(headAndTail(given, head, tail).text) && !lone.test(cutLine(given, head));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a unified diff', () => {
  it('counts and numbers the lines as they now are', () => {
    const before = Array.from({ length: 20 }, (_, index) => `${index + 1}`).join('\n');
    const { added, removed, after } = unifiedDiff(before, before.replace('2\n', 'two\n').replace('\n19', '\nx\n19'));
    assert.deepEqual([added, removed], [2, 1]);
    assert.deepEqual(after.slice(0, 3), [' 1\t1', '+2\ttwo', ' 3\t3']);
    assert.ok(after.includes('...') && after.includes('+19\tx'));
  });

  it('says nothing of equal texts', () => {
    assert.deepEqual(unifiedDiff('a\r\n', 'a\r\n'), { diff: '', added: 0, removed: 0, after: [] });
  });
});

describe('sizes and ages', () => {
  it('are told in the largest unit that gives a whole number or one digit', () => {
    const sizes: [number, string][] = [
      [0, '0 B'],
      [999, '999 B'],
      [1_000, '1.0 kB'],
      [999_949, '999.9 kB'],
      [999_950, '1.0 MB'],
      [4.2e9, '4.2 GB'],
      [2e18, '2000.0 PB'],
    ];
    for (const [bytes, text] of sizes) assert.equal(sizeOf(bytes), text);
    const ages: [number, string][] = [
      [-5, '0 seconds'],
      [999, '0 seconds'],
      [60_000, '1 minute'],
      [3 * 86_400_000, '3 days'],
      [800 * 86_400_000, '2 years'],
    ];
    for (const [ms, text] of ages) assert.equal(ageOf(ms), text);
  });
});
