// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';

export const SKILL_LABELS = ['skills', 'offered', 'loaded'] as const;

export const skillsSchema = z.array(
  z.object({
    name: z.string(),
    state: z.enum(['offered', 'loaded']),
    /** For people. */
    reason: z.string(),
  }),
);

export type PanelSkills = z.infer<typeof skillsSchema>;
