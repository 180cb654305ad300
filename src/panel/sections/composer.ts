// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';
import { querySchema } from './query';

export const COMPOSER_LABELS = [
  ...(['composer', 'promptBox', 'promptHint', 'send', 'queue', 'steer', 'stopRun', 'waitingMessages'] as const),
  ...(['saidMeanwhile', 'takeBack', 'sendWaiting', 'attachments', 'detach', 'suggestions', 'noSuggestions'] as const),
  ...(['droid', 'model', 'effort', 'mode', 'tooLarge', 'wrongType', 'tooMany', 'attachImage', 'dismiss'] as const),
] as const;

export const MAX_PROMPT_CHARACTERS = 200_000;
/** Of one message. */
export const MAX_IMAGES = 10;
/** The icon of attached images, by which they are counted. */
export const IMAGE_ICON = 'file-media';
/** Files of the workspace that one drop attaches. */
export const MAX_DROPPED = 20;
export const MAX_ADDRESS_CHARACTERS = 4_000;
export const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;
/** Four characters of base64 for three bytes. */
const MAX_IMAGE_CHARACTERS = Math.ceil(MAX_IMAGE_BYTES / 3) * 4;

const suggestionSchema = z.object({
  id: z.string(),
  /** What stands in the prompt once it is picked, without `@` or `/`. */
  text: z.string(),
  label: z.string(),
  detail: z.string(),
  /** A codicon. */
  icon: z.string(),
});

export const composerSchema = z.object({
  droid: z.string(),
  model: z.string(),
  /** `null` where the model takes none. */
  effort: z.nullable(z.string()),
  mode: z.string(),
  /** A run is at work, or about to be. */
  busy: z.boolean(),
  attachments: z.array(z.object({ id: z.string(), label: z.string(), icon: z.string() })),
  /** The answer to the page's request of this number. */
  suggestions: z.object({ request: z.int(), items: z.array(suggestionSchema) }),
  /** Said to the run at work, and not taken yet. */
  said: z.array(z.string()),
  queue: z.array(z.object({ id: z.string(), text: z.string() })),
  /** What must be known beside the answer. */
  notice: z.object({ lines: z.array(z.string()), buttons: z.array(z.object({ id: z.string(), label: z.string() })) }),
  /** What was typed when the page last lived, for one that has forgotten it. */
  typed: z.string(),
  /** A text that comes back into the prompt, once: `version` tells one from the next. */
  draft: z.object({ version: z.string(), text: z.string() }),
});

const text = z.string().check(z.maxLength(MAX_PROMPT_CHARACTERS));

export const composerMessages = [
  z.object({ type: z.literal('send'), text }),
  z.object({ type: z.literal('steer'), text }),
  z.object({ type: z.literal('typed'), text }),
  z.object({ type: z.literal('stopRun') }),
  z.object({ type: z.literal('unqueue'), id: z.string() }),
  z.object({ type: z.literal('sendWaiting') }),
  z.object({
    type: z.literal('suggest'),
    request: z.int(),
    kind: z.enum(['@', '/']),
    query: querySchema,
  }),
  z.object({ type: z.literal('attach'), id: z.string() }),
  z.object({
    type: z.literal('attachImage'),
    name: z.string().check(z.maxLength(200)),
    data: z.string().check(z.maxLength(MAX_IMAGE_CHARACTERS)),
  }),
  z.object({
    type: z.literal('attachFiles'),
    uris: z.array(z.string().check(z.maxLength(MAX_ADDRESS_CHARACTERS))).check(z.maxLength(MAX_DROPPED)),
  }),
  z.object({ type: z.literal('detach'), id: z.string() }),
  z.object({ type: z.literal('pick'), what: z.enum(['droid', 'model', 'effort', 'mode']) }),
  z.object({ type: z.literal('press'), id: z.string() }),
  z.object({ type: z.literal('dismiss') }),
] as const;

export type PanelComposer = z.infer<typeof composerSchema>;
export type Suggestion = z.infer<typeof suggestionSchema>;
