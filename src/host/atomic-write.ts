import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ToolError } from '../agent/tool';

/**
 * Writes a file whole: a kill in the middle leaves the old or the new one. Makes folders, keeps the mode of an existing
 * file, reads back and compares. `null` deletes. The path must be resolved: a link would be replaced by a file.
 * What a killed process left of its write of this file is removed by the next one.
 */
export async function writeWhole(path: string, bytes: Uint8Array | null): Promise<void> {
  try {
    await replaceFile(path, bytes);
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
    throw reason ? new ToolError(`${path} was not written: ${reason}. Nothing was changed.`) : error;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
};

async function replaceFile(path: string, bytes: Uint8Array | null): Promise<void> {
  if (bytes === null) return rm(path, { force: true });
  await mkdir(dirname(path), { recursive: true });
  const mode = await stat(path).then(
    (found) => found.mode & 0o7777,
    () => undefined,
  );
  const temporary = join(dirname(path), `${namesOf(path)}${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode ?? 0o666);
    try {
      await file.writeFile(bytes);
      // The umask took bits from the mode given to open.
      if (mode !== undefined) await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (!(await readFile(path)).equals(bytes))
    throw new Error(`${path} does not hold what was written: something else changed it at the same time.`);
  await removeLeftovers(path);
}

/** How the names of this machine's temporary files for a path begin: a hash, since the name itself may be as long as names can be. */
function namesOf(path: string): string {
  const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 10);
  return `.ml-engineer-${short(basename(path))}-${short(hostname())}-`;
}

/** Removes the temporary files of processes that are gone. A running process, or one of another machine on a shared disk, may still be writing its own. */
async function removeLeftovers(path: string): Promise<void> {
  const begin = namesOf(path);
  const names = await readdir(dirname(path)).catch(() => []);
  const left = names.filter(
    (name) => name.startsWith(begin) && !isRunning(Number.parseInt(name.slice(begin.length), 10)),
  );
  await Promise.all(left.map((name) => rm(join(dirname(path), name), { force: true }).catch(() => undefined)));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
