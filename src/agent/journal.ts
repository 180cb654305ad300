import type { JournalEntry } from './events';

export const JOURNAL_VERSION = 1;

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
    const parsed: unknown = JSON.parse(line);
    return isEntry(parsed) ? parsed : undefined;
  } catch {
    return undefined; // A torn line is not JSON; the caller counts it.
  }
}

/**
 * The envelope alone: the journal is our own file, and of an event's fields the version in session-start tells. By hand,
 * since a schema doubles the time that a long journal takes to open.
 */
function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { id, parent, at, event } = value as { [Field in keyof JournalEntry]?: unknown };
  const isTree = typeof id === 'string' && (parent === null || typeof parent === 'string');
  const type = typeof event === 'object' && event !== null ? (event as { type?: unknown }).type : undefined;
  return isTree && typeof at === 'string' && typeof type === 'string';
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
