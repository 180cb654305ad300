import type { EyesOf } from './eyes';
import { isOver } from './job';
import type { JobStatus } from './jobs';
import { holdTelling, markTold, untold, type News } from './news';
import { observe, type Observed } from './observe';

export interface Waited {
  observed: Observed;
  /** Empty where the time was up first. */
  news: News[];
}

/**
 * Waits until a job has news that nobody was told of, or is over, at the most so long. Nothing of it asks a model.
 * `undefined` where the job is gone.
 */
export async function waitFor(
  job: Pick<JobStatus, 'id' | 'folder'>,
  { eyes, signal, ms }: { eyes: EyesOf; signal: AbortSignal; ms: number },
): Promise<Waited | undefined> {
  const time = new AbortController();
  const timer = ms === Infinity ? undefined : setTimeout(() => time.abort(), ms);
  // A window may be telling of it just now; then its news come here too, once.
  const release = await holdTelling(job.folder);
  let last: Observed | undefined;
  let news: News[] = [];
  try {
    const observed = await observe(job, {
      eyes,
      signal: AbortSignal.any([signal, time.signal]),
      look: async (now) => {
        last = now;
        news = await untold(now);
        return news.length > 0 || isOver(now.status.state);
      },
    });
    if (!observed) return undefined;
    return { observed, news: await markTold(observed, news) };
  } catch (error) {
    if (signal.aborted || !time.signal.aborted || !last) throw error;
    return { observed: last, news: [] };
  } finally {
    clearTimeout(timer);
    await release?.();
  }
}

/** What is known of a job right now, its log read through once. */
export async function glance(
  job: Pick<JobStatus, 'id' | 'folder'>,
  eyes: EyesOf,
  signal: AbortSignal,
): Promise<Observed | undefined> {
  return observe(job, { eyes, signal, look: () => true });
}
