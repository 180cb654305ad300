import type { JournalEntry } from '../../agent/events';
import { changesOf, type SessionChange } from '../../agent/folds';
import type { OpenFile } from '../../review/reviews';
import { diffImages, type FileDiff } from '../hunks';
import { makers, openDiff } from './open-hunks';
import { MAX_FILES, type PanelChanges, type PanelDiff, type PanelFile } from '../sections/changes';

/** What all diffs together may hold, so that one message to the page stays small. */
export const MAX_ROWS = 10_000;
export const MAX_CHARACTERS = 1_000_000;

export interface ChangesSource {
  branch: readonly JournalEntry[];
  /** What of the changes is open to be accepted or rejected; without it nothing is told of that. */
  open?: readonly OpenFile[];
  blob(hash: string): Promise<Uint8Array | undefined>;
  /** A path as people see it. */
  shown(path: string): string;
}

/** Diffs by the hashes of both images. Give the same one each time, and only what changed is diffed; it holds no more than it must. */
export type DiffCache = Map<string, FileDiff>;

/** The files that differ from what they were, with their diffs as far as the page can hold them. */
export async function changedFiles(source: ChangesSource, cache: DiffCache): Promise<PanelChanges> {
  const changes = changesOf(source.branch);
  const files = await filesOf(changes.slice(0, MAX_FILES), source, cache);
  return { files, moreFiles: Math.max(0, changes.length - MAX_FILES) };
}

async function filesOf(changes: SessionChange[], source: ChangesSource, cache: DiffCache): Promise<PanelFile[]> {
  const versions = new Set(changes.map(versionOf));
  for (const version of cache.keys()) if (!versions.has(version)) cache.delete(version);
  const files: PanelFile[] = [];
  let [rows, characters] = [MAX_ROWS, MAX_CHARACTERS];
  const open = new Map((source.open ?? []).map((file) => [file.path, file]));
  const madeBy = makers(source.branch);
  const renamed = renamesOf(changes);
  for (const change of changes) {
    const version = versionOf(change);
    const whole = cache.get(version) ?? (await diffOf(change, source));
    // A lost image may be one that is still being written: it is looked for again.
    if (!(whole.diff.kind === 'none' && whole.diff.why === 'lost')) cache.set(version, whole);
    const file = open.get(change.path);
    const undecided = file && openDiff(file, madeBy);
    const diff = undecided ?? whole.diff;
    const { counts } = whole;
    const size = sizeOf(diff);
    const fits = size.rows <= rows && size.characters <= characters;
    if (fits) [rows, characters] = [rows - size.rows, characters - size.characters];
    files.push({
      path: change.path,
      shown: source.shown(change.path),
      kind: change.before === null ? 'created' : change.after === null ? 'deleted' : 'modified',
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
