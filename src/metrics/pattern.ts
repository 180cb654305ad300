import type { Fired, Guard } from './guard';
import { isWord, programOf, type Program } from './pattern-syntax';

/** Of a line. */
const MAX_CHARACTERS = 4_096;
/** Of the places that a text was found to lead to. More are forgotten and found again. */
const MAX_STATES = 500;
const END = -1;

interface State {
  places: readonly number[];
  /** What the character before was; nothing stands before the first. */
  before: 'start' | 'word' | 'other';
  to: Map<number, State | 'match'>;
}

/**
 * Tells whether a line has a place that an expression matches, in a time that grows with the line's length alone,
 * whatever the expression: all ways through it are gone at once, and each set of places is worked out once.
 */
export class LinearPattern {
  readonly #program: Program;
  readonly #states = new Map<string, State>();

  /** Throws an error that says why for what cannot be read. */
  constructor(pattern: string) {
    this.#program = programOf(pattern);
  }

  test(line: string): boolean {
    let state = this.#state([], 'start');
    const end = Math.min(line.length, MAX_CHARACTERS);
    for (let at = 0; at <= end; at++) {
      const code = at === end ? END : line.charCodeAt(at);
      let next = state.to.get(code);
      if (next === undefined) {
        next = this.#step(state, code);
        state.to.set(code, next);
      }
      if (next === 'match') return true;
      state = next;
    }
    return false;
  }

  #step({ places, before }: State, code: number): State | 'match' {
    const { steps, start } = this.#program;
    const seen = new Set<number>();
    const next = new Set<number>();
    const open = [start, ...places];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (seen.has(place)) continue;
      seen.add(place);
      const step = steps[place];
      if (step?.op === 'match') return 'match';
      if (step?.op === 'split') open.push(...step.next);
      else if (step?.op === 'assert' && holds(step.what, before, code)) open.push(step.next);
      else if (step?.op === 'char' && code !== END && step.has(code)) next.add(step.next);
    }
    return this.#state(
      [...next].sort((a, b) => a - b),
      isWord(code) ? 'word' : 'other',
    );
  }

  #state(places: readonly number[], before: State['before']): State {
    const key = `${before} ${places.join(' ')}`;
    const known = this.#states.get(key);
    if (known) return known;
    if (this.#states.size >= MAX_STATES) this.#forget();
    const state: State = { places, before, to: new Map() };
    this.#states.set(key, state);
    return state;
  }

  /** Those that are left must not hold on to the others. */
  #forget(): void {
    for (const { to } of this.#states.values()) to.clear();
    this.#states.clear();
  }
}

function holds(what: 'start' | 'end' | 'edge' | 'inside', before: State['before'], code: number): boolean {
  if (what === 'start') return before === 'start';
  if (what === 'end') return code === END;
  const isEdge = (before === 'word') !== (code !== END && isWord(code));
  return isEdge === (what === 'edge');
}

/** A line that an expression matches. */
export function patternGuard(regex: string): Guard {
  const pattern = new LinearPattern(regex);
  let found: Fired | undefined;
  return {
    line({ text, number }) {
      if (found || !pattern.test(text)) return;
      found = { key: `pattern ${regex}`, watch: 'pattern', text: `line ${number} of the log matches ${regex}` };
    },
    fired: () => (found ? [found] : []),
  };
}
