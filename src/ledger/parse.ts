import { entrySchema, LEDGER_VERSION, type LedgerEntry, type NoteRecord, type RunRecord } from './record';

/** An entry and where it stands. */
export interface Placed<Entry> {
  /** 1-based, as an editor counts. */
  line: number;
  entry: Entry;
}

export interface Unread {
  line: number;
  why: string;
}

export interface Ledger {
  entries: Placed<LedgerEntry>[];
  /** Lines that are left out. They stay in the file. */
  unread: Unread[];
}

/** What git leaves in a file whose two sides it could not join: both sides count, the marks do not. */
const CONFLICT = /^(?:<{7}|={7}|>{7}|\|{7})(?: |$)/u;

/** A line longer than this is no record of a run. */
const MAX_LINE = 2_000_000;

/** Reads a ledger, whatever became of it: torn by a kill, merged by hand, written by a later version. Throws nothing. Pure. */
export function parseLedger(text: string): Ledger {
  const entries: Placed<LedgerEntry>[] = [];
  const unread: Unread[] = [];
  const seen = new Map<string, { line: number; text: string }>();
  const lines = text.replace(/^\ufeff/u, '').split('\n');
  const last = lines.length;
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === '') continue;
    const read = entryOf(content, line === last);
    if ('why' in read) {
      unread.push({ line, why: read.why });
      continue;
    }
    const first = seen.get(read.entry.id);
    if (first === undefined) {
      seen.set(read.entry.id, { line, text: content });
      entries.push({ line, entry: read.entry });
    } else if (first.text !== content)
      unread.push({ line, why: `the id ${read.entry.id} is that of line ${first.line}, which counts` });
  }
  return { entries, unread };
}

function entryOf(content: string, isLast: boolean): { entry: LedgerEntry } | { why: string } {
  if (CONFLICT.test(content)) return { why: 'a mark of a merge conflict: both sides count, the mark can be deleted' };
  if (content.length > MAX_LINE) return { why: `longer than ${MAX_LINE} characters` };
  const value = parsed(content);
  if (value === undefined)
    return { why: isLast ? 'torn: it was written half, or is being written' : 'no JSON: torn, or changed by hand' };
  const { v } = (value ?? {}) as { v?: unknown };
  if (typeof v === 'number' && v > LEDGER_VERSION) return { why: `written by a later version (${v})` };
  const read = entrySchema.safeParse(value);
  if (read.success) return { entry: read.data };
  const [issue] = read.error.issues;
  return { why: `no record: ${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not understood'}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Torn, or no JSON: whoever asked says so.
  }
}

/** A run with what was said of it later. */
export interface Run {
  /** The ledger's path, as people know it. */
  file: string;
  /** 0 for a run of a tracker whose file has no lines. */
  line: number;
  /** Whose run it is, as people know it, where it is none of the ledger's: then it is only read. */
  tracker?: string;
  record: RunRecord;
  /** What was said last. */
  hypothesis?: string;
  verdict?: string;
  notes: Placed<NoteRecord>[];
}

/** The runs of a ledger, oldest first, and the notes on runs that are not in it. What was said last counts. Pure. */
export function runsOf({ entries }: Ledger): { runs: Run[]; loose: Placed<NoteRecord>[] } {
  const runs = new Map<string, Run>();
  const notes: Placed<NoteRecord>[] = [];
  for (const { line, entry } of entries) {
    if (entry.kind === 'note') notes.push({ line, entry });
    else runs.set(entry.id, { file: '', line, record: entry, notes: [], ...saidIn(entry) });
  }
  const loose: Placed<NoteRecord>[] = [];
  // A merge by union keeps no order between the two sides.
  for (const note of notes.sort((a, b) => compare(a.entry.at, b.entry.at) || a.line - b.line)) {
    const run = runs.get(note.entry.of);
    if (!run) loose.push(note);
    else {
      run.notes.push(note);
      Object.assign(run, saidIn(note.entry));
    }
  }
  return { runs: [...runs.values()].sort((a, b) => compare(a.record.at, b.record.at) || a.line - b.line), loose };
}

function saidIn({ hypothesis, verdict }: RunRecord | NoteRecord): Pick<Run, 'hypothesis' | 'verdict'> {
  return { ...(hypothesis === undefined ? {} : { hypothesis }), ...(verdict === undefined ? {} : { verdict }) };
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
