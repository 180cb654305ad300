import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { claimDue, DAY_MS } from '../host/due';
import { CLEANED, outdated, type Retention, type SessionFolder } from '../host/session-cleanup';
import { jobsOf } from '../host/session-folders';
import { isOver } from './job';
import { isDamaged, lookAt } from './jobs';
import { jobIds } from './store';

export const DEFAULT_JOB_RETENTION: Retention = { days: 90, bytes: 20e9, atLeast: 20 };

/**
 * Removes the jobs of all workspaces that are older or more than is kept, once a day at most. One that may still run is
 * never removed, nor one whose own file cannot be read: nobody knows what that is. Gives the ids that went.
 */
export async function cleanJobs(state: string, retention = DEFAULT_JOB_RETENTION, now = Date.now()): Promise<string[]> {
  const all = jobsOf(state);
  if (!(await claimDue(join(all, CLEANED), DAY_MS, now))) return [];
  const gone: string[] = [];
  const entries = await readdir(all, { withFileTypes: true });
  for (const entry of entries.filter((one) => one.isDirectory()))
    gone.push(...(await cleanRoot(join(all, entry.name), retention, now)));
  return gone;
}

async function cleanRoot(root: string, retention: Retention, now: number): Promise<string[]> {
  const over: SessionFolder[] = [];
  for (const id of await jobIds(root)) {
    const looked = await lookAt(root, id);
    if (!looked || isDamaged(looked) || !isOver(looked.state)) continue;
    over.push({ id, bytes: await sizeOf(looked.folder), usedAt: await usedAt(looked.folder) });
  }
  const goes = outdated(over, now, retention);
  for (const id of goes) await rm(join(root, id), { recursive: true, force: true });
  return goes;
}

async function usedAt(folder: string): Promise<number> {
  return (await stat(folder).catch(() => undefined))?.mtimeMs ?? 0;
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return sizes.reduce((sum, one) => sum + (one?.isFile() ? one.size : 0), 0);
}
