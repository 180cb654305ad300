import * as z from 'zod';
import type { JournalEntry } from './events';

export const JOURNAL_VERSION = 1;

const entrySchema = z.object({
  id: z.string(),
  parent: z.string().nullable(),
  at: z.string(),
  event: z.looseObject({ type: z.string() }),
});

export interface Parsed {
  entries: JournalEntry[];
  /** Lines that could not be read, with their 1-based numbers: a torn last line, or damage. */
  damaged: { line: number; text: string }[];
}

export function formatEntry(entry: JournalEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** Reads a journal. Never throws: what cannot be read is reported and left out, together with what hangs from it. */
export function parseJournal(text: string): Parsed {
  const entries: JournalEntry[] = [];
  const damaged: Parsed['damaged'] = [];
  const known = new Set<string>();
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const entry = parseLine(line);
    if (entry && (entry.parent === null || known.has(entry.parent))) {
      known.add(entry.id);
      entries.push(entry);
    } else damaged.push({ line: index + 1, text: line.slice(0, 200) });
  });
  return { entries, damaged };
}

function parseLine(line: string): JournalEntry | undefined {
  try {
    const parsed = entrySchema.safeParse(JSON.parse(line));
    // The journal is our own file: the envelope is checked here, an event's fields by the version in session-start.
    return parsed.success ? (parsed.data as unknown as JournalEntry) : undefined;
  } catch {
    return undefined; // A torn line is not JSON; the caller counts it.
  }
}

/** The entries from the root to `leaf`, in order: one reading of a journal that may hold forks. */
export function branchTo(entries: readonly JournalEntry[], leaf: string | null): JournalEntry[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const branch: JournalEntry[] = [];
  for (let id = leaf; id !== null;) {
    const entry = byId.get(id);
    if (!entry) break;
    branch.push(entry);
    id = entry.parent;
  }
  return branch.reverse();
}
