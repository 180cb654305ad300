/** A stretch of a text, by character offsets. */
export interface Range {
  start: number;
  end: number;
}

/**
 * Where the members' values of an object lie, by key. `text` must be what JSON.parse takes, with the object's brace at
 * `start`; of a key that is there twice, the last counts, as it does there.
 */
export function membersOf(text: string, start: number): Map<string, Range> {
  const members = new Map<string, Range>();
  for (let at = skipSpace(text, start + 1); text[at] === '"';) {
    const keyEnd = endOfValue(text, at);
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    const value = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, value);
    members.set(key, { start: value, end });
    at = afterComma(text, end);
  }
  return members;
}

/** Where the elements of an array lie. `text` must be what JSON.parse takes, with the array's bracket at `start`. */
export function elementsOf(text: string, start: number): Range[] {
  const elements: Range[] = [];
  for (let at = skipSpace(text, start + 1); at < text.length && text[at] !== ']';) {
    const end = endOfValue(text, at);
    elements.push({ start: at, end });
    at = afterComma(text, end);
  }
  return elements;
}

function afterComma(text: string, end: number): number {
  const next = skipSpace(text, end);
  return text[next] === ',' ? skipSpace(text, next + 1) : next;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return at;
}

function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first !== '{' && first !== '[') return endOfWord(text, start);
  const marks = /["{}[\]]/gu;
  marks.lastIndex = start;
  let depth = 0;
  for (let found = marks.exec(text); found; found = marks.exec(text)) {
    if (found[0] === '"') marks.lastIndex = endOfString(text, found.index);
    else depth += found[0] === '{' || found[0] === '[' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}

/** By jumps: pictures are strings of megabytes, too long for a regular expression that remembers each character. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function endOfWord(text: string, start: number): number {
  const marks = /[\s,\]}]/gu;
  marks.lastIndex = start;
  return marks.exec(text)?.index ?? text.length;
}
