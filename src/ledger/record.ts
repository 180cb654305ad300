import * as z from 'zod';

/** The form of a line. A later one is kept and passed over, and is said to be later. */
export const LEDGER_VERSION = 1;

/** The ledger's name in its folder; what the guard of paths knows it by. */
export const LEDGER_NAME = 'ledger.jsonl';
export const DEFAULT_LEDGER_FOLDER = 'experiments';

const fileSchema = z.looseObject({
  /** From the workspace folder where it lies inside, `/` between its parts; else absolute. */
  path: z.string(),
  size: z.number(),
  /** SHA-256 in hex; absent for a file too large to be read whole. */
  hash: z.string().optional(),
});
export type LedgerFile = z.infer<typeof fileSchema>;

const metricSchema = z.looseObject({
  name: z.string(),
  /** JSON has no NaN and no infinity: `null` stands for them. */
  last: z.number().nullable(),
  /** Absent where only the last was seen. */
  best: z.number().optional(),
  /** `train`, `val` or `test`, where the name says it. */
  split: z.string().optional(),
  /** 1-based line of the log that the last stands on; absent for one of a file beside it. */
  line: z.number().optional(),
});

const codeSchema = z.looseObject({
  commit: z.string(),
  branch: z.string().optional(),
  /** SHA-256 of what differed from the commit; absent where nothing did, or it is not kept. */
  diff: z.string().optional(),
  dirty: z.boolean(),
});

const environmentSchema = z.looseObject({
  /** The interpreter's version. */
  python: z.string().optional(),
  /** Which packages: the kind of the lock file, and its hash. */
  lock: z.looseObject({ kind: z.string(), hash: z.string() }).optional(),
  gpus: z.array(z.string()).optional(),
});

/** One finished run. Fields stand in the order of the schema; those of others, which it does not know, stay. */
export const runSchema = z.looseObject({
  v: z.literal(LEDGER_VERSION),
  kind: z.literal('run'),
  /** The id of its job. */
  id: z.string().min(1),
  /** When it ended, ISO 8601. */
  at: z.string(),
  title: z.string(),
  hypothesis: z.string().optional(),
  verdict: z.string().optional(),
  command: z.string(),
  /** From the workspace folder; `.` is that folder. */
  cwd: z.string(),
  state: z.enum(['ok', 'failed', 'killed', 'unknown']),
  /** `null` where none is known. */
  exit: z.int().nullable(),
  signal: z.string().optional(),
  seconds: z.number().nullable(),
  metrics: z.array(metricSchema),
  seeds: z.array(z.looseObject({ name: z.string(), value: z.string() })),
  /** What it was set up with, where that was recorded apart from its command. */
  params: z.array(z.looseObject({ name: z.string(), value: z.string() })).optional(),
  /** Runs of other experiments of a tracker do not repeat this one. */
  group: z.string().optional(),
  code: codeSchema.optional(),
  /** Files that the command names and that are no code. */
  data: z.array(fileSchema),
  /** Scripts and configuration that the command names, as they stood at its start. */
  sources: z.array(fileSchema).optional(),
  environment: environmentSchema,
  artefacts: z.array(fileSchema),
  /** What could not be found out. */
  missing: z.array(z.string()).optional(),
  session: z.string(),
  droid: z.string().optional(),
});
export type RunRecord = z.infer<typeof runSchema>;

/** What was said of a run later: the run's own line is never changed. */
export const noteSchema = z.looseObject({
  v: z.literal(LEDGER_VERSION),
  kind: z.literal('note'),
  id: z.string().min(1),
  /** The id of the run. */
  of: z.string().min(1),
  at: z.string(),
  /** `model`, or `person`. */
  by: z.enum(['model', 'person']),
  hypothesis: z.string().optional(),
  verdict: z.string().optional(),
  session: z.string().optional(),
});
export type NoteRecord = z.infer<typeof noteSchema>;

export const entrySchema = z.discriminatedUnion('kind', [runSchema, noteSchema]);
export type LedgerEntry = z.infer<typeof entrySchema>;

const ORDER = [...new Set([...Object.keys(runSchema.shape), 'of', 'by', ...Object.keys(noteSchema.shape)])];

/** One line, with its end. The order of the fields is always the same, so that lines compare and merge as text. */
export function lineOf(entry: LedgerEntry): string {
  const place = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const fields = Object.entries(entry).filter(([, value]) => value !== undefined);
  const sorted = fields.sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted))}\n`;
}
