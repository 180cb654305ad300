import assert from 'node:assert/strict';
import { trendGuard } from '../../../src/metrics/trend';
import { randomFor } from '../../fuzz/random';
import { DIVERGING, FLAT, LEARNING, type CurveOf } from '../../support/curves';

const CURVES = 10;
const LENGTHS = [60, 150, 400, 1_000, 2_000];

/** The share of curves at whose end, or before, the rule had fired. */
function share(
  rule: 'diverging' | 'flat',
  curves: Readonly<Record<string, CurveOf>>,
  lengths = LENGTHS,
): Map<string, number> {
  const shares = new Map<string, number>();
  for (const [name, curve] of Object.entries(curves))
    for (const length of lengths) {
      let fired = 0;
      const tries = CURVES;
      for (let index = 0; index < tries; index++) {
        const guard = trendGuard(rule);
        for (const value of curve(randomFor(11, `${name} ${length}`, index), length))
          guard.metric?.({ name: 'loss', value, time: 0 });
        fired += guard.fired().length;
      }
      shares.set(`${name}, ${length} values`, fired / tries);
    }
  return shares;
}

const mean = (shares: Map<string, number>): number =>
  [...shares.values()].reduce((sum, one) => sum + one, 0) / shares.size;

describe('the trend of a loss', () => {
  it('is called diverging in at most a hundredth of the runs that learn', () => {
    const shares = share('diverging', LEARNING);
    assert.ok(mean(shares) <= 0.01, JSON.stringify([...shares]));
  });

  it('is called flat in at most a hundredth of the runs that learn', () => {
    const shares = share('flat', LEARNING);
    assert.ok(mean(shares) <= 0.01, JSON.stringify([...shares]));
  });

  it('is called diverging where it diverges, and flat where nothing is learnt, in nineteen of twenty of some length', () => {
    const [diverging, flat] = [share('diverging', DIVERGING, LENGTHS.slice(1)), share('flat', FLAT, [3_000])];
    assert.ok(mean(diverging) >= 0.95, JSON.stringify([...diverging]));
    assert.ok(mean(flat) >= 0.95, JSON.stringify([...flat]));
  });

  it('of what is better the higher it is goes the other way', () => {
    const guard = trendGuard('diverging', 'val_auc');
    for (let at = 0; at < 100; at++) guard.metric?.({ name: 'val_auc', value: at < 50 ? 0.9 : 0.2, time: 0 });
    assert.match(guard.fired()[0]?.text ?? '', /^val_auc gets worse/u);
  });
});
