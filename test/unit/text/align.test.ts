import assert from 'node:assert/strict';
import fc from 'fast-check';
import { align, UNMATCHED } from '../../../src/text/align';

/** The most items two rows have in common in the same order, by the plain table. */
function longestCommon(old: string[], young: string[]): number {
  const table = Array.from({ length: old.length + 1 }, () => new Array<number>(young.length + 1).fill(0));
  for (let i = 1; i <= old.length; i++)
    for (let j = 1; j <= young.length; j++)
      table[i]![j] =
        old[i - 1] === young[j - 1] ? table[i - 1]![j - 1]! + 1 : Math.max(table[i - 1]![j]!, table[i]![j - 1]!);
  return table[old.length]![young.length]!;
}

const rowOf = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 40 });

describe('which items of two rows are the same', () => {
  it('finds as many as there are, each only with its like, and never crosses', () => {
    fc.assert(
      fc.property(rowOf, rowOf, (old, young) => {
        const found = [...align(old, young)];
        const pairs = found.flatMap((place, index) => (place === UNMATCHED ? [] : [[place, index] as const]));
        assert.ok(pairs.every(([place, index]) => old[place] === young[index]));
        assert.ok(pairs.every(([place], at) => at === 0 || place > pairs[at - 1]![0]));
        assert.equal(pairs.length, longestCommon(old, young));
      }),
      { numRuns: 500 },
    );
  });

  it('holds for rows that differ in more than a quick search finds, whether lines are rare or common', () => {
    for (const kinds of [3, 100_000]) {
      let seed = 7;
      const next = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
      const old = Array.from({ length: 20_000 }, () => `line ${next() % kinds}`);
      const young = old.flatMap((line) =>
        next() % 10 === 0 ? [] : next() % 10 === 0 ? [line, `new ${next()}`] : [line],
      );
      const found = align(old, young);
      let last = UNMATCHED;
      for (const [index, place] of found.entries()) {
        if (place === UNMATCHED) continue;
        assert.ok(place > last && old[place] === young[index]);
        last = place;
      }
      if (kinds > 3) assert.ok(found.filter((place) => place !== UNMATCHED).length > 15_000);
    }
  });
});
