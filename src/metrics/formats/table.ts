import { MAX_PAIRS, type Format, type Memory, type Pair, type Reading } from '../metric';
import { numberOf } from '../numbers';
import { chosen, positionOf } from './choose';
import { kindOf } from '../names';

const BETWEEN = /\s{2,}|\t|[|│┃║]/u;
const HINT = /\S {2,}\S|\t|[|│┃║]/u;

/**
 * Columns under their names (fastai, gradient boosting and the classification report of scikit-learn, YOLO), and the
 * two-column tables that Lightning and others end with.
 */
export const table: Format = {
  name: 'table',
  hint: (line) => HINT.test(line),
  read(line, memory) {
    const cells = line.split(BETWEEN).flatMap((cell) => (cell.trim() === '' ? [] : [cell.trim()]));
    if (cells.length < 2 || cells.length > MAX_PAIRS) return undefined;
    const values = cells.map(valueOf);
    if (values.every((value) => value === undefined)) return headed(cells, memory);
    return row(cells, values, memory) ?? named(cells, values);
  },
};

function valueOf(cell: string): number | undefined {
  return numberOf(cell.endsWith('%') ? cell.slice(0, -1) : cell);
}

/** A header is no reading, but what stands under it is. */
function headed(cells: readonly string[], memory: Memory): undefined {
  const isHeader =
    cells.every((cell) => /^[A-Za-z_#](?!.*\s[-+.\d])[^=:{}]{0,39}$/u.test(cell)) && cells.some(isMetric);
  if (isHeader) memory.columns = cells;
  return undefined;
}

function isMetric(name: string): boolean {
  return kindOf(name) === 'metric';
}

function row(
  cells: readonly string[],
  values: readonly (number | undefined)[],
  { columns, names }: Memory,
): Reading | undefined {
  if (!columns || columns.length < 2) return undefined;
  // A report has a name before each row, and none above it.
  const isPlaced = names.kindOf(columns[0] ?? '') === 'position';
  const hasLabel = cells.length === columns.length + 1 && !isPlaced;
  // Behind a row a bar may stand.
  if (!hasLabel && cells.length !== columns.length && !(cells.length > columns.length && isPlaced)) return undefined;
  const from = hasLabel ? 1 : 0;
  const label = hasLabel ? `${cells[0]} ` : '';
  const pairs = columns.flatMap((name, index): Pair[] => {
    const value = values[index + from] ?? firstOfRatio(cells[index + from]);
    return value === undefined ? [] : [{ name: `${label}${name}`, value }];
  });
  const at = hasLabel ? {} : positionOf(pairs, names);
  const kept = chosen(
    pairs.map((pair) => ({ ...pair, joint: 'sign' as const })),
    at,
    names,
  );
  return kept.length > 0 ? { pairs: kept, at } : undefined;
}

/** `1/100` in a column of epochs. */
function firstOfRatio(cell = ''): number | undefined {
  const found = /^(\d{1,7})\/\d{1,7}$/u.exec(cell);
  return found ? Number(found[1]) : undefined;
}

/** `test_acc   0.95`, and the row of a report that has fewer cells. */
function named(cells: readonly string[], values: readonly (number | undefined)[]): Reading | undefined {
  const [name = ''] = cells;
  const value = values.slice(1).find((one) => one !== undefined);
  const isRow = values[0] === undefined && value !== undefined && values.slice(1).every((one) => one !== undefined);
  return isRow && name.length <= 60 && /^[A-Za-z_]/u.test(name) && !/[=:]$/u.test(name) && isMetric(name)
    ? { pairs: [{ name, value }], at: {} }
    : undefined;
}
