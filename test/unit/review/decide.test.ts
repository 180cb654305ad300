import assert from 'node:assert/strict';
import fc from 'fast-check';
import { blocksOf } from '../../../src/review/blocks';
import { bytesOf } from '../../../src/review/content';
import { absorbed, accept, decidable, reject } from '../../../src/review/decide';
import { begin, changed, USER, type Author, type FileReview } from '../../../src/review/file-review';
import { hunksOf, type Hunk } from '../../../src/review/hunks';
import { rowsOf, wordMarks } from '../../../src/review/rows';

const PATH = '/w/a.py';
const AGENT: Author = { by: 'agent', call: 'c1', todo: 'fix it' };
const bytes = (text: string | null): Uint8Array | null => (text === null ? null : Buffer.from(text, 'latin1'));
const text = (content: FileReview['base']): string | null => {
  const raw = bytesOf(content);
  return raw === null ? null : Buffer.from(raw).toString('latin1');
};
const reviewOf = (base: string | null, current: string | null, path = PATH): FileReview =>
  changed(begin(path, bytes(base)), bytes(current), AGENT);

/** The text with each of the hunk's blocks replaced, told apart from how the review itself does it. */
function splice(units: readonly string[], hunk: Hunk, side: 'base' | 'current', other: readonly string[]): string {
  const copy = [...units];
  for (const { baseStart, baseCount, start, count } of [...hunk.blocks].reverse()) {
    if (side === 'base') copy.splice(baseStart, baseCount, ...other.slice(start, start + count));
    else copy.splice(start, count, ...other.slice(baseStart, baseStart + baseCount));
  }
  return copy.join('');
}

const line = fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'd\r\n', '\xff\xfe\n', '    return 1\n');
const lines = fc
  .tuple(fc.array(line, { maxLength: 40 }), fc.constantFrom('', 'end', '\r'))
  .map(([all, end]) => all.join('') + end);

describe('accepting and rejecting hunks', () => {
  it('gives in any order the text that the choices imply', () => {
    fc.assert(
      fc.property(lines, lines, fc.infiniteStream(fc.nat()), (base, current, choices) => {
        let review = reviewOf(base, current);
        const first = review;
        const open = hunksOf(review);
        const accepted = new Set<Hunk>();
        const left = [...open];
        while (left.length > 0) {
          const choice = choices.next().value;
          const [hunk] = left.splice(choice % left.length, 1) as [Hunk];
          // What was shown first is still there by the same name.
          const now = hunksOf(review).find(({ id }) => id === hunk.id);
          assert.ok(now, 'a hunk that nobody touched is gone');
          const isAccepted = (choice >> 8) % 2 === 0;
          if (isAccepted) accepted.add(hunk);
          review = isAccepted ? accept(review, [now]) : reject(review, [now]);
        }
        const chosen: Hunk = {
          ...open[0]!,
          blocks: open.filter((one) => accepted.has(one)).flatMap((one) => one.blocks),
        };
        const implied = splice(first.base.units, chosen, 'base', first.current.units);
        assert.equal(text(review.base), implied);
        assert.equal(text(review.current), implied);
        assert.deepEqual(hunksOf(review), []);
      }),
      { numRuns: 400 },
    );
  });

  type Act =
    { kind: 'agent' | 'user'; at: number; take: number; put: number } | { kind: 'accept' | 'reject'; at: number };
  const act: fc.Arbitrary<Act> = fc.oneof(
    fc.record({
      kind: fc.constantFrom('agent' as const, 'user' as const),
      at: fc.nat(60),
      take: fc.nat(4),
      put: fc.nat(4),
    }),
    fc.record({ kind: fc.constantFrom('accept' as const, 'reject' as const), at: fc.nat(20) }),
  );

  it('changes nothing else while agent and user go on editing, and never the place that a stale hunk does not mean', () => {
    fc.assert(
      fc.property(lines, fc.array(act, { maxLength: 25 }), (base, acts) => {
        let review = begin(PATH, bytes(base));
        let fresh = 0;
        const shown = new Map<string, { taken: string[]; added: string[]; place: readonly number[] }>();
        for (const one of acts) {
          const [was, is] = [text(review.base), text(review.current)];
          if (one.kind === 'agent' || one.kind === 'user') {
            const units = [...review.current.units];
            const at = one.at % (units.length + 1);
            const isEnd = at + one.take >= units.length;
            const put = Array.from({ length: one.put }, () => `${one.kind} ${fresh++}\n`);
            if (at > 0 && at === units.length && !units[at - 1]!.endsWith('\n')) units[at - 1] += '\n';
            units.splice(at, one.take, ...put);
            const next = isEnd && put.length > 0 && fresh % 3 === 0 ? units.join('').slice(0, -1) : units.join('');
            const agents = new Set(review.base.units.map((unit) => unit.trim()));
            review = absorbed(changed(review, bytes(next), one.kind === 'agent' ? AGENT : USER));
            assert.equal(text(review.current), next);
            // What the agent wrote is never taken for accepted.
            assert.ok(review.base.units.every((unit) => !unit.startsWith('agent') || agents.has(unit.trim())));
            assert.ok(hunksOf(review).every(({ by }) => by !== 'user'));
          } else {
            const hunks = hunksOf(review).filter(({ by }) => by === 'agent');
            const hunk = hunks[one.at % Math.max(1, hunks.length)];
            if (!hunk) continue;
            const before = review;
            review = one.kind === 'accept' ? accept(review, [hunk]) : reject(review, [hunk]);
            const { base: old, current: now } = before;
            assert.equal(
              text(review.base) ?? '',
              one.kind === 'accept' ? splice(old.units, hunk, 'base', now.units) : was,
            );
            assert.equal(
              text(review.current) ?? '',
              one.kind === 'reject' ? splice(now.units, hunk, 'current', old.units) : is,
            );
          }
          checkWhole(review);
          for (const hunk of hunksOf(review)) {
            const taken = hunk.blocks.flatMap((b) => review.base.units.slice(b.baseStart, b.baseStart + b.baseCount));
            const added = hunk.blocks.flatMap((b) => review.current.units.slice(b.start, b.start + b.count));
            const known = shown.get(hunk.id);
            if (known) assert.deepEqual({ taken, added, place: hunk.place }, known);
            shown.set(hunk.id, { taken, added, place: hunk.place });
          }
        }
        const usersIn = (units: readonly string[]): string[] =>
          units.filter((unit) => unit.startsWith('user')).map((unit) => unit.trim());
        const rest = reject(review, decidable(review, false));
        // Nothing that the user wrote and still sees goes with what the agent wrote.
        const kept = new Set(usersIn(rest.current.units));
        assert.deepEqual(
          usersIn(review.current.units).filter((unit) => !kept.has(unit)),
          [],
        );
        const mixed = blocksOf(rest).filter(({ by }) => by === 'both');
        const known = new Set(rest.base.units.map((unit) => unit.trim()));
        const left = rest.current.units.flatMap((unit, index) =>
          unit.startsWith('agent') && !known.has(unit.trim()) ? [index] : [],
        );
        assert.ok(left.every((at) => mixed.some(({ start, count }) => at >= start && at < start + count)));
      }),
      { numRuns: 400 },
    );
  });

  function checkWhole(review: FileReview): void {
    let last = -1;
    for (const [index, place] of review.match.entries()) {
      if (place < 0) continue;
      assert.ok(place > last);
      assert.equal(review.base.units[place], review.current.units[index]);
      last = place;
    }
    assert.equal(review.names.length, review.base.units.length);
    assert.equal(new Set(review.names).size, review.names.length);
    assert.equal(review.owners.length, review.current.units.length);
    assert.equal(review.losers.length, review.base.units.length);
  }

  it('creates, deletes and brings back a file as a whole', () => {
    const created = reviewOf(null, 'one\ntwo\n');
    assert.equal(text(reject(created, hunksOf(created)).current), null);
    assert.equal(text(accept(created, hunksOf(created)).base), 'one\ntwo\n');
    const empty = reviewOf(null, '');
    assert.deepEqual(
      hunksOf(empty).map(({ kind }) => kind),
      ['whole'],
    );
    assert.equal(text(reject(empty, hunksOf(empty)).current), null);
    const deleted = reviewOf('one\ntwo', null);
    assert.deepEqual(
      hunksOf(deleted).map(({ kind, by }) => [kind, by]),
      [['whole', 'agent']],
    );
    assert.equal(text(reject(deleted, hunksOf(deleted)).current), 'one\ntwo');
    assert.equal(text(accept(deleted, hunksOf(deleted)).base), null);
  });

  it('keeps what the user wrote into a file that the agent made', () => {
    const review = absorbed(changed(reviewOf(null, 'agent\n'), bytes('agent\nmine\n'), USER));
    assert.equal(text(reject(review, decidable(review, false)).current), 'mine\n');
  });

  it('decides on a binary file only as a whole', () => {
    const review = reviewOf('a\0b', 'a\0c');
    const [hunk] = hunksOf(review);
    assert.equal(hunk?.kind, 'whole');
    assert.deepEqual(rowsOf(review, hunk), []);
    assert.equal(text(reject(review, [hunk]).current), 'a\0b');
    assert.equal(text(accept(review, [hunk]).base), 'a\0c');
  });

  it('takes what the user wrote for accepted, and offers what cannot be told apart only as both', () => {
    const before = reviewOf('1\n2\n3\n4\n5\n', '1\nagent\n3\n4\n5\n');
    const theirs = absorbed(changed(before, bytes('1\nagent\n3\n4\n5\nmine\n'), USER));
    assert.equal(text(theirs.base), '1\n2\n3\n4\n5\nmine\n');
    assert.deepEqual(
      hunksOf(theirs).map(({ by }) => by),
      ['agent'],
    );
    const over = absorbed(changed(theirs, bytes('1\nmine too\n3\n4\n5\nmine\n'), USER));
    assert.deepEqual(
      hunksOf(over).map(({ by }) => by),
      ['both'],
    );
    assert.deepEqual(decidable(over, false), []);
    assert.equal(text(reject(over, decidable(over, true)).current), '1\n2\n3\n4\n5\nmine\n');
  });

  it('gives the user back the line of theirs that the agent changed', () => {
    const mine = absorbed(changed(reviewOf('1\n', '1\n2\n'), bytes('1\n2\nmine\n'), USER));
    const changedByAgent = absorbed(changed(mine, bytes('1\n2\nnot mine\n'), AGENT));
    assert.equal(text(reject(changedByAgent, decidable(changedByAgent, false)).current), '1\nmine\n');
  });

  it('names the call and the todo of each hunk', () => {
    const other: Author = { by: 'agent', call: 'c2' };
    const far = Array.from({ length: 20 }, (_, index) => `${index}\n`);
    const first = far.with(2, 'first\n');
    const review = changed(reviewOf(far.join(''), first.join('')), bytes(first.with(18, 'second\n').join('')), other);
    assert.deepEqual(
      hunksOf(review).map(({ authors }) => authors),
      [[AGENT], [other]],
    );
  });

  it('shows three lines of context and marks the words that differ', () => {
    const far = Array.from({ length: 20 }, (_, index) => `x = step(${index})\n`);
    const review = reviewOf(far.join(''), far.with(9, 'x = step(99)\n').join(''));
    const rows = rowsOf(review, hunksOf(review)[0]!);
    assert.equal(rows.map(({ sign }) => sign).join(''), '   -+   ');
    assert.deepEqual(
      rows.map(({ line: number }) => number),
      [7, 8, 9, 10, 10, 11, 12, 13],
    );
    assert.deepEqual(rows[4]?.marks, [[9, 11]]);
    assert.deepEqual(wordMarks('nothing of it', 'quite another'), { old: [], young: [] });
  });
});

describe('the review of a notebook', () => {
  const cell = (source: string, outputs: unknown[] = []): object => ({
    ...{ cell_type: 'code', execution_count: outputs.length || null, metadata: {}, outputs, source: [source] },
  });
  const book = (...cells: object[]): string =>
    `${JSON.stringify({ cells, metadata: { k: 1 }, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`;
  const notebook = '/w/a.ipynb';

  it('is by cell, and whatever is chosen the file stays a notebook', () => {
    const sources = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 6 });
    fc.assert(
      fc.property(sources, sources, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (old, young, choices) => {
        const make = (all: string[]): string => book(...all.map((source) => cell(source)));
        let review = reviewOf(make(old), make(young), notebook);
        for (const choice of choices) {
          const [hunk] = hunksOf(review);
          if (!hunk) break;
          review = choice ? accept(review, [hunk]) : reject(review, [hunk]);
          for (const content of [review.base, review.current]) JSON.parse(text(content) ?? '{}');
        }
        assert.deepEqual(hunksOf(review), []);
      }),
      { numRuns: 200 },
    );
  });

  it('does not count a run of a cell, and takes back its source alone', () => {
    const before = book(cell('one'), cell('two'), cell('three'));
    const ran = [{ output_type: 'stream', name: 'stdout', text: ['1'] }];
    const edited = reviewOf(before, book(cell('one'), cell('2'), cell('three')), notebook);
    const run = absorbed(changed(edited, bytes(book(cell('one', ran), cell('2', ran), cell('three'))), USER));
    assert.deepEqual(
      hunksOf(run).map(({ kind, by }) => [kind, by]),
      [['cells', 'agent']],
    );
    assert.equal(text(reject(run, hunksOf(run)).current), book(cell('one', ran), cell('two'), cell('three')));
  });

  it('takes a file of that name that is no notebook as a whole', () => {
    const review = reviewOf('{"cells": [', '{"cells": [1', notebook);
    assert.deepEqual(
      hunksOf(review).map(({ kind }) => kind),
      ['whole'],
    );
  });
});
