import { lstat } from 'node:fs/promises';
import type { Folder } from '../host/host';
import { fatesOf, type Fates } from './fates';
import { factsOf, takeInventory, type Held, type Inventory } from './inventory';

/** What became of the guarded files of these folders since an inventory of them. Throws only the signal's reason. */
export async function comparedWith(
  before: Inventory,
  { folders, globs }: { folders: readonly Folder[]; globs: readonly string[] },
  signal: AbortSignal,
): Promise<Fates> {
  const after = await takeInventory(folders, globs, signal);
  const missing = [...before.files.values()].filter(({ path }) => !after.files.has(path));
  return fatesOf(
    before,
    after,
    new Map(await Promise.all(missing.map(async (file) => [file.path, await asNow(file)] as const))),
  );
}

async function asNow(file: Held): Promise<Held | undefined> {
  const stats = await lstat(file.path).catch(() => undefined);
  return stats?.isFile() ? { ...file, ...factsOf(stats) } : undefined;
}
