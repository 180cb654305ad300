// What the bundles load only when they need it must load: the grammar, without which every command is unknown.
import { execFile } from 'node:child_process';
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
