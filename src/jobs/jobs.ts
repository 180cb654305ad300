import { join } from 'node:path';
import { realPath, within } from '../host/paths';
import type { JobView } from '../agent/events';
import type { Backend } from './backend';
import { stateOf, type Found, type JobState } from './job';
import { local } from './local';
import { ray } from './ray';
import { slurm } from './slurm';
import { fullId, jobIds, jobsFolder, loadJob, type Damaged } from './store';

/** Where the jobs of a workspace are. Editor and command line have the same ones. */
export interface JobsPlace {
  /** The folder of what lasts; see host/session-folders.ts. */
  state: string;
  /** The workspace folders, absolute. */
  folders: readonly string[];
}

/** One job with all that is known of it now. */
export interface JobStatus {
  id: string;
  /** Absolute; holds all its files. */
  folder: string;
  found: Found;
  state: JobState;
}

export type Looked = JobStatus | (Damaged & { folder: string });

export function isDamaged(one: Looked): one is Damaged & { folder: string } {
  return 'damaged' in one;
}

const BACKENDS: { readonly [Kind in Backend['kind']]: Backend } = { local, slurm, ray };

export function backendOf(kind: Backend['kind']): Backend {
  return BACKENDS[kind];
}

/** The folders that hold jobs of these workspace folders. */
export async function rootsOf({ state, folders }: JobsPlace): Promise<string[]> {
  const real = await Promise.all(folders.map((folder) => realPath(folder)));
  return [...new Set(real)].map((folder) => jobsFolder(state, folder));
}

/** The workspace folder that a path belongs to, and where its jobs lie. */
export async function rootFor({ state, folders }: JobsPlace, path: string): Promise<{ project: string; root: string }> {
  const real = await Promise.all(folders.map((folder) => realPath(folder)));
  const at = await realPath(path);
  const project = real.find((folder) => within(folder, at) !== undefined) ?? real[0] ?? at;
  return { project, root: jobsFolder(state, project) };
}

/** What is known of a job whose id, or its last letters, is given; `undefined` where no or more than one has it. */
export async function findJob(place: JobsPlace, given: string): Promise<Looked | undefined> {
  for (const root of await rootsOf(place)) {
    const id = await fullId(root, given);
    const found = id === undefined ? undefined : await lookAt(root, id);
    if (found) return found;
  }
  return undefined;
}

/** The jobs of a workspace, newest first. */
export async function listJobs(place: JobsPlace, most = Infinity): Promise<Looked[]> {
  const roots = await rootsOf(place);
  const all = await Promise.all(roots.map(async (root) => (await jobIds(root)).map((id) => ({ root, id }))));
  const newest = all.flat().sort((a, b) => (a.id < b.id ? 1 : -1));
  const looked = await Promise.all(newest.slice(0, most).map(({ root, id }) => lookAt(root, id)));
  return looked.filter((one) => one !== undefined);
}

export async function lookAt(root: string, id: string): Promise<Looked | undefined> {
  const found = await loadJob(root, id);
  if (!found) return undefined;
  const folder = join(root, id);
  if ('damaged' in found) return { ...found, folder };
  const seen = found.exit ? 'gone' : await backendOf(found.record.where.kind).look(found);
  // It may have ended between the two looks.
  const again = seen === 'gone' && !found.exit ? await loadJob(root, id) : found;
  const sure = again && !('damaged' in again) ? again : found;
  return { id, folder, found: sure, state: stateOf(sure, seen, Date.now()) };
}

/** The state in one word, for people and lists. */
export function stateWord(state: JobState): JobView['state'] {
  return state.state === 'ended' ? state.how : state.state;
}
