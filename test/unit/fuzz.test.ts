import assert from 'node:assert/strict';
import { randomFor } from '../fuzz/random';
import { TARGETS } from '../fuzz/targets';
import { fuzz } from '../support/fuzz';

/** The same inputs each time, so that nobody's work waits for a find of chance; `npm run fuzz` looks for new ones. */
const SEED = Number(process.env['ML_ENGINEER_FUZZ_SEED'] ?? 20_261_125);

describe(`the parsers, given broken texts (ML_ENGINEER_FUZZ_SEED=${SEED})`, function () {
  this.timeout(300_000);
  for (const { name, count, make } of TARGETS) {
    it(`${name}: ${count} inputs end in time, in memory and without a fault`, async () => {
      const { faults, tried } = await fuzz({ target: name, seed: SEED, from: 0, to: count });
      const [first] = faults;
      const input = first && JSON.stringify(make(randomFor(SEED, name, first.index))).slice(0, 2_000);
      assert.equal(faults.length, 0, first && `seed ${SEED}, input ${first.index}: ${first.what}\n${input}`);
      assert.equal(tried, count);
    });
  }

  it('the same seed gives the same input', () => {
    for (const { name, make } of TARGETS) assert.equal(make(randomFor(7, name, 3)), make(randomFor(7, name, 3)));
  });
});
