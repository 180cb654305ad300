import type { Pair, Position, Reading } from './metric';

/** Lines that one print statement wrote differ in their numbers only. */
interface Template {
  text: string;
  numbers: readonly string[];
}

interface Place {
  number: number;
  over?: number;
  isNegative?: true;
}

/** Where the values of a reading stand among the numbers of its line. */
interface Plan {
  pairs: readonly ({ name: string } & Place)[];
  at: readonly (readonly [key: keyof Position, number: number])[];
}

const MAX_KNOWN = 1_000;
const MAX_CHARACTERS = 400;
const MAX_NUMBERS = 24;
/** A longer number may be read otherwise than a short one. */
const MAX_DIGITS = 7;
/** When it was printed, as loggers put it before each line: no number in it says anything of a metric. */
const STAMP = /^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?/u;
const ANY_STAMP = '[1111-11-11 11:11:11,111111111';
const DOT = 46;
const COMMA = 44;
const BRACKET = 91;

/**
 * Knows how the lines of a log are read that differ from one another in their numbers only, so that each kind is taken
 * apart once. What a line's numbers decide, beyond their values, is part of the kind: whether they are whole, and what
 * stands around them.
 */
export class Templates {
  readonly #plans = new Map<string, Plan | 'nothing' | 'seen' | 'never'>();

  /** `mayRead`: false where `read` gives nothing for sure. It says the same of all lines of a kind. */
  constructor(
    private readonly read: (line: string) => Reading | undefined,
    private readonly mayRead: (line: string) => boolean = () => true,
  ) {}

  reading(line: string): Reading | undefined {
    const template = templateOf(line);
    if (!template) return this.mayRead(line) ? this.read(line) : undefined;
    const plan = this.#plans.get(template.text);
    if (plan === 'nothing') return undefined;
    if (plan === undefined && !this.mayRead(line)) return this.#put(template, 'nothing');
    if (plan !== undefined && plan !== 'seen' && plan !== 'never') return filled(plan, template.numbers);
    const reading = this.read(line);
    if (plan !== 'never') this.#learn(template, plan === 'seen');
    return reading;
  }

  /** The first line of a kind is none yet: most texts come once. */
  #learn(template: Template, isSeen: boolean): void {
    this.#put(template, isSeen ? this.#planOf(template) : 'seen');
  }

  #put({ text }: Template, plan: Plan | 'nothing' | 'seen' | 'never'): undefined {
    if (this.#plans.size >= MAX_KNOWN) this.#plans.clear();
    this.#plans.set(text, plan);
  }

  /** Reads a line of this kind with numbers that are told apart, and sees where they come out. */
  #planOf({ text, numbers }: Template): Plan | 'nothing' | 'never' {
    const marks = numbers.map((number, index) => MARKS[kindOf(number)](index));
    let next = 0;
    const reading = this.read(text.replaceAll(/[\u0001-\u0003]/gu, () => marks[next++] ?? ''));
    if (!reading) return 'nothing';
    if (reading.redrawn === true) return 'never';
    const values = marks.map(Number);
    const pairs = reading.pairs.map(({ name, value }) => ({ name, ...placeOf(value, values) }));
    const at = (Object.entries(reading.at) as [keyof Position, number][]).map(
      ([key, value]) => [key, values.indexOf(value)] as const,
    );
    const isKnown = pairs.every(({ number }) => number >= 0) && at.every(([, number]) => number >= 0);
    return isKnown ? { pairs, at } : 'never';
  }
}

const KINDS = { whole: '\u0001', decimal: '\u0002', exponent: '\u0003' } as const;
/** Numbers of each kind that are told apart from all others. */
const MARKS: Readonly<Record<keyof typeof KINDS, (index: number) => string>> = {
  whole: (index) => String(1_009 + 2 * index),
  decimal: (index) => `${11 + 2 * index}.5`,
  exponent: (index) => `${3 + 2 * index}e-3`,
};

function kindOf(number: string): keyof typeof KINDS {
  return /e/iu.test(number) ? 'exponent' : number.includes('.') ? 'decimal' : 'whole';
}

function placeOf(value: number, values: readonly number[]): Place {
  const number = values.indexOf(value);
  if (number >= 0) return { number };
  const negative = values.indexOf(-value);
  if (negative >= 0) return { number: negative, isNegative: true };
  for (let index = 0; index + 1 < values.length; index++)
    if (value === (values[index] ?? NaN) / (values[index + 1] ?? NaN)) return { number: index, over: index + 1 };
  return { number: -1 };
}

function filled({ pairs, at }: Plan, numbers: readonly string[]): Reading {
  const found: Pair[] = [];
  for (const { name, number, over, isNegative } of pairs) {
    const value = Number(numbers[number]);
    const whole = over === undefined ? 1 : Number(numbers[over]);
    found.push({ name, value: isNegative === true ? -value : whole === 0 ? value : value / whole });
  }
  const place: Position = {};
  for (const [key, number] of at) place[key] = Number(numbers[number]);
  return { pairs: found, at: place };
}

/** `undefined` for a line that is read by itself: long ones, those without numbers, and `1,234`. */
function templateOf(line: string): Template | undefined {
  if (line.length > MAX_CHARACTERS) return undefined;
  const numbers: string[] = [];
  const stamp = stampOf(line);
  let from = stamp.length;
  let text = stamp === '' ? '' : ANY_STAMP.slice(Number(stamp[0] !== '['), from + Number(stamp[0] !== '['));
  for (let at = from; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code <= 3) return undefined;
    if (!isDigit(code)) continue;
    const end = numberEnd(line, at);
    // A digit of a name is part of the name.
    if (at > 0 && isNamePart(line.charCodeAt(at - 1))) {
      at = digitsEnd(line, at + 1) - 1;
      continue;
    }
    if (end < 0 || numbers.length >= MAX_NUMBERS || (at > 0 && line.charCodeAt(at - 1) === DOT)) return undefined;
    const number = line.slice(at, end);
    text += line.slice(from, at) + KINDS[kindOf(number)];
    numbers.push(number);
    from = end;
    at = end - 1;
  }
  return numbers.length === 0 ? undefined : { text: text + line.slice(from), numbers };
}

/** The time that a line begins with; '' where it begins otherwise. */
export function stampOf(line: string): string {
  const first = line.charCodeAt(0);
  return isDigit(first) || first === BRACKET ? (STAMP.exec(line)?.[0] ?? '') : '';
}

/** The end of the number that begins there; -1 where its kind is not told by its form alone. */
function numberEnd(line: string, at: number): number {
  const whole = digitsEnd(line, at + 1);
  if (whole - at > MAX_DIGITS) return -1;
  const decimal =
    line.charCodeAt(whole) === DOT && isDigit(line.charCodeAt(whole + 1)) ? digitsEnd(line, whole + 1) : whole;
  const end = exponentEnd(line, decimal);
  return line.charCodeAt(end) === COMMA && isDigit(line.charCodeAt(end + 1)) ? -1 : end;
}

function digitsEnd(line: string, from: number): number {
  let end = from;
  while (isDigit(line.charCodeAt(end))) end += 1;
  return end;
}

/** The end of `e-05`; where there is none, the same place. */
function exponentEnd(line: string, at: number): number {
  if ((line.charCodeAt(at) | 32) !== 101) return at;
  const sign = line.charCodeAt(at + 1);
  const from = sign === 43 || sign === 45 ? at + 2 : at + 1;
  return isDigit(line.charCodeAt(from)) ? digitsEnd(line, from) : at;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** A letter, `_`, `@`, `^`, and what is beyond ASCII. */
function isNamePart(code: number): boolean {
  return (code >= 64 && code <= 90) || (code >= 94 && code <= 122) || code > 127;
}
