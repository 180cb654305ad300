/** A cell of a table's line, with where it stands. */
export interface Cell {
  text: string;
  start: number;
  end: number;
}

export interface Header {
  cells: readonly Cell[];
  /** What parts the cells: by a mark, they are counted; by spaces, they are found by where they stand. */
  mark: '|' | ',' | '\t' | ' ';
}

/** The cells of a line, when it could be a line of a table. */
export function cellsOf(line: string, mark: Header['mark']): Cell[] {
  const pattern =
    mark === ' ' ? /[^\s|]+(?: [^\s|]+)*/gu : mark === '|' ? /[^|]+/gu : mark === ',' ? /[^,]+/gu : /[^\t]+/gu;
  const cells: Cell[] = [];
  for (const match of line.matchAll(pattern)) {
    const text = match[0].trim();
    if (text === '') continue;
    const start = match.index + match[0].indexOf(text);
    cells.push({ text, start, end: start + text.length });
  }
  return cells;
}

/** The header that a line is, judged with the line below it. `numbers`: how many stand in each. */
export function headerOf(line: string, numbers: number, below: string, numbersBelow: number): Header | undefined {
  if (numbers > 0 || numbersBelow === 0 || line.length > 2_000 || /[{}]|[=:]\s?\S/u.test(line)) return undefined;
  const mark = markOf(line, below);
  const cells = cellsOf(line, mark);
  return cells.length >= 2 && cells.every(({ text }) => text.length <= 40) && /\p{L}/u.test(line)
    ? { cells, mark }
    : undefined;
}

function markOf(line: string, below: string): Header['mark'] {
  for (const mark of ['\t', ','] as const) if (line.includes(mark) && below.includes(mark)) return mark;
  return /^\s*\|/u.test(line) ? '|' : ' ';
}

/** The name of the column that a number stands in. */
export function columnOf({ cells, mark }: Header, line: string, start: number, end: number): string | undefined {
  if (mark !== ' ') return cells[cellsOf(line, mark).findIndex((cell) => cell.start <= start && end <= cell.end)]?.text;
  const rowCells = cellsOf(line, ' ');
  if (rowCells.length === cells.length) {
    const at = rowCells.findIndex((cell) => cell.start <= start && end <= cell.end);
    if (at >= 0) return cells[at]?.text;
  }
  let best: { text: string; distance: number } | undefined;
  for (const cell of cells) {
    const gap = Math.max(0, cell.start - end, start - cell.end);
    const distance = gap * 100 + Math.min(Math.abs(cell.end - end), Math.abs(cell.start - start));
    if (!best || distance < best.distance) best = { text: cell.text, distance };
  }
  return best?.text;
}

/** Whether a line below a header can be one of its rows. */
export function isRowOf({ cells, mark }: Header, line: string): boolean {
  if (/[\p{L}\d)]\s?=\s?[-\d.]|^\s*[{[]/u.test(line)) return false;
  const own = cellsOf(line, mark).length;
  return own >= Math.max(2, cells.length - 3) && own <= cells.length + 3;
}
