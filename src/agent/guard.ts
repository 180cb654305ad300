import type { Mode } from './approval';
import type { JournalEntry } from './events';
import { countOf, listOf } from '../text/counting';
import { ageOf, sizeOf } from '../text/sizes';
import type { Action } from './tool';

/** A file that a call may delete or write over, as it is now. */
export interface Loss {
  /** As people read it. */
  shown: string;
  /** What was recognised, `file` where nothing says that it is data or a result of training. */
  kind: 'data set' | 'checkpoint' | 'model' | 'run' | 'file';
  bytes: number;
  /** ms since the epoch */
  mtime: number;
  /** `none` is outside any repository. */
  git: 'clean' | 'changed' | 'untracked' | 'ignored' | 'none';
  /** Where these very bytes are besides: in a commit, in the trash, or nowhere that we know of. */
  elsewhere: 'git' | 'trash' | 'nowhere';
  /** A copy can be kept before the call runs; without need where it is elsewhere already. */
  keeps: boolean;
}

/** What a call may lose. */
export interface Danger {
  /** Artefacts first, then the largest. Without what the session itself wrote. */
  losses: readonly Loss[];
  /** False when there was more than could be looked at in the time a question may take. */
  complete: boolean;
  /** Words whose targets only running would tell. */
  unclear: readonly string[];
  /** Files that code is merely handed: worth a copy, not a question. */
  mentioned: number;
  /** Of an edit: it makes a file, or changes one that the session wrote, so that no data of another is touched. */
  ownOnly?: true;
  /** Why no copy can be kept of some of them, for people. */
  unkept?: string;
}

/** The call that a copy is kept for. */
export interface KeptFor {
  session: string;
  call: string;
  tool: string;
  /** One line for people. */
  title: string;
}

export interface Kept {
  files: number;
  bytes: number;
  /** What went wrong with files that were only mentioned, for people. */
  problems: readonly string[];
}

/** Contents that a session's tools wrote, by resolved path: hashes of what its journal holds anyway. */
export type Written = ReadonlyMap<string, ReadonlySet<string>>;

/** What finds out what a call may lose, and keeps a copy before it runs. Looks at nothing in a workspace without trust. */
export interface Guard {
  /** `undefined` when nothing of worth is in danger. Changes nothing. */
  look(action: Action, written: Written, signal: AbortSignal): Promise<Danger | undefined>;
  /**
   * Keeps a copy of what the call may lose by now. Throws a ToolError, and the call must not run, where what was to be
   * kept could not be, or where it may lose what `shown` did not say.
   */
  keep(action: Action, shown: Danger, written: Written, what: KeptFor, signal: AbortSignal): Promise<Kept>;
}

/** What the tools of a session wrote: its bytes are in the journal's images, so losing the file loses nothing. */
export function writtenIn(entries: readonly JournalEntry[]): Written {
  const written = new Map<string, Set<string>>();
  const note = (path: string, hash: string | null): void => {
    if (hash !== null) written.set(path, (written.get(path) ?? new Set()).add(hash));
  };
  for (const { event } of entries) {
    if (event.type === 'change') note(event.change.path, event.change.after);
    if (event.type === 'undo') for (const { path, after } of event.changes) note(path, after);
  }
  return written;
}

/** Why a call with this danger is asked for whatever the rules say, or `undefined`. */
export function dangerReason(danger: Danger | undefined, mode: Mode): string | undefined {
  if (!danger) return undefined;
  const artefacts = danger.losses.filter(({ kind }) => kind !== 'file');
  const isHeld = artefacts.every(({ elsewhere }) => elsewhere !== 'nowhere');
  // What is committed or in the trash already can be brought back without asking anyone.
  if (mode === 'auto' && isHeld && danger.complete) return undefined;
  if (artefacts.length === 0)
    return danger.complete ? undefined : 'may lose files: there are more than could be looked at';
  const kinds = [...new Set(artefacts.map(({ kind }) => kind))].map((kind) =>
    countOf(artefacts.filter((one) => one.kind === kind).length, FILES_OF[kind]),
  );
  const more = danger.complete ? '' : 'at least ';
  return `may lose ${more}${listOf(kinds)}, ${sizeOf(sum(artefacts))}${isHeld ? '' : whereNot(artefacts)}`;
}

const FILES_OF = {
  'data set': 'file of a data set|files of data sets',
  checkpoint: 'checkpoint|checkpoints',
  model: 'model|models',
  run: 'file of a run|files of runs',
  file: 'other file|other files',
} as const;

function whereNot(artefacts: readonly Loss[]): string {
  const alone = artefacts.filter(({ elsewhere }) => elsewhere === 'nowhere').length;
  if (alone < artefacts.length) return `, ${alone} of them nowhere else`;
  return artefacts.length === 1 ? ', that is nowhere else' : ', that are nowhere else';
}

const MAX_ROWS = 5;

/** The danger for people: one row a file, as many as one takes in, and what is kept. Plain text. */
export function dangerRows({ losses, complete, unclear, unkept }: Danger, now = Date.now()): string[] {
  const rest = losses.slice(MAX_ROWS);
  const rows = losses.slice(0, MAX_ROWS).map((loss) => rowOf(loss, now));
  if (rest.length > 0) rows.push(`and ${rest.length} more, ${sizeOf(sum(rest))}`);
  if (!complete) rows.push('and more than could be looked at');
  if (unclear.length > 0)
    rows.push(`and what only running would tell: ${unclear.slice(0, MAX_ROWS).join(', ')}; of that no copy is kept`);
  // First, since a question shows its first rows without scrolling.
  if (unkept !== undefined) rows.unshift(unkept);
  else if (losses.some(({ elsewhere, keeps }) => elsewhere === 'nowhere' && keeps))
    rows.push('A copy is kept first; "Restore..." brings it back.');
  return rows;
}

function rowOf({ shown, kind, bytes, mtime, git, elsewhere }: Loss, now: number): string {
  const where = {
    git: 'committed in git',
    trash: 'a copy is in the trash',
    nowhere: {
      clean: 'nowhere else',
      changed: 'changed since its commit, so nowhere else',
      untracked: 'not in git, nowhere else',
      ignored: 'ignored by git, nowhere else',
      none: 'in no repository, nowhere else',
    }[git],
  }[elsewhere];
  return `${shown}: ${kind}, ${sizeOf(bytes)}, ${ageOf(now - mtime)} old, ${where}`;
}

function sum(losses: readonly Loss[]): number {
  return losses.reduce((total, { bytes }) => total + bytes, 0);
}
