import { structuredPatch } from 'diff';
import type { PanelDiff, PanelFile, PanelHunk, PanelRow } from './sections/changes';

export const MAX_IMAGE_BYTES = 5_000_000;
export const MAX_FILE_ROWS = 2_000;
export const MAX_ROW_CHARACTERS = 1_000;
/** Past these the exact diff is given up for one that takes everything between the first and the last difference. */
const MAX_DIFF_MS = 100;
const MAX_EDITS = 10_000;
const CONTEXT_LINES = 3;

export interface FileDiff {
  diff: PanelDiff;
  counts: PanelFile['counts'];
}

interface Patch {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  lines: string[];
}

/** The diff of two images of a file, `null` for "no such file" and `undefined` for one that is lost. Bounded in time and size. */
export function diffImages(before: Uint8Array | null | undefined, after: Uint8Array | null | undefined): FileDiff {
  if (before === undefined || after === undefined) return none('lost');
  if ((before?.length ?? 0) > MAX_IMAGE_BYTES || (after?.length ?? 0) > MAX_IMAGE_BYTES) return none('huge');
  const [earlier, later] = [decode(before), decode(after)];
  if (earlier === undefined || later === undefined) return none('binary');
  const patches = patchesOf(earlier, later);
  const signs = patches.flatMap(({ lines }) => lines.map((line) => line[0]));
  // Windows line ends are only worth showing where they are what changed.
  const dropsReturns = [earlier, later].every((text) => text === '' || text.includes('\r\n'));
  return {
    diff: boundRows(patches.map((patch) => hunkOf(patch, dropsReturns))),
    counts: {
      added: signs.filter((sign) => sign === '+').length,
      removed: signs.filter((sign) => sign === '-').length,
    },
  };
}

function none(why: Extract<PanelDiff, { kind: 'none' }>['why']): FileDiff {
  return { diff: { kind: 'none', why }, counts: null };
}

function decode(bytes: Uint8Array | null): string | undefined {
  if (bytes === null) return '';
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // Not UTF-8: nothing a diff of lines could show truthfully.
  }
}

function patchesOf(earlier: string, later: string): Patch[] {
  const options = { context: CONTEXT_LINES, timeout: MAX_DIFF_MS, maxEditLength: MAX_EDITS };
  return structuredPatch('', '', earlier, later, undefined, undefined, options)?.hunks ?? coarsePatches(earlier, later);
}

function coarsePatches(earlier: string, later: string): Patch[] {
  const [old, young] = [linesOf(earlier), linesOf(later)];
  const shorter = Math.min(old.length, young.length);
  let head = 0;
  while (head < shorter && old[head] === young[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === young[young.length - 1 - tail]) tail += 1;
  const start = Math.max(0, head - CONTEXT_LINES);
  const trailing = old.slice(old.length - tail, old.length - tail + CONTEXT_LINES);
  const lines = [
    ...old.slice(start, head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...young.slice(head, young.length - tail).map((line) => `+${line}`),
    ...trailing.map((line) => ` ${line}`),
  ];
  const kept = head - start + trailing.length;
  return [
    {
      oldStart: start + 1,
      oldLines: old.length - tail - head + kept,
      newStart: start + 1,
      newLines: young.length - tail - head + kept,
      lines,
    },
  ];
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function hunkOf(patch: Patch, dropsReturns: boolean): PanelHunk {
  let [old, young] = [patch.oldStart, patch.newStart];
  const rows = patch.lines.map((line): PanelRow => {
    const sign = line[0] as PanelRow['sign'];
    const number = sign === '-' ? old : young;
    if (sign === '-' || sign === ' ') old += 1;
    if (sign === '+' || sign === ' ') young += 1;
    const text = dropsReturns && line.endsWith('\r') ? line.slice(1, -1) : line.slice(1);
    const cut = text.length > MAX_ROW_CHARACTERS;
    return { sign, line: number, text: cut ? text.slice(0, MAX_ROW_CHARACTERS) : text, cut };
  });
  return { header: `@@ -${range(patch.oldStart, patch.oldLines)} +${range(patch.newStart, patch.newLines)} @@`, rows };
}

/** In a unified diff an empty range is named by the line before it. */
function range(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`;
}

function boundRows(hunks: PanelHunk[]): PanelDiff {
  let room = MAX_FILE_ROWS;
  const kept: PanelHunk[] = [];
  for (const hunk of hunks) {
    if (room <= 0) break;
    kept.push({ header: hunk.header, rows: hunk.rows.slice(0, room) });
    room -= hunk.rows.length;
  }
  const total = hunks.reduce((rows, hunk) => rows + hunk.rows.length, 0);
  return { kind: 'text', hunks: kept, moreRows: Math.max(0, total - MAX_FILE_ROWS) };
}
