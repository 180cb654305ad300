import { isOver } from './job';
import { isDamaged, listJobs, rootsOf, type JobsPlace, type JobStatus } from './jobs';
import { jobIds } from './store';

/** How many jobs there are in these folders, whatever became of them. Reads names alone. */
export async function countJobs(place: JobsPlace): Promise<number> {
  const ids = await Promise.all((await rootsOf(place)).map((root) => jobIds(root)));
  return ids.reduce((sum, { length }) => sum + length, 0);
}

/** The latest jobs that are over, newest first, found among so many of the latest at the most. */
export async function finishedJobs(place: JobsPlace, among: number): Promise<JobStatus[]> {
  const all = await listJobs(place, among);
  return all.flatMap((one) => (isDamaged(one) || !isOver(one.state) ? [] : [one]));
}
