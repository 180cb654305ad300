import assert from 'node:assert/strict';
import { aligned, drawable, factsOf, thinned, tickText, type Points } from '../../../src/panel/client/curves/points';
import { chartsOf, growthOf } from '../../../src/panel/folds/curves';
import { MAX_CHARTS } from '../../../src/panel/sections/jobs';
import { randomFor } from '../../fuzz/random';

type Series = Parameters<typeof chartsOf>[0][number];

const series = (name: string, values: (number | null)[], some: Partial<Series> = {}): Series => ({
  ...{ name, axis: 'epoch', values: values.length },
  points: values.map((value, at) => [at, value]),
  ...some,
});
const points = (...ys: (number | null)[]): Points => ({ xs: ys.map((_, at) => at), ys });

describe('curves, thinned to the width they have', () => {
  it('stay as they are where they fit', () => {
    const curve = points(3, null, 1, 2);
    assert.deepEqual(thinned(curve, 2), curve);
    assert.deepEqual(thinned(points(), 100), points());
  });

  it('keep first, last, the highest, the lowest and what is no number, of any curve and width', () => {
    const random = randomFor(7, 'curves', 0);
    for (let round = 0; round < 200; round++) {
      const ys = Array.from({ length: 1 + random.below(3_000) }, () => (random.chance(0.002) ? null : random.next()));
      const step = random.of([0, 1, 0.25]);
      const xs = ys.map((_, at) => at * step);
      const columns = 1 + random.below(400);
      const thin = thinned({ xs, ys }, columns);
      assert.ok(thin.xs.length <= Math.max(2 * columns, 3 * columns + 2), `${thin.xs.length} of ${columns} columns`);
      assert.deepEqual([thin.xs[0], thin.ys[0]], [xs[0], ys[0]]);
      assert.deepEqual([thin.xs.at(-1), thin.ys.at(-1)], [xs.at(-1), ys.at(-1)]);
      const [before, after] = [factsOf({ xs, ys }), factsOf(thin)];
      assert.deepEqual([after.low, after.high, after.odd > 0], [before.low, before.high, before.odd > 0]);
      assert.deepEqual(
        thin.xs,
        [...thin.xs].sort((a, b) => a - b),
      );
    }
  });

  it('show a single spike among a hundred thousand values', () => {
    const ys = Array.from({ length: 100_000 }, (_, at) => (at === 54_321 ? 9 : 1));
    assert.ok(thinned(points(...ys), 100).ys.includes(9));
  });
});

describe('curves over one axis', () => {
  it('share it, and each has its gaps where it has no number, and nothing where it has no value', () => {
    const data = aligned([
      { xs: [1, 2, 3], ys: [10, null, 30] },
      { xs: [2, 4], ys: [5, 6] },
    ]);
    assert.deepEqual(data, {
      xs: [1, 2, 3, 4],
      ys: [
        [10, null, 30, undefined],
        [undefined, 5, undefined, 6],
      ],
    });
  });

  it('keep several values at one place', () => {
    const { xs, ys } = aligned([
      { xs: [1, 1, 2], ys: [1, 9, 2] },
      { xs: [1], ys: [4] },
    ]);
    assert.deepEqual(
      [xs, ys],
      [
        [1, 1, 2],
        [
          [1, 9, 2],
          [4, undefined, undefined],
        ],
      ],
    );
  });

  it('take no harm from places and values that nobody can draw', () => {
    const { xs, ys } = aligned([
      { xs: [0, 1, 1e300], ys: [1e308, 1e-320, 1] },
      { xs: [NaN], ys: [1] },
    ]);
    assert.deepEqual([xs, ys[0]], [[], []], 'an axis with NaN is none');
    const far = aligned([{ xs: [0, 1, 1e300], ys: [1e308, 1e-320, 1] }]);
    assert.deepEqual([far.xs, far.ys], [[0, 1], [[null, 0]]]);
    assert.deepEqual([NaN, Infinity, -1e31, null, 5].map(drawable), [null, null, null, null, 5]);
  });
});

describe('what is said of a curve', () => {
  it('is its last value, its extremes, its trend, and how many are no numbers', () => {
    const falling = factsOf(points(...Array.from({ length: 40 }, (_, at) => 1 / (at + 1)), null));
    assert.deepEqual(falling, { last: null, low: 1 / 40, high: 1, trend: 'level', odd: 1 });
    const line = Array.from({ length: 40 }, (_, at) => at);
    assert.equal(factsOf(points(...line)).trend, 'up');
    assert.equal(factsOf(points(...line.reverse())).trend, 'down');
    assert.deepEqual(factsOf(points(null, null)), { last: null, low: null, high: null, trend: 'level', odd: 2 });
    assert.deepEqual(factsOf(points()), { last: null, low: null, high: null, trend: 'level', odd: 0 });
    assert.equal(factsOf(points(3)).trend, 'level');
  });

  it('is said of more values than a call takes arguments', () => {
    const ys = Array.from({ length: 300_000 }, (_, at) => at);
    assert.equal(factsOf({ xs: ys, ys }).high, 299_999);
  });

  it('is few letters beside an axis, whatever the size', () => {
    const values = [0, 1, 0.5, 0.0001, 1e-7, 123_456, 1e12, -2.5e-5, 99.123456];
    assert.deepEqual(values.map(tickText), ['0', '1', '0.5', '1e-4', '1e-7', '1.2e5', '1e12', '-2.5e-5', '99.12']);
  });
});

describe('the charts of a job', () => {
  it('hold the same metric of training and validation together, by any of the usual spellings', () => {
    const names = [
      ['loss', 'val_loss'],
      ['train/acc@1', 'val/acc@1'],
      ['trainAuc', 'validAuc', 'testAuc'],
      ["valid_0's rmse", "training's rmse"],
    ];
    for (const group of names) {
      const { charts } = chartsOf(group.map((name) => series(name, [1, 2])));
      assert.deepEqual(
        charts.map(({ curves }) => curves.map(({ name }) => name)),
        [group],
      );
    }
    const apart = chartsOf([
      series('loss', [1, 2]),
      series('validity', [1, 2]),
      series('loss', [1, 2], { axis: 'step' }),
    ]);
    assert.equal(apart.charts.length, 3);
  });

  it('begin with results, end with settings, and tell how many are left out', () => {
    const names = ['lr', 'gap', 'loss', 'auc', 'a', 'b', 'c', 'd'];
    const { charts, more } = chartsOf(names.map((name) => series(name, [1, 2])));
    assert.deepEqual(
      charts.map(({ name, better }) => [name, better]),
      [['loss', 'min'], ['auc', 'max'], ...['gap', 'a', 'b', 'c'].map((name) => [name, null])],
    );
    assert.deepEqual([charts.length, more], [MAX_CHARTS, 2]);
  });

  it('are none where there is no value, and show a name of strangers as text of one line', () => {
    assert.deepEqual(chartsOf([series('loss', [])]), { charts: [], more: 0 });
    const { charts } = chartsOf([series('lo\u202ess\n<b>', [1, 2], { source: 'metrics.csv' })]);
    assert.equal(charts[0]?.name, 'lo⟨U+202E⟩ss <b>');
    assert.match(charts[0]?.curves[0]?.name ?? '', /\(metrics\.csv\)$/u);
  });

  it('are sent again only when one of them grew', () => {
    const before = growthOf([series('loss', [1, 2])]);
    assert.equal(growthOf([series('loss', [1, 2])]), before);
    assert.notEqual(growthOf([series('loss', [1, 2, 3])]), before);
    assert.notEqual(growthOf([series('loss', [1, 2]), series('auc', [1])]), before);
  });
});
