import { MAX_LINE_CHARACTERS } from './metric';

/** Colours, and what moves a terminal's cursor: a bar is drawn over what was there. */
const ESCAPES = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]/gu;
const NEWLINE = 10;

export interface Line {
  text: string;
  /** 1-based line of the file. A line that was drawn over has as many texts as states. */
  number: number;
  /** True for a state that another one is drawn over. */
  redrawn: boolean;
}

/**
 * Cuts a text that comes in pieces into lines and the states of progress bars, and holds no more than one of them, cut at
 * its longest. Where the pieces end makes no difference.
 */
export class Lines {
  #held = '';
  #number = 1;

  /** What was begun and not ended yet. */
  get rest(): Line {
    return { text: cleaned(this.#held), number: this.#number, redrawn: false };
  }

  push(text: string, take: (line: Line) => void): void {
    const ends = new Ends(text);
    let from = 0;
    for (let end = ends.from(0); end >= 0; end = ends.from(from)) {
      const piece = text.slice(from, Math.min(end, from + MAX_LINE_CHARACTERS));
      const whole = this.#held === '' ? piece : (this.#held + piece).slice(0, MAX_LINE_CHARACTERS);
      const isNewline = text.charCodeAt(end) === NEWLINE;
      this.#held = '';
      if (whole !== '') take({ text: cleaned(whole), number: this.#number, redrawn: !isNewline });
      if (isNewline) this.#number += 1;
      from = end + 1;
    }
    const room = MAX_LINE_CHARACTERS - this.#held.length;
    // A copy: a slice would keep all of the text it is cut from.
    if (room > 0 && from < text.length)
      this.#held += Buffer.from(text.slice(from, from + room), 'utf16le').toString('utf16le');
  }
}

/** The places of a text that end a line or a state of it, each sort of them looked for once. */
class Ends {
  readonly #next: [end: string, at: number][] = [
    ['\n', -2],
    ['\r', -2],
    ['\b', -2],
  ];

  constructor(private readonly text: string) {}

  /** The first at or after a place; -1 where there is none. */
  from(place: number): number {
    let first = -1;
    for (const next of this.#next) {
      if (next[1] !== -1 && next[1] < place) next[1] = this.text.indexOf(next[0], place);
      if (next[1] >= 0 && (first < 0 || next[1] < first)) first = next[1];
    }
    return first;
  }
}

function cleaned(text: string): string {
  return text.includes('\u001b') || text.includes('\u009b') ? text.replaceAll(ESCAPES, '') : text;
}
