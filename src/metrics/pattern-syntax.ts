/** A regular expression as a program: what each place asks of the text, and where it goes on. */
export type Step =
  | { op: 'char'; has: (code: number) => boolean; next: number }
  | { op: 'split'; next: readonly number[] }
  | { op: 'assert'; what: 'start' | 'end' | 'edge' | 'inside'; next: number }
  | { op: 'match' };

export interface Program {
  steps: readonly Step[];
  start: number;
}

const MAX_PATTERN_CHARACTERS = 500;
const MAX_STEPS = 2_000;
const MAX_REPEATS = 200;

type Test = (code: number) => boolean;
/** Builds a piece that goes on at `next`, and gives where it begins. */
type Piece = (next: number) => number;

const isDigit: Test = (code) => code >= 48 && code <= 57;
export const isWord: Test = (code) =>
  isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
const isBlank: Test = (code) => /\s/u.test(String.fromCharCode(code));
const not =
  (test: Test): Test =>
  (code) =>
    !test(code);
const CLASSES: Readonly<Record<string, Test>> = {
  ...{ d: isDigit, D: not(isDigit), w: isWord, W: not(isWord), s: isBlank, S: not(isBlank) },
};
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v', '0': '\0' };

/** Reads an expression. What takes more than linear time, back references and looking around, is refused. */
export function programOf(pattern: string): Program {
  return new Parser(pattern).program();
}

class Parser {
  readonly #steps: Step[] = [];
  readonly #text: string;
  readonly #anyCase: boolean;
  #at = 0;

  constructor(pattern: string) {
    if (pattern.length > MAX_PATTERN_CHARACTERS)
      throw new Error(`the pattern has ${pattern.length} characters, and may have ${MAX_PATTERN_CHARACTERS}`);
    this.#anyCase = pattern.startsWith('(?i)');
    this.#text = pattern;
    this.#at = this.#anyCase ? 4 : 0;
  }

  program(): Program {
    const whole = this.#alternatives(0);
    if (this.#at < this.#text.length) throw this.#fault('a ) that nothing opens');
    return { steps: this.#steps, start: whole(this.#add({ op: 'match' })) };
  }

  #add(step: Step): number {
    if (this.#steps.length >= MAX_STEPS) throw new Error('the pattern repeats too much');
    return this.#steps.push(step) - 1;
  }

  #fault(what: string): Error {
    return new Error(`the pattern has ${what} at ${this.#at + 1}`);
  }

  #alternatives(depth: number): Piece {
    if (depth > 50) throw this.#fault('too many groups in each other');
    const all = [this.#sequence(depth)];
    while (this.#took('|')) all.push(this.#sequence(depth));
    const [only] = all;
    if (only && all.length === 1) return only;
    return (next) => this.#add({ op: 'split', next: all.map((piece) => piece(next)) });
  }

  #sequence(depth: number): Piece {
    const pieces: Piece[] = [];
    while (this.#at < this.#text.length && !'|)'.includes(this.#text.charAt(this.#at)))
      pieces.push(this.#repeated(this.#atom(depth)));
    return (next) => pieces.reduceRight((after, piece) => piece(after), next);
  }

  #repeated(piece: Piece): Piece {
    const found = /^(?:([*+?])|\{(\d{1,4})(,(\d{0,4}))?\})\??/u.exec(this.#text.slice(this.#at, this.#at + 16));
    if (!found) return piece;
    this.#at += found[0].length;
    const [, sign, low, range, high] = found;
    const least = sign === undefined ? Number(low) : sign === '+' ? 1 : 0;
    const most =
      sign === undefined
        ? range === undefined
          ? least
          : high === ''
            ? Infinity
            : Number(high)
        : sign === '?'
          ? 1
          : Infinity;
    if (least > MAX_REPEATS || (most !== Infinity && most > MAX_REPEATS))
      throw this.#fault(`more than ${MAX_REPEATS} repeats`);
    return this.#repeated(times(piece, least, most, (step) => this.#add(step), this.#steps));
  }

  #atom(depth: number): Piece {
    const char = this.#text.charAt(this.#at);
    this.#at += 1;
    if (char === '(') return this.#group(depth);
    if (char === '^') return this.#assert('start');
    if (char === '$') return this.#assert('end');
    if (char === '.') return this.#one(() => true);
    if (char === '[') return this.#one(this.#set());
    if ('*+?'.includes(char)) throw this.#fault(`a ${char} with nothing before it`);
    if (char === '\\') return this.#escape();
    return this.#one(this.#letter(char));
  }

  #group(depth: number): Piece {
    const head = /^\?(?::|P?<[A-Za-z_]\w*>)/u.exec(this.#text.slice(this.#at));
    if (head) this.#at += head[0].length;
    else if (this.#text.charAt(this.#at) === '?')
      throw this.#fault('a group that looks around, which is not read here,');
    const inner = this.#alternatives(depth + 1);
    if (!this.#took(')')) throw this.#fault('a ( that nothing closes');
    return inner;
  }

  #escape(): Piece {
    const char = this.#text.charAt(this.#at);
    if (char === 'b' || char === 'B') {
      this.#at += 1;
      return this.#assert(char === 'b' ? 'edge' : 'inside');
    }
    return this.#one(this.#escaped());
  }

  #escaped(): Test {
    const char = this.#text.charAt(this.#at);
    this.#at += 1;
    const kind = Object.hasOwn(CLASSES, char) ? CLASSES[char] : undefined;
    if (kind) return kind;
    const code = /^(?:x([\da-f]{2})|u([\da-f]{4}))/iu.exec(this.#text.slice(this.#at - 1, this.#at + 4));
    if (code) {
      this.#at += code[0].length - 1;
      return this.#letter(String.fromCharCode(Number.parseInt(code[1] ?? code[2] ?? '', 16)));
    }
    const control = Object.hasOwn(CONTROLS, char) ? CONTROLS[char] : undefined;
    if (control === undefined && /[A-Za-z1-9]|^$/u.test(char)) throw this.#fault(`\\${char}, which is not read here,`);
    return this.#letter(control ?? char);
  }

  #set(): Test {
    const isNot = this.#took('^');
    const tests: Test[] = [];
    for (let isFirst = true; isFirst || this.#text.charAt(this.#at) !== ']'; isFirst = false) {
      if (this.#at >= this.#text.length) throw this.#fault('a [ that nothing closes');
      tests.push(this.#member());
    }
    this.#at += 1;
    const any: Test = (code) => tests.some((test) => test(code));
    return isNot ? not(any) : any;
  }

  #member(): Test {
    if (this.#took('\\')) return this.#took('b') ? this.#letter('\b') : this.#escaped();
    const from = this.#text.charAt(this.#at);
    this.#at += 1;
    const to = this.#text.charAt(this.#at + 1);
    if (this.#text.charAt(this.#at) !== '-' || to === ']' || to === '' || to === '\\') return this.#letter(from);
    this.#at += 2;
    const [low, high] = [from.charCodeAt(0), to.charCodeAt(0)];
    if (low > high) throw this.#fault(`a range ${from}-${to} that runs back`);
    const inRange: Test = (code) => code >= low && code <= high;
    return this.#anyCase ? (code) => inRange(code) || inRange(swapped(code)) : inRange;
  }

  #letter(char: string): Test {
    const code = char.charCodeAt(0);
    return this.#anyCase ? (one) => one === code || swapped(one) === code : (one) => one === code;
  }

  #one(has: Test): Piece {
    return (next) => this.#add({ op: 'char', has, next });
  }

  #assert(what: Extract<Step, { op: 'assert' }>['what']): Piece {
    return (next) => this.#add({ op: 'assert', what, next });
  }

  #took(char: string): boolean {
    if (this.#text.charAt(this.#at) !== char) return false;
    this.#at += 1;
    return true;
  }
}

function times(piece: Piece, least: number, most: number, add: (step: Step) => number, steps: Step[]): Piece {
  return (next) => {
    let after = next;
    if (most === Infinity) {
      const loop = add({ op: 'split', next: [] });
      steps[loop] = { op: 'split', next: [piece(loop), next] };
      after = loop;
    } else for (let turn = least; turn < most; turn++) after = add({ op: 'split', next: [piece(after), next] });
    for (let turn = 0; turn < least; turn++) after = piece(after);
    return after;
  };
}

function swapped(code: number): number {
  const char = String.fromCharCode(code);
  const other = char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase();
  return other.charCodeAt(0);
}
