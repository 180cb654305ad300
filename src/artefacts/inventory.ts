import type { Stats } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folder } from '../host/host';
import { isInstalledFolder, mayBeArtefact, recognise, type ArtefactKind } from './recognise';
import type { Budget } from './survey';

/** A guarded file as it is at one moment. */
export interface Held {
  /** Absolute, the links of its workspace folder followed. */
  path: string;
  /** As people read it. */
  shown: string;
  kind: ArtefactKind;
  /** Bytes. */
  size: number;
  /** ms since the epoch */
  mtime: number;
  inode: number;
  device: number;
  mode: number;
  /** How many names it has. */
  links: number;
}

export interface Inventory {
  /** By path. */
  files: ReadonlyMap<string, Held>;
  /** False when the budget ended before the files did. */
  complete: boolean;
}

/** What an inventory may cost: it is taken twice for a command. */
export const INVENTORY: Budget = { files: 50_000, ms: 1_000 };

const AT_ONCE = 64;

/**
 * The data, checkpoints and models below these folders. Reads names and sizes alone and follows no link. `globs` are the
 * user's, as for `recognise`. Bounded; throws only the signal's reason.
 */
export async function takeInventory(
  folders: readonly Folder[],
  globs: readonly string[],
  signal: AbortSignal,
  budget = INVENTORY,
): Promise<Inventory> {
  const files = new Map<string, Held>();
  const until = Date.now() + budget.ms;
  let seen = 0;
  const isSpent = (): boolean => seen >= budget.files || Date.now() > until;
  // Breadth first, so that what a budget leaves out lies deepest.
  let level = await Promise.all(folders.map(async (folder) => rootOf(folder, folders.length > 1)));
  while (level.length > 0 && !isSpent()) {
    const below: Place[] = [];
    for (let at = 0; at < level.length && !isSpent(); at += AT_ONCE) {
      signal.throwIfAborted();
      const read = await Promise.all(level.slice(at, at + AT_ONCE).map((place) => entriesOf(place, globs)));
      seen += read.reduce((sum, { looked }) => sum + looked, 0);
      for (const { found, deeper } of read) {
        for (const file of found) files.set(file.path, file);
        below.push(...deeper);
      }
      if (isSpent()) return { files, complete: at + AT_ONCE >= level.length && below.length === 0 };
    }
    level = below;
  }
  return { files, complete: level.length === 0 };
}

interface Place {
  path: string;
  shown: string;
}

async function rootOf({ path, name }: Folder, isOneOfMany: boolean): Promise<Place> {
  return { path: await realpath(path).catch(() => path), shown: isOneOfMany ? name : '' };
}

async function entriesOf(
  { path, shown }: Place,
  globs: readonly string[],
): Promise<{ found: Held[]; deeper: Place[]; looked: number }> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const placed = (name: string): Place => ({ path: join(path, name), shown: shown === '' ? name : `${shown}/${name}` });
  const deeper = entries
    .filter((entry) => entry.isDirectory() && !isInstalledFolder(entry.name))
    .map(({ name }) => placed(name));
  const wanted = entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => placed(name))
    .filter((one) => mayBeArtefact(one.shown, globs));
  const found: Held[] = [];
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const some = await Promise.all(wanted.slice(at, at + AT_ONCE).map((one) => heldAt(one, globs)));
    found.push(...some.filter((one) => one !== undefined));
  }
  return { found, deeper, looked: entries.length };
}

async function heldAt({ path, shown }: Place, globs: readonly string[]): Promise<Held | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  // An empty file holds nothing that could be lost.
  if (!stats?.isFile() || stats.size === 0) return undefined;
  const recognised = recognise({ shown, size: stats.size, git: 'none' }, globs);
  return recognised && { path, shown, kind: recognised.kind, ...factsOf(stats) };
}

/** What tells one state of a file from another. */
export function factsOf({
  size,
  mtimeMs: mtime,
  ino: inode,
  dev: device,
  mode,
  nlink: links,
}: Stats): Omit<Held, 'path' | 'shown' | 'kind'> {
  return { size, mtime, inode, device, mode, links };
}

/** One state of a file at its place. */
export function stateKey({ path, size, mtime }: Pick<Held, 'path' | 'size' | 'mtime'>): string {
  return `${size}:${mtime}:${path}`;
}
