import type { SessionCheckpoint } from '../agent/checkpoints';
import type { FileChange } from '../agent/events';
import { changesOf } from '../agent/folds';
import type { Session } from '../agent/session';
import type { CheckpointStore, Restored } from './store';

export type RestoreWhat = 'files' | 'conversation' | 'both';

/**
 * Puts the files, the conversation or both back to a checkpoint. The files as they were before are a checkpoint of their
 * own, which undoes this. The conversation goes on from the entry that the checkpoint followed, as a branch: what came
 * after it stays in the journal.
 */
export async function restoreInSession(
  store: CheckpointStore,
  session: Session,
  checkpoint: SessionCheckpoint,
  what: RestoreWhat,
): Promise<Restored[]> {
  const release = await session.hold();
  try {
    const { before, restored } =
      what === 'conversation' ? { before: [], restored: [] } : await store.restore(checkpoint.folders);
    const after = session.leaf;
    if (before.length > 0) await session.append({ type: 'checkpoint', why: 'restore', after, folders: before }, true);
    const changes = await knownChanges(store, session, checkpoint, before, restored);
    if (changes.length > 0) await session.append({ type: 'undo', changes });
    const from = what === 'files' ? undefined : placeOf(session, checkpoint);
    if (from === undefined) return restored;
    session.continueFrom(from);
    // A branch without an entry of its own would be forgotten when the journal is read again.
    await session.append({ type: 'checkpoint', why: 'restore', after: from, folders: before }, true);
    return restored;
  } finally {
    await release();
  }
}

/** Where the conversation goes on: a message's own checkpoint leads back to before the message. */
function placeOf(session: Session, { why, after, id }: SessionCheckpoint): string | undefined {
  const entry = session.entries.find((one) => one.id === after);
  if (why === 'prompt') return entry?.parent ?? undefined;
  return entry?.id ?? id;
}

/** What the restore did to files that the session changed: the journal's readings of them must go on being true. */
async function knownChanges(
  store: CheckpointStore,
  session: Session,
  checkpoint: SessionCheckpoint,
  before: SessionCheckpoint['folders'],
  restored: readonly Restored[],
): Promise<FileChange[]> {
  const changes: FileChange[] = [];
  for (const { path } of changesOf(session.branch)) {
    // A repository inside a folder is a place of its own.
    const places = restored.filter(({ folder }) => path.startsWith(`${folder}/`));
    const place = places.sort((one, two) => two.folder.length - one.folder.length)[0];
    const name = place && Buffer.from(path.slice(place.folder.length + 1)).toString('latin1');
    if (!place || !place.changed.some((one) => one.name === name)) continue;
    const image = async (folders: SessionCheckpoint['folders']): Promise<string | null> => {
      const one = folders.find(({ folder }) => folder === place.folder);
      const bytes = one && (await store.content(one, name ?? ''));
      return bytes ? session.store.putBlob(bytes) : null;
    };
    changes.push({ path, before: await image(before), after: await image(checkpoint.folders) });
  }
  return changes;
}
