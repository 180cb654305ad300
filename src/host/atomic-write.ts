import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file whole: a kill in the middle leaves the old or the new one. Makes folders, keeps the mode of an existing
 * file, reads back and compares. `null` deletes. The path must be resolved: a link would be replaced by a file.
 */
export async function writeWhole(path: string, bytes: Uint8Array | null): Promise<void> {
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
