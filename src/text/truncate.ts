export interface Cut {
  text: string;
  /** Characters left out; 0 when all is there. */
  left: number;
}

/** At most `head` characters from the start and `tail` from the end, cut at line ends where there are some near. */
export function headAndTail(text: string, head: number, tail: number): Cut {
  if (text.length <= head + tail) return { text, left: 0 };
  const lineEnd = text.lastIndexOf('\n', head);
  const headEnd = lineEnd > head / 2 ? lineEnd : wholeCharacter(text, head);
  const from = text.indexOf('\n', text.length - tail);
  const tailStart =
    from >= 0 && from < text.length - tail / 2 ? from + 1 : wholeCharacter(text, text.length - tail, 'later');
  const left = tailStart - headEnd;
  return { text: `${text.slice(0, headEnd)}\n[... ${left} characters left out ...]\n${text.slice(tailStart)}`, left };
}

/** At most `most` characters from the start, and how long the whole was. */
export function cutLine(line: string, most: number): string {
  return line.length <= most
    ? line
    : `${line.slice(0, wholeCharacter(line, most))} [line cut: ${line.length} characters]`;
}

/** The offset, moved out of the middle of a surrogate pair: the API refuses a request that holds half of one. */
function wholeCharacter(text: string, at: number, towards: 'earlier' | 'later' = 'earlier'): number {
  const inside = /[\ud800-\udbff]/.test(text.charAt(at - 1)) && /[\udc00-\udfff]/.test(text.charAt(at));
  if (!inside) return at;
  return towards === 'earlier' ? at - 1 : at + 1;
}
