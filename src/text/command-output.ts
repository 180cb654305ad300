/** Escape sequences: CSI, string sequences (ended by BEL or ST, at most by the line's end), two-character ones. */
const ESCAPES =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]/gu;
const CONTROLS = /[\u0000-\u0007\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu;
/** What moves or erases within a line: carriage return, backspace, erase-line. */
const MOVES = /(\r|\u0008|(?:\u001b\[|\u009b)[012]?K)/u;
const MIN_REPEATS = 4;

/** What a terminal would show in the end: no escape codes, progress bars in their last state, repeated lines folded. */
export function cleanOutput(raw: string): string {
  return foldRepeats(raw.split('\n').map(lastState)).join('\n');
}

/** The line as it stands at its end: what follows a carriage return or backspace writes over what was there. */
function lastState(line: string): string {
  const parts = line.replace(/\r+$/u, '').split(MOVES);
  let shown = '';
  let at = 0;
  for (const part of parts) {
    if (part === '\r') at = 0;
    else if (part === '\b') at = Math.max(0, at - 1);
    else if (/^(?:\u001b\[|\u009b)[012]?K$/u.test(part)) {
      if (part.endsWith('[1K')) shown = ' '.repeat(at) + shown.slice(at);
      else shown = part.endsWith('2K') ? ' '.repeat(at) : shown.slice(0, at);
    } else {
      const text = part.replaceAll(ESCAPES, '').replaceAll(CONTROLS, '');
      shown = shown.slice(0, at) + text + shown.slice(at + text.length);
      at += text.length;
    }
  }
  return shown.trimEnd();
}

function foldRepeats(lines: readonly string[]): string[] {
  const folded: string[] = [];
  for (let index = 0; index < lines.length;) {
    let end = index + 1;
    while (end < lines.length && lines[end] === lines[index]) end += 1;
    const count = end - index;
    const line = lines[index] ?? '';
    if (count >= MIN_REPEATS && line.trim() !== '') folded.push(line, `[the line above ${count} times]`);
    else for (let copy = 0; copy < count; copy++) folded.push(line);
    index = end;
  }
  return folded;
}
