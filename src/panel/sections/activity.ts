// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';

export const ROW_KINDS = [
  ...(['prompt', 'steer', 'note', 'text', 'thinking', 'call', 'agent'] as const),
  ...([
    'retry',
    'turnCut',
    'warning',
    'thinned',
    'compacted',
    'modelSwitch',
    'undo',
    'review',
    'claims',
    'end',
  ] as const),
] as const;

export const ROW_STATES = ['running', 'done', 'failed', 'refused', 'stopped', 'limit', 'cut'] as const;

/** Who decided on a call, as the journal says it. */
const DECIDERS = ['mode', 'rule', 'user', 'headless', 'protection', 'input'] as const;

/** What a row says before its own text. */
type RowLabel = `row_${(typeof ROW_KINDS)[number]}`;
type DeciderLabel = `by_${(typeof DECIDERS)[number]}`;

export const ACTIVITY_LABELS = [
  ...(['activity', 'search', 'matches', 'noMatches', 'nextMatch', 'previousMatch', 'onlyMatches'] as const),
  ...(['copyRow', 'unfold', 'fold', 'showLog', 'input', 'output', 'whole', 'attachment', 'noteFor'] as const),
  ...(['loading', 'gone', 'moreCharacters', 'earlierRows', 'allowedBy', 'refusedBy', 'rowOf'] as const),
  ...([
    'row_waits',
    'row_yielded',
    'row_waiting',
    'row_live',
    'noActivity',
    'noRun',
    'noRunNumber',
    'changedSince',
  ] as const),
  ...ROW_KINDS.map((kind): RowLabel => `row_${kind}`),
  ...DECIDERS.map((by): DeciderLabel => `by_${by}`),
] as const;

const rowSchema = z.object({
  /** The id of its entry in the journal, or of what only this window knows. */
  id: z.string(),
  kind: z.enum(ROW_KINDS),
  /** The beginning of it, or the number that its label tells of. */
  text: z.string(),
  /** There is more to see than `text`: asked for with `unfoldRow`. */
  more: z.boolean(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  state: z.optional(z.enum(ROW_STATES)),
  ms: z.optional(z.number()),
  by: z.optional(z.enum(DECIDERS)),
  /** The rule, mode or words of the decision. */
  why: z.optional(z.string()),
  /** Of a call: what live output names it by. */
  call: z.optional(z.string()),
  /** Of a subagent: the id of its journal. */
  agent: z.optional(z.string()),
  /** What stands behind the answer before it; `where` is null where nothing does. */
  claims: z.optional(
    z.array(z.object({ text: z.string(), isNumber: z.boolean(), where: z.nullable(z.string()), stale: z.boolean() })),
  ),
});

/** What is not in the journal yet: small, so that it may be sent whole each time. */
export const activitySchema = z.object({
  /** Part of what the page remembers a row by. */
  session: z.string(),
  running: z.boolean(),
  /** What the model is writing: the end of it. */
  writing: z.nullable(z.object({ kind: z.enum(['text', 'thinking']), text: z.string() })),
  /** Calls at work, with the end of what they printed. */
  calls: z.array(z.object({ call: z.string(), asking: z.boolean(), output: z.string() })),
  /** Subagents at work; `steps` grows with each thing they do. */
  agents: z.array(z.object({ session: z.string(), doing: z.string(), steps: z.int() })),
});

/**
 * The rows of the timeline, apart from the state: only those that changed. Another `epoch` is another timeline, whose
 * first message has every row.
 */
const rowsMessage = z.object({
  type: z.literal('rows'),
  epoch: z.int(),
  length: z.int(),
  changed: z.array(z.object({ at: z.int(), row: rowSchema })),
});

const partSchema = z.object({
  label: z.enum(['input', 'output', 'whole', 'attachment', 'noteFor', 'gone']),
  text: z.string(),
  /** Characters left out behind it. */
  left: z.int(),
});

/** What `unfoldRow` asked for. `rows`: what a subagent did, the latest. */
const detailMessage = z.object({
  type: z.literal('detail'),
  id: z.string(),
  agent: z.nullable(z.string()),
  parts: z.array(partSchema),
  rows: z.array(rowSchema),
  earlier: z.int(),
});

export const activityAnswers = [rowsMessage, detailMessage] as const;

/** `agent` is the subagent that a nested row is of. */
const named = { id: z.string(), agent: z.nullable(z.string()) };

export const activityMessages = [
  z.object({ type: z.literal('unfoldRow'), ...named }),
  z.object({ type: z.literal('copyRow'), ...named }),
  z.object({ type: z.literal('openEvidence'), id: z.string(), at: z.int() }),
  z.object({ type: z.literal('showTranscript') }),
  z.object({ type: z.literal('showLog') }),
] as const;

export type ActivityRow = z.infer<typeof rowSchema>;
export type PanelActivity = z.infer<typeof activitySchema>;
export type RowsMessage = z.infer<typeof rowsMessage>;
export type RowDetail = z.infer<typeof detailMessage>;
export type DetailPart = z.infer<typeof partSchema>;
