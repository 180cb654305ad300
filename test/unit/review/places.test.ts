import assert from 'node:assert/strict';
import { begin, changed, USER, type Author, type FileReview } from '../../../src/review/file-review';
import { hunksOf } from '../../../src/review/hunks';
import { cellPlacesOf, placeAt, placeBeyond, placesOf, removedLines, type Place } from '../../../src/review/places';

const AGENT: Author = { by: 'agent', call: 'c1' };
const lines = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}\n`);
const text = (units: readonly string[]): Uint8Array => Buffer.from(units.join(''));

function edited(units: readonly string[], edit: (units: string[]) => void, by = AGENT): FileReview {
  const after = [...units];
  edit(after);
  return changed(begin('/w/a.py', text(units)), text(after), by);
}

const open = (review: FileReview): { path: string; review: FileReview; hunks: ReturnType<typeof hunksOf> } => ({
  ...{ path: review.path, review, hunks: hunksOf(review) },
});
const places = (review: FileReview): Place[] => placesOf(open(review));
const spans = (review: FileReview): [number, number][] => places(review).map(({ start, end }) => [start, end]);

describe('places of open hunks', () => {
  it('are the lines that were written, and for what was only removed the lines on both sides', () => {
    const review = edited(lines(60), (units) => {
      units[50] = 'fifty\n';
      units.splice(30, 2);
      units.splice(10, 0, 'new\n', 'newer\n');
    });
    assert.deepEqual(spans(review), [
      [10, 12],
      [31, 33],
      [50, 51],
    ]);
    const [, gone] = places(review);
    assert.deepEqual(removedLines(review, gone!.parts[0]!, 10), ['30', '31']);
    assert.deepEqual(removedLines(review, gone!.parts[0]!, 1), ['30']);
  });

  it('of a file that lost its beginning, its end or all its lines stay within it', () => {
    assert.deepEqual(spans(edited(lines(20), (units) => units.splice(0, 2))), [[0, 1]]);
    assert.deepEqual(spans(edited(lines(20), (units) => units.splice(18, 2))), [[17, 19]]);
    assert.deepEqual(spans(edited(lines(2), (units) => units.splice(0, 2))), [[0, 1]]);
  });

  it('are found by a line of theirs, the own line first, and by none that lies between them', () => {
    const review = edited(lines(60), (units) => {
      units[40] = 'forty\n';
      units[5] = 'five\n';
    });
    const [first, second] = places(review);
    assert.equal(placeAt([first!, second!], 5)?.id, first!.id);
    assert.equal(placeAt([first!, second!], 40)?.id, second!.id);
    assert.equal(placeAt([first!, second!], 20), undefined);
    const beside: Place = {
      ...first!,
      id: 'gone',
      parts: [{ start: 5, count: 0, removed: 1, baseStart: 5 }],
      start: 4,
      end: 6,
    };
    assert.equal(placeAt([beside, first!], 5)?.id, first!.id);
    assert.equal(placeAt([beside, first!], 4)?.id, 'gone');
  });

  it('follow one another in both directions and begin again at the end', () => {
    const review = edited(lines(60), (units) => {
      for (const at of [5, 25, 45]) units[at] = `changed ${at}\n`;
    });
    const all = places(review);
    const beyond = (line: number, way: 'next' | 'previous'): number | undefined => placeBeyond(all, line, way)?.start;
    assert.deepEqual(
      [0, 5, 26, 45].map((line) => beyond(line, 'next')),
      [5, 25, 45, 5],
    );
    assert.deepEqual(
      [59, 45, 25, 5].map((line) => beyond(line, 'previous')),
      [45, 25, 5, 45],
    );
    assert.equal(placeBeyond([], 3, 'next'), undefined);
  });

  it('leave out what a person wrote, deleted and binary files, and what takes no lines', () => {
    assert.deepEqual(places(edited(lines(9), (units) => units.splice(3, 1), USER)), []);
    assert.deepEqual(places(changed(begin('/w/a.py', text(lines(9))), null, AGENT)), []);
    assert.deepEqual(places(changed(begin('/w/a.bin', Buffer.from([0, 1])), Buffer.from([0, 2]), AGENT)), []);
    assert.deepEqual(places(changed(begin('/w/a.py', null), Buffer.from(''), AGENT)), []);
  });

  it('of a file that was made are all its lines, and lines without an end are lines', () => {
    assert.deepEqual(spans(changed(begin('/w/a.py', null), Buffer.from('a\nb'), AGENT)), [[0, 2]]);
  });

  it('of a notebook are its cells: changed, added, and the one before those that are gone', () => {
    const notebook = (...sources: string[]): Uint8Array => {
      const cells = sources.map((source) => ({ cell_type: 'code', metadata: {}, outputs: [], source: [source] }));
      return Buffer.from(JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }, null, 1));
    };
    const cellsOf = (before: Uint8Array, after: Uint8Array): unknown =>
      cellPlacesOf(open(changed(begin('/w/a.ipynb', before), after, AGENT))).map((place) => [
        place.cells,
        place.written,
        place.removed,
      ]);
    assert.deepEqual(cellsOf(notebook('a', 'b', 'c'), notebook('a', 'B', 'c')), [[[1], 1, 1]]);
    assert.deepEqual(cellsOf(notebook('a', 'c'), notebook('a', 'b', 'c')), [[[1], 1, 0]]);
    assert.deepEqual(cellsOf(notebook('a', 'b', 'c'), notebook('a', 'c')), [[[0], 0, 1]]);
    assert.deepEqual(cellsOf(notebook('a', 'b'), notebook('b')), [[[0], 0, 1]]);
    assert.deepEqual(places(changed(begin('/w/a.ipynb', notebook('a')), notebook('b'), AGENT)), []);
  });
});
