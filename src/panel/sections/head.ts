// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';

/** What the page says of the session as a whole. `{0}` and `{1}` are filled in by the page, here as in every section. */
export const HEAD_LABELS = [
  ...(['emptyTitle', 'emptyBody', 'openChat'] as const),
  ...(['running', 'done', 'stopped', 'waiting', 'limit', 'failed', 'interrupted'] as const),
] as const;

export const headSchema = z.object({
  title: z.string(),
  status: z.object({
    /** `interrupted`: the journal ends in the middle of a run, and none is running. */
    kind: z.enum(['none', 'running', 'done', 'stopped', 'waiting', 'limit', 'failed', 'interrupted']),
    /** For the user; empty where the kind says it all. */
    detail: z.string(),
  }),
});

export const headMessages = [z.object({ type: z.literal('openChat') })] as const;

export type PanelHead = z.infer<typeof headSchema>;
