import { copyFile, link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { JournalEntry } from '../agent/events';
import { formatEntry } from '../agent/journal';
import { UserError } from '../agent/tool';
import { fileStore } from './file-store';
import { hasJournal } from './session-folders';
import { lockSession } from './session-lock';

/** Sessions that were deleted lie here until they are tidied away: a name that no session has. */
export const REMOVED = '.removed';
/** So long a deletion can be taken back at the least. */
export const REMOVED_MS = 86_400_000;

/** Moves a session and those of its subagents aside. Throws UserError while anybody works on it. */
export async function moveAside(folder: string): Promise<void> {
  const aside = join(dirname(folder), REMOVED);
  await mkdir(aside, { recursive: true, mode: 0o700 });
  const unlock = await lockSession(folder);
  try {
    for (const name of await withSubagents(dirname(folder), basename(folder))) {
      await rm(join(aside, name), { recursive: true, force: true });
      await rename(join(dirname(folder), name), join(aside, name));
      await rm(join(aside, name, 'lock'), { force: true });
      // The clock of the tidying starts now.
      await utimes(join(aside, name), new Date(), new Date());
    }
  } finally {
    await unlock();
  }
}

/** Brings back what `moveAside` moved from this place. Throws UserError where it is gone for good. */
export async function moveBack(folder: string): Promise<void> {
  const aside = join(dirname(folder), REMOVED);
  if (!(await hasJournal(join(aside, basename(folder)))))
    throw new UserError('The session is no longer there to be brought back.');
  for (const name of await withSubagents(aside, basename(folder)))
    await rename(join(aside, name), join(dirname(folder), name));
}

async function withSubagents(folder: string, id: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name === id || name.startsWith(`${id}-agent-`));
}

/** Removes for good what was moved aside long enough ago. */
export async function purgeRemoved(folder: string, now = Date.now()): Promise<void> {
  const aside = join(folder, REMOVED);
  for (const name of await readdir(aside).catch(() => [])) {
    const found = await stat(join(aside, name)).catch(() => undefined);
    if (found && now - found.mtimeMs > REMOVED_MS) await rm(join(aside, name), { recursive: true, force: true });
  }
}

/**
 * Makes a session of its own in `to` that begins with the entries of a branch of the one in `from`, images and long texts
 * included. The start says where they come from.
 */
export async function forkSession(from: string, branch: readonly JournalEntry[], to: string): Promise<void> {
  const last = branch.at(-1);
  const forkOf = last && { session: basename(from), event: last.id };
  const lines = branch.map((entry) =>
    formatEntry(
      entry.event.type === 'session-start' && forkOf ? { ...entry, event: { ...entry.event, forkOf } } : entry,
    ),
  );
  await copyFolder(join(from, 'blobs'), join(to, 'blobs'), linkOrCopy);
  await copyFolder(join(from, 'kept'), join(to, 'kept'), copyFile);
  const store = fileStore(to);
  try {
    await store.append(lines.join(''), true);
  } finally {
    await store.close();
  }
}

async function copyFolder(from: string, to: string, copy: (from: string, to: string) => Promise<void>): Promise<void> {
  const names = (await readdir(from).catch(() => [])).filter((name) => !name.endsWith('.part'));
  if (names.length > 0) await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of names) await copy(join(from, name), join(to, name));
}

/** An image is written once, under the name of its content, and never again: the same bytes may have two names. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}
