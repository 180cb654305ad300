// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';

export const CHECKPOINT_LABELS = [
  ...(['checkpoints', 'noCheckpoints', 'moreCheckpoints', 'editsAlone', 'withoutFiles', 'notStored'] as const),
  ...(['beforeMessage', 'afterStep', 'beforeRestore', 'beforeRestoreOnly', 'filesChanged'] as const),
  ...(['selectPoint', 'comparePoints', 'compareWithNow', 'restorePoint', 'forkPoint'] as const),
  ...(['wentBackFiles', 'wentBackConversation', 'wentBackBoth', 'undoRestore'] as const),
] as const;

const rowSchema = z.object({
  /** The journal's entry: what messages name it by. */
  id: z.string(),
  why: z.enum(['prompt', 'step', 'restore']),
  /** The message, or what the step did. */
  text: z.string(),
  /** As people read it. */
  when: z.string(),
  /** Files that differ from the row before in time; `null` where that is not known. */
  changed: z.nullable(z.int()),
  /** `edits`: nothing but the agent's own edits can be taken back. `gone`: its files are no longer stored. */
  files: z.enum(['kept', 'edits', 'gone']),
});

export const checkpointsSchema = z.object({
  /** Newest first; none while the section is folded. */
  rows: z.array(rowSchema),
  more: z.int(),
  /** The restore that can be taken back, `null` where there is none. */
  undo: z.nullable(z.object({ id: z.string(), what: z.enum(['files', 'conversation', 'both']) })),
});

export const checkpointsMessages = [
  z.object({ type: z.literal('listCheckpoints'), open: z.boolean() }),
  z.object({ type: z.literal('goBack'), id: z.string() }),
  z.object({ type: z.literal('forkAt'), id: z.string() }),
  /** Two of them, or one with the files as they are now. */
  z.object({ type: z.literal('compare'), ids: z.array(z.string()).check(z.minLength(1), z.maxLength(2)) }),
  z.object({ type: z.literal('undoGoingBack') }),
] as const;

export type PanelCheckpoints = z.infer<typeof checkpointsSchema>;
export type PanelCheckpoint = PanelCheckpoints['rows'][number];
