import * as z from 'zod';
import { computeLimitsSchema, ratesSchema } from './compute';

/** The form of job.json. A later one is not read, and is said to be later. */
export const JOB_VERSION = 1;

/** The name of a job: when it was started, and a few letters of chance. */
export const JOB_ID = /^\d{8}T\d{6}-[0-9a-f]{6}$/u;

/** Inside the workspace folder, and in no hidden one. */
const LEDGER_PATH = /^(?:\w[\w .-]*\/)*ledger\.jsonl$/u;

/** Where jobs can run. */
export const PLACES = ['local', 'slurm', 'ray'] as const;

/** Where a job runs. Each kind has a backend (backend.ts) that starts it, looks for it and stops it. */
const whereSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('local'),
    /** Another machine that shares the folder cannot look at its processes. */
    host: z.string(),
    /** Which start of the machine; '' where that cannot be told. */
    boot: z.string(),
  }),
  z.object({
    kind: z.literal('slurm'),
    /** The value of SLURM_CONF, where one was set. */
    config: z.string().optional(),
    /** What the site wants told to sbatch. */
    options: z.array(z.string()),
  }),
  z.object({
    kind: z.literal('ray'),
    /** Of its jobs: http or https. */
    address: z.string(),
    cpus: z.number(),
    gpus: z.number(),
  }),
]);
export type Where = z.infer<typeof whereSchema>;

/**
 * What rules over a job's log are told to look for. A rule's name and what it takes; the rules themselves are pure and
 * stand in metrics/.
 */
export const watchSchema = z.looseObject({ kind: z.string().min(1) });
export type Watch = z.infer<typeof watchSchema>;

const dataFileSchema = z.object({
  /** Absolute. */
  path: z.string(),
  size: z.number(),
  /** ms since the epoch */
  mtime: z.number(),
  /** SHA-256 in hex; absent for a file too large to be read whole: then size and time tell it. */
  hash: z.string().optional(),
});
export type DataFile = z.infer<typeof dataFileSchema>;

const gitSchema = z.object({
  commit: z.string(),
  branch: z.string().optional(),
  dirty: z.boolean(),
  /** The name of a file in the job's folder; absent where nothing differs, or the diff is too large to keep. */
  diff: z.string().optional(),
  untracked: z.array(z.string()),
  /** Untracked files beyond those in the list. */
  moreUntracked: z.number().optional(),
});

const lockSchema = z.object({
  /** uv.lock, poetry.lock, requirements.txt, ... ; relative to the job's folder for a snapshot, else absolute. */
  path: z.string(),
  kind: z.enum(['uv', 'poetry', 'pipenv', 'pdm', 'conda', 'requirements', 'snapshot']),
  hash: z.string(),
});

/** What a job may use before it is stopped, as it was said when it started. */
const budgetSchema = z.object({
  /** What whoever started it gave it. */
  minutes: z.number().positive().optional(),
  rates: ratesSchema.optional(),
  /** Those of a session and a day are counted by who watches. */
  limits: computeLimitsSchema.optional(),
  /** How long it may run by all of these: its supervisor holds it. */
  cap: z.object({ minutes: z.number().min(0), by: z.string() }).optional(),
});
export type JobBudget = z.infer<typeof budgetSchema>;

/** job.json: written once, before the command starts. What happens later has files of its own. */
export const recordSchema = z.object({
  version: z.literal(JOB_VERSION),
  id: z.string().regex(JOB_ID),
  title: z.string(),
  /** What is expected of it, in the words of who started it. */
  hypothesis: z.string().optional(),
  command: z.string(),
  /** Absolute. */
  cwd: z.string(),
  /** The workspace folder it belongs to, absolute. */
  project: z.string(),
  where: whereSchema,
  dialect: z.enum(['bash', 'powershell']),
  /** What it was started with, secrets masked. */
  environment: z.record(z.string(), z.string()),
  interpreter: z.object({ path: z.string(), version: z.string() }).optional(),
  git: gitSchema.optional(),
  lock: lockSchema.optional(),
  /** As they stand in the command or the environment, in order. */
  seeds: z.array(z.object({ name: z.string(), value: z.string() })),
  gpus: z.array(z.object({ name: z.string(), memoryMb: z.number().optional(), driver: z.string().optional() })),
  data: z.array(dataFileSchema),
  /** Facts that could not be found out, and why. */
  missing: z.array(z.string()),
  /** Who started it. `handedOver`: a command of Execute's that outlived its limit. */
  startedBy: z.object({
    session: z.string(),
    call: z.string(),
    handedOver: z.literal(true).optional(),
    droid: z.string().optional(),
    /** The skill that was at work. */
    skill: z.string().optional(),
  }),
  /** ISO 8601 */
  startedAt: z.string(),
  watches: z.array(watchSchema),
  budget: budgetSchema,
  /**
   * The ledger that its run is written into once it ends, from the workspace folder. Absent where whoever started it wanted
   * none.
   */
  ledger: z.string().regex(LEDGER_PATH).optional(),
  /** Absolute. */
  log: z.string(),
});
export type JobRecord = z.infer<typeof recordSchema>;

/** process.json: which process the job is, written by the supervisor itself. */
export const processSchema = z.object({
  pid: z.int().positive(),
  /** As the system counts it: the number is given out again, the two together are not. '' where it cannot be told. */
  started: z.string(),
  /** The machine it runs on, where that may be another one. */
  host: z.string().optional(),
  /** When its command began: ISO 8601. In a queue that is long after its start. */
  at: z.string().optional(),
});
export type JobProcess = z.infer<typeof processSchema>;

/** exit.json: written by the supervisor, also where nobody else is there any more. */
export const exitSchema = z.object({
  /** As a shell tells it: 128 and the signal's number for what a signal ended; `null` where none is known. */
  code: z.int().nullable(),
  /** Without SIG. */
  signal: z.string().nullable().default(null),
  at: z.string(),
  /** What a queue says where the code does not tell it, as for a node that failed. */
  why: z.string().optional(),
});
export type JobExit = z.infer<typeof exitSchema>;

/** queue.json: as what a queue knows it. */
export const handleSchema = z.object({ id: z.string().regex(/^[\w.-]{1,120}$/u) });
export type JobHandle = z.infer<typeof handleSchema>;

/** What happened to a job after its start: a line each of events.jsonl, which is only appended to. */
export const eventSchema = z.discriminatedUnion('type', [
  /** Somebody wants it to end. `by`: a session, or a person. */
  z.object({
    type: z.literal('stop'),
    at: z.string(),
    by: z.string(),
    after: z.enum(['now', 'epoch']),
    /** How many epochs had ended by then. */
    epochs: z.int().optional(),
  }),
  /** A watch's rule held. `key` tells one firing from the next, so that none is told twice. */
  z.object({ type: z.literal('fired'), at: z.string(), key: z.string(), watch: z.string(), text: z.string() }),
  /** Guarded files that were lost while it ran, though nobody was asked: for model and people. */
  z.object({ type: z.literal('lost'), at: z.string(), text: z.string() }),
  /** What should have been done and could not, for people. */
  z.object({ type: z.literal('problem'), at: z.string(), text: z.string() }),
]);
export type JobEvent = z.infer<typeof eventSchema>;
export type Firing = Extract<JobEvent, { type: 'fired' }>;

export type JobState =
  | { state: 'starting' }
  /** In a queue, and nothing of it has run. */
  | { state: 'waiting'; why: string }
  /** `why`: where it runs, or why that is not sure. */
  | { state: 'running'; why?: string }
  /**
   * `ok`: exit code 0. `failed`: another. `killed`: by a signal, or stopped. `unknown`: nobody recorded how. `why` is
   * said where the exit does not say it.
   */
  | { state: 'ended'; how: 'ok' | 'failed' | 'killed' | 'unknown'; at?: string; exit?: JobExit; why?: string }
  /** Its processes may run, but nobody will record how they end. */
  | { state: 'lost'; why: string };

/** What is known of a job's process by looking at the machine. */
export type Sighting =
  /** Its supervisor runs. */
  | 'alive'
  /** The supervisor is gone, processes that it started are not. */
  | 'orphaned'
  | 'gone'
  /** The machine was started anew since. */
  | 'rebooted'
  /** It runs on another machine, or there is no way to look. */
  | 'unseen'
  | Queued;

/** What a queue says of a job that has not ended. `silent`: it does not answer, so what is known of the job stays. */
export interface Queued {
  queue: 'waiting' | 'running' | 'silent';
  why?: string;
}

export interface Found {
  record: JobRecord;
  process?: JobProcess;
  handle?: JobHandle;
  exit?: JobExit;
  events: readonly JobEvent[];
}

/** A job that has not said which process it is for so long never began. */
export const STARTING_MS = 30_000;

/** The state of a job, from its files and what was seen of its process. Pure. */
export function stateOf({ record, process, exit, events }: Found, seen: Sighting, now: number): JobState {
  if (exit) return endedBy(exit, stoppedBy(events));
  if (typeof seen === 'object') return queuedState(seen, process !== undefined);
  if (seen === 'rebooted')
    return { state: 'ended', how: 'unknown', why: 'the machine was started anew while it ran, which ended it' };
  if (process === undefined && now - Date.parse(record.startedAt) < STARTING_MS) return { state: 'starting' };
  if (record.where.kind !== 'local' && stoppedBy(events) !== undefined)
    return { state: 'ended', how: 'killed', why: 'it was stopped, and its queue knows it no more' };
  if (record.where.kind !== 'local')
    return { state: 'ended', how: 'unknown', why: 'its queue knows it no more, and nobody recorded how it ended' };
  if (process === undefined)
    return { state: 'ended', how: 'unknown', why: 'it never began: no process of it was seen' };
  if (seen === 'alive') return { state: 'running' };
  if (seen === 'orphaned')
    return {
      state: 'lost',
      why: 'its supervisor was killed; what it started still runs, and its exit will not be known',
    };
  if (seen === 'unseen')
    return { state: 'lost', why: `it was started on ${record.where.host}, whose processes cannot be seen from here` };
  if (stoppedBy(events) !== undefined)
    return { state: 'ended', how: 'killed', why: 'it was stopped, its supervisor with it' };
  return { state: 'ended', how: 'unknown', why: 'its supervisor was killed before it could record the exit' };
}

/** Who began has said so itself, in the job's folder: that counts while the queue is silent. */
function queuedState({ queue, why }: Queued, hasBegun: boolean): JobState {
  if (queue === 'waiting' || (queue === 'silent' && !hasBegun))
    return { state: 'waiting', why: why ?? 'no reason told' };
  return { state: 'running', ...(why === undefined ? {} : { why }) };
}

/** When its command began: what it was started at counts its time in a queue. */
export function beganAt({ record, process }: Pick<Found, 'record' | 'process'>): number {
  const at = Date.parse(process?.at ?? record.startedAt);
  return Number.isNaN(at) ? Date.parse(record.startedAt) : at;
}

/** When its command is known to have begun: ms since the epoch, to the end of its second; 0 where it has not. */
export function begunSince({ process }: Pick<Found, 'process'>): number {
  const at = Date.parse(process?.at ?? '');
  return Number.isNaN(at) ? 0 : at + 999;
}

function endedBy(exit: JobExit, by: string | undefined): JobState {
  const base = { state: 'ended', at: exit.at, exit } as const;
  if (by !== undefined)
    return { ...base, how: 'killed', why: `it was stopped${by.startsWith('its ') ? ` by ${by}` : ''}` };
  if (exit.why !== undefined) return { ...base, how: exit.signal === null ? 'failed' : 'killed', why: exit.why };
  if (exit.code === 0) return { ...base, how: 'ok' };
  if (exit.code === null) return { ...base, how: 'unknown', why: 'no exit status was to be had' };
  return exit.signal === null ? { ...base, how: 'failed' } : { ...base, how: 'killed' };
}

/** Who had it stopped: a session, a person, or a limit of its own. */
function stoppedBy(events: readonly JobEvent[]): string | undefined {
  // One that is to end after its epoch may end by itself before.
  return events.flatMap((event) => (event.type === 'stop' && event.after === 'now' ? [event.by] : []))[0];
}

/** True once nothing more comes of it. */
export function isOver({ state }: JobState): boolean {
  return state === 'ended';
}

/** How a job ended or stands, in a few words for model and people. */
export function stateLine(state: JobState): string {
  if (state.state !== 'ended') return openLine(state);
  const { exit, why, how } = state;
  const because = why === undefined ? '' : `, ${why}`;
  if (how === 'unknown') return `ended, how is not known: ${why ?? 'nobody recorded it'}`;
  if (!exit || exit.code === null) return `ended${because}`;
  const by = exit.signal === null ? '' : ` (SIG${exit.signal})`;
  return `ended with exit code ${exit.code}${by}${because}`;
}

function openLine(state: Exclude<JobState, { state: 'ended' }>): string {
  if (state.state === 'starting') return state.state;
  if (state.state === 'waiting') return `waiting in the queue: ${state.why}`;
  if (state.state === 'lost') return `lost: ${state.why}`;
  return state.why === undefined ? 'running' : `running, ${state.why}`;
}
