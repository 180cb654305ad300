import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatEntry, parseJournal } from '../../../src/agent/journal';
import { Session } from '../../../src/agent/session';
import { fileStore } from '../../../src/host/file-store';
import { longJournal } from '../../support/long-journal';
import { seeded } from '../../support/seeded';

/** Enough for the ratio to be that of 100 MB, which docs/journal.md gives. */
const BYTES = 30e6;
/** Of what it takes to read the file and parse each line; it is about half. */
const MAX_RATIO = 1.2;
/** Of the bytes of the file, how many are parsed as it opens. */
const MAX_PARSED = 0.15;
const ROUNDS = 5;
const HURTS = Buffer.from('"\\\n{},:u0\u0001\u00ff', 'latin1');

describe('a long journal', function () {
  this.timeout(120_000);

  it(`opens in less than ${MAX_RATIO} times what reading and parsing its lines takes`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'long-'));
    try {
      const path = join(folder, 'journal.jsonl');
      await writeFile(path, longJournal(BYTES));
      const pairs: { ours: number; floor: number }[] = [];
      for (let round = 0; round < ROUNDS && !pairs.some(({ ours, floor }) => ours < floor * MAX_RATIO); round++) {
        const began = performance.now();
        const parsed = (await readFile(path, 'utf8'))
          .split('\n')
          .map((line) => (line === '' ? undefined : (JSON.parse(line) as unknown)));
        const middle = performance.now();
        const session = await Session.open('s', fileStore(folder));
        pairs.push({ floor: middle - began, ours: performance.now() - middle });
        assert.equal(session.entries.length, parsed.length - 1);
        assert.equal(session.branch.length, parsed.length - 1);
      }
      const best = pairs.at(-1);
      const told = pairs.map(({ ours, floor }) => `${Math.round(ours)} ms of ${Math.round(floor)} ms`).join(', ');
      assert.ok(best && best.ours < best.floor * MAX_RATIO, told);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it(`parses less than ${MAX_PARSED * 100} % of its bytes to be opened, and gives what parsing all of them gives`, () => {
    const bytes = Buffer.from(longJournal(BYTES));
    const lazy = parseJournal(bytes);
    assert.ok(lazy.parsed < bytes.length * MAX_PARSED, `${lazy.parsed} of ${bytes.length} bytes`);
    assert.deepEqual(lazy.entries, parseJournal(bytes.toString()).entries);
  });

  it('gives the same whatever its results hold, and whatever befell its lines', () => {
    const random = seeded(20_261_125);
    const pieces = [
      '"',
      '\\',
      '\n',
      '","isError":true',
      '"content":"',
      '\u0000',
      'ä',
      '𝄞',
      '\u2028',
      '}}',
      '\\u12',
      'x'.repeat(700),
    ];
    const any = (count: number): string =>
      Array.from({ length: count }, () => pieces[Math.floor(random() * pieces.length)]).join('');
    for (let round = 0; round < 300; round++) {
      const lines = Array.from({ length: 4 }, (_, at) =>
        formatEntry({
          id: `e${at + 1}`,
          parent: at === 0 ? null : `e${at}`,
          at: '2026-11-25T00:00:00.000Z',
          event: { type: 'tool-end', call: 'c', content: any(20), isError: false, durationMs: 1 },
        }),
      );
      const bytes = Buffer.from(lines.join(''));
      const whole = parseJournal(bytes);
      assert.deepEqual([whole.entries, whole.damaged], [parseJournal(bytes.toString()).entries, []], `round ${round}`);
      // The others with a few bytes changed, or cut: what can be read of a result is kept, and nothing throws.
      for (let hurt = 0; hurt <= round % 4; hurt++)
        bytes[Math.floor(random() * bytes.length)] = HURTS[Math.floor(random() * HURTS.length)] ?? 0;
      const all = round % 5 === 1 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
      const [lazy, eager] = [parseJournal(all), parseJournal(all.toString())];
      const found = new Map(lazy.entries.map((entry) => [entry.id, JSON.stringify(entry.event)]));
      for (const { id, event } of eager.entries) assert.equal(found.get(id), JSON.stringify(event), `round ${round}`);
      assert.ok(lazy.damaged.length <= eager.damaged.length);
    }
  });
});
