import { BUDGETS, isLimit, tokensIn, type Limits } from '../agent/budget';
import type { JournalEntry, RunEnd } from '../agent/events';
import { usageOf } from '../agent/folds';
import { EYES } from '../jobs/eyes';
import { findJob, isDamaged, listJobs, type JobStatus, type JobsPlace } from '../jobs/jobs';
import { wakeText } from '../jobs/tell';
import { waitFor, type Waited } from '../jobs/wait';

export interface Woken {
  job: string;
  text: string;
}

/**
 * Waits until one of these jobs has news, and gives the words that tell of it. No model is asked meanwhile. `undefined`
 * where the signal aborts first; jobs that are gone are told of as well, since nobody else would.
 */
export async function newsOfJobs(
  ids: readonly string[],
  place: JobsPlace,
  signal: AbortSignal,
): Promise<Woken | undefined> {
  const found = await Promise.all(ids.map((id) => findJob(place, id)));
  const jobs = found.filter((one): one is JobStatus => one !== undefined && !isDamaged(one));
  if (jobs.length < ids.length) return gone(ids, jobs);
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  const waits = jobs.map(async (job): Promise<Waited | undefined> => {
    const waited = await waitFor(job, { eyes: EYES, signal: either, ms: Infinity }).catch((error: unknown) => {
      if (either.aborted) return undefined;
      throw error;
    });
    enough.abort();
    return waited;
  });
  const waited = (await Promise.all(waits)).filter((one) => one !== undefined);
  if (waited.length === 0) return signal.aborted ? undefined : gone(ids, []);
  const texts = await Promise.all(
    waited.map(({ observed, news }) => wakeText(observed.status, observed.readings, news)),
  );
  return { job: waited[0]?.observed.status.id ?? '', text: texts.join('\n\n') };
}

function gone(ids: readonly string[], jobs: readonly JobStatus[]): Woken {
  const lost = ids.filter((id) => !jobs.some((job) => job.id === id));
  const job = lost[0] ?? ids[0] ?? '';
  return {
    job,
    text: `This is no message of the user. What you waited for is not there any more: job ${lost.join(', ')} cannot be read.`,
  };
}

/** What is left of the budgets of one message that has been waiting. The clock goes on while it waits. */
export function leftOf(
  limits: Limits,
  run: readonly JournalEntry[],
  minutes: number,
): Limits | Extract<RunEnd, { reason: 'limit' }> {
  const used = usageOf(run);
  const spent = { turns: used.turns, costUsd: used.costUsd ?? 0, tokens: tokensIn(used), minutes };
  const left: Limits = { ...limits };
  for (const { name, key, measure } of BUDGETS) {
    const limit = limits[key];
    if (limit === undefined || !(key in spent)) continue;
    left[key] = limit - spent[key as keyof typeof spent];
    if (!isLimit(measure, left[key])) return { reason: 'limit', limit: name, value: limit };
  }
  return left;
}

export interface JobResult {
  id: string;
  title: string;
  state: string;
  exit_code: number | null;
}

/** The jobs that this session started. */
export async function jobsOfSession(place: JobsPlace, session: string): Promise<JobResult[]> {
  const all = await listJobs(place, 200);
  return all.flatMap((one) => {
    if (isDamaged(one) || one.found.record.startedBy.session.replace(/-agent-.*$/u, '') !== session) return [];
    const { record, exit } = one.found;
    const state = one.state.state === 'ended' ? one.state.how : one.state.state;
    return [{ id: one.id, title: record.title, state, exit_code: exit?.code ?? null }];
  });
}
