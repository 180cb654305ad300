import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { parseFrontmatter, type Frontmatter } from './frontmatter';

export type Source = 'bundled' | 'personal' | 'project';

/** A folder the library looks into, and whose it is. Later places win over earlier ones of the same name. */
export interface Place {
  source: Source;
  folder: string;
  /** Resolved folders that links may not lead out of; anywhere where none are said. */
  within?: readonly string[];
}

export const MAX_LIBRARY_FILE_BYTES = 1_000_000;
export const MAX_LIBRARY_ENTRIES = 2_000;

/** A file that was read, its head already split off. */
export interface LibraryFile {
  text: string;
  /** SHA-256 of the bytes, in hex: what a person accepts, and how a change is seen. */
  hash: string;
  parsed: Frontmatter;
}

export type ReadFile = LibraryFile | { problem: string; hash: string };

/** What was read, by path, with the state of the file it was read in. Give the same one each time, and only what changed is read. */
export type LibraryCache = Map<string, { state: string; file: ReadFile }>;

/** The entries of a folder by name, at most `MAX_LIBRARY_ENTRIES`; empty when there is no such folder. */
export async function entriesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort().slice(0, MAX_LIBRARY_ENTRIES);
  } catch {
    return []; // Most places do not exist; one that cannot be read holds nothing for us.
  }
}

/** A library file, `undefined` when there is none, or a problem instead of it. */
export async function readLibraryFile(
  path: string,
  { within, cache = new Map() }: { within?: Place['within']; cache?: LibraryCache | undefined } = {},
): Promise<ReadFile | undefined> {
  try {
    const real = await realpath(path);
    // A repository may hold links to anything: to a key, whose text would become a prompt, or to an endless device.
    if (!/\.mdx?$/iu.test(real)) return unreadable('it is a link to something that is not Markdown');
    if (within && !within.some((folder) => real.startsWith(folder + sep)))
      return unreadable('it is a link that leads out of the workspace');
    const { mtimeMs, size, ino, dev } = await stat(real);
    const state = [real, mtimeMs, size, ino, dev].join(' ');
    const known = cache.get(path);
    if (known?.state === state) return known.file;
    const file = await readBounded(real);
    cache.set(path, { state, file });
    return file;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return unreadable(message);
  }
}

/** Looks at what was opened, not at what lay there before; a pipe without a writer is opened without waiting for one. */
async function readBounded(real: string): Promise<ReadFile> {
  const handle = await open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const entry = await handle.stat();
    if (!entry.isFile()) return unreadable('it is not a file');
    if (entry.size > MAX_LIBRARY_FILE_BYTES)
      return unreadable(`it is ${entry.size} bytes; at most ${MAX_LIBRARY_FILE_BYTES} are read`);
    const bytes = Buffer.alloc(entry.size);
    let length = 0;
    for (let more = -1; more !== 0 && length < bytes.length; length += more)
      ({ bytesRead: more } = await handle.read(bytes, length, bytes.length - length));
    const text = bytes.subarray(0, length).toString('utf8');
    return { text, hash: sha256(text), parsed: parseFrontmatter(text) };
  } finally {
    await handle.close();
  }
}

function unreadable(problem: string): ReadFile {
  return { problem, hash: sha256(problem) };
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** All files named by the pattern directly in each place, in order of the places. */
export async function filesIn(
  places: readonly Place[],
  pattern: RegExp,
): Promise<{ place: Place; path: string; file: string }[]> {
  const found = await Promise.all(
    places.map(async (place) =>
      (await entriesOf(place.folder))
        .filter((file) => pattern.test(file))
        .map((file) => ({ place, file, path: join(place.folder, file) })),
    ),
  );
  return found.flat();
}
