// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';

export const JOB_STATES = ['waiting', 'starting', 'running', 'ok', 'failed', 'killed', 'unknown', 'lost'] as const;

type StateLabel = `job_${(typeof JOB_STATES)[number]}`;

export const JOB_LABELS = [
  ...(['jobs', 'jobsRunning', 'jobDetails', 'jobStopping', 'jobEpochStop', 'jobStopped'] as const),
  ...(['jobLeft', 'jobProgress', 'jobEpoch', 'jobStep', 'jobOf', 'jobMetrics', 'jobUses', 'jobWatch'] as const),
  ...(['jobMoreMetrics', 'jobStop', 'jobStopEpoch', 'jobLog', 'jobFolder', 'jobLedger', 'jobTail'] as const),
  ...(['jobNoOutput', 'jobCommand', 'jobFailedWhy', 'jobFinished', 'jobsMore', 'jobActionOf'] as const),
  ...(['curve', 'curveLast', 'curveLowest', 'curveHighest', 'curveBest', 'curveOdd', 'curveNone'] as const),
  ...(['curve_up', 'curve_down', 'curve_level', 'curveAt', 'curveKeys', 'curvesMore'] as const),
  ...(['axis_step', 'axis_epoch', 'axis_count'] as const),
  ...JOB_STATES.map((state): StateLabel => `job_${state}`),
] as const;

/** Cards that may be unfolded at once, and charts of one. */
export const MAX_OPEN_JOBS = 12;
export const MAX_CHARTS = 6;
export const MAX_CURVES_OF_A_CHART = 4;

const jobSchema = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(JOB_STATES),
  /** The exit code, or the signal without SIG; empty where there is none. */
  exit: z.string(),
  /** What a queue says of it, where it waits or failed without a code; else empty. */
  why: z.string(),
  /** Somebody wants it to end: at once, after its epoch, or nobody does. */
  stop: z.enum(['no', 'now', 'epoch']),
  /** When it ended, as people read it; empty while it has not. */
  ended: z.string(),
  /** Up to when this was written; `null` where nobody knows when it ended. */
  elapsedMs: z.nullable(z.number()),
  remainingMs: z.nullable(z.number()),
  /** From 0 to 1; `null` where nothing says how much there is. */
  fraction: z.nullable(z.number()),
  epoch: z.nullable(z.number()),
  epochs: z.nullable(z.number()),
  step: z.nullable(z.number()),
  steps: z.nullable(z.number()),
  /** The latest of each; a value is text, since NaN and infinity are values too. */
  metrics: z.array(z.object({ name: z.string(), value: z.string() })),
  moreMetrics: z.int(),
  /** Warnings: what was lost or not done, then what its watches saw, the latest last. */
  fired: z.array(z.string()),
  canStop: z.boolean(),
  /** Of an unfolded card alone. */
  detail: z.nullable(
    z.object({
      command: z.string(),
      /** What it uses now, in words. */
      uses: z.array(z.string()),
      /** The end of its log; `null` while nobody looks at it. */
      tail: z.nullable(z.string()),
      inLedger: z.boolean(),
    }),
  ),
});

export const jobsSchema = z.object({
  /** Those that have not ended, or ended just now, the newest first. */
  rows: z.array(jobSchema),
  /** Such as these that are not among the rows. */
  more: z.int(),
  running: z.int(),
  finished: z.object({ count: z.int(), rows: z.array(jobSchema) }),
});

const curveSchema = z.object({
  name: z.string(),
  /** Points as two lists of one length; `null` stands for NaN and infinity. */
  xs: z.array(z.number()),
  ys: z.array(z.nullable(z.number())),
});

const chartSchema = z.object({
  name: z.string(),
  axis: z.enum(['step', 'epoch', 'count']),
  /** Which way is better, where the name tells. */
  better: z.nullable(z.enum(['min', 'max'])),
  curves: z.array(curveSchema),
});

/** The charts of the jobs whose curves changed. They come apart from the state, which is sent more often. */
export const jobsAnswers = [
  z.object({
    type: z.literal('curves'),
    jobs: z.array(z.object({ id: z.string(), charts: z.array(chartSchema), more: z.int() })),
  }),
] as const;

const id = z.string().check(z.maxLength(60));
const ids = z.array(id).check(z.maxLength(MAX_OPEN_JOBS));
const lookSchema = z.object({ open: ids, logs: ids, finished: z.boolean() });

export const jobsMessages = [
  /** What is unfolded on the page. */
  z.object({ type: z.literal('lookJobs'), look: lookSchema }),
  z.object({ type: z.literal('stopJob'), id, after: z.enum(['now', 'epoch']) }),
  z.object({ type: z.literal('openJob'), id, what: z.enum(['log', 'folder', 'ledger']) }),
] as const;

export type PanelJob = z.infer<typeof jobSchema>;
export type PanelJobs = z.infer<typeof jobsSchema>;
export type PanelChart = z.infer<typeof chartSchema>;
export type CurvesMessage = z.infer<(typeof jobsAnswers)[0]>;
export type JobsLook = z.infer<typeof lookSchema>;
