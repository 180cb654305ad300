import { languageOf, tokensOf, type Token } from './languages';
import { leftOpen, openerOf } from './openers';
import type { Paint, Piece } from './pieces';

/** Past these a line, and what of a hunk comes then, stays plain. */
export const MAX_LINE_CHARACTERS = 500;
export const MAX_SIDE_CHARACTERS = 40_000;
/**
 * Some grammars take the cube of a text's length for lines that nobody writes: forty thousand letters held a page for
 * forty seconds. So little is given to them at a time that this is a moment too, and the rest is left when it took long.
 */
const CHUNK_CHARACTERS = 2_000;
const MAX_MS = 1_000;

/** The earlier and the later lines are two texts, each coloured by itself: a line is coloured as the file it stands in reads. */
export const paint: Paint = function* (name, rows) {
  const pieces = rows.map((): Piece[] => []);
  const language = languageOf(name);
  if (language === undefined) return pieces;
  const spent = { ms: 0 };
  // What both have is drawn as it reads later.
  for (const [signs, drawn] of [
    [' -', '-'],
    [' +', ' +'],
  ] as const) {
    const side = rows.flatMap(({ sign }, at) => (signs.includes(sign) ? [at] : []));
    if (!side.some((at) => drawn.includes(rows[at]?.sign ?? ''))) continue;
    const lines = boundLines(side.map((at) => rows[at]?.text ?? ''));
    const painted = yield* paintSide(language, lines, spent);
    painted.forEach((of, nth) => {
      const at = side[nth];
      if (at !== undefined && drawn.includes(rows[at]?.sign ?? '')) pieces[at] = of;
    });
  }
  return pieces;
};

/** A line that is too long counts as an empty one. */
function boundLines(texts: readonly string[]): string[] {
  const lines: string[] = [];
  let left = MAX_SIDE_CHARACTERS;
  for (const text of texts) {
    const line = text.length > MAX_LINE_CHARACTERS ? '' : text;
    left -= line.length + 1;
    if (left < 0) break;
    lines.push(line);
  }
  return lines;
}

function* paintSide(language: string, lines: readonly string[], spent: { ms: number }): Generator<void, Piece[][]> {
  const pieces: Piece[][] = [];
  // A hunk begins anywhere: also in the middle of a comment.
  let before = openerOf(language, lines);
  for (const chunk of chunksOf(lines)) {
    if (spent.ms > MAX_MS) break;
    const began = performance.now();
    const text = `${before}${chunk.join('\n')}`;
    const tokens = tokensOf(language, text);
    pieces.push(...intoLines(tokens, chunk, before.length));
    before = tokens.at(-1)?.to === text.length ? leftOpen(language, text) : '';
    spent.ms += performance.now() - began;
    yield;
  }
  return pieces;
}

function chunksOf(lines: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let room = 0;
  for (const line of lines) {
    if (room <= line.length) {
      chunks.push([]);
      room = CHUNK_CHARACTERS;
    }
    chunks.at(-1)?.push(line);
    room -= line.length + 1;
  }
  return chunks;
}

function intoLines(tokens: readonly Token[], lines: readonly string[], shift: number): Piece[][] {
  let [next, start] = [0, shift];
  return lines.map((line) => {
    const pieces: Piece[] = [];
    const end = start + line.length;
    for (let at = next; at < tokens.length; at++) {
      const token = tokens[at];
      if (!token || token.from >= end) break;
      // The last one may go on in the next line.
      if (token.to <= end) next = at + 1;
      const [from, to] = [Math.max(token.from, start), Math.min(token.to, end)];
      if (from < to) pieces.push([from - start, to - start, token.kind]);
    }
    start = end + 1;
    return pieces;
  });
}
