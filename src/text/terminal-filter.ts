/**
 * What of a command's raw output a terminal may be given: text, CR, LF, tab, colours (SGR) and erase-line. Everything
 * else is dropped: OSC can write the clipboard, make links and fake the shell's own marks; titles and cursor moves can
 * make a terminal show what never happened. Lone LF becomes CR LF, as a terminal wants it.
 */
export class TerminalFilter {
  /** The start of an escape sequence whose end has not come yet. */
  #held = '';

  write(chunk: string): string {
    const text = this.#held + chunk;
    const cut = unfinishedAt(text);
    this.#held = text.slice(cut);
    return clean(text.slice(0, cut));
  }
}

const MAX_HELD = 4_096;

const SEQUENCE =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*[0-OQ-WYZ\\`-~]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu;

const ALLOWED = /^\u001b\[(?:[\d;:]*m|[012]?K)$/u;

function clean(text: string): string {
  return text
    .replaceAll(SEQUENCE, (sequence) => (ALLOWED.test(sequence) ? sequence : ''))
    .replaceAll(/\r?\n/gu, '\r\n');
}

/** Where a sequence begins that is not finished at the end of the text; the text's length when there is none. */
function unfinishedAt(text: string): number {
  const at = text.lastIndexOf('\u001b');
  if (at < 0 || text.length - at > MAX_HELD) return text.length;
  const rest = text.slice(at);
  // The ESC of a string's own end belongs to the sequence that began before it.
  const start = rest === '\u001b' ? Math.max(lastString(text, at), -1) : at;

  const finished =
    /^\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]*[0-OQ-WYZ\\`-~])/u.test(rest);
  return finished ? text.length : start < 0 ? at : start;
}

function lastString(text: string, before: number): number {
  const at = text.lastIndexOf('\u001b', before - 1);
  return at >= 0 && /^[\]PX^_]/u.test(text.slice(at + 1, at + 2)) ? at : -1;
}
