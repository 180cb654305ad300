import { maskedNote, maskSecrets } from '../text/secrets';
import type { DurableEvent } from './events';

export interface MaskedEvent {
  event: DurableEvent;
  /** What was masked, for the person and the model; absent where nothing was. */
  note?: string;
}

/** The fields that carry what a person, a file or a program wrote. The model's own words cannot hold what it never saw. */
const STRANGERS: { readonly [Type in DurableEvent['type']]?: readonly string[] } = {
  'session-start': ['system'],
  prompt: ['text', 'attachments', 'notes', 'skills'],
  note: ['text', 'skills'],
  steer: ['text'],
  'tool-end': ['content', 'view'],
  'tool-decision': ['reason'],
  'change-failed': ['message'],
  retry: ['why'],
  warning: ['message'],
};

/**
 * The event with every secret masked, before it is journalled: all that the model is sent is read from the journal, so
 * what is masked here reaches neither. `known` are values that are secret whatever they look like.
 */
export function maskEvent(event: DurableEvent, known: readonly string[]): MaskedEvent {
  const found = new Map<string, number>();
  const mask = (text: string): string => {
    const masked = maskSecrets(text, known);
    for (const [kind, count] of masked.found) found.set(kind, (found.get(kind) ?? 0) + count);
    return masked.text;
  };
  const fields = (STRANGERS[event.type] ?? []).map((name) => [name, deep(event[name as keyof DurableEvent], mask)]);
  const note = maskedNote(found);
  if (note === undefined) return { event };
  return { event: told({ ...event, ...Object.fromEntries(fields) } as DurableEvent, note), note };
}

/** The note where the model reads it. */
function told(event: DurableEvent, note: string): DurableEvent {
  if (event.type === 'prompt') return { ...event, notes: [...event.notes, `In this message: ${note}.`] };
  if (event.type !== 'tool-end') return event;
  const { content } = event;
  const text = `[${note}: what stands in their place cannot be written back]`;
  return {
    ...event,
    content: typeof content === 'string' ? `${content}\n${text}` : [...content, { type: 'text', text }],
  };
}

/** Every text in it, whatever its shape, but for images and documents: their bytes are no words. */
function deep(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => deep(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  const isBytes = (value as { type?: unknown }).type === 'base64';
  return isBytes ? value : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deep(item, mask)]));
}
