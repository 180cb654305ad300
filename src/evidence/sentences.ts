/** A sentence of an answer in Markdown, with where it stands. */
export interface Sentence {
  text: string;
  start: number;
}

/** What is behind is not looked at. */
const MAX_ANSWER = 100_000;
const MAX_LINE = 4_000;

/** Ends of sentences: a mark before a space and what can begin one, or a mark of Chinese and Japanese. */
const END = /[.!?…](?:["'”»)*_\]]{0,3})(?=\s+["'“«(*_[`]{0,3}[\p{Lu}\p{N}`“"(])|[。！？]/gu;
/** Words that a point belongs to. */
const ABBREVIATED =
  /(?:^|[\s(])(?:e\.g|i\.e|vs|cf|ca|approx|resp|incl|excl|fig|no|nr|bzw|z\.B|d\.h|env|p\.ej|p\. ej|etc|Dr|St|\p{L})\.$/iu;

/** The sentences of an answer in order: a line of a table or a list is one or several, code is none. */
export function sentencesOf(answer: string): Sentence[] {
  const sentences: Sentence[] = [];
  let fence: string | undefined;
  let at = 0;
  for (const line of answer.slice(0, MAX_ANSWER).split('\n')) {
    const mark = /^\s*(```+|~~~+)/u.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence)))
      fence = fence === undefined ? mark : undefined;
    else if (fence === undefined && line.length <= MAX_LINE) sentences.push(...sentencesIn(line, at));
    at += line.length + 1;
  }
  return sentences;
}

function sentencesIn(line: string, offset: number): Sentence[] {
  if (/^\s*>/u.test(line)) return []; // What is quoted is somebody else's.
  if (/^\s*\|/u.test(line)) return [{ text: line, start: offset }];
  const found: Sentence[] = [];
  let start = 0;
  const push = (end: number): void => {
    const text = line.slice(start, end);
    const lead = text.length - text.trimStart().length;
    if (text.trim() !== '') found.push({ text: text.trim(), start: offset + start + lead });
    start = end;
  };
  for (const match of line.matchAll(END)) {
    const end = match.index + match[0].length;
    if (!ABBREVIATED.test(line.slice(start, end)) && !/^\s*(?:[-*>]\s+)?\d{1,2}\.$/u.test(line.slice(start, end)))
      push(end);
  }
  push(line.length);
  return found;
}
