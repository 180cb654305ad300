// The project's own packages, installed where they are missing or older than the lock file.
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from './process.mjs';

export const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs `npm ci` unless node_modules already is what the lock file says. */
export async function ensureDependencies() {
  const [lock, installed] = await Promise.all([
    changed('package-lock.json'),
    changed('node_modules/.package-lock.json'),
  ]);
  if (installed >= lock) return;
  console.log('Installing packages ...');
  await must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: PROJECT });
}

async function changed(path) {
  return stat(join(PROJECT, path)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
