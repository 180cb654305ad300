import { dirname } from 'node:path';
import { limitWords, usedUpBy, type ComputeLimits, type Taken } from './compute';
import { beganAt } from './job';
import type { JobStatus } from './jobs';
import type { Observed } from './observe';
import { spending, takenOf } from './spent';
import { stopJob } from './stop';
import { claim } from './store';

/** The supervisor ends a job whose time is up; where it cannot, on Windows or for a command taken over, who watches does. */
const SUPERVISORS_MS = 5_000;
/** What all jobs have taken is added up at most so often. */
const ADD_UP_EVERY_MS = 15_000;

/** Why whoever watches over a job has to end it now; `undefined` where nothing says so. `taken`: by all jobs. Pure. */
export function dueToStop(
  { status, readings }: Pick<Observed, 'status' | 'readings'>,
  now: number,
  taken?: Taken,
): string | undefined {
  const { record, events } = status.found;
  const asked = events.findLast((event) => event.type === 'stop');
  if (asked?.type === 'stop' && asked.after === 'now') return undefined;
  if (asked?.type === 'stop' && readings.epochs > (asked.epochs ?? 0)) return asked.by;
  const { minutes, limits, cap = minutes && { minutes, by: `its budget of ${minutes} minutes` } } = record.budget;
  if (cap && now - beganAt(status.found) > cap.minutes * 60_000 + SUPERVISORS_MS) return cap.by;
  return limits && taken && heldBy(limits, taken);
}

function heldBy(limits: ComputeLimits, taken: Taken): string | undefined {
  const budget = usedUpBy(limits, taken);
  const most = budget && limits[budget.key];
  if (!budget || most === undefined || budget.span === 'job') return undefined;
  return `its ${limitWords(budget, most)}`;
}

/** Ends jobs that have to end, each once, whoever else watches over it. For as long as one job is watched. */
export class Tending {
  #addedUp = 0;

  async tend(observed: Observed, graceMs: number, signal: AbortSignal): Promise<void> {
    const now = Date.now();
    const by = dueToStop(observed, now, await this.#taken(observed.status, now));
    if (by === undefined || !(await claim(observed.status.folder, `stop ${by}`))) return;
    await stopped(observed.status, by, graceMs, signal);
  }

  async #taken({ folder, found: { record } }: JobStatus, now: number): Promise<Taken | undefined> {
    const isCounted = Object.keys(record.budget.limits ?? {}).some((key) => !key.startsWith('job'));
    if (!isCounted || now - this.#addedUp < ADD_UP_EVERY_MS) return undefined;
    this.#addedUp = now;
    return takenOf(await spending(dirname(dirname(folder)), new Date(now)), record.startedBy.session);
  }
}

async function stopped(status: JobStatus, by: string, graceMs: number, signal: AbortSignal): Promise<void> {
  try {
    await stopJob(status, { by, graceMs, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
