import { UserError } from '../../agent/tool';
import { columnsOf } from './columns';
import type { Pages } from './pages';
import { valuesOf, varintAt, type Value } from './record';

const INTERIOR = 5;
const LEAF = 13;
/** Longer ones are no settings, metrics or names. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;

export interface Table {
  name: string;
  root: number;
  sql: string;
}

export type Row = Readonly<Record<string, Value>>;

/** The tables of a database, by name. */
export async function tablesOf(pages: Pages): Promise<Map<string, Table>> {
  const found = new Map<string, Table>();
  await scan(pages, 1, (_, [type, name, , root, sql]) => {
    if (type === 'table' && typeof name === 'string' && typeof root === 'number' && typeof sql === 'string')
      found.set(name, { name, root, sql });
  });
  return found;
}

/** Hands each row to `take`, with the columns that are named. Throws UserError for a table that is not as it should be. */
export async function eachRow(
  pages: Pages,
  { name, root, sql }: Table,
  wanted: readonly string[],
  take: (row: Row) => void,
): Promise<void> {
  const columns = columnsOf(sql);
  const places = wanted.map((column) => ({ column, at: columns.findIndex((one) => one.name === column) }));
  const lacking = places.find(({ at }) => at < 0);
  if (lacking) throw new UserError(`its table ${name} has no column ${lacking.column}: this form of it is not known`);
  await scan(pages, root, (id, values) => {
    const row: Record<string, Value> = {};
    for (const { column, at } of places) {
      const value = values[at] ?? null;
      row[column] = value === null && columns[at]?.isRowId ? id : value;
    }
    take(row);
  });
}

async function scan(pages: Pages, root: number, take: (id: number, values: Value[]) => void): Promise<void> {
  const seen = new Set<number>();
  const open = [root];
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    // A damaged one may lead in a circle.
    if (seen.has(number) || number < 1 || number > pages.count) throw new UserError('its pages are damaged');
    seen.add(number);
    const page = await pages.page(number);
    const at = number === 1 ? 100 : 0;
    const kind = page[at];
    const cells = page.readUInt16BE(at + 3);
    const first = at + (kind === INTERIOR ? 12 : 8);
    if ((kind !== INTERIOR && kind !== LEAF) || first + cells * 2 > page.length)
      throw new UserError('its pages are damaged');
    const places = Array.from({ length: cells }, (_, index) => page.readUInt16BE(first + index * 2));
    if (places.some((place) => place + 4 > page.length)) throw new UserError('its pages are damaged');
    if (kind === INTERIOR) {
      open.push(page.readUInt32BE(at + 8), ...places.map((place) => page.readUInt32BE(place)).reverse());
      continue;
    }
    for (const place of places) {
      const cell = await cellOf(pages, page, place);
      if (cell) take(cell.id, valuesOf(cell.payload, pages.encoding));
    }
  }
}

async function cellOf(pages: Pages, page: Buffer, place: number): Promise<{ id: number; payload: Buffer } | undefined> {
  const length = varintAt(page, place);
  const id = length && varintAt(page, place + length.bytes);
  if (!length || !id) throw new UserError('its pages are damaged');
  const size = length.value;
  if (size < 0 || size > MAX_PAYLOAD_BYTES) return undefined;
  const from = place + length.bytes + id.bytes;
  const local = localBytes(size, pages.usable);
  const here = page.subarray(from, from + local);
  if (local === size) return { id: id.value, payload: here };
  const parts = [here];
  let [left, next] = [size - local, from + local + 4 <= page.length ? page.readUInt32BE(from + local) : 0];
  while (left > 0 && next > 0 && next <= pages.count) {
    const more = await pages.page(next);
    const part = more.subarray(4, Math.min(pages.usable, 4 + left));
    parts.push(part);
    left -= part.length;
    next = more.readUInt32BE(0);
  }
  if (left > 0) throw new UserError('its pages are damaged');
  return { id: id.value, payload: Buffer.concat(parts) };
}

/** How much of a record lies on its own page; the rest is on pages of its own. The numbers are those of the file's form. */
function localBytes(size: number, usable: number): number {
  const most = usable - 35;
  if (size <= most) return size;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((size - least) % (usable - 4));
  return fitting <= most ? fitting : least;
}
