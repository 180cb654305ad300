import type { Piece } from './colours/pieces';

export type { Piece };

interface Part {
  from: number;
  to: number;
  kind: Piece[2] | undefined;
}

/** A line cut at its marks, and each part again at its colours. Both lists are in order, and nothing in them overlaps. */
export function piecesOf(
  length: number,
  marks: readonly (readonly [number, number])[],
  pieces: readonly Piece[],
): { isMark: boolean; parts: Part[] }[] {
  const cuts: { from: number; to: number; isMark: boolean }[] = [];
  let at = 0;
  for (const [from, to] of marks) {
    if (from > at) cuts.push({ from: at, to: from, isMark: false });
    if (to > from) cuts.push({ from, to, isMark: true });
    at = to;
  }
  if (length > at) cuts.push({ from: at, to: length, isMark: false });
  return cuts.map(({ from, to, isMark }) => ({ isMark, parts: coloured(from, to, pieces) }));
}

function coloured(start: number, end: number, pieces: readonly Piece[]): Part[] {
  const parts: Part[] = [];
  let at = start;
  for (const [first, last, kind] of pieces) {
    const [from, to] = [Math.max(first, at), Math.min(last, end)];
    if (from >= to) continue;
    if (from > at) parts.push({ from: at, to: from, kind: undefined });
    parts.push({ from, to, kind });
    at = to;
  }
  if (end > at) parts.push({ from: at, to: end, kind: undefined });
  return parts;
}
