import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { takeInventory, type Held, type Inventory } from '../artefacts/inventory';
import type { Folder } from '../host/host';

const MAX_FILES = 20_000;
/** In a folder for its output alone, what is named like this is what a run goes on from. */
const LIKE_A_CHECKPOINT = /model|check-?point|ckpt|state|weights?|resume|last|best|epoch|step/iu;

export interface Output {
  path: string;
  /** As people read it. */
  shown: string;
  bytes: number;
}

export interface Places {
  /** The workspace. */
  folders: readonly Folder[];
  /** Globs of the user's own for what counts as data, checkpoints and models. */
  globs: readonly string[];
  /** A folder for the trial's output alone, absolute. */
  scratch: string;
}

export interface Before {
  guarded: Inventory;
  scratch: ReadonlyMap<string, string>;
}

export async function lookBefore({ folders, globs, scratch }: Places, signal: AbortSignal): Promise<Before> {
  const [guarded, files] = await Promise.all([takeInventory(folders, globs, signal), filesIn(scratch)]);
  return { guarded, scratch: new Map(files.map(({ path, stamp }) => [path, stamp])) };
}

/** What a run has written since: checkpoints and models, largest first, and all that was seen together. */
export async function writtenSince(
  before: Before,
  { folders, globs, scratch }: Places,
  signal: AbortSignal,
): Promise<{ saved: Output[]; bytes: number }> {
  const [after, files, own] = await Promise.all([
    takeInventory(folders, globs, signal),
    filesIn(scratch),
    takeInventory([{ name: 'out', path: scratch }], globs, signal),
  ]);
  const guarded = [...after.files.values()].filter((file) => !isSame(file, before.guarded.files.get(file.path)));
  const fresh = files.filter(({ path, stamp }) => before.scratch.get(path) !== stamp);
  const kinds = new Map([...own.files.values()].map(({ path, kind }) => [path, kind]));
  const saved = [
    ...guarded.filter(({ kind }) => isState(kind)).map(({ path, shown, size }) => ({ path, shown, bytes: size })),
    ...chosen(fresh, ({ path }) => isState(kinds.get(path))),
  ];
  const bytes = [...guarded.map(({ size }) => size), ...fresh.map((one) => one.bytes)].reduce((a, b) => a + b, 0);
  return { saved: saved.sort((a, b) => b.bytes - a.bytes), bytes };
}

/** What is surely one; where there is none, what is called like one. */
function chosen(fresh: readonly Output[], isSure: (one: Output) => boolean): Output[] {
  const full = fresh.filter(({ bytes }) => bytes > 0).map(({ path, shown, bytes }) => ({ path, shown, bytes }));
  const sure = full.filter(isSure);
  return sure.length > 0 ? sure : full.filter(({ shown }) => LIKE_A_CHECKPOINT.test(shown));
}

function isState(kind: Held['kind'] | undefined): boolean {
  return kind === 'checkpoint' || kind === 'model';
}

function isSame(now: Held, before: Held | undefined): boolean {
  return before?.size === now.size && before.mtime === now.mtime && before.inode === now.inode;
}

async function filesIn(folder: string): Promise<(Output & { stamp: string })[]> {
  const found: (Output & { stamp: string })[] = [];
  const open = [''];
  for (let next = open.shift(); next !== undefined && found.length < MAX_FILES; next = open.shift()) {
    for (const entry of await readdir(join(folder, next), { withFileTypes: true }).catch(() => [])) {
      const shown = next === '' ? entry.name : `${next}/${entry.name}`;
      if (entry.isDirectory()) open.push(shown);
      const stats = entry.isFile() ? await lstat(join(folder, shown)).catch(() => undefined) : undefined;
      if (!stats) continue;
      const { size: bytes, mtimeMs, ino } = stats;
      found.push({ path: join(folder, shown), shown, bytes, stamp: `${bytes}:${mtimeMs}:${ino}` });
    }
  }
  return found;
}
