import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { doubtful, parseProjectSettings, type ProjectSettings } from '../agent/project-settings';
import type { Folder } from './host';

const FILE = '.factory/settings.json';
const MAX_BYTES = 1_000_000;

/** The settings files of the workspace folders, read now; folders without one are left out. Throws nothing. */
export async function readProjectSettings(
  folders: readonly Folder[],
  tools: readonly string[],
): Promise<ProjectSettings[]> {
  const found = await Promise.all(
    folders.map(({ name, path }) => readOne(join(path, FILE), folders.length > 1 ? `${name}/${FILE}` : FILE, tools)),
  );
  return found.filter((one) => one !== undefined);
}

async function readOne(path: string, shown: string, tools: readonly string[]): Promise<ProjectSettings | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return doubtful(shown, 'it is no file');
    if (found.size > MAX_BYTES) return doubtful(shown, `it has ${found.size} bytes, over ${MAX_BYTES}`);
    return parseProjectSettings(await readFile(path, 'utf8'), shown, tools);
  } catch (error) {
    const { code = 'it cannot be opened' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : doubtful(shown, code);
  }
}
