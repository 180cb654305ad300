import * as z from 'zod/mini';

const savedSchema = z.object({ opened: z.array(z.string()), drafts: z.record(z.string(), z.string()) });

/** What the page itself remembers, and may lose at any time: what is unfolded, and what was typed and not sent. */
export interface Memory {
  isOpen(key: string): boolean;
  setOpen(key: string, open: boolean): void;
  draft(key: string): string;
  setDraft(key: string, text: string): void;
}

/** `kept` is what the page saved when it last lived; anything else counts as nothing. */
export function createMemory(kept: unknown, save: (state: unknown) => void): Memory {
  const saved = savedSchema.safeParse(kept);
  const opened = new Set(saved.success ? saved.data.opened : []);
  const drafts = new Map(Object.entries(saved.success ? saved.data.drafts : {}));
  const keep = (): void => save({ opened: [...opened], drafts: Object.fromEntries(drafts) });
  return {
    isOpen: (key) => opened.has(key),
    setOpen(key, open) {
      if (open === opened.has(key)) return;
      if (open) opened.add(key);
      else opened.delete(key);
      keep();
    },
    draft: (key) => drafts.get(key) ?? '',
    setDraft(key, text) {
      if (text === '') drafts.delete(key);
      else drafts.set(key, text);
      keep();
    },
  };
}
