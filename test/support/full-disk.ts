import { execFile } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Store } from '../../src/agent/store';
import { UserError } from '../../src/agent/tool';

const start = promisify(execFile);

/** A folder whose disk can be filled. */
export interface SmallDisk {
  /** Puts a store upon it. */
  over(store: Store): Store;
  fill(): Promise<void>;
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** A real file system of 256 kB where one may be mounted; else a store that fails as one on a full disk would. */
export async function smallDisk(folder: string): Promise<SmallDisk> {
  const isMounted = await start('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]).then(
    () => true,
    () => false,
  );
  return isMounted ? mounted(folder) : pretended();
}

function mounted(folder: string): SmallDisk {
  const ballast = join(folder, 'ballast');
  return {
    over: (store) => store,
    fill: () => writeFile(ballast, Buffer.alloc(1_000_000)).catch(() => undefined),
    free: () => rm(ballast, { force: true }),
    remove: () => start('umount', ['-l', folder]).then(() => undefined),
  };
}

function pretended(): SmallDisk {
  let isFull = false;
  const full = new UserError(
    'The session cannot be written: ENOSPC: no space left on device, write. Free space there.',
  );
  return {
    over: (store) => ({
      ...store,
      async append(lines, sync) {
        if (!isFull) return store.append(lines, sync);
        await store.append(lines.slice(0, 20), false);
        throw full;
      },
      putBlob: async (bytes) => (isFull ? Promise.reject(full) : store.putBlob(bytes)),
      keep: async (name, text) => (isFull ? Promise.reject(full) : store.keep(name, text)),
    }),
    fill: async () => void (isFull = true),
    free: async () => void (isFull = false),
    remove: async () => undefined,
  };
}

/** Takes the right to write in a session's folder away: of root by a mount, where one is allowed. `cure` puts it back. */
export async function readOnly(folder: string): Promise<{ over: (store: Store) => Store; cure: () => Promise<void> }> {
  const journal = join(folder, 'journal.jsonl');
  let isCured = false;
  const once = (cure: () => Promise<unknown>) => async (): Promise<void> => {
    if (!isCured) await cure();
    isCured = true;
  };
  const as = (folderMode: number, fileMode: number): Promise<unknown> =>
    Promise.all([chmod(folder, folderMode), chmod(journal, fileMode)]);
  if (process.getuid?.() !== 0) {
    await as(0o500, 0o400);
    return { over: (store) => store, cure: once(() => as(0o700, 0o600)) };
  }
  try {
    await start('mount', ['--bind', folder, folder]);
    await start('mount', ['-o', 'remount,ro,bind', folder]);
    return { over: (store) => store, cure: once(() => start('umount', ['-l', folder])) };
  } catch {
    const refuse = (): Promise<never> =>
      Promise.reject(new UserError('The session cannot be written to this folder: EROFS: read-only file system'));
    const over = (store: Store): Store => ({ ...store, hold: () => (isCured ? store.hold() : refuse()) });
    return { over, cure: once(async () => undefined) };
  }
}
