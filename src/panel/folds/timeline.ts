import type { AnswerClaim } from '../../agent/answer-claim';
import type { DurableEvent, JournalEntry } from '../../agent/events';
import type { ActivityRow, RowsMessage } from '../sections/activity';

/** Rows are many: each carries only what is seen of it when it is folded. */
export const MAX_ROW_CHARACTERS = 400;

/** The rows of a session, read so far. Kept and read on, so that a long session costs no more than what is new in it. */
export interface Timeline {
  /** Of which session, and a number that no other timeline has. */
  session: string;
  epoch: number;
  rows: readonly ActivityRow[];
  /** With each row the revision it last changed in. */
  revisions: readonly number[];
  revision: number;
}

interface Reading extends Timeline {
  rows: ActivityRow[];
  revisions: number[];
  read: number;
  last: string | null;
  /** Rows of calls and subagents that are not over, by the id that their end will name. */
  open: Map<string, number>;
}

let epochs = 0;

function begin(session: string): Reading {
  epochs += 1;
  const nothing = { rows: [], revisions: [], revision: 0, read: 0, last: null };
  return { session, epoch: epochs, ...nothing, open: new Map() };
}

/** Reads on from `before` where the branch goes on from there; else anew, as another timeline. */
export function timelineOf(session: string, branch: readonly JournalEntry[], before?: Timeline): Timeline {
  const known = before as Reading | undefined;
  const goesOn = known?.session === session && (branch[known.read - 1]?.id ?? null) === known.last;
  const reading = goesOn ? known : begin(session);
  for (; reading.read < branch.length; reading.read++) {
    const entry = branch[reading.read] as JournalEntry;
    read(reading, entry);
    reading.last = entry.id;
  }
  return reading;
}

/** The rows that changed since a message of `revision` of `epoch` was taken; all where that is another timeline. */
export function rowsSince(timeline: Timeline, taken: { epoch: number; revision: number } | undefined): RowsMessage {
  const { epoch, rows, revisions } = timeline;
  const since = taken?.epoch === epoch ? taken.revision : 0;
  const changed = rows.flatMap((row, at) => ((revisions[at] ?? 0) > since ? [{ at, row }] : []));
  return { type: 'rows', epoch, length: rows.length, changed };
}

function put(reading: Reading, row: ActivityRow): number {
  reading.revision += 1;
  reading.revisions.push(reading.revision);
  return reading.rows.push(row) - 1;
}

function change(reading: Reading, key: string, some: Partial<ActivityRow>, isOver = false): void {
  const at = reading.open.get(key);
  const row = at === undefined ? undefined : reading.rows[at];
  if (at === undefined || !row) return;
  reading.revision += 1;
  reading.revisions[at] = reading.revision;
  reading.rows[at] = { ...row, ...some };
  if (isOver) reading.open.delete(key);
}

function read(reading: Reading, { id, at: time, event }: JournalEntry): void {
  const at = Date.parse(time) || 0;
  const add = (row: Omit<ActivityRow, 'id' | 'at'>): number => put(reading, { id, at, ...row });
  switch (event.type) {
    case 'tool-start': {
      const { call, title } = event;
      reading.open.set(call, add({ kind: 'call', text: head(title), more: true, state: 'running', call }));
      return;
    }
    case 'tool-decision': {
      const { call, by, reason, decision } = event;
      const refused = decision === 'deny' ? { state: 'refused' as const } : {};
      return change(reading, call, { by, why: head(reason), ...refused });
    }
    case 'tool-end':
      return endCall(reading, event);
    case 'subagent-start': {
      const { session, droid, description } = event;
      const text = head(`${droid}: ${description}`);
      reading.open.set(session, add({ kind: 'agent', text, more: true, state: 'running', agent: session }));
      return;
    }
    case 'subagent-end':
      return endAgent(reading, event, at);
    case 'prompt':
    case 'run-end':
      closeCalls(reading);
      add(rowOf(event) as Omit<ActivityRow, 'id' | 'at'>);
      return;
    default: {
      const row = rowOf(event);
      if (row) add(row);
    }
  }
}

/** A row that stays as it is. */
function rowOf(event: DurableEvent): Omit<ActivityRow, 'id' | 'at'> | undefined {
  switch (event.type) {
    case 'prompt': {
      if (event.woken) return { kind: 'note', text: firstLine(event.text), more: true };
      const more = event.attachments.length > 0 || event.notes.length > 0;
      return { kind: 'prompt', text: head(event.text), more: more || isLong(event.text) };
    }
    case 'steer':
      return { kind: 'steer', text: head(event.text), more: isLong(event.text) };
    case 'note':
      return { kind: 'note', text: firstLine(event.text), more: true };
    case 'block-end':
      if (event.block.type === 'text' && event.block.text.trim() !== '')
        return { kind: 'text', text: head(event.block.text), more: isLong(event.block.text) };
      if (event.block.type === 'thinking' && event.block.thinking.trim() !== '')
        return { kind: 'thinking', text: firstLine(event.block.thinking), more: true };
      return undefined;
    case 'turn-cut':
      return { kind: 'turnCut', text: head(event.why), more: isLong(event.why) };
    case 'retry':
      return { kind: 'retry', text: head(event.why), ms: event.delayMs, more: isLong(event.why) };
    case 'warning':
      return { kind: 'warning', text: head(event.message), more: isLong(event.message) };
    case 'thinned':
      return { kind: 'thinned', text: String(event.calls.length), more: false };
    case 'compacted':
      return { kind: 'compacted', text: '', more: true };
    case 'model-switch':
      return { kind: 'modelSwitch', text: head(event.why), more: isLong(event.why) };
    case 'undo':
      return { kind: 'undo', text: String(event.changes.length), more: false };
    case 'review':
      return { kind: 'review', text: String(event.files.length), more: false };
    case 'claims':
      return event.claims.length > 0 ? { ...claimsRow(event.claims), more: false } : undefined;
    case 'run-end': {
      const isSaid = event.reason === 'yielded' || event.reason === 'waiting';
      const text = event.reason === 'failed' ? head(event.message) : isSaid ? event.reason : '';
      const state = isSaid ? 'stopped' : event.reason;
      return { kind: 'end', text, more: false, state };
    }
    default:
      return undefined;
  }
}

/** More claims than this are not drawn: the first of them are, and the count of all. */
const MAX_CLAIMS = 60;

function claimsRow(claims: readonly AnswerClaim[]): Pick<ActivityRow, 'kind' | 'text' | 'claims'> {
  const borne = claims.filter(({ evidence }) => evidence !== null).length;
  const rows = claims.slice(0, MAX_CLAIMS).map(({ text, value, evidence, stale }) => ({
    text: text.slice(0, MAX_LINE_CHARACTERS),
    isNumber: value !== null,
    where: evidence && `${firstLine(evidence.title)}:${String(evidence.line)}`,
    stale,
  }));
  return { kind: 'claims', text: `${String(borne)}/${String(claims.length)}`, claims: rows };
}

function endCall(reading: Reading, event: Extract<DurableEvent, { type: 'tool-end' }>): void {
  const row = reading.rows[reading.open.get(event.call) ?? -1];
  const state = row?.state === 'refused' ? 'refused' : event.isError ? 'failed' : 'done';
  change(reading, event.call, { state, ms: event.durationMs }, true);
}

function endAgent(reading: Reading, event: Extract<DurableEvent, { type: 'subagent-end' }>, at: number): void {
  const { session, end, text } = event;
  const row = reading.rows[reading.open.get(session) ?? -1];
  const mute = end.reason === 'done' && text === '';
  const state = mute ? 'failed' : end.reason === 'yielded' || end.reason === 'waiting' ? 'stopped' : end.reason;
  const why = end.reason === 'failed' ? { why: head(end.message) } : {};
  change(reading, session, { state, ms: Math.max(0, at - (row?.at ?? at)), ...why }, true);
}

/** No call outlives its run; a subagent in the background may. */
function closeCalls(reading: Reading): void {
  for (const [key, at] of [...reading.open])
    if (reading.rows[at]?.kind === 'call') change(reading, key, { state: 'cut' }, true);
}

function isLong(text: string): boolean {
  return text.length > MAX_ROW_CHARACTERS;
}

function head(text: string): string {
  // Half of a surrogate pair is no character.
  return isLong(text) ? `${text.slice(0, MAX_ROW_CHARACTERS).replace(/[\uD800-\uDBFF]$/u, '')}…` : text;
}

const MAX_LINE_CHARACTERS = 160;

function firstLine(text: string): string {
  const line =
    text
      .slice(0, 4 * MAX_LINE_CHARACTERS)
      .trim()
      .split('\n')[0] ?? '';
  return line.length > MAX_LINE_CHARACTERS
    ? `${line.slice(0, MAX_LINE_CHARACTERS).replace(/[\uD800-\uDBFF]$/u, '')}…`
    : line;
}
