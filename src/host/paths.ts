import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { PathFact } from '../agent/tool';
import type { Folder } from './host';
import { namedIn, type FolderList } from './ignored';

/**
 * Resolves a path as the model wrote it: absolute, relative to the first folder, or
 * `folder-name/...` in a workspace of several. `..` and symlinks are resolved; the file itself need not exist.
 * `alsoInside` are folders that count as inside for reading, `lists` say what is not to be touched.
 */
export async function locatePath(
  path: string,
  folders: readonly Folder[],
  alsoInside: readonly string[] = [],
  lists: readonly FolderList[] = [],
): Promise<PathFact> {
  const given = absolutePath(path, folders);
  const real = await realPath(given);
  const ignored = await ignoredBy(lists, [given, real]);
  return { ...(await placed(real, folders, alsoInside)), ...(ignored === undefined ? {} : { ignored }) };
}

async function placed(real: string, folders: readonly Folder[], alsoInside: readonly string[]): Promise<PathFact> {
  for (const folder of folders) {
    const rest = within(await realPath(folder.path), real);
    if (rest === undefined) continue;
    const shown = folders.length > 1 ? join(folder.name, rest) : rest;
    return { path: real, shown: (shown || '.').replaceAll(sep, '/'), inside: true };
  }
  for (const folder of alsoInside) {
    if (within(await realPath(folder), real) !== undefined) return { path: real, shown: real, inside: true };
  }
  return { path: real, shown: real, inside: false };
}

/** The line of a list that names one of these absolute paths, as text. */
export async function ignoredBy(lists: readonly FolderList[], paths: readonly string[]): Promise<string | undefined> {
  if (lists.length === 0) return undefined;
  const names = [...new Set(paths)];
  const named = namedIn(lists, names, 'file');
  if (named) return named;
  // A line for folders does not name a file of that name.
  const asFolder = namedIn(lists, names, 'folder');
  const isFile = asFolder && names[0] && (await stat(names[0]).catch(() => undefined))?.isFile();
  return isFile ? undefined : asFolder;
}

export function absolutePath(path: string, folders: readonly Folder[]): string {
  if (isAbsolute(path)) return resolve(path);
  const [first = '', ...rest] = path.split(/[\\/]/u);
  const named = folders.length > 1 ? folders.find(({ name }) => name === first) : undefined;
  if (named) return resolve(named.path, ...rest);
  return resolve(folders[0]?.path ?? '/', path);
}

/** The path from `folder` down to `path`, '' for itself, `undefined` when it lies elsewhere. */
export function within(folder: string, path: string): string | undefined {
  const rest = relative(folder, path);
  return rest === '..' || rest.startsWith(`..${sep}`) || isAbsolute(rest) ? undefined : rest;
}

/** The real path of the deepest part that exists, with the rest put back on: works for files still to be made. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return path;
    const parent = dirname(path);
    return parent === path ? path : join(await realPath(parent), basename(path));
  }
}
