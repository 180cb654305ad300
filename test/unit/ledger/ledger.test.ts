import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLedger, runsOf } from '../../../src/ledger/parse';
import { lineOf, type LedgerEntry, type NoteRecord, type RunRecord } from '../../../src/ledger/record';
import { readLedger } from '../../../src/ledger/read';
import { appendEntry } from '../../../src/ledger/write';
import { seeded } from '../../support/seeded';
import { noteRecord, runRecord } from '../../support/ledger';

function numbersBelow(seed: number): (end: number) => number {
  const random = seeded(seed);
  return (end) => Math.floor(random() * end);
}

describe('the ledger', () => {
  let folder: string;
  before(async () => (folder = await realpath(await mkdtemp(join(tmpdir(), 'ledger-')))));
  after(() => rm(folder, { recursive: true, force: true }));

  const idsIn = (text: string): string[] => parseLedger(text).entries.map(({ entry }) => entry.id);

  it('reads what it wrote, field by field, in one order whatever order they came in', () => {
    const run = runRecord({ id: 'a', hypothesis: 'more trees help', verdict: 'they do' });
    const turned = Object.fromEntries(Object.entries(run).reverse()) as RunRecord;
    assert.equal(lineOf(turned), lineOf(run));
    assert.deepEqual(parseLedger(lineOf(run)).entries, [{ line: 1, entry: run }]);
    assert.match(lineOf(run), /^\{"v":1,"kind":"run","id":"a","at":"[^"]+","title":/u);
  });

  it('keeps fields of others, and passes over records of a later version without losing them', () => {
    const other = {
      ...runRecord({ id: 'a' }),
      team: { mood: 'good' },
      metrics: [{ name: 'auc', last: 1, ci: [0, 1] }],
    };
    const later = '{"v":2,"kind":"sweep","id":"z"}';
    const { entries, unread } = parseLedger(`${lineOf(other)}${later}\n${lineOf(runRecord({ id: 'b' }))}`);
    assert.deepEqual(entries[0]?.entry, other);
    assert.equal(entries[1]?.line, 3);
    assert.deepEqual(unread, [{ line: 2, why: 'written by a later version (2)' }]);
    assert.match(lineOf(entries[0]?.entry), /"team":\{"mood":"good"\}/u);
  });

  it('counts both sides of a merge that git could not join, and the first of two records with one id', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => lineOf(runRecord({ id })));
    const forged = lineOf(runRecord({ id: 'a', title: 'another' }));
    const text = `${a}<<<<<<< HEAD\n${b}||||||| base\n=======\n${c}>>>>>>> theirs\n${b}${forged}`;
    const { entries, unread } = parseLedger(text);
    assert.deepEqual(
      entries.map(({ line, entry }) => [line, entry.id]),
      [
        [1, 'a'],
        [3, 'b'],
        [6, 'c'],
      ],
    );
    assert.equal(unread.filter(({ why }) => why.startsWith('a mark of a merge')).length, 4);
    assert.deepEqual(unread.at(-1), { line: 9, why: 'the id a is that of line 1, which counts' });
  });

  it('is empty for an empty file, blank lines, and a mark of byte order', () => {
    for (const text of ['', '\n\n', '\ufeff', '\r\n \r\n'])
      assert.deepEqual(parseLedger(text), { entries: [], unread: [] });
    assert.deepEqual(idsIn(`\ufeff${lineOf(runRecord({ id: 'a' })).replace('\n', '\r\n')}`), ['a']);
  });

  it('takes what was said last of a run, by its time and not by its line, and leaves the run itself alone', () => {
    const said = (id: string, at: string, more: Partial<NoteRecord>): LedgerEntry =>
      noteRecord({ id, of: 'a', at, ...more });
    const text = [
      said('n2', '2026-01-03', { verdict: 'no effect' }),
      said('n1', '2026-01-02', { verdict: 'better', hypothesis: 'it helps' }),
      runRecord({ id: 'a', verdict: 'first' }),
      noteRecord({ id: 'n3', of: 'elsewhere', verdict: 'lost' }),
    ].map(lineOf);
    const { runs, loose } = runsOf(parseLedger(text.join('')));
    assert.deepEqual([runs[0]?.hypothesis, runs[0]?.verdict, runs[0]?.line], ['it helps', 'no effect', 3]);
    assert.equal(runs[0]?.record.verdict, 'first');
    assert.deepEqual(
      runs[0]?.notes.map(({ entry }) => entry.id),
      ['n1', 'n2'],
    );
    assert.equal(loose.length, 1);
  });

  it('loses no record that was written whole, wherever a write was torn and what was added behind', () => {
    const below = numbersBelow(7);
    for (let round = 0; round < 300; round++) {
      const whole = Array.from({ length: 1 + below(4) }, (_, n) => lineOf(runRecord({ id: `r${round}-${n}` })));
      const torn = lineOf(runRecord({ id: 'torn' }));
      const cut = torn.slice(0, below(torn.length - 1));
      const behind = lineOf(runRecord({ id: 'behind' }));
      const text = `${whole.join('')}${cut}${cut === '' ? '' : '\n'}${behind}`;
      const ids = idsIn(text);
      for (let n = 0; n < whole.length; n++) assert.ok(ids.includes(`r${round}-${n}`));
      assert.ok(ids.includes('behind'));
      assert.ok(!ids.includes('torn'));
    }
  });

  it('holds all records of both sides after any merge by union of git itself', async function () {
    this.timeout(60_000);
    const below = numbersBelow(11);
    const name = (side: string): string => join(folder, side);
    for (let round = 0; round < 25; round++) {
      const entries = (side: string): string[] =>
        Array.from({ length: below(6) }, (_, n) =>
          lineOf(n % 3 === 2 ? noteRecord({ id: `${side}${n}`, of: 'base0' }) : runRecord({ id: `${side}${n}` })),
        );
      const base = entries('base');
      // A side may end torn, and then go on.
      const side = (own: string): string => {
        const torn = below(3) === 0 ? `${lineOf(runRecord({ id: 'torn' })).slice(0, 40)}\n` : '';
        return base.join('') + torn + entries(own).join('');
      };
      const [ours, theirs] = [side('ours'), side('theirs')];
      await writeFile(name('base'), base.join(''));
      await writeFile(name('ours'), ours);
      await writeFile(name('theirs'), theirs);
      const merged = execFileSync('git', ['merge-file', '--union', '-p', name('ours'), name('base'), name('theirs')]);
      const ids = new Set(idsIn(String(merged)));
      for (const id of [...idsIn(ours), ...idsIn(theirs)]) assert.ok(ids.has(id), `${id} of round ${round} is lost`);
    }
  });

  describe('on the disk', () => {
    const ledger = 'experiments/ledger.jsonl';

    it('makes its folder, and begins behind a line that a kill tore', async () => {
      const project = join(folder, 'torn');
      await appendEntry(project, ledger, runRecord({ id: 'a' }));
      await writeFile(join(project, ledger), '{"v":1,"kind":"ru', { flag: 'a' });
      await appendEntry(project, ledger, runRecord({ id: 'b' }));
      const { runs, unread } = await readLedger(project, ledger);
      assert.deepEqual(
        runs.map(({ record, line }) => [record.id, line]),
        [
          ['a', 1],
          ['b', 3],
        ],
      );
      assert.equal(unread.length, 1);
    });

    it('has every line whole after many wrote at once, each with a file of its own', async () => {
      const project = join(folder, 'many');
      const ids = Array.from({ length: 200 }, (_, n) => `r${n}`);
      await Promise.all(ids.map((id) => appendEntry(project, ledger, runRecord({ id, title: 'x'.repeat(9_000) }))));
      const { runs, unread } = await readLedger(project, ledger);
      assert.deepEqual([runs.map(({ record }) => record.id).sort(), unread], [ids.sort(), []]);
    });

    it('writes through no link, out of the workspace or within it', async () => {
      const project = join(folder, 'links');
      const outside = join(folder, 'outside');
      execFileSync('mkdir', ['-p', project, outside, join(project, 'real')]);
      execFileSync('ln', ['-s', outside, join(project, 'experiments')]);
      execFileSync('ln', ['-s', join(outside, 'file'), join(project, 'real', 'ledger.jsonl')]);
      await assert.rejects(appendEntry(project, ledger, runRecord({ id: 'a' })), /reached by a link/u);
      await assert.rejects(appendEntry(project, 'real/ledger.jsonl', runRecord({ id: 'a' })), /it is a link/u);
      assert.equal(execFileSync('ls', ['-A', outside]).toString(), '');
      await writeFile(join(outside, 'ledger.jsonl'), lineOf(runRecord({ id: 'secret' })));
      await assert.rejects(readLedger(project, ledger), /reached by a link, and is not read/u);
    });

    it('reads 10,000 records not much slower than their JSON alone', async function () {
      this.timeout(60_000);
      const lines = Array.from({ length: 10_000 }, (_, n) =>
        lineOf(runRecord({ id: `r${n}`, seeds: [{ name: 'seed', value: String(n % 5) }] })),
      );
      const text = lines.join('');
      const timed = (work: () => void): number => {
        const began = performance.now();
        work();
        return performance.now() - began;
      };
      const plain = (): void => lines.forEach((line) => void JSON.parse(line));
      plain();
      runsOf(parseLedger(text));
      const [bare, read] = [timed(plain), timed(() => assert.equal(runsOf(parseLedger(text)).runs.length, 10_000))];
      // Both on the same machine at the same time: what is measured is how the one grows with the other.
      assert.ok(read < 15 * bare + 500, `${read.toFixed(0)} ms, and ${bare.toFixed(0)} ms for JSON alone`);
      console.log(
        `      ${(text.length / 1e6).toFixed(1)} MB: ${read.toFixed(0)} ms, JSON alone ${bare.toFixed(0)} ms`,
      );
    });
  });

  it('is one line a record, as an editor shows it', async () => {
    const project = join(folder, 'lines');
    await appendEntry(project, 'ledger.jsonl', runRecord({ id: 'a', title: 'a\nb' }));
    await appendEntry(project, 'ledger.jsonl', noteRecord({ id: 'n', of: 'a', verdict: 'c\u2028d' }));
    assert.equal((await readFile(join(project, 'ledger.jsonl'), 'utf8')).split('\n').length, 3);
  });
});
