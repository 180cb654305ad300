import type { FileReview } from './file-review';
import type { OpenFile } from './reviews';

/** An open hunk as it stands in the text of its file. Lines count from 0. */
export interface Place {
  /** What it is decided by: the change itself, wherever it has moved to. */
  id: string;
  /** The person's own lines are in it too. */
  mixed: boolean;
  parts: readonly PlacePart[];
  /** The lines that stand for it, up to and without `end`; for what was only removed, those around it. */
  start: number;
  end: number;
}

export interface PlacePart {
  start: number;
  count: number;
  /** How many lines were taken away here. */
  removed: number;
  /** Where they stand in the base. */
  baseStart: number;
}

/** The agent's open hunks that are lines of the text; a notebook's cells, deleted and binary files have none. */
export function placesOf({ hunks }: OpenFile): Place[] {
  return hunks.flatMap(({ id, kind, by, blocks }): Place[] => {
    const [first, last] = [blocks[0], blocks.at(-1)];
    if (kind !== 'lines' || by === 'user' || !first || !last) return [];
    return [
      {
        ...{ id, mixed: by === 'both' },
        parts: blocks.map(({ start, count, baseStart, baseCount }) => ({
          start,
          count,
          baseStart,
          removed: baseCount,
        })),
        start: first.count === 0 ? Math.max(0, first.start - 1) : first.start,
        end: last.start + Math.max(1, last.count),
      },
    ];
  });
}

/** An open hunk of a notebook that is a cell, or what stands in place of one. Cells count from 0. */
export interface CellPlace {
  id: string;
  mixed: boolean;
  /** The cells that stand for it; for what was only removed, the one before. */
  cells: readonly number[];
  /** How many cells were taken away. */
  removed: number;
  written: number;
}

/** The agent's open hunks that are cells of a notebook. */
export function cellPlacesOf({ hunks }: OpenFile): CellPlace[] {
  return hunks.flatMap(({ id, kind, by, blocks }): CellPlace[] => {
    if (kind !== 'cells' || by === 'user') return [];
    return blocks.map(({ start, count, baseCount }) => {
      const cells = count > 0 ? Array.from({ length: count }, (_, index) => start + index) : [Math.max(0, start - 1)];
      return { id, mixed: by === 'both', cells, removed: baseCount, written: count };
    });
  });
}

/** The hunk that stands at a line; of two beside each other the one whose own line it is. */
export function placeAt(places: readonly Place[], line: number): Place | undefined {
  const isOwn = ({ parts }: Place): boolean =>
    parts.some(({ start, count }) => count > 0 && line >= start && line < start + count);
  return places.find(isOwn) ?? places.find(({ start, end }) => line >= start && line < end);
}

/** The next hunk behind a line, or before it; from the last on the first again. */
export function placeBeyond(places: readonly Place[], line: number, way: 'next' | 'previous'): Place | undefined {
  if (way === 'next') return places.find(({ start }) => start > line) ?? places[0];
  return places.findLast(({ start, end }) => start < line && end <= line) ?? places.at(-1);
}

/** The lines that a part took away, without their ends; at most `most` of them. */
export function removedLines({ base }: FileReview, { baseStart, removed }: PlacePart, most: number): string[] {
  const units = base.units.slice(baseStart, baseStart + Math.min(removed, most));
  return units.map((unit) => Buffer.from(unit.replace(/\r?\n$/u, ''), 'latin1').toString());
}
