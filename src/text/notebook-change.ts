import { membersOf } from './json-ranges';
import type { Cell, Notebook } from './notebook';

export const CELL_TYPES = ['code', 'markdown', 'raw'] as const;
export type CellType = (typeof CELL_TYPES)[number];

/** One change of a notebook's list of cells. Places count from 0. */
export type NotebookChange =
  | { mode: 'insert'; index: number; type: CellType; source: string; id?: string }
  | { mode: 'replace'; index: number; type: string; source: string }
  | { mode: 'delete'; index: number }
  /** `to` is the place in the list without the cell. */
  | { mode: 'move'; index: number; to: number };

/** The notebook's text after a change: what is not part of the changed cell stays byte for byte. */
export function changeNotebook(notebook: Notebook, change: NotebookChange): string {
  const { text, list, cells } = notebook;
  const style = styleOf(notebook);
  const parts = cells.map(({ range }) => text.slice(range.start, range.end));
  const gaps = cells.slice(1).map(({ range }, index) => text.slice(cells[index]?.range.end, range.start));
  const { index } = change;
  switch (change.mode) {
    case 'insert':
      if (cells.length === 0) return emptyFilled(notebook, newCell(change, style), style);
      parts.splice(index, 0, newCell(change, style));
      gaps.splice(Math.max(0, index - 1), 0, gaps[0] ?? `,${style.between}`);
      break;
    case 'replace':
      parts[index] = replacedCell(parts[index] ?? '', cells[index] as Cell, change, style);
      break;
    case 'delete':
      parts.splice(index, 1);
      gaps.splice(Math.max(0, index - 1), 1);
      if (parts.length === 0) return `${text.slice(0, list.start)}[]${text.slice(list.end)}`;
      break;
    case 'move':
      parts.splice(change.to, 0, ...parts.splice(index, 1));
  }
  const body = parts.map((part, place) => part + (gaps[place] ?? '')).join('');
  return text.slice(0, cells[0]?.range.start) + body + text.slice(cells.at(-1)?.range.end);
}

/** How a file lays out its JSON, so that what is new looks like what is there. */
interface Style {
  /** Indentation of one level; empty where all stands on one line. */
  unit: string;
  lineEnd: string;
  /** Indentation of a cell. */
  base: string;
  /** White space between two cells. */
  between: string;
  /** After a colon, and after a comma on one line. */
  space: string;
}

function styleOf({ text, list, cells }: Notebook): Style {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const space = /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:[^\S\r\n]/u.test(text.slice(0, 1_000)) ? ' ' : '';
  const head = text.slice(list.start + 1, cells[0]?.range.start ?? list.start + 1);
  const [, unit = ' '] = /^\s*\{\r?\n([ \t]+)"/u.exec(text.slice(0, 1_000)) ?? [];
  const isLaidOut = cells.length > 0 ? head.includes('\n') : text.trim().includes('\n');
  if (!isLaidOut) return { unit: '', lineEnd, base: '', between: space, space };
  const base = cells.length > 0 ? head.slice(head.lastIndexOf('\n') + 1) : unit + unit;
  return { unit, lineEnd, base, between: lineEnd + base, space };
}

/** JSON whose first line stands at `indentation`. A line end in it is never part of a string: JSON escapes those. */
function written(value: unknown, indentation: string, { unit, lineEnd, space }: Style): string {
  if (unit !== '') return JSON.stringify(value, null, unit).replaceAll('\n', lineEnd + indentation);
  if (space === '') return JSON.stringify(value);
  return JSON.stringify(value, null, 1).replaceAll(/,\n */gu, ', ').replaceAll(/\n */gu, '');
}

/** nbformat keeps a source as the list of its lines. */
function sourceLines(source: string): string[] {
  return source === '' ? [] : source.split(/(?<=\n)/u);
}

function newCell({ id, type, source }: NotebookChange & { mode: 'insert' }, style: Style): string {
  const isCode = type === 'code';
  const cell = {
    cell_type: type,
    ...(isCode ? { execution_count: null } : {}),
    ...(id === undefined ? {} : { id }),
    metadata: {},
    ...(isCode ? { outputs: [] } : {}),
    source: sourceLines(source),
  };
  return written(cell, style.base, style);
}

function emptyFilled({ text, list }: Notebook, cell: string, { unit, lineEnd, base }: Style): string {
  const body = unit === '' ? cell : `${lineEnd}${base}${cell}${lineEnd}${base.slice(unit.length)}`;
  return `${text.slice(0, list.start)}[${body}]${text.slice(list.end)}`;
}

/** The cell's own JSON with another source: the rest of it stays, but what another type of cell may not have. */
function replacedCell(
  json: string,
  { type: oldType, fields }: Cell,
  { type, source }: NotebookChange & { mode: 'replace' },
  style: Style,
): string {
  const members = membersOf(json, 0);
  const inner = style.base + style.unit;
  const value =
    typeof fields['source'] === 'string' ? JSON.stringify(source) : written(sourceLines(source), inner, style);
  const range = members.get('source');
  if (type === oldType && range) return json.slice(0, range.start) + value + json.slice(range.end);
  const raw = new Map([...members].map(([key, { start, end }]) => [key, json.slice(start, end)]));
  raw.set('cell_type', JSON.stringify(type)).set('source', value);
  if (type === 'code') {
    if (!raw.has('execution_count')) raw.set('execution_count', 'null');
    if (!raw.has('outputs')) raw.set('outputs', '[]');
  } else for (const key of ['execution_count', 'outputs']) raw.delete(key);
  const rows = [...raw]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${JSON.stringify(key)}:${style.space}${one}`);
  if (style.unit === '') return `{${rows.join(`,${style.space}`)}}`;
  return `{${style.lineEnd}${rows.map((row) => inner + row).join(`,${style.lineEnd}`)}${style.lineEnd}${style.base}}`;
}
