import { setTimeout as delay } from 'node:timers/promises';
import type { Ending } from './backend';
import { isOver } from './job';
import { backendOf, isDamaged, lookAt, type JobStatus } from './jobs';
import { appendEvent } from './store';
import { dirname } from 'node:path';

const LOOK_EVERY_MS = 100;
/** What is killed is gone at once; its supervisor needs a moment to say so. */
const AFTER_KILL_MS = 10_000;

export interface Stopping {
  /** A session, or `person`. */
  by: string;
  graceMs: number;
  signal: AbortSignal;
  /** Told of each step. */
  tell?: (how: Ending) => void;
}

/** Asks a job to end, ever less gently, and gives it as it is then. A signal that aborts stops the asking only. */
export async function stopJob(job: JobStatus, { by, graceMs, signal, tell }: Stopping): Promise<JobStatus> {
  if (isOver(job.state)) return job;
  await appendEvent(job.folder, { type: 'stop', at: new Date().toISOString(), by, after: 'now' });
  const steps: [Ending, number][] = [
    ['interrupt', graceMs],
    ['terminate', graceMs],
    ['kill', AFTER_KILL_MS],
  ];
  let now = job;
  for (const [how, ms] of steps) {
    signal.throwIfAborted();
    tell?.(how);
    await backendOf(now.found.record.where.kind).end(now.found, how);
    now = await overWithin(now, ms, signal);
    if (isOver(now.state)) return now;
  }
  return now;
}

/** The job, as soon as it is over, at the latest after so long. */
async function overWithin(job: JobStatus, ms: number, signal: AbortSignal): Promise<JobStatus> {
  const until = Date.now() + ms;
  for (;;) {
    const now = await lookAt(dirname(job.folder), job.id);
    if (!now || isDamaged(now)) return job;
    if (isOver(now.state) || Date.now() >= until) return now;
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}
