import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { claimDue, DAY_MS } from './due';
import { lockSession } from './session-lock';
import { purgeRemoved } from './session-moves';

export interface SessionFolder {
  id: string;
  /** Bytes of all that lies in it. */
  bytes: number;
  /** When it was last written to, ms since the epoch. */
  usedAt: number;
}

export interface Retention {
  /** 0 keeps them for good. */
  days: number;
  bytes: number;
  /** So many of the latest stay, however old and large they are. */
  atLeast: number;
}

export const DEFAULT_RETENTION: Retention = { days: 90, bytes: 2e9, atLeast: 20 };

/** In the folder that is tidied up. */
export const CLEANED = '.cleaned';

/**
 * Which sessions go: those not used for so many days, then the oldest until the rest fits. Those in the future, after a
 * clock went back, count as new. Pure.
 */
export function outdated(sessions: readonly SessionFolder[], now: number, retention: Retention): string[] {
  if (retention.days === 0) return [];
  const newestFirst = [...sessions].sort((a, b) => b.usedAt - a.usedAt);
  let total = 0;
  return newestFirst.flatMap(({ id, bytes, usedAt }, index) => {
    total += bytes;
    const goes = now - usedAt > retention.days * DAY_MS || total > retention.bytes;
    return goes && index >= retention.atLeast ? [id] : [];
  });
}

/** Removes what is outdated, once a day at most, and never what is at work. Gives the ids that went. */
export async function cleanSessions(folder: string, retention = DEFAULT_RETENTION): Promise<string[]> {
  await purgeRemoved(folder);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (names.length <= retention.atLeast || !(await claimDue(join(folder, CLEANED), DAY_MS))) return [];
  const sessions = (await Promise.all(names.map((id) => looked(folder, id)))).filter((one) => one !== undefined);
  const gone: string[] = [];
  for (const id of outdated(sessions, Date.now(), retention)) if (await removed(join(folder, id))) gone.push(id);
  return gone;
}

/** A folder without a journal is no session of ours, and stays. */
async function looked(folder: string, id: string): Promise<SessionFolder | undefined> {
  const journal = await stat(join(folder, id, 'journal.jsonl')).catch(() => undefined);
  return journal && { id, usedAt: journal.mtimeMs, bytes: await sizeOf(join(folder, id)) };
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries.filter((one) => one.isFile()))
    bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
  return bytes;
}

async function removed(session: string): Promise<boolean> {
  try {
    // Held while it goes, so that nobody begins to work on what is half gone.
    await lockSession(session);
    await rm(session, { recursive: true, force: true });
    return true;
  } catch {
    return false; // At work, or not ours to remove: the next day is early enough.
  }
}
