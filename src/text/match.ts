/** A stretch of the original text, by character offsets. */
export interface Span {
  start: number;
  end: number;
}

/**
 * Every place where `wanted` stands in `text`, not overlapping. Only line ends, a byte order mark and spaces at the ends
 * of lines may differ; an exact match anywhere wins over a forgiving one. Nothing is found by likeness.
 */
export function findAll(text: string, wanted: string): Span[] {
  const exact = spansOf(text, wanted);
  if (exact.length > 0) return exact;
  const plain = simplify(text);
  return spansOf(plain.text, simplify(withoutMark(wanted)).text).map(({ start, end }) => ({
    start: plain.offsetOf(start),
    end: plain.offsetOf(end),
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

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** The text with LF alone and no spaces at the ends of lines, and where its offsets lie in the original. */
function simplify(text: string): { text: string; offsetOf: (offset: number) => number } {
  const lines = text.split('\n');
  const kept = lines.map(withoutTrailing);
  const starts: { plain: number; original: number }[] = [];
  let plain = 0;
  let original = 0;
  for (const [index, line] of lines.entries()) {
    starts.push({ plain, original });
    plain += (kept[index] ?? '').length + 1;
    original += line.length + 1;
  }
  const offsetOf = (offset: number): number => {
    let low = 0;
    for (let high = starts.length - 1; low < high;) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle]?.plain ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = starts[low] ?? { plain: 0, original: 0 };
    return start.original + offset - start.plain;
  };
  return { text: kept.join('\n'), offsetOf };
}

/** By hand: a regular expression for this takes quadratic time on a long run of spaces. */
function withoutTrailing(line: string): string {
  let end = line.endsWith('\r') ? line.length - 1 : line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1;
  return line.slice(0, end);
}

/** Puts `replacement` into each span, in the line ends of what it replaces. `$&` and the like are plain text. */
export function replaceSpans(text: string, spans: readonly Span[], replacement: string): string {
  const plain = withoutMark(replacement).replaceAll('\r\n', '\n');
  const usual = lineEndOf(text);
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of spans) {
    const old = text.slice(start, end);
    const lineEnd = old.includes('\n') ? lineEndOf(old) : usual;
    parts.push(text.slice(from, start), lineEnd === '\n' ? plain : plain.replaceAll('\n', lineEnd));
    from = end;
  }
  return parts.join('') + text.slice(from);
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
