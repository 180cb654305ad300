import { cleanTrashes, DEFAULT_TRASH_RETENTION } from '../artefacts/retention';
import { cleanSessions, DEFAULT_RETENTION, type Retention } from '../host/session-cleanup';
import { cleanJobs, DEFAULT_JOB_RETENTION } from '../jobs/clean';
import type { Settings } from './settings';

/**
 * Removes what is older or more than is kept of sessions, jobs and trashes. `sessions` and `state` are absolute folders.
 * One that cannot be tidied is no fault of the run that ends.
 */
export async function tidyUp(sessions: string, state: string, kept: Settings): Promise<void> {
  const days = (retention: Retention, keepDays = retention.days): Retention => ({ ...retention, days: keepDays });
  const trash = days(DEFAULT_TRASH_RETENTION, kept.trash?.keepDays);
  const bytes = kept.trash?.maxGb === undefined ? trash.bytes : kept.trash.maxGb * 1e9;
  await Promise.allSettled([
    cleanSessions(sessions, days(DEFAULT_RETENTION, kept.sessions?.keepDays)),
    cleanJobs(state, days(DEFAULT_JOB_RETENTION, kept.jobs?.keepDays)),
    cleanTrashes(state, { ...trash, bytes }),
  ]);
}
