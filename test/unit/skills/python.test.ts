import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { python } from '../../support/python';

const skills = resolve(__dirname, '../../../skills');

/** Tests in Python's own language, of files that are shipped: where they lie, and whose modules they import. */
const SUITES: ReadonlyArray<[what: string, file: string, modules: string, least: number]> = [
  ['the waiting helpers', 'test_wait_for.py', 'condition-based-waiting/scripts', 26],
  ['the first tests for a model', 'test_ml_first_tests.py', 'test-driven-development/assets', 4],
  ['the finder of the first value that is not finite', 'test_first_nonfinite.py', 'root-cause-tracing/scripts', 14],
];

describe('what the skills ship in Python', function () {
  this.timeout(120_000);

  for (const [what, file, modules, least] of SUITES)
    it(`holds: ${what}`, async () => {
      const { code, stderr } = await python([join(__dirname, file)], __dirname, { PYTHONPATH: join(skills, modules) });
      assert.equal(code, 0, stderr);
      assert.ok(Number(/^Ran (\d+) tests/mu.exec(stderr)?.[1]) >= least, `too few tests ran:\n${stderr}`);
    });

  it('holds: the example of four layers, whose tests are shipped beside it', async () => {
    const { code, stderr } = await python(
      ['-m', 'unittest', 'test_four_layers'],
      join(skills, 'defense-in-depth/assets'),
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Ran 7 tests/mu);
    const shown = await python(['four_layers.py'], join(skills, 'defense-in-depth/assets'));
    assert.equal(shown.stdout, 'score=1.0\n');
  });

  it('leaves no compiled files where it would be shipped', async () => {
    const files = await readdir(skills, { recursive: true });
    assert.deepEqual(
      files.filter((file) => /__pycache__|\.pyc$/u.test(file)),
      [],
    );
  });
});
