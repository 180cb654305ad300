import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const BIN = resolve(__dirname, '..', '..', '.vscode-test', 'python', 'bin');

/** A program of the environment that `scripts/python-packages.mjs` makes for the tests: `python`, `mlflow`, `ray`. Throws where it is not there. */
export function pythonProgram(name: string): string {
  const path = join(BIN, name);
  if (!existsSync(path)) throw new Error(`${path} is not there: \`npm test\` installs test/python-packages.txt.`);
  return path;
}
