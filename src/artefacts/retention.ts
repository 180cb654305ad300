import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { claimDue, DAY_MS } from '../host/due';
import { CLEANED, outdated, type Retention, type SessionFolder } from '../host/session-cleanup';
import { Trash } from './trash';

export const DEFAULT_TRASH_RETENTION: Retention = { days: 30, bytes: 50e9, atLeast: 3 };

/** What a trash holds. */
export interface TrashSize {
  calls: number;
  files: number;
  /** That emptying it would free: a second name of a file that is still there takes no space. */
  bytes: number;
  /** ms since the epoch */
  oldest?: number;
}

export async function sizeOfTrash(trash: Trash): Promise<TrashSize> {
  const batches = await trash.batches();
  const sizes = await Promise.all(batches.map(({ id }) => freedBy(join(trash.folder, id, 'files'))));
  const times = batches.map(({ at }) => Date.parse(at)).filter((time) => !Number.isNaN(time));
  return {
    calls: batches.length,
    files: sizes.reduce((sum, { files }) => sum + files, 0),
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(times.length === 0 ? {} : { oldest: Math.min(...times) }),
  };
}

/** Removes all that the trash holds. What is being kept at this moment stays. */
export async function emptyTrash(trash: Trash): Promise<void> {
  for (const { id } of await trash.batches()) await rm(join(trash.folder, id), { recursive: true, force: true });
}

/**
 * Removes from the trashes of all workspaces what is older or more than is kept, once a day at most. `storage` is what
 * `trashFolder` is given. Gives the ids of the calls that went.
 */
export async function cleanTrashes(
  storage: string,
  retention = DEFAULT_TRASH_RETENTION,
  now = Date.now(),
): Promise<string[]> {
  const all = join(storage, 'trash');
  if (!(await claimDue(join(all, CLEANED), DAY_MS, now))) return [];
  const entries = await readdir(all, { withFileTypes: true });
  const gone: string[] = [];
  for (const entry of entries.filter((one) => one.isDirectory())) {
    const trash = new Trash(join(all, entry.name));
    const calls = await Promise.all(
      (await trash.batches()).map(async ({ id, at }): Promise<SessionFolder> => {
        const { bytes } = await freedBy(join(trash.folder, id, 'files'));
        return { id, bytes, usedAt: Date.parse(at) || now };
      }),
    );
    for (const id of outdated(calls, now, retention)) {
      await rm(join(trash.folder, id), { recursive: true, force: true });
      gone.push(id);
    }
  }
  return gone;
}

async function freedBy(folder: string): Promise<{ files: number; bytes: number }> {
  const names = await readdir(folder).catch(() => []);
  let bytes = 0;
  for (const name of names) {
    const stats = await lstat(join(folder, name)).catch(() => undefined);
    if (stats?.nlink === 1) bytes += stats.size;
  }
  return { files: names.length, bytes };
}
