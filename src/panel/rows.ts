import type { ActivityRow, RowDetail, RowsMessage } from './sections/activity';

/** What the page has of the timeline. */
export interface TakenRows {
  epoch: number;
  rows: readonly ActivityRow[];
  /** What was unfolded, by `detailKey`. */
  details: ReadonlyMap<string, RowDetail>;
}

/** Details that a page keeps: what is unfolded again is asked for again. */
const MAX_DETAILS = 100;

export const NO_ROWS: TakenRows = { epoch: 0, rows: [], details: new Map() };

/** The rows with what changed in them; `undefined` where a message before this one was lost. Rows that did not change stay the same objects. */
export function withRows(taken: TakenRows, { epoch, length, changed }: RowsMessage): TakenRows | undefined {
  const isSame = taken.epoch === epoch;
  const rows = isSame ? taken.rows.slice(0, length) : [];
  for (const { at, row } of changed) {
    if (at > rows.length) return undefined;
    rows[at] = row;
  }
  if (rows.length !== length) return undefined;
  return { epoch, rows, details: isSame ? taken.details : new Map() };
}

export function withDetail(taken: TakenRows, detail: RowDetail): TakenRows {
  const details = new Map(taken.details);
  const key = detailKey(detail.id, detail.agent);
  details.delete(key);
  details.set(key, detail);
  const [oldest] = details.keys();
  if (details.size > MAX_DETAILS && oldest !== undefined) details.delete(oldest);
  return { ...taken, details };
}

export function detailKey(id: string, agent: string | null): string {
  return `${agent ?? ''}/${id}`;
}
