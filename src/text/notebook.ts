import { elementsOf, membersOf, type Range } from './json-ranges';

export interface Cell {
  /** What it is called: its id where no other cell has the same, else `cell-N` by its place from 0. */
  name: string;
  /** As the file gives it; `undefined` before nbformat 4.5. */
  id: string | undefined;
  type: string;
  source: string;
  /** `undefined` for a cell that has not run. */
  count: number | undefined;
  outputs: unknown[];
  /** The cell's JSON object; empty for a cell that is none. */
  fields: Fields;
  /** Where its JSON lies in the text. */
  range: Range;
}

export interface Notebook {
  text: string;
  cells: Cell[];
  /** Where the list of cells lies in the text. */
  list: Range;
  /** Cells have ids: nbformat 4.5 and later. */
  hasIds: boolean;
}

export type Fields = Record<string, unknown>;

/** A notebook of nbformat 4 from its file's text, or what is wrong with it. Never throws. */
export function parseNotebook(text: string): Notebook | { problem: string } {
  if (text.trim() === '') return { problem: 'it is empty' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { problem: `it is not valid JSON (${error instanceof Error ? error.message : String(error)})` };
  }
  const { nbformat, nbformat_minor: minor, cells, worksheets } = fieldsOf(parsed);
  if (!Array.isArray(cells))
    return { problem: worksheets === undefined ? 'it has no list of cells' : 'it is nbformat 3, with worksheets' };
  if (nbformat !== undefined && nbformat !== 4) return { problem: `it is nbformat ${JSON.stringify(nbformat)}, not 4` };
  const list = membersOf(text, text.indexOf('{')).get('cells') ?? { start: 0, end: 0 };
  const ranges = elementsOf(text, list.start);
  const names = cellNames(cells.map((cell) => idOf(cell)));
  return {
    text,
    list,
    cells: cells.map((cell, index) => cellOf(cell, names[index] ?? '', ranges[index] ?? list)),
    hasIds: typeof minor === 'number' && minor >= 5,
  };
}

/** Notebooks are written by many programs: nothing about their fields is taken for granted. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** A text that may stand as a list of its lines. */
export function joined(source: unknown): string {
  if (Array.isArray(source)) return source.filter((part) => typeof part === 'string').join('');
  return typeof source === 'string' ? source : '';
}

function cellOf(cell: unknown, name: string, range: Range): Cell {
  const fields = fieldsOf(cell);
  const { cell_type: type, execution_count: count, source, outputs } = fields;
  return {
    name,
    id: idOf(cell),
    type: typeof type === 'string' ? type : 'unknown',
    source: joined(source),
    count: typeof count === 'number' ? count : undefined,
    outputs: Array.isArray(outputs) ? outputs : [],
    fields,
    range,
  };
}

function idOf(cell: unknown): string | undefined {
  const { id } = fieldsOf(cell);
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function cellNames(ids: readonly (string | undefined)[]): string[] {
  const times = new Map<string | undefined, number>();
  for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1);
  return ids.map((id, index) => {
    if (id !== undefined && times.get(id) === 1) return id;
    let name = `cell-${index}`;
    while (times.has(name)) name = `#${name}`;
    return name;
  });
}
