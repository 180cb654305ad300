import { lstat } from 'node:fs/promises';
import type { KeptFor, Surprise, Watched, Written } from '../agent/guard';
import type { Folder } from '../host/host';
import { haveSameBytes } from './bytes';
import { comparedWith } from './compared';
import type { Fated } from './fates';
import { trackedIn } from './git-state';
import { stateKey, takeInventory, type Held, type Inventory } from './inventory';
import type { Maker, Makers } from './makers';
import { restorables, restore, type Restorable } from './restore';
import { shelve, type Shelf } from './shelf';
import type { Trash } from './trash';
import { isWritten } from './written';

export interface Watching {
  folders: readonly Folder[];
  globs: readonly string[];
  trash: Trash;
  makers: Makers;
  /** Whether what runs may do what its words do not say: then files get second names while it does. */
  mayHide: boolean;
  written: Written;
  /** Paths that it was asked to lose. */
  foreseen: ReadonlySet<string>;
}

/** A run this short that makes its own files anew loses nothing that was hard to make. */
const CHEAP_MS = 600_000;
/** Files of equal size are compared up to here. */
const MAX_COMPARED_BYTES = 64e6;
const GIT_MS = 2_000;

/**
 * Notes how the guarded files are before something runs. `end` compares, puts back what was deleted without a word where
 * a copy is, and notes what was made. Throws only the signal's reason.
 */
export async function watchOver(watching: Watching, signal: AbortSignal): Promise<Watched> {
  const { folders, globs, trash, mayHide, written } = watching;
  const before = await takeInventory(folders, globs, signal);
  const own = await ownOf(before, written);
  const tracked = mayHide && before.files.size > 0 ? await trackedBelow(folders, signal) : new Set<string>();
  // A second name changes the time that git knows a file by, so that it would read all of what it holds anew.
  const loose = [...before.files.values()].filter(({ path }) => !tracked.has(path));
  const shelf =
    mayHide && loose.length > 0 ? await shelve(trash, loose, signal).catch(unlessAborted(signal)) : undefined;
  const began = Date.now();
  return {
    async end(what) {
      try {
        return await compared({ ...watching, before, own, tracked, shelf, ms: Date.now() - began, what });
      } finally {
        await shelf?.clear();
      }
    },
  };
}

function unlessAborted(signal: AbortSignal): () => undefined {
  // No trash, no second names: the comparison holds all the same.
  return () => {
    signal.throwIfAborted();
    return undefined;
  };
}

async function ownOf({ files }: Inventory, written: Written): Promise<Set<string>> {
  const own = new Set<string>();
  for (const [path, hashes] of written) {
    const file = files.get(path);
    if (file && (await isWritten(file, hashes))) own.add(path);
  }
  return own;
}

async function trackedBelow(folders: readonly Folder[], signal: AbortSignal): Promise<Set<string>> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(GIT_MS)]);
  const lists = await Promise.all(folders.map(({ path }) => trackedIn(path, bounded)));
  signal.throwIfAborted();
  return new Set(lists.flat());
}

interface Compared extends Watching {
  before: Inventory;
  tracked: ReadonlySet<string>;
  /** Those that held what the session's tools wrote, which its journal has. */
  own: ReadonlySet<string>;
  shelf: Shelf | undefined;
  ms: number;
  what: KeptFor;
}

const NEVER = new AbortController().signal;

async function compared(given: Compared): Promise<Surprise[]> {
  const { before, what, makers, folders, globs } = given;
  const { lost, made } = await comparedWith(before, { folders, globs }, NEVER);
  const surprising = await unexpected(lost, given);
  const surprises = surprising.length === 0 ? [] : await recovered(surprising, given);
  const { session, call, title } = what;
  await makers.note(made, { at: new Date().toISOString(), session, call, title, ms: given.ms });
  return surprises;
}

/** Without what was asked for, what the session's journal holds, and what the same short command made before. */
async function unexpected(lost: readonly Fated[], given: Compared): Promise<(Fated & { by: Maker | undefined })[]> {
  const { foreseen, own, makers, what, shelf } = given;
  if (lost.length === 0) return [];
  const makerOf = await makers.of();
  const left: (Fated & { by: Maker | undefined })[] = [];
  for (const one of lost) {
    const by = makerOf(one.file);
    if (foreseen.has(one.file.path) || own.has(one.file.path)) continue;
    if (by && by.title === what.title && by.ms < CHEAP_MS) continue;
    if (one.fate === 'replaced' && (await isUnchanged(one.file, shelf?.nameOf(one.file.path)))) continue;
    left.push({ ...one, by });
  }
  return left;
}

/** A program that writes a file anew and puts it in the place of the old one may have written the same. */
async function isUnchanged({ path, size }: Held, old: string | undefined): Promise<boolean> {
  if (old === undefined || size > MAX_COMPARED_BYTES) return false;
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.size !== size) return false;
  return haveSameBytes(path, old, NEVER).catch(() => false);
}

async function recovered(lost: readonly (Fated & { by: Maker | undefined })[], given: Compared): Promise<Surprise[]> {
  const { trash, shelf, what, tracked } = given;
  const shelved = lost.filter(({ fate }) => fate !== 'rewritten').map(({ file }) => file);
  // Where the trash takes nothing more, what is there already is still looked for.
  await shelf?.keep(shelved, what).catch(() => []);
  const copies = new Map((await restorables(trash)).map((one) => [stateKey(one.file), one]));
  const surprises: Surprise[] = [];
  for (const { file, fate, rotated, by } of lost) {
    const copy = copies.get(stateKey(file));
    const elsewhere = copy ? 'trash' : tracked.has(file.path) ? 'git' : 'nowhere';
    const isBack = copy !== undefined && fate === 'deleted' && !rotated && (await isPutBack(trash, copy));
    const { shown, kind, size: bytes } = file;
    surprises.push({ shown, kind, bytes, fate, now: isBack ? 'back' : elsewhere, ...(by ? { madeBy: by.title } : {}) });
  }
  return surprises;
}

async function isPutBack(trash: Trash, copy: Restorable): Promise<boolean> {
  const { how } = await restore(trash, copy, 'beside', NEVER);
  return how === 'restored' || how === 'same';
}
