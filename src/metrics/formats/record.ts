import { MAX_PAIRS, type Format, type Pair } from '../metric';
import { numberOf } from '../numbers';
import { chosen, positionOf } from './choose';
import { hasPosition } from './position';

const MAX_DEPTH = 4;
const SPACE = /[\s]*/uy;
const TEXT = /"(?:[^"\\]|\\.){0,2000}"|'(?:[^'\\]|\\.){0,2000}'/uy;
const ATOM = /(?:np\.|numpy\.|torch\.)?(?:tensor|array|Array|float\d*)\([^()]{0,200}\)|[^\s,:{}[\]"']{1,200}/uy;

/**
 * A record a line: JSON of a logger, or the dictionary that Hugging Face's Trainer and many a script print. What stands
 * before it, a time or a level, is passed over.
 */
export const record: Format = {
  name: 'record',
  hint: (line) => line.includes('{') && line.includes(':') && line.trimEnd().endsWith('}'),
  read(line, { names }) {
    const pairs = new RecordReader(line, line.indexOf('{')).pairs();
    if (!pairs) return undefined;
    const at = positionOf(pairs, names);
    const kept = chosen(
      pairs.map((pair) => ({ ...pair, joint: 'sign' as const })),
      at,
      names,
    );
    return kept.length > 0 || hasPosition(at) ? { pairs: kept, at } : undefined;
  },
};

/** Reads JSON and Python's own form alike, of which only the numbers are wanted. */
class RecordReader {
  readonly #found: Pair[] = [];

  constructor(
    private readonly text: string,
    private at: number,
  ) {}

  /** The named numbers, those of inner records by `outer/inner`; `undefined` where it is no record. */
  pairs(): Pair[] | undefined {
    if (!this.#object('', 0) || this.text.slice(this.at).trim() !== '') return undefined;
    return this.#found;
  }

  #object(prefix: string, depth: number): boolean {
    if (depth > MAX_DEPTH || !this.#next('{')) return false;
    if (this.#next('}')) return true;
    for (;;) {
      const key = this.#taken(TEXT) ?? this.#taken(ATOM);
      if (key === undefined || !this.#next(':')) return false;
      const name = key.replace(/^["']|["']$/gu, '');
      if (!this.#value(prefix === '' ? name : `${prefix}/${name}`, depth)) return false;
      if (this.#next('}')) return true;
      if (!this.#next(',')) return false;
      if (this.#next('}')) return true;
    }
  }

  #value(name: string, depth: number): boolean {
    this.#taken(SPACE);
    const first = this.text[this.at];
    if (first === '{') return this.#object(name, depth + 1);
    if (first === '[' || first === '(') return this.#list(depth + 1);
    if (this.#taken(TEXT) !== undefined) return true;
    const atom = this.#taken(ATOM);
    if (atom === undefined) return false;
    const inner = /\(\s*([^,)\s]+)/u.exec(atom)?.[1] ?? atom;
    const value = numberOf(inner);
    if (value !== undefined && this.#found.length < MAX_PAIRS) this.#found.push({ name, value });
    return true;
  }

  /** Lists are passed over: a confusion matrix, shapes. */
  #list(depth: number): boolean {
    const close = this.text[this.at] === '[' ? ']' : ')';
    this.at += 1;
    if (depth > MAX_DEPTH) return false;
    if (this.#next(close)) return true;
    for (;;) {
      const first = this.text[this.at];
      const isIn =
        first === '{' ? this.#skipped(depth) : first === '[' || first === '(' ? this.#list(depth + 1) : this.#atom();
      if (!isIn) return false;
      if (this.#next(close)) return true;
      if (!this.#next(',')) return false;
      if (this.#next(close)) return true;
    }
  }

  #skipped(depth: number): boolean {
    const { length } = this.#found;
    const isRead = this.#object('', depth + 1);
    this.#found.length = length;
    return isRead;
  }

  #atom(): boolean {
    return (this.#taken(TEXT) ?? this.#taken(ATOM)) !== undefined;
  }

  #next(char: string): boolean {
    this.#taken(SPACE);
    if (this.text[this.at] !== char) return false;
    this.at += 1;
    this.#taken(SPACE);
    return true;
  }

  #taken(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}
