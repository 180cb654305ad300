// What the bundles load only when they need it must load: the grammar, without which every command is unknown. And what V8
// compiled when they were built must be taken, else each start costs a third more without anyone noticing.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { promisify } from 'node:util';

const CASES = [
  ['Execute', { command: 'ls -la' }, 'read-only'],
  ['Execute', { command: 'rm -rf /' }, 'blocked'],
];

for (const [tool, input, wanted] of CASES) {
  const args = ['dist/cli.js', 'explain', tool, JSON.stringify(input), '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { class: found } = JSON.parse(stdout);
  if (found === wanted) continue;
  console.error(
    `dist/cli.js takes ${tool} ${JSON.stringify(input)} for ${found}, and it is ${wanted}: does the grammar load?`,
  );
  process.exitCode = 1;
}

setFlagsFromString('--liftoff-only');
const { load, scripts } = createRequire(import.meta.url)('../dist/compiled.js');
load(resolve('dist/sdk.code.js'));
for (const [file, { cachedDataRejected }] of scripts) {
  if (cachedDataRejected === false) continue;
  console.error(`${file} is compiled anew: was it built with this Node (${process.version})? Run npm run build.`);
  process.exitCode = 1;
}
