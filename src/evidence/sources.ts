import { switchesOf, whichOf } from './fit';
import { numbersIn, valueOf, type Said } from './numbers';
import { cellsOf, columnOf, headerOf, isRowOf, type Header } from './tables';
import { termsOf, type Term } from './terms';
import { drained, type Sliced } from '../text/slices';
import { isStale, type Source } from './types';
import { unitOf, unitOfName, type Unit } from './units';

/** A number that a run printed, with what stands by it. */
export interface Measure {
  source: Indexed;
  /** From 0. */
  line: number;
  value: number;
  step: number;
  unit: Unit | undefined;
  start: number;
  /** Terms right at the number: its name, its column. */
  key: readonly Term[];
  /** The words of its name as they stand. */
  name: string;
  /** Terms of its whole line, and of the line above that it belongs to. */
  row: readonly Term[];
  /** The word right behind it. */
  behind: string;
  /** Where the first number of its line is: what stands before is a label of them all. */
  labelEnd: number;
  /** The line with the one it stands under: "Epoch 20/20". */
  context: string;
  /** What the context says of which one it is, and of what was on or off. */
  which: ReadonlyMap<string, ReadonlySet<string>>;
  switches: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Indexed {
  source: Source;
  isStale: boolean;
  /** Whether it can bear a claim at all. */
  bears: boolean;
  title: readonly Term[];
  /** The numbers of its title. */
  asked: ReadonlySet<number>;
  measures: readonly Measure[];
}

/** What of a huge output is looked at: its head and its end. */
const MAX_LINES = 12_000;
const MAX_LINE = 2_000;
const MAX_PER_LINE = 60;
/** Roughly: a line may have a few more. */
const MAX_MEASURES = 15_000;

export function indexSource(source: Source): Indexed {
  return drained(readSource(source));
}

/** Reads a source once. Its numbers and names do not change, whether it is stale does. Pauses every few lines. */
export function* readSource(source: Source): Sliced<Indexed> {
  const bears = !source.failed && source.kind !== 'read' && source.lines.some((line) => line.trim() !== '');
  const measures: Measure[] = [];
  const indexed: Indexed = {
    source,
    isStale: isStale(source),
    bears,
    title: termsOf(source.title.slice(0, MAX_LINE)),
    asked: numbersOf(source.title.slice(0, MAX_LINE)),
    measures,
  };
  let header: Header | undefined;
  let heading = '';
  const read = (at: number): { line: string; numbers: Said[] } => {
    const line = (source.lines[at] ?? '').slice(0, MAX_LINE);
    return { line, numbers: valuesIn(line).slice(0, MAX_PER_LINE) };
  };
  const order = yield* linesToRead(source.lines);
  let next = read(order[0] ?? 0);
  for (const [index, at] of order.entries()) {
    yield;
    const { line, numbers } = next;
    next = read(order[index + 1] ?? source.lines.length);
    if (line.trim() === '') header = undefined;
    if (/^[\s|:-]+$/u.test(line)) continue;
    const found = headerOf(
      line,
      numbers.filter(({ unit }) => unit?.dimension !== 'percent').length,
      rowBelow(source.lines, at),
      numbersBelow(source.lines, at),
    );
    if (found) {
      header = found;
      continue;
    }
    if (isHeading(line, numbers)) heading = line;
    if (numbers.length > 0)
      measures.push(...measuresOf({ indexed, line, at, numbers, header, heading: heading === line ? '' : heading }));
  }
  return indexed;
}

/** "--lr 2e-5 -c64": in a command a number may stand beside a letter. */
function numbersOf(title: string): ReadonlySet<number> {
  return new Set((title.match(/(?<![\d.])\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\d.])/giu) ?? []).map(Number));
}

function rowBelow(lines: readonly string[], at: number): string {
  const below = lines[at + 1] ?? '';
  return (/^[\s|:+=-]+$/u.test(below) ? (lines[at + 2] ?? '') : below).slice(0, MAX_LINE);
}

function numbersBelow(lines: readonly string[], at: number): number {
  const below = rowBelow(lines, at);
  return /[=:]\s?\d/u.test(below) && !below.includes('|') ? 0 : numbersIn(below, 'en', MAX_PER_LINE).length;
}

/** The end of an output, which tells how it went, and as much of its beginning. */
function* linesToRead(lines: readonly string[]): Sliced<number[]> {
  const head: number[] = [];
  const tail: number[] = [];
  const takes = function* (from: number, step: 1 | -1, into: number[], most: number): Sliced<number> {
    let left = most;
    let at = from;
    for (; left > 0 && into.length < MAX_LINES / 2 && at >= 0 && at < lines.length; at += step) {
      if (into.length % 50 === 49) yield;
      const numbers = (lines[at] ?? '').slice(0, MAX_LINE).match(/\d[\d.,]*/gu)?.length ?? 0;
      left -= Math.min(numbers, MAX_PER_LINE);
      into.push(at);
    }
    return at;
  };
  const end = yield* takes(lines.length - 1, -1, tail, (MAX_MEASURES * 2) / 3);
  yield* takes(0, 1, head, MAX_MEASURES / 3);
  return [...head.filter((at) => at <= end), ...tail.reverse()];
}

/** "Epoch 20/20", "Validation:", "permutation importance (RandomForest)": what the lines below belong to. */
function isHeading(line: string, numbers: readonly Said[]): boolean {
  return (
    line.length < 80 &&
    (/^\s*(?:epoch|fold|seed|step|trial|run|round)\s+\d/iu.test(line)
      ? numbers.length <= 2
      : numbers.length === 0 && /\p{L}/u.test(line))
  );
}

const DURATION =
  /(?<![\d:.-])(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d(?:\.\d+)?)(?![\d:])|(?<![\p{L}\d])(?:(\d+)h\s?)?(\d+)m\s?(\d+(?:\.\d+)?)s(?![\p{L}\d])|(?<![\p{L}\d])(\d+)h\s?(\d+)m(?:in)?(?![\p{L}\d])|(?<=\()(\d+(?:\.\d+)?)m(?=\))/gu;
/** "lignes 18 402": thousands parted by a space, where nothing else is a number. */
const SPACED = /(?<=\p{L}\s?:?\s)[1-9]\d{0,2}(?: \d{3})+(?=\s?[\p{L},;.]|\s?$)(?![.,]\d)/gu;
const FRACTION = /(?<![\d/.:-])(\d[\d,]*(?:\.\d+)?)\/(\d[\d,]*(?:\.\d+)?)(?![\d/])/gu;

function* first(matches: Iterable<RegExpExecArray>): Generator<RegExpExecArray> {
  let left = MAX_PER_LINE;
  for (const match of matches) {
    if (left-- <= 0) return;
    yield match;
  }
}

/** The numbers of a line of output, with what only logs write: 02:04 for a time, 4/4 for a part of a whole. */
export function valuesIn(line: string): Said[] {
  if (!/\d/u.test(line)) return [];
  const numbers = numbersIn(line, 'en', MAX_PER_LINE);
  const seconds = unitOf('s');
  for (const match of first(line.matchAll(SPACED))) {
    const [whole] = match;
    const end = match.index + whole.length;
    const value = Number(whole.replaceAll(' ', ''));
    numbers.push({ start: match.index, digitsEnd: end, end, value, step: 1 });
  }
  for (const match of first(line.matchAll(DURATION))) {
    if (/\d{4}-\d\d-\d\d[T ]$/u.test(line.slice(0, match.index)) || !seconds) continue;
    const [whole, hours = match[4] ?? match[7], minutes = match[5] ?? match[8] ?? match[9], rest = match[6]] = match;
    const value = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(rest ?? 0);
    numbers.push({
      start: match.index,
      digitsEnd: match.index + whole.length,
      end: match.index + whole.length,
      value,
      step: match[7] === undefined && match[9] === undefined ? 1 : match[9]?.includes('.') ? 6 : 60,
      unit: seconds,
    });
  }
  for (const match of first(line.matchAll(FRACTION))) {
    const parts = [match[1] ?? '', match[2] ?? ''];
    const end = match.index + match[0].length;
    const unit = unitOf(/^\s?([\p{L}]+)/u.exec(line.slice(end, end + 8))?.[1] ?? '');
    for (const part of parts) {
      const read = valueOf(part, 'en');
      if (read)
        numbers.push({
          start: match.index,
          digitsEnd: end,
          end,
          value: read.number,
          step: read.step,
          ...(unit && { unit }),
        });
    }
  }
  return numbers.sort((one, other) => one.start - other.start);
}

interface Reading {
  indexed: Indexed;
  line: string;
  at: number;
  numbers: readonly Said[];
  header: Header | undefined;
  heading: string;
}

/** In "loss 2.73 tok/s 148211" the words between two numbers name the second. */
function withoutNextName(line: string, said: Said, next: Said | undefined): Said {
  if (said.unit?.dimension !== 'rate' || !next || !/^[\s=:]+$/u.test(line.slice(said.end, next.start))) return said;
  const { unit: _, ...bare } = said;
  return { ...bare, end: said.digitsEnd };
}

function measuresOf({ indexed, line, at, numbers: read, header, heading }: Reading): Measure[] {
  const terms = termsOf(line);
  const row = heading === '' ? terms : [...terms, ...termsOf(heading)];
  const isNameFirst = /[\p{L}]/u.test(line.slice(0, read[0]?.start ?? 0));
  const numbers = isNameFirst ? read.map((said, at) => withoutNextName(line, said, read[at + 1])) : read;
  const isLabel = percentLabels(line, numbers);
  const isRow = header !== undefined && isRowOf(header, line);
  let spreadKey: readonly Term[] = [];
  const firstCell = isRow ? firstCellOf(header, line) : '';
  const context = [firstCell, heading, line].filter(Boolean).join(' ');
  const [which, switches] = [whichOf(context), switchesOf(context)];
  return numbers.flatMap((said, index) => {
    if (isLabel(said)) return [];
    const label = numbers[index - 1];
    const percentile = label && isLabel(label) ? `p${String(label.value)}` : undefined;
    const previousEnd = numbers[index - 1]?.end ?? 0;
    const nextStart = numbers[index + 1]?.start ?? line.length;
    const column = isRow ? columnOf(header, line, said.start, said.end) : undefined;
    const named = percentile ?? column ?? nameAt(line, said, previousEnd, nextStart, isNameFirst);
    const isSpread = /(?:±|\+\/-|\+-)\s*$/u.test(line.slice(previousEnd, said.start));
    const key: readonly Term[] = isSpread
      ? [...spreadKey, { kind: 'statistic', id: 'std', start: 0, end: 1 }]
      : termsOf(named);
    spreadKey = key;
    return {
      source: indexed,
      line: at,
      value: said.value,
      step: said.step,
      unit: said.unit ?? unitOfName(named.trim().replace(/["':=\s]+$/u, '')),
      start: said.start,
      key: column === undefined || percentile !== undefined ? key : columnTerms(column, header, key),
      name: named.trim().replace(/["':=\s]+$/u, ''),
      row,
      labelEnd: numbers[0]?.start ?? 0,
      behind: /^\s?([\p{L}/]+)/u.exec(line.slice(said.end))?.[1] ?? '',
      context,
      which,
      switches,
    };
  });
}

/** A column of whole numbers at the left tells the rows apart: "ef=128". */
function firstCellOf(header: Header, line: string): string {
  const value = cellsOf(line, header.mark)[0]?.text ?? '';
  return /^\d[\d,]*$/u.test(value) && header.cells[0] ? `${header.cells[0].text}=${value}` : '';
}

/** "50% 71  95% 210  99% 390": the percentages are names of what stands behind them. */
function percentLabels(line: string, numbers: readonly Said[]): (said: Said) => boolean {
  const labels = new Set(
    numbers.filter(
      (said, at) =>
        said.unit?.dimension === 'percent' && /^\s+$/u.test(line.slice(said.end, numbers[at + 1]?.start ?? said.end)),
    ),
  );
  return (said) => labels.size >= 3 && labels.has(said);
}

/** In a table with P and R side by side, these are precision and recall. */
function columnTerms(column: string, header: Header | undefined, key: readonly Term[]): readonly Term[] {
  const single = { P: 'precision', R: 'recall' }[column];
  const both = header?.cells.some(({ text }) => text === 'P') && header.cells.some(({ text }) => text === 'R');
  return single !== undefined && both ? [{ kind: 'metric', id: single, start: 0, end: 1 }] : key;
}

/** The words that name a number in a line: those before it, up to a comma or the number before; else those behind it. */
function nameAt(line: string, said: Said, previousEnd: number, nextStart: number, isNameFirst: boolean): string {
  const label = /^\s?\(([\p{L}][\p{L} _-]{1,20})\)/u;
  const isLabelled = label.test(line.slice(said.end));
  // "0.741 (train) 0.718 (test)": what stands in parentheses names the number before it.
  const gap = line.slice(previousEnd, said.start).replace(isLabelled ? label : /^(?!)/u, '');
  const cut = Math.max(
    ...[',', ';', '|', '(', '  ', '{', '['].map((mark) => gap.lastIndexOf(mark, gap.trimEnd().length - 1)),
  );
  const before = gap.slice(cut + 1);
  const behind = line.slice(said.digitsEnd, nextStart).split(/[,;|(){}[\]]|\s{2}|\S+[=:]/u)[0] ?? '';
  const isKeyed = /[=:]\s*["']?$/u.test(before);
  if (isKeyed) return before;
  if (isLabelled) return `${before} ${label.exec(line.slice(said.end))?.[1] ?? ''}`;
  if (!/\p{L}/u.test(before)) return behind;
  const ends = nextStart === line.length || /[,;|()]|\s{2}/u.test(line.slice(said.end, nextStart));
  return !isNameFirst || ends ? `${before} ${behind}` : before;
}
