import type { FileChange, JournalEntry } from './events';
import { shownIn } from '../text/shown-in';
import { startOf } from './folds';

/** What a file is when it is not there, in place of its hash. */
const ABSENT = 'absent';

/**
 * The files this session left in a state that no person has seen and accepted, as people know them. A state is accepted
 * when it was there before the session, when a person allowed the very call that made it from an accepted one, or when
 * they kept it. `entries` are all of the journal: files on the disk know no branches.
 */
export function unreviewedOf(entries: readonly JournalEntry[]): string[] {
  const folders = startOf(entries)?.folders ?? [];
  const byPerson = callsAllowedByPerson(entries);
  const accepted = new Map<string, Set<string>>();
  const now = new Map<string, string>();
  /** What each file was before the last change of a call, which may yet fail. */
  const failing = new Map<string, string>();
  const acceptedOf = ({ path, before }: Omit<FileChange, 'after'>): Set<string> => {
    const known = accepted.get(path) ?? new Set([before ?? ABSENT]);
    accepted.set(path, known);
    return known;
  };
  for (const { event } of entries) {
    if (event.type === 'change') {
      const { path, before, after } = event.change;
      const states = acceptedOf(event.change);
      // Who allowed a subagent to start has seen nothing of what it then does.
      const allowed = event.subagent ? event.subagent.allowed : byPerson.has(event.call);
      if (allowed && states.has(before ?? ABSENT)) states.add(after ?? ABSENT);
      failing.set(`${event.call} ${path}`, before ?? ABSENT);
      now.set(path, after ?? ABSENT);
    }
    if (event.type === 'change-failed') {
      const before = failing.get(`${event.call} ${event.path}`);
      if (before !== undefined) now.set(event.path, before);
    }
    if (event.type === 'undo') {
      for (const change of event.changes) {
        acceptedOf(change);
        now.set(change.path, change.after ?? ABSENT);
      }
    }
    if (event.type === 'review')
      for (const { path, hash } of event.files) acceptedOf({ path, before: hash }).add(hash ?? ABSENT);
  }
  return [...now].filter(([path, hash]) => !accepted.get(path)?.has(hash)).map(([path]) => shownIn(folders, path));
}

/** The files a stretch of the journal changed, as they stand at its end: what a person keeps. */
export function statesIn(entries: readonly JournalEntry[]): { path: string; hash: string | null }[] {
  const states = new Map<string, string | null>();
  for (const { event } of entries) {
    if (event.type === 'change') states.set(event.change.path, event.change.after);
    if (event.type === 'undo') for (const { path, after } of event.changes) states.set(path, after);
  }
  return [...states].map(([path, hash]) => ({ path, hash }));
}

function callsAllowedByPerson(entries: readonly JournalEntry[]): Set<string> {
  return new Set(
    entries.flatMap(({ event }) =>
      event.type === 'tool-decision' && event.by === 'user' && event.decision === 'allow' ? [event.call] : [],
    ),
  );
}
