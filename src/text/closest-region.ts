export interface Closest {
  /** 1-based first and last line. */
  first: number;
  last: number;
  lines: string[];
  /** The first line that differs, in the file and as wanted. */
  difference?: { line: number; have: string; wanted: string };
}

const MAX_SEARCHED_LINES = 20_000;
const MAX_COMPARED_LINES = 100;
const MAX_CANDIDATES = 300;
/** Less than this share of a line in common is no likeness worth showing. */
const MIN_LIKENESS = 0.4;

/** The region most like `wanted` by equal lines, for an error message; `undefined` where nothing is alike. */
export function closestRegion(text: string, wanted: string): Closest | undefined {
  const have = text.split(/\r?\n/u);
  const want = wanted.replace(/\r?\n$/u, '').split(/\r?\n/u);
  if (have.length > MAX_SEARCHED_LINES) return undefined;
  const compared = want.slice(0, MAX_COMPARED_LINES);
  const score = (start: number): number =>
    compared.reduce((sum, line, index) => sum + likeness(have[start + index] ?? '', line), 0);
  let best = { start: -1, score: 0 };
  for (const start of candidates(have, compared)) {
    const here = score(start);
    if (here > best.score) best = { start, score: here };
  }
  if (best.score < compared.length * MIN_LIKENESS) return undefined;
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

/**
 * Where the region may begin: at the lines that stand in both texts, the rarest first; and by likeness to the longest
 * wanted line alone where none does. Comparing everything with everything would hold up the editor for seconds.
 */
function candidates(have: readonly string[], want: readonly string[]): Iterable<number> {
  const places = new Map<string, number[]>();
  for (const [index, line] of have.entries()) {
    const key = line.trim();
    const known = places.get(key);
    if (known) known.push(index);
    else places.set(key, [index]);
  }
  const anchors = want
    .map((line, index) => ({ index, at: /\w/u.test(line) ? (places.get(line.trim()) ?? []) : [] }))
    .filter(({ at }) => at.length > 0)
    .sort((a, b) => a.at.length - b.at.length)
    .flatMap(({ index, at }) => at.map((line) => line - index));
  const pivot = want.reduce(
    (longest, line, index) => (line.length > (want[longest] ?? '').length ? index : longest),
    0,
  );
  const wanted = want[pivot] ?? '';
  const alike =
    anchors.length > 0 ? [] : have.map((line, index) => ({ start: index - pivot, score: likeness(line, wanted) }));
  const starts = [
    ...anchors.slice(0, MAX_CANDIDATES),
    ...alike
      .filter((one) => one.score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, MAX_CANDIDATES)
      .map(({ start }) => start),
  ];
  return new Set(starts.map((start) => Math.max(0, start)));
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
