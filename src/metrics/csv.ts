import { MAX_LINE_CHARACTERS, MAX_PAIRS, type Metric, type Pair } from './metric';
import { Names } from './names';
import { numberOf } from './numbers';
import { positionOf } from './formats/choose';
import { hasPosition } from './formats/position';
import { Lines } from './lines';

/**
 * Reads a table of metrics as it grows: Lightning's and Keras's CSVLogger, `results.csv` and `progress.csv` of others. A
 * last row that is half written waits for its end. A new header in the middle begins a new table.
 */
export class CsvReader {
  readonly #lines = new Lines();
  readonly #names = new Names();
  #columns: readonly string[] | undefined;

  constructor(
    private readonly source: string,
    private readonly take: (metric: Metric) => void,
    /** Rows that were taken before the file was written anew. */
    private readonly skip = 0,
  ) {}

  /** Rows of values seen. */
  rows = 0;

  read(text: string, time: number): void {
    this.#lines.push(text, (line) => {
      if (line.text.length < MAX_LINE_CHARACTERS) this.#row(cellsOf(line.text), time);
    });
  }

  #row(cells: readonly string[], time: number): void {
    if (cells.length < 2) return;
    if (cells.every((cell) => cell === '' || numberOf(cell) === undefined)) return this.#header(cells);
    // A row of other width belongs to a header that was torn or is yet to come.
    if (!this.#columns || this.#columns.length !== cells.length) return;
    this.rows += 1;
    if (this.rows <= this.skip) return;
    const pairs: Pair[] = [];
    for (const [index, name] of this.#columns.entries()) {
      const value = numberOf(cells[index] ?? '');
      if (value !== undefined) pairs.push({ name, value });
    }
    const { epoch, step } = positionOf(pairs, this.#names);
    for (const { name, value } of pairs) {
      const kind = this.#names.kindOf(name);
      if (kind === 'position' || kind === 'time' || kind === 'setting') continue;
      const split = this.#names.splitOf(name);
      const metric: Metric = { name, value, time, source: this.source };
      if (split) metric.split = split;
      if (epoch !== undefined) metric.epoch = epoch;
      if (step !== undefined) metric.step = step;
      this.take(metric);
    }
  }

  /** Only a table with a position or a metric among its columns is one of metrics. */
  #header(cells: readonly string[]): void {
    const isNamed = cells.length <= MAX_PAIRS && cells.every((cell) => /^[A-Za-z_#]/u.test(cell) && cell.length <= 80);
    const at = positionOf(
      cells.map((name) => ({ name, value: 0 })),
      this.#names,
    );
    const isOfMetrics = hasPosition(at) || cells.some((name) => this.#names.kindOf(name) === 'metric');
    if (isNamed) this.#columns = isOfMetrics ? cells : undefined;
  }
}

/** Cells with quotes are rare here, and may hold commas. */
export function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  const cells: string[] = [];
  const cell = /\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/uy;
  while (cell.lastIndex < line.length) {
    const found = cell.exec(line);
    // A quote that nothing closes: what is left is one cell.
    if (!found) break;
    cells.push((found[1]?.replaceAll('""', '"') ?? found[2] ?? '').trim());
  }
  if (line.endsWith(',')) cells.push('');
  return cells;
}
