// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';

export const ASKING_LABELS = [
  ...(['questions', 'questionBody', 'waitsInChat', 'goToChat', 'mayBeLost', 'oneOf'] as const),
  ...(['editFirst', 'runEdited', 'denyWhy', 'denyReason', 'deny', 'back'] as const),
] as const;

/** `always` is for this workspace where there is one. */
export const CHOICES = ['once', 'session', 'always', 'everywhere', 'deny'] as const;

const questionSchema = z.object({
  id: z.string(),
  title: z.string(),
  body: z.string(),
  /** What was found out for the question, a row a matter. */
  facts: z.array(z.string()),
  /** What may be lost, a row a file. */
  losses: z.array(z.string()),
  reasons: z.array(z.string()),
  /** What may be written anew before it runs; `null` where nothing may. */
  editable: z.nullable(z.string()),
  choices: z.array(z.object({ choice: z.enum(CHOICES), label: z.string() })),
});

export const askingSchema = z.object({
  /** What the panel itself asks, oldest first. */
  questions: z.array(questionSchema),
  /** The titles of what the chat asks. */
  waiting: z.array(z.string()),
});

export const askingMessages = [
  z.object({ type: z.literal('goToChat') }),
  z.object({
    type: z.literal('answer'),
    id: z.string(),
    choice: z.enum(CHOICES),
    edited: z.optional(z.string().check(z.maxLength(100_000))),
    why: z.optional(z.string().check(z.maxLength(2_000))),
  }),
] as const;

export type PanelAsking = z.infer<typeof askingSchema>;
export type PanelQuestion = z.infer<typeof questionSchema>;
