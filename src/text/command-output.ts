// Escape sequences: CSI, OSC (ended by BEL or ST), other string sequences, and two-character ones.

const ESCAPES =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])/gu;
const MIN_REPEATS = 4;

/** What a terminal would show in the end: no escape codes, progress bars in their last state, repeated lines folded. */
export function cleanOutput(raw: string): string {
  const lines = raw.replaceAll(ESCAPES, '').replaceAll('\r\n', '\n').split('\n').map(lastState);
  return foldRepeats(lines).join('\n');
}

/** A carriage return goes back to the line's start; what follows writes over it. */
function lastState(line: string): string {
  const parts = line.split('\r').filter((part) => part !== '');
  return parts.reduce((shown, part) => part + shown.slice(part.length), '').trimEnd();
}

function foldRepeats(lines: readonly string[]): string[] {
  const folded: string[] = [];
  for (let index = 0; index < lines.length;) {
    let end = index + 1;
    while (end < lines.length && lines[end] === lines[index]) end += 1;
    const count = end - index;
    const line = lines[index] ?? '';
    if (count >= MIN_REPEATS && line.trim() !== '') folded.push(line, `[the line above ${count} times]`);
    else folded.push(...lines.slice(index, end));
    index = end;
  }
  return folded;
}

export interface Cut {
  text: string;
  /** Characters left out; 0 when all is there. */
  left: number;
}

/** At most `head` characters from the start and `tail` from the end, cut at line ends where there are some near. */
export function headAndTail(text: string, head: number, tail: number, whereRest = ''): Cut {
  if (text.length <= head + tail) return { text, left: 0 };
  const headEnd = text.lastIndexOf('\n', head) > head / 2 ? text.lastIndexOf('\n', head) : head;
  const from = text.indexOf('\n', text.length - tail);
  const tailStart = from >= 0 && from < text.length - tail / 2 ? from + 1 : text.length - tail;
  const left = tailStart - headEnd;
  return {
    text: `${text.slice(0, headEnd)}\n[... ${left} characters left out${whereRest} ...]\n${text.slice(tailStart)}`,
    left,
  };
}
