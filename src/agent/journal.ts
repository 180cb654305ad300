import type { DurableEvent, JournalEntry } from './events';
import { lazyLine, type LazyLine } from './lazy-result';

/**
 * Raised with each change of what is there already, together with a step in EARLIER. New types of events and new optional
 * fields are none: folds pass over what they do not know.
 */
export const JOURNAL_VERSION = 2;

/**
 * Per version, what an event of it is in the next one. The file stays as it was written.
 * 1: `tool-start` was all that was said of a call before its result, so one without a result may have run.
 */
const EARLIER: Readonly<Record<number, (event: DurableEvent) => DurableEvent>> = {
  1: (event) => (event.type === 'tool-start' ? { ...event, ran: true } : event),
};

export interface Parsed {
  entries: JournalEntry[];
  /** Lines that could not be read, with their 1-based numbers: a torn last line, or damage. */
  damaged: { line: number; text: string }[];
  /** The form that the last entry was written in; the highest of all, where one of a later version wrote some. */
  version: number;
  /** Bytes that were parsed: long results are not, until someone looks at them. */
  parsed: number;
}

export function formatEntry(entry: JournalEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/**
 * Reads a journal of this version or an earlier one. Never throws: what cannot be read is reported and left out, and what
 * followed it goes on from what came before it. Of bytes, which must not change after, long results are parsed when they
 * are looked at.
 */
export function parseJournal(journal: string | Buffer): Parsed {
  const entries: JournalEntry[] = [];
  const damaged: Parsed['damaged'] = [];
  const known = new Set<string>();
  /** Of entries that could not be read: the one before each. */
  const before = new Map<string, string | null>();
  let version = JOURNAL_VERSION;
  let isNamed = false;
  let parsed = 0;
  let index = -1;
  for (const { text, lazy } of linesOf(journal)) {
    index += 1;
    const line = lazy ? '' : text();
    if (!lazy && line.trim() === '') continue;
    parsed += lazy?.parsed ?? line.length;
    const entry = lazy ? entryOf(lazy.entry) : parseLine(line);
    // An id that is there already would make a ring of the tree.
    if (!entry || known.has(entry.id)) {
      const whole = lazy ? text() : line;
      damaged.push({ line: index + 1, text: whole.slice(0, 200) });
      // The line that named the version may be the one that is lost: the earliest supposes least.
      if (entries.length === 0) version = 1;
      const [, id, parent = null] = HEAD.exec(whole) ?? [];
      if (id !== undefined && !known.has(id)) before.set(id, settled(parent));
      continue;
    }
    entry.parent = settled(entry.parent);
    const named = versionIn(entry.event);
    if (named !== undefined) version = isNamed ? Math.max(version, named) : named;
    isNamed ||= named !== undefined;
    if (version < JOURNAL_VERSION) entry.event = raised(entry.event, version);
    known.add(entry.id);
    entries.push(entry);
  }
  return { entries, damaged, version, parsed };

  /** A parent that is there: of one that is not, what came before it, or what was read last. */
  function settled(parent: string | null): string | null {
    let found = parent;
    while (found !== null && !known.has(found)) {
      if (!before.has(found)) before.set(found, entries.at(-1)?.id ?? null);
      found = before.get(found) ?? null;
    }
    return found;
  }
}

/** How a line begins that `formatEntry` wrote: often all that is left of it. */
const HEAD = /^\{"id":"([^"\\]+)","parent":(?:"([^"\\]+)"|null)/u;

function versionIn(event: DurableEvent): number | undefined {
  const isNamed = event.type === 'session-start' || event.type === 'journal-version';
  return isNamed && Number.isInteger(event.version) ? event.version : undefined;
}

function raised(event: DurableEvent, from: number): DurableEvent {
  let now = event;
  for (let version = from; version < JOURNAL_VERSION; version++) now = EARLIER[version]?.(now) ?? now;
  return now;
}

interface Line {
  text: () => string;
  lazy?: LazyLine | undefined;
}

function* linesOf(journal: string | Buffer): Generator<Line> {
  if (typeof journal === 'string') {
    for (const line of journal.split('\n')) yield { text: () => line };
    return;
  }
  for (let start = 0; start <= journal.length;) {
    const newline = journal.indexOf(0x0a, start);
    const [from, to] = [start, newline < 0 ? journal.length : newline];
    yield { text: () => journal.toString('utf8', from, to), lazy: lazyLine(journal, from, to) };
    start = to + 1;
  }
}

function parseLine(line: string): JournalEntry | undefined {
  try {
    return entryOf(JSON.parse(line));
  } catch {
    return undefined; // A torn line is not JSON; the caller counts it.
  }
}

function entryOf(parsed: unknown): JournalEntry | undefined {
  return isEntry(parsed) ? parsed : undefined;
}

/**
 * The envelope alone: the journal is our own file, and of an event's fields the version in session-start tells. By hand,
 * since a schema doubles the time that a long journal takes to open.
 */
function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { id, parent, at, event } = value as { [Field in keyof JournalEntry]?: unknown };
  const isTree = typeof id === 'string' && (parent === null || (typeof parent === 'string' && parent !== id));
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
