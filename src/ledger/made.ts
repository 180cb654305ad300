import { takeInventory } from '../artefacts/inventory';
import { hashOfFile } from '../host/file-hash';
import { LEDGER_NAME, type LedgerFile } from './record';

/** So much is looked at and read for one run; nobody waits for it but the record. */
const LOOK = { files: 50_000, ms: 5_000 };
const MAX_FILES = 50;
const MAX_HASHED_BYTES = 1_000_000_000;
/** File systems keep times as coarse as this. */
const COARSE_MS = 2_000;

export interface MadeBetween {
  /** The workspace folder. */
  project: string;
  /** ms since the epoch */
  from: number;
  to: number;
  /** Globs of the user's own for what counts as data, checkpoints and models. */
  globs?: readonly string[];
}

export interface Made {
  /** With absolute paths, newest last. */
  files: LedgerFile[];
  /** What was not looked at or not hashed, in words. */
  missing: string[];
}

/**
 * The data, checkpoints, models and records of runs below a folder that were written in a span of time, hashed. What another
 * run wrote meanwhile is among them: no system tells who wrote a file.
 */
export async function madeBetween({ project, from, to, globs = [] }: MadeBetween, signal: AbortSignal): Promise<Made> {
  const inventory = await takeInventory([{ name: '', path: project }], globs, signal, LOOK);
  const found = [...inventory.files.values()].filter(
    ({ shown, mtime }) =>
      mtime >= from - COARSE_MS && mtime <= to + COARSE_MS && shown.split('/').at(-1) !== LEDGER_NAME,
  );
  const newest = found.sort((a, b) => b.mtime - a.mtime).slice(0, MAX_FILES);
  const files: LedgerFile[] = [];
  let left = MAX_HASHED_BYTES;
  for (const { path, size } of newest.reverse()) {
    const hash = size <= left ? await hashUnlessGone(path, signal) : undefined;
    left -= hash === undefined ? 0 : size;
    files.push({ path, size, ...(hash === undefined ? {} : { hash }) });
  }
  const more = found.length - newest.length;
  const missing = [
    ...(inventory.complete ? [] : ['all that it made: the folder is too large to be looked through']),
    ...(more > 0 ? [`${more} more files that it made`] : []),
  ];
  return { files, missing };
}

/** `undefined` for one that is gone, or may not be read. */
async function hashUnlessGone(path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await hashOfFile(path, signal);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
