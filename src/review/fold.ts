import type { DurableEvent, FileChange, JournalEntry } from '../agent/events';
import { bytesOf } from './content';
import { absorbed, acceptedAs } from './decide';
import { begin, changed, rebased, USER, type Author, type FileReview } from './file-review';

/** Reads an image of a file; `undefined` for one that is no longer stored. */
export type Blob = (hash: string) => Promise<Uint8Array | undefined>;

/** The files of a session under review, as far as its journal was read. */
export interface ReviewFold {
  /** Entries read so far. */
  read: number;
  files: Map<string, Followed>;
  /** Files whose images are gone. */
  lost: Set<string>;
  /** The todo in work. */
  todo: string | undefined;
}

export interface Followed {
  review: FileReview;
  /** Of the current content; `null` where there is no file. */
  hash: string | null;
  /** How it looked at earlier contents: what an undo or the editor's own Undo leads back to. */
  earlier: Map<string | null, FileReview>;
}

type Kept = Extract<DurableEvent, { type: 'review' }>['files'][number];

const MAX_EARLIER = 20;

export function emptyFold(): ReviewFold {
  return { read: 0, files: new Map(), lost: new Set(), todo: undefined };
}

/**
 * Reads what the journal holds beyond what was read. Files on the disk know no branches, so `entries` are all of it. What
 * a file was before a change, and nobody's call made, is the person's.
 */
export async function advance(fold: ReviewFold, entries: readonly JournalEntry[], blob: Blob): Promise<void> {
  while (fold.read < entries.length) await step(fold, entries[fold.read++]!.event, entries, blob);
}

async function step(
  fold: ReviewFold,
  event: DurableEvent,
  entries: readonly JournalEntry[],
  blob: Blob,
): Promise<void> {
  switch (event.type) {
    case 'todos':
      fold.todo = event.todos.find(({ status }) => status === 'in_progress')?.content;
      return;
    case 'change':
      return follow(fold, event.change, authorOf(event, fold.todo), blob);
    case 'change-failed': {
      const change = entries.findLast(
        (entry) =>
          entry.event.type === 'change' && entry.event.call === event.call && entry.event.change.path === event.path,
      )?.event;
      if (change?.type !== 'change') return;
      const { path, before, after } = change.change;
      return follow(fold, { path, before: after, after: before }, USER, blob);
    }
    case 'undo':
      for (const change of event.changes) await follow(fold, change, USER, blob);
      return;
    case 'review':
      for (const file of event.files) await keep(fold, file, blob);
      return;
    default:
  }
}

function authorOf(event: Extract<DurableEvent, { type: 'change' }>, todo: string | undefined): Author {
  return {
    ...{ by: 'agent', call: event.call },
    ...(todo === undefined ? {} : { todo }),
    ...(event.subagent ? { subagent: event.subagent.session } : {}),
  };
}

async function follow(
  fold: ReviewFold,
  { path, before, after }: FileChange,
  author: Author,
  blob: Blob,
): Promise<void> {
  const [was, is] = [await imageOf(before, blob), await imageOf(after, blob)];
  if (was === undefined || is === undefined) {
    fold.files.delete(path);
    fold.lost.add(path);
    return;
  }
  const known = fold.files.get(path) ?? { review: begin(path, was), hash: before, earlier: new Map() };
  fold.files.set(path, moved(moved(known, was, before, USER), is, after, author));
}

/** The person accepted a content of a file that the session changed. */
async function keep(fold: ReviewFold, { path, hash, current, hunks }: Kept, blob: Blob): Promise<void> {
  const known = fold.files.get(path);
  const bytes = await imageOf(hash, blob);
  if (!known || bytes === undefined) return;
  // Their own edits before it stand nowhere else in the journal.
  const there = current === undefined ? undefined : await imageOf(current, blob);
  const now = there === undefined || current === undefined ? known : moved(known, there, current, USER);
  fold.files.set(path, { ...now, review: absorbed(acceptedAs(now.review, bytes, hunks)), earlier: new Map() });
}

/** A file with another content, by whom it was changed. Back at an earlier one, everyone's lines are theirs again. */
export function moved(known: Followed, bytes: Uint8Array | null, hash: string | null, author: Author): Followed {
  if (known.hash === hash) return known;
  const { review } = known;
  const earlier = new Map([...known.earlier, [known.hash, review] as const].slice(-MAX_EARLIER));
  const back = author.by === 'user' ? earlier.get(hash) : undefined;
  if (!back) return { review: absorbed(changed(review, bytes, author)), hash, earlier };
  const isSame = back.base === review.base;
  return { review: isSame ? back : absorbed(rebased(back, bytesOf(review.base))), hash, earlier };
}

async function imageOf(hash: string | null, blob: Blob): Promise<Uint8Array | null | undefined> {
  return hash === null ? null : blob(hash);
}
