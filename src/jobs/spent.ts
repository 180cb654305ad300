import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NOTHING_TAKEN, sumOf, takenIn, type Compute, type Taken } from './compute';
import { beganAt } from './job';
import { isDamaged, lookAt, type JobStatus } from './jobs';
import { jobIds } from './store';

/** A job that began longer ago is over, or nobody counts on its limits any more. */
const DAYS = 60;
const DAY_MS = 86_400_000;

/** What one job has taken of a stretch of time. */
export interface JobSpending {
  id: string;
  session: string;
  droid: string;
  /** `''`: none was at work. */
  skill: string;
  whole: Compute;
  today: Compute;
}

/** What all jobs of the user have taken, of every workspace, newest first. `jobs`: the folder of all of them. */
export async function spending(jobs: string, now: Date): Promise<JobSpending[]> {
  const oldest = new Date(now.getTime() - DAYS * DAY_MS).toISOString().replaceAll(/[-:]|\..*/gu, '');
  const roots = (await readdir(jobs).catch(() => [])).map((name) => join(jobs, name));
  const all = await Promise.all(
    roots.map(async (root) => {
      const ids = (await jobIds(root)).filter((id) => id >= oldest);
      return Promise.all(ids.map((id) => lookAt(root, id)));
    }),
  );
  const known = all.flat().filter((one): one is JobStatus => one !== undefined && !isDamaged(one));
  const spent = await Promise.all(known.map((job) => spentBy(job, now)));
  return spent.sort((a, b) => (a.id < b.id ? 1 : -1));
}

async function spentBy(job: JobStatus, now: Date): Promise<JobSpending> {
  const { record } = job.found;
  const { session, droid = '', skill = '' } = record.startedBy;
  const [from, to] = [beganAt(job.found), await endOf(job, now)];
  const hasBegun = job.state.state !== 'waiting' && job.state.state !== 'starting';
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const rates = record.budget.rates ?? { gpus: record.gpus.length };
  const taken = (since: number): Compute =>
    takenIn(hasBegun ? Math.max(0, to - Math.max(from, since)) / 3_600_000 : 0, rates);
  return { id: job.id, session, droid, skill, whole: taken(from), today: taken(midnight) };
}

/** Of one whose end nobody recorded its last words tell. */
async function endOf({ state, found, folder }: JobStatus, now: Date): Promise<number> {
  if (state.state !== 'ended') return now.getTime();
  if (state.at !== undefined) return Date.parse(state.at);
  const log = await stat(found.record.log).catch(() => stat(folder).catch(() => undefined));
  return log?.mtimeMs ?? Date.parse(found.record.startedAt);
}

export function takenOf(jobs: readonly JobSpending[], session: string): Taken {
  if (jobs.length === 0) return NOTHING_TAKEN;
  return {
    session: sumOf(jobs.filter((one) => one.session === session).map(({ whole }) => whole)),
    day: sumOf(jobs.map(({ today }) => today)),
  };
}
