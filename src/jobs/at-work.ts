import { isDamaged, listJobs, type JobsPlace } from './jobs';

/** Jobs looked at, newest first: an older one that still runs is rare, and each is a look at the disk. */
const MOST = 50;

const AT_WORK: ReadonlySet<string> = new Set(['waiting', 'starting', 'running']);

/** The jobs of these folders that have not ended. */
export async function atWork(place: JobsPlace): Promise<{ id: string; title: string }[]> {
  const all = await listJobs(place, MOST);
  return all.flatMap((one) => {
    if (isDamaged(one)) return [];
    return AT_WORK.has(one.state.state) ? [{ id: one.id, title: one.found.record.title }] : [];
  });
}
