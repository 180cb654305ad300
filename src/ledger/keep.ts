import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '../agent/store';
import { UserError } from '../agent/tool';
import type { Host } from '../host/host';
import { realPath, within } from '../host/paths';
import { lockIfFree } from '../host/session-lock';
import type { EyesOf } from '../jobs/eyes';
import { isOver, type JobState } from '../jobs/job';
import { isDamaged, listJobs, type JobsPlace, type JobStatus } from '../jobs/jobs';
import type { Observed } from '../jobs/observe';
import type { JobsHome } from '../jobs/start';
import { appendEvent, claim } from '../jobs/store';
import { FILES } from '../jobs/supervisor';
import { glance } from '../jobs/wait';
import { madeBetween } from './made';
import { ledgerText } from './read';
import { recordOfJob, type Finished } from './of-job';
import { parseLedger } from './parse';
import { lineOf, type RunRecord } from './record';
import { appendEntry } from './write';

/** In a job's folder, once its run is in the ledger: the line as it was written. */
export const KEPT = 'ledger.json';
const LOCK = 'recording';
/** How many of the latest jobs are looked at for such as nobody saw the end of. */
const MOST = 100;

export interface Keeping {
  /** The workspace folders: nothing is written elsewhere. */
  folders: readonly string[];
  /** False: nothing is written into a workspace that is not trusted. */
  trusted: boolean;
  /** False: the user turned the ledger off. */
  isOn: boolean;
  secrets: readonly string[];
  /** Globs of the user's own for what counts as data, checkpoints and models. */
  artefacts?: readonly string[];
  signal: AbortSignal;
}

/** What whoever has jobs was told, for the ledger. */
export function keepingOf(
  { ledger, secrets, artefacts }: Pick<JobsHome, 'ledger' | 'secrets' | 'artefacts'>,
  { folders, trusted }: Pick<Host, 'folders' | 'trusted'>,
  signal: AbortSignal,
): Keeping {
  return {
    folders: folders.map(({ path }) => path),
    trusted,
    isOn: ledger?.() !== undefined,
    secrets,
    signal,
    ...(artefacts ? { artefacts: artefacts() } : {}),
  };
}

/** `problem`: it could not be written, and is tried again with the next look; `isNew` for the first who is told so. */
export type Kept = { kept: true; path: string } | { problem: string; isNew: boolean };

/**
 * Writes a finished job into the ledger of its workspace folder, once, whoever else sees its end. `undefined` where there is
 * nothing to do: it runs, it is in there, or it is not to be.
 */
export async function keepRecord(
  { status, readings, series }: Pick<Observed, 'status' | 'readings'> & Partial<Pick<Observed, 'series'>>,
  keeping: Keeping,
): Promise<Kept | undefined> {
  const { record } = status.found;
  const { state } = status;
  if (record.ledger === undefined || !isEnded(state) || !(await mayWrite(record.project, keeping))) return undefined;
  if (await isKept(status.folder)) return undefined;
  const release = await lockIfFree(join(status.folder, LOCK));
  if (!release) return undefined;
  try {
    if (await isKept(status.folder)) return undefined;
    const run = await described({ ...status, state }, { readings, series: series?.() }, keeping);
    await write(record.project, record.ledger, run);
    await writeFile(join(status.folder, KEPT), lineOf(run), { mode: 0o600 });
    return { kept: true, path: record.ledger };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return await problemOf(status.folder, record.ledger, error);
  } finally {
    await release();
  }
}

/** Writes all finished jobs that nobody saw the end of. Gives what could not be written. */
export async function keepEnded(place: JobsPlace, eyes: EyesOf, keeping: Keeping): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (const job of (await listJobs(place, MOST)).reverse()) {
    if (isDamaged(job) || job.found.record.ledger === undefined || !isOver(job.state)) continue;
    if (!keeping.isOn || (await isKept(job.folder))) continue;
    const observed = await glance(job, eyes, keeping.signal);
    const one = observed && (await keepRecord(observed, keeping));
    if (one) kept.push(one);
  }
  return kept;
}

function isEnded(state: JobState): state is Extract<JobState, { state: 'ended' }> {
  return state.state === 'ended';
}

async function mayWrite(project: string, { isOn, trusted, folders }: Keeping): Promise<boolean> {
  if (!isOn || !trusted) return false;
  const real = await Promise.all(folders.map((folder) => realPath(folder)));
  return real.some((folder) => within(folder, project) !== undefined);
}

function isKept(folder: string): Promise<boolean> {
  return access(join(folder, KEPT)).then(
    () => true,
    () => false,
  );
}

async function described(
  status: JobStatus & { state: Extract<JobState, { state: 'ended' }> },
  seen: Pick<Finished, 'readings' | 'series'>,
  { secrets, artefacts = [], signal }: Keeping,
): Promise<RunRecord> {
  const { record } = status.found;
  const now = Date.now();
  const to = status.state.at === undefined ? now : Date.parse(status.state.at);
  const from = Date.parse(record.startedAt);
  const made = await madeBetween({ project: record.project, from, to, globs: artefacts }, signal);
  const diff = await readFile(join(status.folder, FILES.diff)).catch(() => undefined);
  const hash = diff && hashOf(diff);
  const run = recordOfJob({ status, ...seen, artefacts: made.files, diff: hash, secrets, now });
  const missing = [...(run.missing ?? []), ...made.missing];
  return missing.length > 0 ? { ...run, missing } : run;
}

/** Where a kill came between the line and its mark, the line is there already. */
async function write(project: string, path: string, run: RunRecord): Promise<void> {
  const text = (await ledgerText(project, path)) ?? '';
  const isThere =
    text.includes(JSON.stringify(run.id)) && parseLedger(text).entries.some(({ entry }) => entry.id === run.id);
  if (!isThere) await appendEntry(project, path, run);
}

async function problemOf(folder: string, path: string, { message }: UserError): Promise<Kept> {
  const problem = `The run could not be written into ${path}: ${message}. It is kept, and written once that can be.`;
  const isNew = await claim(folder, `ledger ${message}`);
  if (isNew) await appendEvent(folder, { type: 'problem', at: new Date().toISOString(), text: problem });
  return { problem, isNew };
}
