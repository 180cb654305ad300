import { MAX_LINE_CHARACTERS } from './metric';

/** Colours, and what moves a terminal's cursor: a bar is drawn over what was there. */
const ESCAPES = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]/gu;
const NEWLINE = 10;

export interface Line {
  text: string;
  /** 1-based line of the file. A line that was drawn over has as many texts as states. */
  number: number;
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
    return { text: cleaned(this.#held), number: this.#number };
  }

  push(text: string, take: (line: Line) => void): void {
    const isDrawn = text.includes('\r') || text.includes('\b');
    let from = 0;
    for (let end = nextEnd(text, 0, isDrawn); end >= 0; end = nextEnd(text, from, isDrawn)) {
      const piece = text.slice(from, Math.min(end, from + MAX_LINE_CHARACTERS));
      const whole = this.#held === '' ? piece : (this.#held + piece).slice(0, MAX_LINE_CHARACTERS);
      this.#held = '';
      if (whole !== '') take({ text: cleaned(whole), number: this.#number });
      if (text.charCodeAt(end) === NEWLINE) this.#number += 1;
      from = end + 1;
    }
    const room = MAX_LINE_CHARACTERS - this.#held.length;
    // A copy: a slice would keep all of the text it is cut from.
    if (room > 0 && from < text.length)
      this.#held += Buffer.from(text.slice(from, from + room), 'utf16le').toString('utf16le');
  }
}

function nextEnd(text: string, from: number, isDrawn: boolean): number {
  const newline = text.indexOf('\n', from);
  if (!isDrawn) return newline;
  for (let at = from; at < text.length && at !== newline; at++) {
    const code = text.charCodeAt(at);
    if (code === 13 || code === 8) return at;
  }
  return newline;
}

function cleaned(text: string): string {
  return text.includes('\u001b') || text.includes('\u009b') ? text.replaceAll(ESCAPES, '') : text;
}
