// Mocha's spec reporter, which also writes where ML_ENGINEER_RESULTS says what the last lines of a run need: counts, and the
// tests that failed, for good or once.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const path = process.env.ML_ENGINEER_RESULTS;
    if (!path) return;
    const failed = [];
    const retried = [];
    const told = (test, error) => ({ test: test.fullTitle(), error: String(error.stack ?? error.message ?? error) });
    runner.on('fail', (test, error) => failed.push(told(test, error)));
    runner.on('retry', (test, error) => retried.push(told(test, error)));
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      const counts = { passed: passes, failed: failures, pending, total: runner.total };
      writeFileSync(path, JSON.stringify({ ...counts, failures: failed, retried }));
    });
  }
};
