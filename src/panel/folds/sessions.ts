import type { PanelSessionList, PanelSessionRow } from '../sections/sessions';

export const MAX_ROWS = 100;

/** A session as it is known from its folder. */
export interface KnownSession {
  id: string;
  title: string;
  /** Absolute. */
  folders: readonly string[];
  droid: string;
  /** ms since the epoch */
  usedAt: number;
  terminal: boolean;
}

export interface SessionsSource {
  sessions: readonly KnownSession[];
  query: string;
  /** The folders that are open here. */
  folders: readonly string[];
  current: string | undefined;
  isAtWork(id: string): boolean;
  used(at: number): string;
  deleted: string | null;
}

/** The sessions that hold every word of the query, those of this workspace first, each group newest first. */
export function sessionsOf(source: SessionsSource): PanelSessionList {
  const words = source.query.toLowerCase().split(/\s+/u).filter(Boolean);
  const found = source.sessions.filter(({ title, droid, folders }) => {
    const text = [title, droid, ...folders].join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const here = found.filter((one) => isHere(one, source.folders));
  const sorted = [...here, ...found.filter((one) => !here.includes(one))];
  return {
    rows: sorted.slice(0, MAX_ROWS).map((one) => rowOf(one, source)),
    more: Math.max(0, sorted.length - MAX_ROWS),
    deleted: source.deleted,
  };
}

/** A session goes on where one of its folders is open: what the model knows of is there. */
export function isHere({ folders }: Pick<KnownSession, 'folders'>, open: readonly string[]): boolean {
  return folders.some((folder) => open.includes(folder));
}

function rowOf(one: KnownSession, source: SessionsSource): PanelSessionRow {
  const { id, title, usedAt, terminal, folders } = one;
  return {
    id,
    title,
    used: source.used(usedAt),
    atWork: source.isAtWork(id),
    current: id === source.current,
    terminal,
    elsewhere: isHere(one, source.folders) ? '' : (folders[0] ?? '?'),
  };
}
