// npm test: installs what is missing, builds, and runs every test there is. Ends with `N passed, N failed`.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDependencies, PROJECT } from './dependencies.mjs';
import { must, run } from './process.mjs';
import { ensurePythonPackages } from './python-packages.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

process.chdir(PROJECT);
await ensureSystemPackages();
await ensureDependencies();
await ensurePythonPackages();
await must('node', ['esbuild.mjs', '--tests']);
const results = join(PROJECT, 'dist', 'results');
await rm(results, { recursive: true, force: true });
await mkdir(results, { recursive: true });

const mocha = (name, ...args) =>
  run('npx', ['mocha', '--reporter', 'scripts/reporter.cjs', '--retries', '1', ...args], {
    env: { ...process.env, ML_ENGINEER_RESULTS: join(results, `${name}.json`) },
  });
/** Each suite and how it is run; all run, also after one failed. */
const SUITES = {
  unit: () => mocha('unit', '--parallel', '--jobs', '2'),
  editor: () => run('node', ['scripts/run-editor-tests.mjs']),
  // Two at a time: a journey mostly waits for its editor and its browser.
  journey: () => mocha('journey', '--config', 'test/journey/.mocharc.json', '--parallel', '--jobs', '2'),
};

/**
 * A test may fail once: what waits for an editor, a browser or the disk of a loaded machine can be late through no fault of
 * the code. It is named at the end with its error all the same, since a race shows like this too.
 */
const told = [];
function tell(name, { failures = [], retried = [] } = {}) {
  const gone = new Set(failures.map(({ test }) => test));
  for (const { test, error } of failures) told.push(`FAILED (${name}) ${test}\n${error}`);
  for (const { test, error } of retried)
    if (!gone.has(test)) told.push(`passed at the second try (${name}) ${test}\n${error}`);
}

const wanted = process.argv.slice(2);
const totals = { passed: 0, failed: 0, pending: 0 };
for (const [name, suite] of Object.entries(SUITES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n== ${name} tests`);
  const code = await suite();
  const counts = await readFile(join(results, `${name}.json`), 'utf8').then(JSON.parse, () => undefined);
  tell(name, counts);
  totals.passed += counts?.passed ?? 0;
  totals.pending += counts?.pending ?? 0;
  // A suite that ended badly without a failing test did not run to its end.
  totals.failed += Math.max(counts?.failed ?? 1, code === 0 ? 0 : 1);
  if ((counts?.total ?? 0) > (counts ? counts.passed + counts.failed + counts.pending : 0)) {
    console.error(`Only some of the ${counts.total} ${name} tests ran.`);
    totals.failed += 1;
  }
}
for (const text of told) console.log(`\n${text}`);
console.log(
  `\n${totals.passed} passed, ${totals.failed} failed${totals.pending > 0 ? `, ${totals.pending} skipped` : ''}`,
);
process.exitCode = totals.failed === 0 ? 0 : 1;
