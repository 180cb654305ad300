import type { FileChange, JournalEntry } from './events';
import { changesOf } from './folds';
import type { Session } from './session';
import { hashOf } from './store';

/** The files as they are now, and how to change them: what undo needs of a host. */
export interface Files {
  read(path: string): Promise<Uint8Array | undefined>;
  write(path: string, bytes: Uint8Array | null): Promise<void>;
}

export interface Reverted {
  reverted: FileChange[];
  /** Files left as they are: someone changed them since, or their image is lost. */
  refused: { path: string; reason: string }[];
  /** The journal entry that undoes this again, when anything was reverted. */
  entry?: string;
}

/** The changes a stretch of the journal made, or what an undo in it took back. */
export function changesIn(entries: readonly JournalEntry[]): FileChange[] {
  return changesOf(entries).map(({ path, before, after }) => ({ path, before, after }));
}

/**
 * Puts each file back to `before`, but only where it still is what `after` says. Journalled before the first write,
 * so a revert can be reverted by its entry.
 */
export async function revert(session: Session, changes: readonly FileChange[], files: Files): Promise<Reverted> {
  const refused: Reverted['refused'] = [];
  const ready: { change: FileChange; bytes: Uint8Array | null }[] = [];
  for (const { path, before, after } of changes) {
    const now = await files.read(path);
    const hash = now === undefined ? null : hashOf(now);
    if (hash === before) continue;
    if (hash !== after) {
      refused.push({ path, reason: 'it was edited since' });
      continue;
    }
    const bytes = before === null ? null : await session.store.getBlob(before);
    if (bytes === undefined) refused.push({ path, reason: 'its earlier content is no longer stored' });
    else ready.push({ change: { path, before: after, after: before }, bytes });
  }
  if (ready.length === 0) return { reverted: [], refused };
  const reverted = ready.map(({ change }) => change);
  const { id } = await session.append({ type: 'undo', changes: reverted });
  for (const { change, bytes } of ready) await files.write(change.path, bytes);
  return { reverted, refused, entry: id };
}
