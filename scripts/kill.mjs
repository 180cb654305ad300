// npm run kill -- [--host] [--runs N] [--seed N] [--first N]: kills the command line, or the extension host of a real editor, at seeded moments.
import { parseArgs } from 'node:util';
import { run } from './process.mjs';

const { values } = parseArgs({
  options: {
    host: { type: 'boolean' },
    runs: { type: 'string', default: '200' },
    seed: { type: 'string' },
    // Of the host's kills: the one to begin with.
    first: { type: 'string' },
  },
});
const which = values.host ? 'test/journey/kill.test.ts' : 'test/unit/cli/kill.test.ts';
const args = ['mocha', '--no-config', '--require', 'tsx/cjs', '--timeout', '120000', which];
process.exitCode = await run('npx', args, {
  env: {
    ...process.env,
    ML_ENGINEER_KILLS: values.runs,
    ...(values.first ? { ML_ENGINEER_KILL_FIRST: values.first } : {}),
    ...(values.seed ? { ML_ENGINEER_KILL_SEED: values.seed } : {}),
  },
});
