import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ToolError } from '../agent/tool';

/**
 * Writes a file whole: a kill in the middle leaves the old or the new one. Makes folders, keeps the mode of an existing
 * file, reads back and compares. `null` deletes. The path must be resolved: a link would be replaced by a file.
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
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
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
}
