// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';

export const AGENT_LABELS = [
  ...(['agents', 'queued', 'asking', 'cut', 'inBackground', 'turnsAndCost', 'unknownCost'] as const),
  ...(['transcript', 'transcriptOf', 'stop', 'stopOf'] as const),
] as const;

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

export const agentsSchema = z.array(agentSchema);

export const agentsMessages = [
  z.object({ type: z.literal('openTranscript'), session: z.string() }),
  z.object({ type: z.literal('stopAgent'), session: z.string() }),
] as const;

export type PanelAgent = z.infer<typeof agentSchema>;
