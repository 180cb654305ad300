import { link, lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptFor } from '../agent/guard';
import type { KeptFile } from './batch';
import type { Held } from './inventory';
import type { Trash } from './trash';

/** So many files get a second name before a command; the largest first, which take longest to make again. */
const MOST = 5_000;
const AT_ONCE = 64;

/**
 * Second names for files while a command runs: a file that goes is still there under the second one. They cost no space
 * and go when the command ends. A file that is written to in place changes under both names.
 */
export interface Shelf {
  /** Where the bytes of a file that went still are. */
  nameOf(path: string): string | undefined;
  /** Takes these into the trash, each as it was. Gives those that could be. */
  keep(lost: readonly Held[], what: KeptFor): Promise<KeptFile[]>;
  clear(): Promise<void>;
}

/** Puts files on a shelf in the trash. Those that can have no second name are left out; never throws but the signal's reason. */
export async function shelve(trash: Trash, files: Iterable<Held>, signal: AbortSignal): Promise<Shelf> {
  const { device } = await trash.facts();
  const near = [...files].filter((file) => file.device === device).sort((a, b) => b.size - a.size);
  if (near.length === 0) return EMPTY;
  const folder = await trash.scratch();
  const names = new Map<string, string>();
  const shelveOne = async (file: Held, index: number): Promise<void> => {
    const name = join(folder, String(index));
    try {
      await link(file.path, name);
      const stats = await lstat(name);
      if (stats.isFile() && stats.ino === file.inode && stats.dev === file.device) names.set(file.path, name);
    } catch {
      // Another owner's, another mount, or gone: then there is no second name, and the command runs all the same.
    }
  };
  const wanted = near.slice(0, MOST);
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    if (signal.aborted) await rm(folder, { recursive: true, force: true });
    signal.throwIfAborted();
    await Promise.all(wanted.slice(at, at + AT_ONCE).map((file, index) => shelveOne(file, at + index)));
  }
  return {
    nameOf: (path) => names.get(path),
    async keep(lost, what) {
      const shelved = lost.flatMap((file) => {
        const from = names.get(file.path);
        return from === undefined ? [] : [{ ...file, from }];
      });
      const kept = await trash.adopt(shelved, what, NEVER);
      for (const { path } of kept) names.delete(path);
      return kept;
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}

const NEVER = new AbortController().signal;

const EMPTY: Shelf = {
  nameOf: () => undefined,
  keep: () => Promise.resolve([]),
  clear: () => Promise.resolve(),
};
