import { FORMATS } from './formats/index';
import { Lines, type Line } from './lines';
import type { Memory, Metric, Position, Reading } from './metric';
import { Names } from './names';
import { stampOf, Templates } from './templates';
import { Thinning } from './thinning';
import { Course } from './course';

/** A longer one is a sentence, and no name. */
const MAX_NAME_CHARACTERS = 80;
/** A table's columns are forgotten after so many lines that are no rows of it. */
const COLUMNS_LAST_LINES = 50;
/** Every line that some format reads has one of these; most lines of most logs have none. */
const HINT =
  /[lL]oss|LOSS|[aA]cc|[aA][uU][cC]|[eE]poch|[sS]tep|[iI]ter|[sS]core|%\||it \[|[eE]rr|f1|F1|[pP]rec|[rR]ecall|[rR]2|R\^2|NLL|nll|[eE][lL][bB][oO]|MSE|mse|MAE|mae|MAPE|mape|[pP]erpl|ppl|PPL|[bB]atch|[rR]eward|[rR]ound|^\s{0,10}[[{]?\d|[│┃|║\t]|\S {2,}[\d.]|[cCdD][eE][vV]|[bB][lL][eE][uU]|[rR][oO][uU][gG]|[wWcC][eE][rR]|[iI][oO][uU]|[dD]ice|[pP][sS][nN][rR]|[sS][sS][iI][mM]|[fF][iI][dD]|[bB]rier|[eE][cC][eE]|[mM][cC][cC]|[kK]appa|[nN][dD][cC][gG]|[mM][rR][rR]|[tT]op|[sS][eE][nN][sS]|[sS][pP][eE]|[gG]ini|[mM][aA][pP]|[sS]ilh|[bB][pP][cCbB]|[rR][mM][sS]|[uU]pdate/u;

export interface LogSink {
  metric(metric: Metric): void;
  /** Each line and each state of a bar, also those that no format reads. */
  line?(line: Line): void;
}

/** Reads the metrics of a log as it grows. Any cut of the same text gives the same. */
export class LogReader {
  readonly course = new Course();
  readonly #lines = new Lines();
  readonly #memory: Memory = { names: new Names() };
  readonly #templates = new Templates((text) => readLine(text, this.#memory), isHinted);
  readonly #thinning = new Thinning();
  #sinceRow = 0;

  constructor(private readonly sink: LogSink) {}

  /** @param time ms since the epoch: when the text was written, as far as that is known. */
  read(text: string, time: number): void {
    this.#lines.push(text, (line) => this.#take(line, time));
  }

  /** Where the run is, by the state of a bar that no line end has closed, too. */
  position(): Position {
    const { rest } = this.#lines;
    const drawn = /%\||it \[|^\s{0,10}\d+\/\d/u.test(rest.text) ? readLine(rest.text, { ...this.#memory }) : undefined;
    return drawn ? this.course.with(drawn) : this.course.at;
  }

  #take(line: Line, time: number): void {
    this.sink.line?.(line);
    // LightGBM tells how it was set, and the score it starts from, in lines that begin so.
    if (line.text.startsWith('[LightGBM]')) return this.#forget(undefined);
    if (this.#thinning.skips(line)) return;
    const reading = this.#memory.columns ? this.#row(line.text) : this.#templates.reading(line.text);
    this.#forget(reading);
    if (!reading) return;
    const at = this.course.move(reading, time);
    for (const { name, value } of reading.pairs) {
      if (name.length > MAX_NAME_CHARACTERS) continue;
      const metric: Metric = { name, value, time, line: line.number };
      const split = this.#memory.names.splitOf(name);
      if (split) metric.split = split;
      this.sink.metric(Object.assign(metric, at));
    }
  }

  /** Under columns a line of numbers alone is read, whatever it begins with. */
  #row(text: string): Reading | undefined {
    return HINT.test(text) ? readLine(text, this.#memory) : undefined;
  }

  #forget(reading: Reading | undefined): void {
    if (this.#memory.columns === undefined) return;
    this.#sinceRow = reading ? 0 : this.#sinceRow + 1;
    if (this.#sinceRow > COLUMNS_LAST_LINES) delete this.#memory.columns;
  }
}

/** The time that a line begins with is no number that a format reads. */
function isHinted(text: string): boolean {
  return HINT.test(text.slice(stampOf(text).length));
}

/** What one line says, by the first format that reads it. */
export function readLine(text: string, memory: Memory): Reading | undefined {
  for (const format of FORMATS) {
    const reading = format.hint(text, memory) ? format.read(text, memory) : undefined;
    if (reading) return reading;
  }
  return undefined;
}
