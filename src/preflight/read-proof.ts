import { open, utimes, type FileHandle } from 'node:fs/promises';

/** Linux moves the time of the last read on only where it is older than a day, or than the last change (mount(8), relatime). */
const LONG_AGO_MS = 48 * 3_600_000;

/** Files that are watched for being read, by the time that the disk notes of it. */
export interface ReadProof {
  /** True once one of them was read, false where none was, `undefined` where this disk does not note it. */
  wasRead(): Promise<boolean | undefined>;
  close(): Promise<void>;
}

interface Armed {
  handle: FileHandle;
  atime: number;
}

/**
 * Begins to watch. The files are held open, so that one that is replaced meanwhile is still asked itself. Only for files
 * of our own making: the time of their last read is set back.
 */
export async function armReads(paths: readonly string[]): Promise<ReadProof> {
  const armed = (await Promise.all(paths.map((path) => arm(path).catch(() => undefined)))).filter(
    (one) => one !== undefined,
  );
  return {
    async wasRead() {
      if (armed.length === 0) return undefined;
      const times = await Promise.all(armed.map(({ handle }) => handle.stat().then(({ atimeMs }) => atimeMs)));
      return times.some((time, index) => time !== armed[index]?.atime);
    },
    async close() {
      await Promise.all(armed.map(({ handle }) => handle.close()));
    },
  };
}

/** Nothing where a read of our own leaves no trace: then none of another would. */
async function arm(path: string): Promise<Armed | undefined> {
  const handle = await open(path, 'r');
  const before = await setBack(path, handle);
  await handle.read(Buffer.alloc(1), 0, 1, 0);
  if ((await handle.stat()).atimeMs !== before) return { handle, atime: await setBack(path, handle) };
  await handle.close();
  return undefined;
}

async function setBack(path: string, handle: FileHandle): Promise<number> {
  const { mtimeMs } = await handle.stat();
  await utimes(path, (mtimeMs - LONG_AGO_MS) / 1_000, mtimeMs / 1_000);
  return (await handle.stat()).atimeMs;
}
