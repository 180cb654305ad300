import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { matches, SECRET_PATHS } from '../agent/protected-paths';
import type { PathFact } from '../agent/tool';
import type { Folder } from './host';

/** Folders of the home folder in which programs keep secrets. */
const SECRET_FOLDERS = [
  '',
  '.ssh',
  '.aws',
  '.gnupg',
  '.kaggle',
  '.docker',
  '.kube',
  '.config/gh',
  '.cache/huggingface',
];

/**
 * How many names a file has when it has several, and which of the usual files with secrets it is. Which other names a
 * file has cannot be asked of a file system, so only where secrets usually lie is looked.
 */
export async function linksOf(path: string, folders: readonly Folder[]): Promise<Pick<PathFact, 'links' | 'linkedTo'>> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile() || found.nlink < 2) return {};
  const places = [...folders.map((folder) => folder.path), ...SECRET_FOLDERS.map((name) => join(homedir(), name))];
  for (const secret of (await Promise.all(places.map(secretsIn))).flat()) {
    const other = await stat(secret).catch(() => undefined);
    if (other?.ino === found.ino && other.dev === found.dev && secret !== path)
      return { links: found.nlink, linkedTo: secret };
  }
  return { links: found.nlink };
}

async function secretsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name)).filter((path) => matches(path.replace(/^\//u, ''), SECRET_PATHS));
}
