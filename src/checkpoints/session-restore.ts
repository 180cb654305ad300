import type { SessionCheckpoint } from '../agent/checkpoints';
import type { CheckpointFolder, FileChange, JournalEntry, Restoration, RestoreWhat } from '../agent/events';
import { changesOf } from '../agent/folds';
import { lastRestore, type RestorePoint } from '../agent/restore-points';
import type { Session } from '../agent/session';
import { UserError } from '../agent/tool';
import { changesIn, revert, type Files } from '../agent/undo';
import { shownName } from './git';
import type { CheckpointStore, Restored } from './store';

/** What puts files back: the checkpoints, and, where there are none, edits by edits. */
export interface Ways {
  store: CheckpointStore;
  files: Files;
}

/** What came of a restore. Paths are absolute, and for people. */
export interface RestoreOutcome {
  /** Put back. */
  files: string[];
  /** Left as they are, since no checkpoint holds them. */
  kept: string[];
  /** A folder, or a file where edits are taken back. */
  failed: { path: string; why: string }[];
}

const NOTHING: RestoreOutcome = { files: [], kept: [], failed: [] };

/**
 * Puts the files, the conversation or both back to a point. The files as they were before are a checkpoint of their own,
 * which undoes this. The conversation goes on from the entry that the point follows, as a branch: what came after it
 * stays in the journal. Where files could not be put back, the conversation stays, too. Throws UserError while another
 * process works on the session.
 */
export async function restoreInSession(
  ways: Ways,
  session: Session,
  point: RestorePoint,
  what: RestoreWhat,
): Promise<RestoreOutcome> {
  const release = await session.hold();
  try {
    const from = placeOf(session, point);
    const put: Put = what === 'conversation' ? NOT_PUT : await putFiles(ways, session, point);
    const isWhole = put.outcome.failed.length === 0;
    if (!isWhole && put.outcome.files.length === 0) return put.outcome;
    const goesBack = what !== 'files' && isWhole && from !== undefined;
    const edits = put.edits === undefined ? {} : { edits: put.edits };
    const done: Restoration = { what: goesBack ? what : 'files', to: point.id, from: session.leaf, ...edits };
    await journal(session, put, done, goesBack ? from : undefined);
    return put.outcome;
  } finally {
    await release();
  }
}

/** Takes the last restore back. Throws UserError where there is none, or where the session went on since. */
export async function undoRestore(ways: Ways, session: Session): Promise<RestoreOutcome> {
  const release = await session.hold();
  try {
    const last = lastRestore(session.branch);
    if (!last) throw new UserError('There is no restore to take back: the session went on since, or there was none.');
    const { what, from, edits } = last.restored;
    const stood = session.leaf;
    const entry = session.entries.find(({ id }) => id === edits);
    // What is done to files belongs to the branch that is gone on with: its entries know of them as they were.
    if (what !== 'files' && from !== null) session.continueFrom(from);
    const put = entry
      ? await putEdits(ways, session, changesIn([entry]))
      : what === 'conversation' || last.folders.length === 0
        ? NOT_PUT
        : await putFolders(ways, session, last.folders);
    if (put.outcome.failed.length > 0 && put.outcome.files.length === 0) {
      if (stood !== null) session.continueFrom(stood);
      return put.outcome;
    }
    await journal(session, put, { what, to: last.id, from: stood, undoes: last.id });
    return put.outcome;
  } finally {
    await release();
  }
}

/** The edits between a point and another, or and now: what can be compared where nothing else was kept. */
export function editsBetween(session: Session, from: RestorePoint, to?: RestorePoint): FileChange[] {
  return changesIn(after(session, from).slice(0, to ? -after(session, to).length || undefined : undefined));
}

interface Put {
  outcome: RestoreOutcome;
  before: CheckpointFolder[];
  /** What it did to files that the session knows of, and is not journalled yet. */
  changes: FileChange[];
  edits?: string;
}

const NOT_PUT: Put = { outcome: NOTHING, before: [], changes: [] };

async function putFiles(ways: Ways, session: Session, point: RestorePoint): Promise<Put> {
  return point.folders.length > 0
    ? putFolders(ways, session, point.folders)
    : putEdits(ways, session, changesIn(after(session, point)));
}

async function putFolders({ store }: Ways, session: Session, folders: readonly CheckpointFolder[]): Promise<Put> {
  const { before, restored } = await store.restore(folders);
  const changes = await knownChanges(store, session, folders, before, restored);
  const outcome = {
    files: restored.flatMap(({ folder, changed }) => changed.map(({ name }) => `${folder}/${shownName(name)}`)),
    kept: restored.flatMap(({ folder, kept }) => kept.map((name) => `${folder}/${name}`)),
    failed: restored.flatMap(({ folder, failed: why }) => (why === undefined ? [] : [{ path: folder, why }])),
  };
  return { outcome, before, changes };
}

async function putEdits({ files }: Ways, session: Session, changes: readonly FileChange[]): Promise<Put> {
  const { reverted, refused, entry } = await revert(session, changes, files);
  const outcome = {
    files: reverted.map(({ path }) => path),
    kept: [],
    failed: refused.map(({ path, reason }) => ({ path, why: reason })),
  };
  return { outcome, before: [], changes: [], ...(entry === undefined ? {} : { edits: entry }) };
}

/**
 * What was done, with the files as they were before. On the branch that is left they are kept, too. The one that is gone
 * on with has an entry of its own: without one it would be forgotten when the journal is read again.
 */
async function journal(session: Session, { before, changes }: Put, restored: Restoration, to?: string): Promise<void> {
  const kept = { type: 'checkpoint', why: 'restore', folders: before } as const;
  if (to === undefined) await session.append({ ...kept, after: session.leaf, restored }, true);
  else if (before.length > 0) await session.append({ ...kept, after: session.leaf }, true);
  if (changes.length > 0) await session.append({ type: 'undo', changes });
  if (to === undefined) return;
  const from = session.leaf;
  session.continueFrom(to);
  await session.append({ ...kept, after: to, restored: { ...restored, from } }, true);
}

/** The entries of the branch behind a point; a message's own point lies before the message. */
function after({ branch }: Session, { why, after: last, id }: SessionCheckpoint): JournalEntry[] {
  const at = branch.findIndex((entry) => entry.id === (last ?? id));
  return at < 0 ? [] : branch.slice(why === 'prompt' ? at : at + 1);
}

/** Where the conversation goes on: a message's own checkpoint leads back to before the message. */
export function placeOf(session: Session, { why, after: last, id }: SessionCheckpoint): string | undefined {
  const entry = session.entries.find((one) => one.id === last);
  if (why === 'prompt') return entry?.parent ?? undefined;
  return entry?.id ?? id;
}

/** What the restore did to files that the session changed: the journal's readings of them must go on being true. */
async function knownChanges(
  store: CheckpointStore,
  session: Session,
  to: readonly CheckpointFolder[],
  before: readonly CheckpointFolder[],
  restored: readonly Restored[],
): Promise<FileChange[]> {
  const changes: FileChange[] = [];
  for (const { path } of changesOf(session.branch)) {
    // A repository inside a folder is a place of its own.
    const places = restored.filter(({ folder }) => path.startsWith(`${folder}/`));
    const place = places.sort((one, two) => two.folder.length - one.folder.length)[0];
    const name = place && Buffer.from(path.slice(place.folder.length + 1)).toString('latin1');
    if (!place || !place.changed.some((one) => one.name === name)) continue;
    const image = async (folders: readonly CheckpointFolder[]): Promise<string | null> => {
      const one = folders.find(({ folder }) => folder === place.folder);
      const bytes = one && (await store.content(one, name ?? ''));
      return bytes ? session.store.putBlob(bytes) : null;
    };
    changes.push({ path, before: await image(before), after: await image(to) });
  }
  return changes;
}
