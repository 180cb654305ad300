// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';
import { querySchema } from './query';

export const RUN_LABELS = [
  ...([
    'runs',
    'searchRuns',
    'noRuns',
    'noRunFits',
    'runsFound',
    'runTitle',
    'runMetric',
    'runEnded',
    'runPick',
  ] as const),
  ...([
    'runRow',
    'compareRuns',
    'runDetail',
    'runLog',
    'runDiff',
    'runLine',
    'runFile',
    'runVerdict',
    'runTheSame',
    'runNothing',
  ] as const),
] as const;

/** So many rows go to the page at once. */
export const RUN_WINDOW = 120;
export const MAX_TICKED = 8;

const rowSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** The tracker it is from; empty for a run of the ledger. */
  from: z.string(),
  state: z.string(),
  /** When it ended, as people read it: short for a narrow column, and in full. */
  ended: z.string(),
  endedAt: z.string(),
  /** The chosen metric, with its spread over repeats; empty where it has none. */
  metric: z.string(),
  ticked: z.boolean(),
});

const comparedSchema = z.object({
  aspect: z.string(),
  name: z.string(),
  values: z.array(z.string()),
  differs: z.boolean(),
});

export const runsSchema = z.object({
  /** What of all that was found the rows are: the first of them is number `from`, from 0. */
  from: z.int(),
  rows: z.array(rowSchema),
  found: z.int(),
  total: z.int(),
  /** Names of metrics, the most frequent first, and the one that is shown. */
  metrics: z.array(z.string()),
  metric: z.string(),
  sort: z.string(),
  ticked: z.int(),
  /** What could not be read, for people. */
  problems: z.array(z.string()),
  detail: z.nullable(
    z.object({
      id: z.string(),
      text: z.string(),
      hasDiff: z.boolean(),
      hasLog: z.boolean(),
      /** False for a run of a tracker, which is only read. */
      isOurs: z.boolean(),
    }),
  ),
  comparison: z.nullable(
    z.object({
      heads: z.array(z.object({ id: z.string(), short: z.string() })),
      rows: z.array(comparedSchema),
      warnings: z.array(z.string()),
    }),
  ),
});

const lookSchema = z.object({
  query: querySchema,
  sort: z.string().check(z.maxLength(300)),
  metric: z.string().check(z.maxLength(300)),
  from: z.int().check(z.minimum(0)),
});

export const runsMessages = [
  /** `null`: the section is closed. */
  z.object({ type: z.literal('lookRuns'), look: z.nullable(lookSchema) }),
  z.object({ type: z.literal('tickRun'), id: z.string() }),
  z.object({ type: z.literal('pickRun'), id: z.string() }),
  z.object({ type: z.literal('openRun'), id: z.string(), what: z.enum(['log', 'diff', 'line', 'verdict']) }),
] as const;

export type PanelRunList = z.infer<typeof runsSchema>;
export type RunLook = z.infer<typeof lookSchema>;
