import * as z from 'zod';
import type { JobExit, Queued } from './job';

/** What Ray's Jobs API says of a job; much more is in it. Times in ms since the epoch. */
const detailsSchema = z.object({
  submission_id: z.string(),
  status: z.enum(['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED']),
  message: z.string().nullish(),
  end_time: z.number().nullish(),
  driver_exit_code: z.int().nullish(),
});
export type RayJob = z.infer<typeof detailsSchema>;

/** The jobs in an answer, by id; whatever else stands in it is left out: a cluster runs jobs of other kinds, too. */
export function rayJobs(answer: unknown): Map<string, RayJob> {
  const all = (Array.isArray(answer) ? answer : [answer]).flatMap((one) => detailsSchema.safeParse(one).data ?? []);
  return new Map(all.map((job) => [job.submission_id, job]));
}

export function isOver({ status }: RayJob): boolean {
  return status === 'STOPPED' || status === 'SUCCEEDED' || status === 'FAILED';
}

const MAX_WORDS = 300;

/** Ray's own words, in one line: of a failed job they end with a piece of its log. */
function wordsOf(message: string | null | undefined): string {
  const [first = ''] = (message ?? '').split(/\n|Last available logs/u);
  const line = first.replaceAll(/\s+/gu, ' ').trim();
  return line.length <= MAX_WORDS ? line : `${line.slice(0, MAX_WORDS)}…`;
}

/** How a job stands that has not ended. */
export function queuedAs({ status, message }: RayJob): Queued {
  if (status === 'RUNNING') return { queue: 'running' };
  return { queue: 'waiting', why: wordsOf(message) || 'Ray has no place for it yet' };
}

/** What is recorded of a job that ended with nobody there to write it down. */
export function exitOf({ status, message, end_time: end, driver_exit_code: code }: RayJob, now: number): JobExit {
  const at = new Date(end ?? now).toISOString();
  if (status === 'SUCCEEDED') return { code: 0, signal: null, at };
  if (status === 'STOPPED') return { code: null, signal: null, at, why: 'it was stopped in Ray' };
  // A driver that failed tells its code; for one whose node is gone there is none.
  const isOwn = typeof code === 'number' && code > 0;
  return isOwn
    ? { code, signal: null, at }
    : { code: null, signal: null, at, why: wordsOf(message) || 'Ray says that it failed' };
}
