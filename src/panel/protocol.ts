// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';

/** Everything the page says, filled in by the host in the user's language; `{0}` and `{1}` are filled in by the page. */
export const LABEL_KEYS = [
  'todos',
  'skills',
  'offered',
  'loaded',
  'changes',
  'progress',
  'emptyTitle',
  'emptyBody',
  'openChat',
  'noTodos',
  'noChanges',
  'created',
  'deleted',
  'modified',
  'counts',
  'openAll',
  'openDiff',
  'openDiffOf',
  'openFile',
  'openFileOf',
  'diffOf',
  'binary',
  'huge',
  'lost',
  'crowded',
  'moreLines',
  'moreFiles',
  'lineCut',
  'noNewline',
  'pending',
  'in_progress',
  'completed',
  'running',
  'done',
  'stopped',
  'limit',
  'failed',
  'interrupted',
  'agents',
  'queued',
  'asking',
  'cut',
  'inBackground',
  'turnsAndCost',
  'unknownCost',
  'transcript',
  'transcriptOf',
  'stop',
  'stopOf',
  'questions',
  'questionBody',
  'waitsInChat',
  'goToChat',
] as const;

const labelsSchema = z.record(z.enum(LABEL_KEYS), z.string());

const rowSchema = z.object({
  /** As in a unified diff; a backslash marks that the line before it has no newline. */
  sign: z.enum([' ', '+', '-', '\\']),
  /** 1-based: of the earlier text for `-`, of the later for the rest. */
  line: z.int(),
  text: z.string(),
  /** `text` is only the beginning of the line. */
  cut: z.boolean(),
});

const hunkSchema = z.object({ header: z.string(), rows: z.array(rowSchema) });

const diffSchema = z.discriminatedUnion('kind', [
  /** `moreRows` were left out behind the last hunk. */
  z.object({ kind: z.literal('text'), hunks: z.array(hunkSchema), moreRows: z.int() }),
  /** `lost`: an image is no longer stored. `crowded`: the other files have used up what the page can hold. */
  z.object({ kind: z.literal('none'), why: z.enum(['binary', 'huge', 'lost', 'crowded']) }),
]);

const fileSchema = z.object({
  /** Absolute: what messages name the file by. */
  path: z.string(),
  /** For people. */
  shown: z.string(),
  kind: z.enum(['created', 'deleted', 'modified']),
  /** Changes whenever the diff does. */
  version: z.string(),
  /** Lines; `null` where they were not counted. */
  counts: z.nullable(z.object({ added: z.int(), removed: z.int() })),
  diff: diffSchema,
});

const todoSchema = z.object({
  content: z.string(),
  status: z.enum(['pending', 'in_progress', 'completed']),
});

const agentSchema = z.object({
  /** The id of its journal: what messages name it by. */
  session: z.string(),
  name: z.string(),
  description: z.string(),
  /** `asking`: it waits for a person. `cut`: its process went away. */
  state: z.enum(['queued', 'running', 'asking', 'done', 'stopped', 'limit', 'failed', 'cut']),
  background: z.boolean(),
  turns: z.int(),
  /** US dollars as people read them, `null` where a price is unknown. */
  cost: z.nullable(z.string()),
  /** What it does now, what it waits for, or why it failed. */
  detail: z.string(),
});

export const CHOICES = ['once', 'session', 'always', 'deny'] as const;

const questionSchema = z.object({
  id: z.string(),
  title: z.string(),
  body: z.string(),
  reasons: z.array(z.string()),
  choices: z.array(z.object({ choice: z.enum(CHOICES), label: z.string() })),
});

const skillSchema = z.object({
  name: z.string(),
  state: z.enum(['offered', 'loaded']),
  /** For people. */
  reason: z.string(),
});

const statusSchema = z.object({
  /** `interrupted`: the journal ends in the middle of a run, and none is running. */
  kind: z.enum(['none', 'running', 'done', 'stopped', 'limit', 'failed', 'interrupted']),
  /** For the user; empty where the kind says it all. */
  detail: z.string(),
});

/** All the page shows: it can be drawn from this alone, at any moment. */
export const panelStateSchema = z.object({
  title: z.string(),
  status: statusSchema,
  /** What the panel itself asks, oldest first. */
  questions: z.array(questionSchema),
  /** The titles of what the chat asks. */
  waiting: z.array(z.string()),
  agents: z.array(agentSchema),
  todos: z.array(todoSchema),
  skills: z.array(skillSchema),
  files: z.array(fileSchema),
  moreFiles: z.int(),
  labels: labelsSchema,
});

export const toPageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), state: panelStateSchema }),
]);

/** The page is not trusted: a path, an agent and an answer count only when they are of what it was shown. */
export const toHostSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('openDiff'), path: z.string() }),
  z.object({ type: z.literal('openFile'), path: z.string() }),
  z.object({ type: z.literal('openChanges') }),
  z.object({ type: z.literal('openChat') }),
  z.object({ type: z.literal('goToChat') }),
  z.object({ type: z.literal('openTranscript'), session: z.string() }),
  z.object({ type: z.literal('stopAgent'), session: z.string() }),
  z.object({ type: z.literal('answer'), id: z.string(), choice: z.enum(CHOICES) }),
]);

export type LabelKey = (typeof LABEL_KEYS)[number];
export type Labels = Record<LabelKey, string>;
export type PanelState = z.infer<typeof panelStateSchema>;
export type PanelAgent = z.infer<typeof agentSchema>;
export type PanelQuestion = z.infer<typeof questionSchema>;
export type PanelFile = PanelState['files'][number];
export type PanelDiff = PanelFile['diff'];
export type PanelHunk = z.infer<typeof hunkSchema>;
export type PanelRow = z.infer<typeof rowSchema>;
export type ToPage = z.infer<typeof toPageSchema>;
export type ToHost = z.infer<typeof toHostSchema>;
