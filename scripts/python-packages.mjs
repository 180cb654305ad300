// What tests need of Python's packages, in a virtual environment of the project's own: test/python-packages.txt.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from './dependencies.mjs';
import { must } from './process.mjs';

const FOLDER = join(PROJECT, '.vscode-test', 'python');
const LIST = join(PROJECT, 'test', 'python-packages.txt');
const STAMP = join(FOLDER, 'installed.txt');

/** Installs them unless that very list is installed already. */
export async function ensurePythonPackages() {
  const wanted = await readFile(LIST, 'utf8');
  if ((await readFile(STAMP, 'utf8').catch(() => '')) === wanted) return;
  console.log('Installing Python packages for the tests ...');
  await rm(FOLDER, { recursive: true, force: true });
  await must('python3', ['-m', 'venv', FOLDER]);
  const python = join(FOLDER, 'bin', 'python');
  // uv comes from the same registry, and takes seconds where pip takes minutes.
  await must(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'uv']);
  await must(join(FOLDER, 'bin', 'uv'), ['pip', 'install', '--quiet', '--python', python, '--requirement', LIST]);
  await writeFile(STAMP, wanted);
}
