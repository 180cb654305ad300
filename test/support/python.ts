import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const PYTHON = process.platform === 'win32' ? 'python' : 'python3';

/** Runs the interpreter to its end, without leaving `__pycache__` in folders that are shipped. */
export function python(args: readonly string[], cwd: string, variables: Record<string, string> = {}): Promise<Ended> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...variables };
  return new Promise((resolve, reject) => {
    execFile(PYTHON, args, { cwd, env, timeout: 120_000 }, (error, stdout, stderr) => {
      // A string is what kept the program from starting, `null` a signal.
      if (error && typeof error.code !== 'number') reject(new Error(`${PYTHON} did not run`, { cause: error }));
      else resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

const BIN = resolve(__dirname, '..', '..', '.vscode-test', 'python', 'bin');

/** A program of the environment that `scripts/python-packages.mjs` makes for the tests: `python`, `mlflow`, `ray`. Throws where it is not there. */
export function pythonProgram(name: string): string {
  const path = join(BIN, name);
  if (!existsSync(path)) throw new Error(`${path} is not there: \`npm test\` installs test/python-packages.txt.`);
  return path;
}
