import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { secretsInEnvFile } from '../text/secrets';

const MAX_FILES = 20;
const MAX_BYTES = 100_000;

/** The secret values in the `.env` files at the roots of the folders, longest first; what cannot be read has none. */
export async function envFileSecrets(folders: readonly string[]): Promise<string[]> {
  const values = await Promise.all(folders.map(secretsAt));
  return [...new Set(values.flat())].sort((a, b) => b.length - a.length);
}

async function secretsAt(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^\.env(?:\.|rc$|$)/u.test(name));
  const texts = await Promise.all(names.slice(0, MAX_FILES).map((name) => textOf(join(folder, name))));
  return texts.flatMap(secretsInEnvFile);
}

async function textOf(path: string): Promise<string> {
  try {
    const found = await stat(path);
    return found.isFile() && found.size <= MAX_BYTES ? await readFile(path, 'utf8') : '';
  } catch {
    return ''; // Gone or not ours to read: then its values cannot reach us by a file either.
  }
}
