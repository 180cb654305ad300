import { elementsOf, membersOf } from '../text/json-ranges';

/**
 * A file's content, cut into what is accepted and rejected by itself: lines with their ends, or a notebook's cells. Bytes
 * stand as Latin-1 characters, one each, so that whatever the encoding is, what is put together again is exact.
 */
export type Content =
  | { kind: 'absent'; units: readonly string[] }
  /** Not cut: binary, UTF-16, or too large. */
  | { kind: 'whole'; units: readonly string[]; bytes: Uint8Array }
  | { kind: 'lines'; units: readonly string[] }
  /** `keys`: what makes cells the same; outputs are not part of it. */
  | { kind: 'cells'; units: readonly string[]; keys: readonly string[]; frame: Frame };

/** What stands around a notebook's cells. */
export interface Frame {
  head: string;
  between: string;
  tail: string;
}

export const ABSENT: Content = { kind: 'absent', units: [] };
export const MAX_REVIEWED_BYTES = 20_000_000;
const BETWEEN_CELLS = ',\n  ';

export function contentOf(path: string, bytes: Uint8Array | null): Content {
  if (bytes === null) return ABSENT;
  if (bytes.length > MAX_REVIEWED_BYTES || bytes.includes(0)) return { kind: 'whole', units: [], bytes };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (!/\.ipynb$/iu.test(path)) return { kind: 'lines', units: linesOf(text) };
  // A notebook that is none is not cut: a part of it put elsewhere could only break it further.
  return notebookOf(text) ?? { kind: 'whole', units: [], bytes };
}

export function bytesOf(content: Content): Uint8Array | null {
  switch (content.kind) {
    case 'absent':
      return null;
    case 'whole':
      return content.bytes;
    case 'lines':
      return Buffer.from(content.units.join(''), 'latin1');
    case 'cells':
      return Buffer.from(textOfNotebook(content.frame, content.units), 'latin1');
  }
}

/** What is compared when two contents are laid side by side. */
export function keysOf(content: Content): readonly string[] {
  return content.kind === 'cells' ? content.keys : content.units;
}

/** The same file with other units. */
export function withUnits(like: Exclude<Content, { kind: 'absent' | 'whole' }>, units: readonly string[]): Content {
  if (like.kind === 'lines') return { kind: 'lines', units };
  return { ...like, units, keys: units.map(cellKey) };
}

export function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start) + 1 || text.length;
    lines.push(text.slice(start, end));
    start = end;
  }
  return lines;
}

function notebookOf(text: string): Content | undefined {
  if (!isNotebook(text)) return undefined;
  const mark = /^\s*/u.exec(text)?.[0].length ?? 0;
  const cells = membersOf(text, mark).get('cells');
  if (!cells || text[cells.start] !== '[') return undefined;
  const places = elementsOf(text, cells.start);
  const [first, second, last] = [places[0], places[1], places.at(-1)];
  const units = places.map(({ start, end }) => text.slice(start, end));
  const frame = {
    head: text.slice(0, first?.start ?? cells.start + 1),
    between: first && second ? text.slice(first.end, second.start) : BETWEEN_CELLS,
    tail: text.slice(last?.end ?? cells.end - 1),
  };
  const content: Content = { kind: 'cells', units, keys: units.map(cellKey), frame };
  // Uneven spaces between cells would not come back: such a file is left whole.
  return textOfNotebook(frame, units) === text ? content : undefined;
}

function isNotebook(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && Array.isArray((parsed as { cells?: unknown }).cells);
  } catch {
    return false; // Half written, or something else by this name.
  }
}

function textOfNotebook({ head, between, tail }: Frame, units: readonly string[]): string {
  return `${head}${units.join(between)}${tail}`;
}

/** A run of a cell is not a change of it. */
function cellKey(cell: string): string {
  const parsed: unknown = JSON.parse(cell);
  if (typeof parsed !== 'object' || parsed === null) return cell;
  const { outputs: _, execution_count: __, ...kept } = parsed as Record<string, unknown>;
  const source = Array.isArray(kept['source']) ? kept['source'].join('') : kept['source'];
  return JSON.stringify([...Object.entries({ ...kept, source })].sort(([one], [two]) => (one < two ? -1 : 1)));
}
