/** A stretch of the original text, by character offsets. */
export interface Span {
  start: number;
  end: number;
}

/**
 * Every place where `wanted` stands in `text`, not overlapping. Only line ends and spaces at the ends of lines may
 * differ; an exact match anywhere wins over a forgiving one. Nothing is found by likeness.
 */
export function findAll(text: string, wanted: string): Span[] {
  const exact = spansOf(text, wanted);
  if (exact.length > 0 || wanted === '') return exact;
  const plain = simplify(text);
  return spansOf(plain.text, simplify(wanted).text).map(({ start, end }) => ({
    start: plain.offsets[start] ?? text.length,
    end: plain.offsets[end] ?? text.length,
  }));
}

function spansOf(text: string, wanted: string): Span[] {
  const spans: Span[] = [];
  if (wanted === '') return spans;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    spans.push({ start: at, end: at + wanted.length });
  }
  return spans;
}

/** The text with LF alone and no trailing spaces, and for each of its characters the offset in the original. */
function simplify(text: string): { text: string; offsets: number[] } {
  const kept: string[] = [];
  const offsets: number[] = [];
  const dropped = /[ \t]*\r?\n|[ \t]+$/gu;
  let from = 0;
  const keep = (end: number): void => {
    for (let at = from; at < end; at++) {
      kept.push(text[at] ?? '');
      offsets.push(at);
    }
  };
  for (const match of text.matchAll(dropped)) {
    keep(match.index);
    from = match.index + match[0].length;
    if (!match[0].endsWith('\n')) continue;
    kept.push('\n');
    offsets.push(match.index);
  }
  keep(text.length);
  offsets.push(text.length);
  return { text: kept.join(''), offsets };
}

/** Puts `replacement` into each span, in the line ends of the text around it. `$&` and the like are plain text. */
export function replaceSpans(text: string, spans: readonly Span[], replacement: string): string {
  const inserted =
    lineEndOf(text) === '\r\n' ? replacement.replaceAll(/\r?\n/gu, '\r\n') : replacement.replaceAll('\r\n', '\n');
  let result = '';
  let from = 0;
  for (const { start, end } of spans) {
    result += text.slice(from, start) + inserted;
    from = end;
  }
  return result + text.slice(from);
}

/** The line end that most lines have. */
export function lineEndOf(text: string): '\n' | '\r\n' {
  const windows = text.split('\r\n').length - 1;
  return windows > 0 && windows * 2 >= text.split('\n').length - 1 ? '\r\n' : '\n';
}

/** 1-based line of a character offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

export interface Closest {
  /** 1-based first and last line. */
  first: number;
  last: number;
  lines: string[];
  /** The first line that differs, in the file and as wanted. */
  difference?: { line: number; have: string; wanted: string };
}

const MAX_CLOSEST_LINES = 20_000;

/** The region most like `wanted` by equal lines, for an error message; `undefined` where nothing is alike. */
export function closestRegion(text: string, wanted: string): Closest | undefined {
  const have = text.split(/\r?\n/u);
  const want = wanted.replace(/\r?\n$/u, '').split(/\r?\n/u);
  if (have.length > MAX_CLOSEST_LINES) return undefined;
  const score = (start: number): number =>
    want.reduce((sum, line, index) => sum + likeness(have[start + index] ?? '', line), 0);
  let best = { start: -1, score: 0 };
  for (let start = 0; start < have.length; start++) {
    const here = score(start);
    if (here > best.score) best = { start, score: here };
  }
  if (best.score < want.length * 0.4) return undefined;
  const lines = have.slice(best.start, best.start + want.length);
  const differs = want.findIndex((line, index) => line.trimEnd() !== (lines[index] ?? '').trimEnd());
  return {
    first: best.start + 1,
    last: best.start + lines.length,
    lines,
    ...(differs < 0
      ? {}
      : { difference: { line: best.start + differs + 1, have: lines[differs] ?? '', wanted: want[differs] ?? '' } }),
  };
}

/** 1 for the same line, 0.8 when only the indentation differs, else the share of words in common. */
function likeness(a: string, b: string): number {
  if (a.trimEnd() === b.trimEnd()) return 1;
  if (a.trim() === b.trim()) return 0.8;
  const words = new Set(a.match(/\w+/gu) ?? []);
  const others = b.match(/\w+/gu) ?? [];
  if (words.size === 0 || others.length === 0) return 0;
  return (0.7 * others.filter((word) => words.has(word)).length) / Math.max(words.size, others.length);
}
