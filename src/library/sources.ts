import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

export type Source = 'bundled' | 'personal' | 'project';

/** A folder the library looks into, and whose it is. Later sources win over earlier ones of the same name. */
export interface Place {
  source: Source;
  folder: string;
}

export const MAX_LIBRARY_FILE_BYTES = 1_000_000;
export const MAX_LIBRARY_ENTRIES = 2_000;

/** The entries of a folder by name, at most `MAX_LIBRARY_ENTRIES`; empty when there is no such folder. */
export async function entriesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort().slice(0, MAX_LIBRARY_ENTRIES);
  } catch {
    return []; // Most places do not exist; one that cannot be read holds nothing for us.
  }
}

/** A library file's text, `undefined` when there is none, or a problem instead of it. */
export async function readLibraryFile(path: string): Promise<{ text: string } | { problem: string } | undefined> {
  try {
    const real = await realpath(path);
    // A repository may hold links to anything: to a key, whose text would become a prompt, or to an endless device.
    if (!/\.mdx?$/iu.test(real)) return { problem: 'it is a link to something that is not Markdown' };
    const entry = await stat(real);
    if (!entry.isFile()) return { problem: 'it is not a file' };
    if (entry.size > MAX_LIBRARY_FILE_BYTES)
      return { problem: `it is ${entry.size} bytes; at most ${MAX_LIBRARY_FILE_BYTES} are read` };
    return { text: await readFile(real, 'utf8') };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return { problem: message };
  }
}

/** All files named by the pattern directly in each place, in order of the places. */
export async function filesIn(
  places: readonly Place[],
  pattern: RegExp,
): Promise<{ source: Source; path: string; file: string }[]> {
  const found = await Promise.all(
    places.map(async ({ source, folder }) =>
      (await entriesOf(folder))
        .filter((file) => pattern.test(file))
        .map((file) => ({ source, file, path: join(folder, file) })),
    ),
  );
  return found.flat();
}

/** Keeps the last of each name, in order of names. */
export function lastWins<Item extends { name: string }>(items: readonly Item[]): Item[] {
  const byName = new Map(items.map((item) => [item.name, item]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
