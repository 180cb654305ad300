import type { JournalEntry } from '../../agent/events';
import { touchedIn, type SessionChange } from '../../agent/folds';
import type { OpenFile } from '../../review/reviews';
import { diffImages, type FileDiff } from '../hunks';
import { cachedOpenDiff, makers, type OpenDiffCache } from './open-hunks';
import { MAX_FILES, type PanelChanges, type PanelDiff, type PanelFile } from '../sections/changes';

/** What all diffs together may hold, so that one message to the page stays small. */
export const MAX_ROWS = 10_000;
export const MAX_CHARACTERS = 1_000_000;

export interface ChangesSource {
  branch: readonly JournalEntry[];
  /** What of the changes is open to be accepted or rejected; without it nothing is told of that. */
  open?: readonly OpenFile[];
  /** False for a file of which it is not known yet whether something is open. */
  isKnown?(path: string): boolean;
  openDiffs?: OpenDiffCache;
  blob(hash: string): Promise<Uint8Array | undefined>;
  /** What is not worked out after so long is left for the next time. */
  withinMs?: number;
  /** A path as people see it. */
  shown(path: string): string;
}

/** Diffs by the hashes of both images. Give the same one each time, and only what changed is diffed; it holds no more than it must. */
export type DiffCache = Map<string, FileDiff>;

/** The files that differ from what they were, with their diffs as far as the page can hold them. */
export async function changedFiles(source: ChangesSource, cache: DiffCache): Promise<PanelChanges> {
  const changes = listedOf(source);
  const files = await filesOf(changes.slice(0, MAX_FILES), source, cache);
  return { files, moreFiles: Math.max(0, changes.length - MAX_FILES) };
}

/** By the journal a file may be back to what it was, and yet be open: a person took a rejection back by the editor's Undo. */
function listedOf({ branch, open = [] }: Pick<ChangesSource, 'branch' | 'open'>): SessionChange[] {
  const opened = new Set(open.map(({ path }) => path));
  return touchedIn(branch).filter(({ path, before, after }) => before !== after || opened.has(path));
}

async function filesOf(changes: SessionChange[], source: ChangesSource, cache: DiffCache): Promise<PanelFile[]> {
  const versions = new Set(changes.map(versionOf));
  for (const version of cache.keys()) if (!versions.has(version)) cache.delete(version);
  const files: PanelFile[] = [];
  let [rows, characters] = [MAX_ROWS, MAX_CHARACTERS];
  const open = new Map((source.open ?? []).map((file) => [file.path, file]));
  const madeBy = makers(source.branch);
  const renamed = renamesOf(changes);
  const openDiffs = source.openDiffs ?? new WeakMap();
  const pace = paced(source.withinMs ?? Infinity);
  for (const change of changes) {
    const version = versionOf(change);
    const file = open.get(change.path);
    const isReady = cache.has(version) && (!file || openDiffs.has(file.review));
    if (source.isKnown?.(change.path) === false || (!isReady && !(await pace()))) {
      files.push(pendingFile(change, source));
      continue;
    }
    const whole = cache.get(version) ?? (await diffOf(change, source));
    // A lost image may be one that is still being written: it is looked for again.
    if (!(whole.diff.kind === 'none' && whole.diff.why === 'lost')) cache.set(version, whole);
    const undecided = file && cachedOpenDiff(file, madeBy, openDiffs);
    const diff = undecided ?? whole.diff;
    const isBack = change.before === change.after;
    const counts = isBack ? countsOf(diff) : whole.counts;
    const size = sizeOf(diff);
    const fits = size.rows <= rows && size.characters <= characters;
    if (fits) [rows, characters] = [rows - size.rows, characters - size.characters];
    files.push({
      ...headOf(change, source),
      ...(isBack && file ? { kind: kindOf(file.review.base.kind, file.review.current.kind) } : {}),
      ...fromOf(renamed.get(change.path), source),
      reviewed: source.open !== undefined && !file,
      version: `${version} ${fits} ${file?.hunks.map(({ id }) => id).join() ?? ''}`,
      counts,
      diff: fits ? diff : { kind: 'none', why: 'crowded' },
    });
  }
  return files;
}

/** New names of files that went with the same bytes; each old name counts once. */
function renamesOf(changes: readonly SessionChange[]): Map<string, string> {
  const gone = new Map<string, string>();
  for (const { path, before, after } of changes) if (before !== null && after === null) gone.set(before, path);
  const renamed = new Map<string, string>();
  for (const { path, before, after } of changes) {
    if (before !== null || after === null) continue;
    const from = gone.get(after);
    if (from !== undefined) renamed.set(path, from);
    gone.delete(after);
  }
  return renamed;
}

function fromOf(path: string | undefined, source: ChangesSource): { from?: string } {
  return path === undefined ? {} : { from: source.shown(path) };
}

const TURN_MS = 10;

/** Lets others have their turn now and then; false once the time is over. */
function paced(withinMs: number): () => Promise<boolean> {
  const began = performance.now();
  let turn = began;
  return async () => {
    if (performance.now() - began > withinMs) return false;
    if (performance.now() - turn > TURN_MS) {
      await new Promise((done) => setImmediate(done));
      turn = performance.now();
    }
    return true;
  };
}

function headOf(
  { path, before, after }: SessionChange,
  source: ChangesSource,
): Pick<PanelFile, 'path' | 'shown' | 'kind'> {
  const kind = before === null ? 'created' : after === null ? 'deleted' : 'modified';
  return { path, shown: source.shown(path), kind };
}

function kindOf(base: string, current: string): PanelFile['kind'] {
  return base === 'absent' ? 'created' : current === 'absent' ? 'deleted' : 'modified';
}

function countsOf(diff: PanelDiff): PanelFile['counts'] {
  if (diff.kind !== 'text') return null;
  const rows = diff.hunks.flatMap((hunk) => hunk.rows);
  const count = (wanted: string): number => rows.filter(({ sign }) => sign === wanted).length;
  return { added: count('+'), removed: count('-') };
}

function pendingFile(change: SessionChange, source: ChangesSource): PanelFile {
  const diff: PanelDiff = { kind: 'none', why: 'comparing' };
  return {
    ...headOf(change, source),
    ...{ reviewed: false, version: `${versionOf(change)} pending`, counts: null, diff },
  };
}

function versionOf({ before, after }: SessionChange): string {
  return `${before ?? 'none'}:${after ?? 'none'}`;
}

async function diffOf({ before, after }: SessionChange, source: ChangesSource): Promise<FileDiff> {
  const image = async (hash: string | null) => (hash === null ? null : source.blob(hash));
  return diffImages(...(await Promise.all([image(before), image(after)])));
}

function sizeOf(diff: PanelDiff): { rows: number; characters: number } {
  const rows = diff.kind === 'text' ? diff.hunks.flatMap((hunk) => hunk.rows) : [];
  return { rows: rows.length, characters: rows.reduce((sum, row) => sum + row.text.length, 0) };
}
