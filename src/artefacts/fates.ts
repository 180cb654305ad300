import { dirname } from 'node:path';
import type { Surprise } from '../agent/guard';
import type { Held, Inventory } from './inventory';

/**
 * What became of a guarded file while something ran. `deleted`: no file is at its place, nor elsewhere under another
 * name. `replaced`: another file is at its place. `rewritten`: it holds other bytes.
 */
export type Fate = Surprise['fate'];

export interface Fated {
  file: Held;
  fate: Fate;
  /** In its folder others of its kind came to be meanwhile: what a training run does that keeps its last few. */
  rotated: boolean;
}

export interface Fates {
  lost: Fated[];
  /** Files that are new, or hold what they did not hold before. */
  made: Held[];
}

/** What a log or a table is only added to: what it held it still holds. */
const GROWS = /\.(?:csv|tsv|jsonl|ndjson|txt|log|db|sqlite3?)$|^events\.out\.tfevents/iu;

/**
 * What became of the guarded files between two inventories. `now` tells of a path that the second one lacks how it is,
 * since an inventory that ran out of time has not seen all there is. Pure.
 */
export function fatesOf(before: Inventory, after: Inventory, now: ReadonlyMap<string, Held | undefined>): Fates {
  const old = [...before.files.values()];
  const states = new Set(old.map(stateOf));
  const elsewhere = new Set(
    [...after.files.values()].filter((file) => !isSame(before.files.get(file.path), file)).map(stateOf),
  );
  const made = [...after.files.values()].filter((file) => {
    const was = before.files.get(file.path);
    // What an inventory without end has not seen may have been there all the time.
    return was ? !isSame(was, file) : before.complete && !states.has(stateOf(file));
  });
  const madeIn = new Set(made.map((file) => `${dirname(file.path)}\0${file.kind}`));
  const lost = old.flatMap((file): Fated[] => {
    const fate = fateOf(file, after.files.get(file.path) ?? now.get(file.path), elsewhere);
    return fate ? [{ file, fate, rotated: madeIn.has(`${dirname(file.path)}\0${file.kind}`) }] : [];
  });
  return { lost: lost.sort((a, b) => b.file.size - a.file.size), made };
}

function fateOf(file: Held, now: Held | undefined, elsewhere: ReadonlySet<string>): Fate | undefined {
  if (isSame(file, now) || elsewhere.has(stateOf(file))) return undefined;
  if (!now) return 'deleted';
  if (file.device !== now.device || file.inode !== now.inode) return 'replaced';
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return GROWS.test(name) && now.size >= file.size ? undefined : 'rewritten';
}

/** A number of a file is given out again once the file is gone, so size and time tell with it. */
function stateOf({ device, inode, size, mtime }: Held): string {
  return `${device}:${inode}:${size}:${mtime}`;
}

function isSame(a: Held | undefined, b: Held | undefined): boolean {
  return a !== undefined && b !== undefined && stateOf(a) === stateOf(b);
}
