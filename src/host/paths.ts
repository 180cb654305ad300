import { readlink, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ToolError, type PathFact } from '../agent/tool';
import type { Folder } from './host';
import { linksOf } from './hard-links';
import { namedIn, type FolderList } from './ignored';

/**
 * Resolves a path as the model wrote it: absolute, from the home folder (`~/...`), relative to the first folder, or
 * `folder-name/...` in a workspace of several. `..` and symlinks are resolved; the file itself need not exist.
 * `alsoInside` are folders that count as inside for reading, `lists` say what is not to be touched.
 */
export async function locatePath(
  path: string,
  folders: readonly Folder[],
  alsoInside: readonly string[] = [],
  lists: readonly FolderList[] = [],
): Promise<PathFact> {
  if (path.includes('\0')) throw new ToolError(`A path holds no NUL character: ${JSON.stringify(path)}.`);
  const given = absolutePath(path, folders);
  // Only looking at a path on another machine sends that machine the user's name and password.
  if (UNC.test(path) || UNC.test(given)) return { path: given, shown: given, inside: false };
  const real = await realPath(given);
  const [fact, links, ignored] = await Promise.all([
    placed(real, folders, alsoInside),
    linksOf(real, folders),
    ignoredBy(lists, [given, real]),
  ]);
  const asGiven = shownIn(folders, given, (folder) => folder.path) ?? given;
  return {
    ...fact,
    ...(asGiven === fact.shown ? {} : { given: asGiven }),
    ...links,
    ...(ignored === undefined ? {} : { ignored }),
  };
}

/** `\\\\machine\\share`, and Windows' own devices (`\\\\?\\`, `\\\\.\\`). */
const UNC = /^\\\\/u;

async function placed(real: string, folders: readonly Folder[], alsoInside: readonly string[]): Promise<PathFact> {
  const roots = new Map(await Promise.all(folders.map(async (one) => [one, await realPath(one.path)] as const)));
  const shown = shownIn(folders, real, (folder) => roots.get(folder) ?? folder.path);
  if (shown !== undefined) return { path: real, shown, inside: true };
  for (const folder of alsoInside) {
    if (within(await realPath(folder), real) !== undefined)
      return { path: real, shown: real, inside: true, readOnly: true };
  }
  return { path: real, shown: real, inside: false };
}

/** A path as people read it, by the first folder it lies in; `undefined` when it lies in none. */
function shownIn(folders: readonly Folder[], path: string, rootOf: (folder: Folder) => string): string | undefined {
  for (const folder of folders) {
    const rest = within(rootOf(folder), path);
    if (rest === undefined) continue;
    const shown = folders.length > 1 ? join(folder.name, rest) : rest;
    return (shown || '.').replaceAll(sep, '/');
  }
  return undefined;
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
  if (/^~(?:$|[\\/])/u.test(path)) return resolve(homedir(), path.slice(2));
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

/** As many links in a row as systems follow. */
const MAX_LINKS = 40;

/**
 * The real path of the deepest part that exists, with the rest put back on: works for files still to be made, also by
 * a link that leads to nothing yet. Throws a ToolError for links that lead in a circle.
 */
export async function realPath(path: string, links = 0): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP' || links > MAX_LINKS)
      throw new ToolError(`${path} leads in a circle: its links point at each other.`);
    const parent = dirname(path);
    if (parent === path) return path;
    const [folder, target] = [await realPath(parent, links), await readlink(path).catch(() => undefined)];
    return target === undefined ? join(folder, basename(path)) : realPath(resolve(folder, target), links + 1);
  }
}
