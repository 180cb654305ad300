// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';

export const CHANGES_LABELS = [
  ...(['changes', 'noChanges', 'moreFiles', 'created', 'deleted', 'modified', 'counts'] as const),
  ...(['filesInside', 'renamedFrom', 'binaryMark'] as const),
  ...(['openAll', 'openDiff', 'openDiffOf', 'openFile', 'openFileOf'] as const),
  ...(['reviewed', 'acceptAll', 'rejectAll', 'acceptFile', 'rejectFile', 'accept', 'reject'] as const),
  ...(['hunkOf', 'mixed', 'madeBy', 'madeFor', 'acceptedLeft', 'rejectedLeft'] as const),
  ...(['diffOf', 'binary', 'huge', 'lost', 'crowded', 'comparing', 'moreLines', 'lineCut', 'noNewline'] as const),
] as const;

const rowSchema = z.object({
  /** As in a unified diff; a backslash marks that the line before it has no newline. */
  sign: z.enum([' ', '+', '-', '\\']),
  /** 1-based: of the earlier text for `-`, of the later for the rest. */
  line: z.int(),
  text: z.string(),
  /** `text` is only the beginning of the line. */
  cut: z.boolean(),
  /** What differs within the line: places in `text`, from and up to. */
  marks: z.optional(z.array(z.tuple([z.int(), z.int()]))),
});

const hunkSchema = z.object({
  header: z.string(),
  rows: z.array(rowSchema),
  /** What is open to be accepted or rejected. */
  open: z.optional(
    z.object({
      /** What messages name it by. */
      id: z.string(),
      /** The person's own lines are in it too. */
      mixed: z.boolean(),
      /** The calls that made it, and the todo they were made for; for people. */
      made: z.array(z.string()),
      todo: z.string(),
    }),
  ),
});

const diffSchema = z.discriminatedUnion('kind', [
  /** `moreRows` were left out behind the last hunk. */
  z.object({ kind: z.literal('text'), hunks: z.array(hunkSchema), moreRows: z.int() }),
  /**
   * `lost`: an image is no longer stored. `crowded`: the other files have used up what the page can hold. `comparing`: it is
   * worked out for one of the next drawings.
   */
  z.object({ kind: z.literal('none'), why: z.enum(['binary', 'huge', 'lost', 'crowded', 'comparing']) }),
]);

const fileSchema = z.object({
  /** Absolute: what messages name the file by. */
  path: z.string(),
  /** For people. */
  shown: z.string(),
  kind: z.enum(['created', 'deleted', 'modified']),
  /** What the very same bytes were called before, for people. */
  from: z.optional(z.string()),
  /** All of it was accepted. */
  reviewed: z.boolean(),
  /** Changes whenever the diff does. */
  version: z.string(),
  /** Lines; `null` where they were not counted. */
  counts: z.nullable(z.object({ added: z.int(), removed: z.int() })),
  diff: diffSchema,
});

export const changesSchema = z.object({ files: z.array(fileSchema), moreFiles: z.int() });

export const MAX_FILES = 2_000;

/** Hunks of a file by their ids; without ids all of the file; the files of a folder by their paths; else everything. */
const named = {
  path: z.optional(z.string()),
  ids: z.optional(z.array(z.string())),
  paths: z.optional(z.array(z.string()).check(z.maxLength(MAX_FILES))),
};

export const changesMessages = [
  z.object({ type: z.literal('openDiff'), path: z.string() }),
  z.object({ type: z.literal('openFile'), path: z.string() }),
  z.object({ type: z.literal('openChanges') }),
  z.object({ type: z.literal('accept'), ...named }),
  z.object({ type: z.literal('reject'), ...named }),
] as const;

export type PanelChanges = z.infer<typeof changesSchema>;
export type PanelFile = PanelChanges['files'][number];
export type PanelDiff = PanelFile['diff'];
export type PanelHunk = z.infer<typeof hunkSchema>;
export type PanelRow = z.infer<typeof rowSchema>;
