import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

/** What the run was, for the script that started the editor. */
interface Results {
  passed: number;
  failed: number;
  pending: number;
  total: number;
  /** The tests that failed for good, and those that failed once. */
  failures: Told[];
  retried: Told[];
  log: string;
}

interface Told {
  test: string;
  error: string;
}

/** Called by VS Code in the extension host: runs every bundled test beside this file. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 30_000, forbidOnly: true, retries: 1 });
  mocha.fgrep(process.env['ML_ENGINEER_EDITOR_TESTS_GREP'] ?? '');
  for (const file of readdirSync(__dirname).sort()) if (file.endsWith('.test.js')) mocha.addFile(join(__dirname, file));
  const log = join(__dirname, 'report.txt');
  writeFileSync(log, '');
  const note = (line: string): void => appendFileSync(log, `${line}\n`);
  const failed: Told[] = [];
  const retried: Told[] = [];
  const told = (test: Mocha.Runnable, error: Error): Told => ({
    test: test.fullTitle(),
    error: error.stack ?? error.message,
  });
  const results = await new Promise<Results>((resolve) => {
    const runner = mocha.run(() => {
      const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {};
      resolve({ passed: passes, failed: failures, pending, total: runner.total, failures: failed, retried, log });
    });
    runner.on('suite', (suite) => note(`${'  '.repeat(suite.titlePath().length)}${suite.title}`));
    runner.on('pass', (test) => note(`    ✔ ${test.title} (${test.duration ?? 0} ms)`));
    runner.on('pending', (test) => note(`    - ${test.title}`));
    runner.on('retry', (test: Mocha.Test, error: Error) => retried.push(told(test, error)));
    runner.on('fail', (test, error: Error) => {
      failed.push(told(test, error));
      note(`    ✘ ${test.fullTitle()}\n${error.stack ?? error.message}`);
    });
  });
  writeFileSync(join(__dirname, 'results.json'), JSON.stringify(results));
  if (results.failed > 0) throw new Error(`${results.failed} tests failed`);
}
