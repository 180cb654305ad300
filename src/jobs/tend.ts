import { beganAt } from './job';
import type { JobStatus } from './jobs';
import type { Observed } from './observe';
import { stopJob } from './stop';
import { claim } from './store';

/** Why whoever watches over a job has to end it now; `undefined` where nothing says so. Pure. */
export function dueToStop(
  { status, readings }: Pick<Observed, 'status' | 'readings'>,
  now: number,
): string | undefined {
  const { record, events } = status.found;
  const asked = events.findLast((event) => event.type === 'stop');
  if (asked?.type === 'stop' && asked.after === 'now') return undefined;
  if (asked?.type === 'stop' && readings.epochs > (asked.epochs ?? 0)) return asked.by;
  const { minutes } = record.budget;
  const isLate = minutes !== undefined && now - beganAt(status.found) > minutes * 60_000;
  return isLate ? `its budget of ${minutes} minutes` : undefined;
}

/** Ends a job that has to end, once, whoever else watches over it; goes on while it heeds. */
export async function tend(observed: Observed, graceMs: number, signal: AbortSignal): Promise<void> {
  const by = dueToStop(observed, Date.now());
  if (by === undefined || !(await claim(observed.status.folder, `stop ${by}`))) return;
  await stopped(observed.status, by, graceMs, signal);
}

async function stopped(status: JobStatus, by: string, graceMs: number, signal: AbortSignal): Promise<void> {
  try {
    await stopJob(status, { by, graceMs, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
