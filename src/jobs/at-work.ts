import { isDamaged, listJobs, type JobsPlace } from './jobs';

/** Jobs looked at, newest first: an older one that still runs is rare, and each is a look at the disk. */
const MOST = 50;

/** The jobs of these folders that have not ended. */
export async function atWork(place: JobsPlace): Promise<{ id: string; title: string }[]> {
  const all = await listJobs(place, MOST);
  return all.flatMap((one) => {
    if (isDamaged(one)) return [];
    const { state } = one.state;
    return state === 'running' || state === 'starting' ? [{ id: one.id, title: one.found.record.title }] : [];
  });
}
