import { readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Folder } from './host';
import { parseIgnoreList, type IgnoreList } from './ignore-list';
import { realPath, within } from './paths';

export const IGNORE_FILE = '.agentignore';
/** A list is read by people: what is larger is a mistake, and testing paths against it would take seconds. */
const MAX_BYTES = 1_000_000;

/** The list of one workspace folder, as it stands. */
export interface FolderList {
  /** The folder as it was given and as it is without links; one path when they are the same. */
  roots: readonly string[];
  /** The list's name as people know it. */
  shown: string;
  /** Absolute. */
  file: string;
  /** Or why it could not be read: then nothing in the folder is touched. */
  list: IgnoreList | { problem: string };
}

/** The lists of the workspace folders, read again when they change. */
export class IgnoreLists {
  readonly #folders: readonly Folder[];
  readonly #known = new Map<string, { version: string; list: FolderList['list'] }>();

  constructor(folders: readonly Folder[]) {
    this.#folders = folders;
  }

  /** The lists there are now. Throws nothing: what cannot be read is a list with a problem. */
  async current(): Promise<FolderList[]> {
    const found = await Promise.all(this.#folders.map((folder) => this.#listOf(folder)));
    return found.filter((one) => one !== undefined);
  }

  async #listOf({ name, path }: Folder): Promise<FolderList | undefined> {
    const file = join(path, IGNORE_FILE);
    const list = await this.#read(file);
    if (!list) return undefined;
    const shown = this.#folders.length > 1 ? `${name}/${IGNORE_FILE}` : IGNORE_FILE;
    return { roots: [...new Set([path, await realPath(path)])], shown, file, list };
  }

  async #read(file: string): Promise<FolderList['list'] | undefined> {
    try {
      const { mtimeMs, size, ino } = await stat(file);
      const version = `${mtimeMs} ${size} ${ino}`;
      const known = this.#known.get(file);
      if (known?.version === version) return known.list;
      const list = size > MAX_BYTES ? { problem: `it has ${size} bytes, over ${MAX_BYTES}` } : await parsed(file);
      this.#known.set(file, { version, list });
      return list;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { problem: message };
    }
  }
}

async function parsed(file: string): Promise<IgnoreList> {
  return parseIgnoreList(await readFile(file, 'utf8'));
}

/**
 * The line that names one of these absolute paths (a file as it was given and as it really is), as text; `undefined`
 * when none does. `folder` says that they are, or may be, folders.
 */
export function namedIn(
  lists: readonly FolderList[],
  paths: readonly string[],
  folder: 'folder' | 'file',
): string | undefined {
  for (const { roots, shown, list } of lists) {
    for (const rest of roots.flatMap((root) => paths.map((path) => within(root, path)))) {
      if (rest === undefined) continue;
      if ('problem' in list) return `${shown}, which cannot be read (${list.problem}) and so names everything`;
      const path = rest.replaceAll(sep, '/');
      const hit = path === '' ? undefined : list.lineFor(folder === 'folder' ? `${path}/` : path);
      if (hit) return `line ${hit.line} of ${shown} (${hit.pattern})`;
    }
  }
  return undefined;
}

/** What a search leaves out because a list names it. */
export interface Hiding {
  /** For ripgrep, so that it does not go into what is left out anyway. */
  arguments: readonly string[];
  /** Where ripgrep must run for them: it reads the patterns from there. */
  cwd?: string;
  /** True for a found file that a list names: this decides. */
  hides(path: string): boolean;
}

/** What a search at an absolute path leaves out. */
export function hidingOf(lists: readonly FolderList[], searched: string): Hiding {
  const known = new Map<string, boolean>();
  const hides = (path: string): boolean => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const named = namedIn(lists, [path], 'file') !== undefined;
    known.set(path, named);
    return named;
  };
  // To ripgrep a line that takes back also brings back hidden files, so it is given only lists without one.
  const own = lists.find(
    ({ roots, list }) => 'negates' in list && !list.negates && within(roots.at(-1) ?? '', searched) !== undefined,
  );
  return own
    ? { arguments: ['--ignore-file', own.file], cwd: own.roots.at(-1) ?? '', hides }
    : { arguments: [], hides };
}
