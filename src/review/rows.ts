import { align, UNMATCHED } from '../text/align';
import type { Block } from './blocks';
import type { FileReview } from './file-review';
import { CONTEXT, type Hunk } from './hunks';

export interface Row {
  sign: ' ' | '-' | '+';
  /** 1-based: of the base for `-`, of the current text for the rest. */
  line: number;
  /** Without its line end, cut at `MAX_ROW_CHARACTERS`. */
  text: string;
  cut: boolean;
  /** False for a last line that has none. */
  hasNewline: boolean;
  /** What differs within the line: places in `text`, from and up to. */
  marks: readonly (readonly [number, number])[];
}

export const MAX_ROW_CHARACTERS = 1_000;
/** Lines beyond that are not compared word by word. */
const MAX_MARKED_LINES = 200;
/** Lines that share less than this are another line, not a changed one. */
const LEAST_SHARED = 0.3;

/** A hunk as a diff shows it, with context. Of a whole file that came or went, all its lines; of a binary one none. */
export function rowsOf(review: FileReview, hunk: Hunk): Row[] {
  if (hunk.kind === 'whole') return wholeRows(review);
  if (hunk.kind === 'frame') return frameRows(review);
  const room = hunk.kind === 'cells' ? 0 : CONTEXT;
  return hunk.blocks.flatMap((block, index) => {
    const [last, next] = [hunk.blocks[index - 1], hunk.blocks[index + 1]];
    const end = block.start + block.count;
    return [
      ...contextRows(review, contextBefore(review, block.start, last ? Infinity : room), block.start),
      ...blockRows(review, block),
      ...(next ? [] : contextRows(review, end, contextAfter(review, end, room))),
    ];
  });
}

function wholeRows({ base, current }: FileReview): Row[] {
  if (base.kind === 'whole' || current.kind === 'whole') return [];
  return [...rows('-', base.units, 1), ...rows('+', current.units, 1)];
}

function frameRows({ base, current }: FileReview): Row[] {
  const textOf = (content: FileReview['base']): string =>
    content.kind === 'cells' ? `${content.frame.head} ... ${content.frame.tail}` : '';
  return [...rows('-', textOf(base).split(/(?<=\n)/u), 1), ...rows('+', textOf(current).split(/(?<=\n)/u), 1)];
}

/** Only what is the same on both sides: another hunk may be nearer than the context reaches. */
function contextBefore({ match }: FileReview, end: number, room: number): number {
  let start = end;
  while (start > 0 && end - start < room && match[start - 1] !== UNMATCHED) start -= 1;
  return start;
}

function contextAfter({ match }: FileReview, start: number, room: number): number {
  let end = start;
  while (end < match.length && end - start < room && match[end] !== UNMATCHED) end += 1;
  return end;
}

function contextRows({ current }: FileReview, from: number, to: number): Row[] {
  return rows(' ', current.units.slice(from, to), from + 1);
}

function blockRows({ base, current }: FileReview, { baseStart, baseCount, start, count }: Block): Row[] {
  const taken = base.units.slice(baseStart, baseStart + baseCount);
  const added = current.units.slice(start, start + count);
  const [minus, plus] = [rows('-', taken, baseStart + 1), rows('+', added, start + 1)];
  if (Math.max(minus.length, plus.length) > MAX_MARKED_LINES) return [...minus, ...plus];
  for (let index = 0; index < Math.min(minus.length, plus.length); index++) {
    const marks = wordMarks(minus[index]!.text, plus[index]!.text);
    minus[index] = { ...minus[index]!, marks: marks.old };
    plus[index] = { ...plus[index]!, marks: marks.young };
  }
  return [...minus, ...plus];
}

/** Cells have several lines, all of the cell's own number. */
function rows(sign: Row['sign'], units: readonly string[], first: number): Row[] {
  return units.flatMap((unit, index) =>
    (unit.match(/[^\n]*\n|[^\n]+$/gu) ?? []).map((line): Row => {
      const hasNewline = line.endsWith('\n');
      const text = decoded(line.replace(/\r?\n$/u, ''));
      const cut = text.length > MAX_ROW_CHARACTERS;
      return {
        ...{ sign, line: first + index, hasNewline, cut, marks: [] },
        text: cut ? text.slice(0, MAX_ROW_CHARACTERS) : text,
      };
    }),
  );
}

/** Bytes for people: UTF-8 where the line is, else each byte a character. */
function decoded(line: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(line, 'latin1'));
  } catch {
    return line; // Another encoding: shown as Latin-1.
  }
}

/** What differs between two versions of a line, by words. */
export function wordMarks(old: string, young: string): Record<'old' | 'young', [number, number][]> {
  const [oldWords, youngWords] = [wordsOf(old), wordsOf(young)];
  const way = align(oldWords, youngWords);
  const shared = youngWords.reduce((sum, word, index) => sum + (way[index] === UNMATCHED ? 0 : word.trim().length), 0);
  if (shared < LEAST_SHARED * Math.max(old.trim().length, young.trim().length)) return { old: [], young: [] };
  const kept = new Set(way);
  return {
    old: rangesOf(oldWords, (index) => !kept.has(index)),
    young: rangesOf(youngWords, (index) => way[index] === UNMATCHED),
  };
}

function wordsOf(line: string): string[] {
  return line.match(/[\p{L}\p{N}_]+|\s+|./gsu) ?? [];
}

function rangesOf(words: readonly string[], isMarked: (index: number) => boolean): [number, number][] {
  const ranges: [number, number][] = [];
  let at = 0;
  words.forEach((word, index) => {
    const last = ranges.at(-1);
    if (isMarked(index)) {
      if (last?.[1] === at) last[1] = at + word.length;
      else ranges.push([at, at + word.length]);
    }
    at += word.length;
  });
  return ranges;
}
