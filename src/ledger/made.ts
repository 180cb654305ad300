import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isInstalledFolder, recognise } from '../artefacts/recognise';
import { LEDGER_NAME, type LedgerFile } from './record';

/** So much is looked at and read for one run; nobody waits for it but the record. */
const MAX_ENTRIES = 50_000;
const MAX_MS = 5_000;
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
export async function madeBetween(wanted: MadeBetween, signal: AbortSignal): Promise<Made> {
  const { found, isWhole } = await walk(wanted, signal);
  const newest = found.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(0, MAX_FILES);
  const files: LedgerFile[] = [];
  let left = MAX_HASHED_BYTES;
  for (const { path, size } of newest.reverse()) {
    const hash = size <= left ? await hashOfFile(path, signal) : undefined;
    left -= hash === undefined ? 0 : size;
    files.push({ path, size, ...(hash === undefined ? {} : { hash }) });
  }
  const more = found.length - newest.length;
  const missing = [
    ...(isWhole ? [] : ['all that it made: the folder is too large to be looked through']),
    ...(more > 0 ? [`${more} more files that it made`] : []),
  ];
  return { files, missing };
}

interface FoundFile {
  path: string;
  size: number;
  mtimeMs: number;
}

async function walk(
  { project, from, to, globs = [] }: MadeBetween,
  signal: AbortSignal,
): Promise<{ found: FoundFile[]; isWhole: boolean }> {
  const found: FoundFile[] = [];
  const until = Date.now() + MAX_MS;
  let looked = 0;
  for (const folders = [project]; folders.length > 0;) {
    const folder = folders.pop() ?? project;
    signal.throwIfAborted();
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      looked += 1;
      if (looked > MAX_ENTRIES || Date.now() > until) return { found, isWhole: false };
      const path = join(folder, entry.name);
      // Links are not followed: where they lead may be anything, and a circle.
      if (entry.isDirectory() && !isInstalledFolder(entry.name)) folders.push(path);
      if (!entry.isFile() || entry.name === LEDGER_NAME) continue;
      const stats = await lstat(path).catch(() => undefined);
      if (!stats || stats.mtimeMs < from - COARSE_MS || stats.mtimeMs > to + COARSE_MS) continue;
      const { size, mtimeMs } = stats;
      const shown = relative(project, path).replaceAll(sep, '/');
      if (recognise({ shown, size, git: 'untracked' }, globs)) found.push({ path, size, mtimeMs });
    }
  }
  return { found, isWhole: true };
}

/** `undefined` for one that is gone, or may not be read. */
async function hashOfFile(path: string, signal: AbortSignal): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Uint8Array);
    return hash.digest('hex');
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
