import { stat, utimes, writeFile } from 'node:fs/promises';

export const DAY_MS = 86_400_000;

/**
 * Claims work that is to be done now and then, by whichever process comes first: false where it was claimed within
 * `everyMs` (also of a future that a clock left behind), or where the mark's folder is not there. `mark` is the absolute path
 * of an empty file whose time tells when it was.
 */
export async function claimDue(mark: string, everyMs: number, now = Date.now()): Promise<boolean> {
  const last = await stat(mark).catch(() => undefined);
  if (last && Math.abs(now - last.mtimeMs) < everyMs) return false;
  try {
    await writeFile(mark, '', { mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  await utimes(mark, new Date(now), new Date(now));
  return true;
}
