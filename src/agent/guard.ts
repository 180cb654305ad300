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
  /** The command that made it, where one of ours did. */
  madeBy?: string;
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
  /** Notes how the guarded files are before a call runs; `undefined` where it cannot change any. */
  watch(action: Action, call: string, written: Written, signal: AbortSignal): Promise<Watched | undefined>;
  /**
   * Of a call whose work goes on after it: notes the guarded files, and compares them once `over` settles. Puts nothing
   * back, since much may be wanted meanwhile. Never throws.
   */
  follow(what: KeptFor, over: Promise<unknown>): Promise<void>;
  /** What was lost so, by a session and its subagents, for model and people; each is given once. */
  late(session: string): Promise<string[]>;
}

/** The guarded files, noted before a call. */
export interface Watched {
  /**
   * Compares, once the call is over, and puts back what it can. Gives what nobody was asked about, largest first. To be
   * called always, since it clears up. Throws what the disk says.
   */
  end(what: KeptFor): Promise<Surprise[]>;
}

/** A guarded file that was lost or changed while a call ran, though nothing had said that it might be. */
export interface Surprise extends Pick<Loss, 'shown' | 'kind' | 'bytes' | 'madeBy'> {
  fate: 'deleted' | 'replaced' | 'rewritten';
  /** Where what it held is: at its place again, in the trash, in a commit, or nowhere that we know of. */
  now: 'back' | 'trash' | 'git' | 'nowhere';
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
const MAX_MAKER = 60;

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

function rowOf({ shown, kind, bytes, mtime, git, elsewhere, madeBy }: Loss, now: number): string {
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
  return `${shown}: ${kind}, ${sizeOf(bytes)}, ${ageOf(now - mtime)} old${makerOf(madeBy)}, ${where}`;
}

function makerOf(madeBy: string | undefined): string {
  return madeBy === undefined
    ? ''
    : `, made by "${madeBy.length > MAX_MAKER ? `${madeBy.slice(0, MAX_MAKER)}...` : madeBy}"`;
}

const FATES = { deleted: 'deleted', replaced: 'replaced by another file', rewritten: 'written over' } as const;
const NOW = {
  back: 'it is back at its place',
  trash: 'what it held is in the trash ("Restore...")',
  git: 'git has it as it was committed',
  nowhere: 'NO COPY of what it held is known',
} as const;

/** What a call lost that nobody was asked about, for model and people; `undefined` where nothing was. Plain text. */
export function surpriseText(surprises: readonly Surprise[]): string | undefined {
  if (surprises.length === 0) return undefined;
  const rest = surprises.slice(MAX_ROWS);
  const rows = surprises
    .slice(0, MAX_ROWS)
    .map(
      ({ shown, kind, bytes, madeBy, fate, now }) =>
        `- ${shown}: ${kind}, ${sizeOf(bytes)}${makerOf(madeBy)}, ${FATES[fate]}; ${NOW[now]}`,
    );
  if (rest.length > 0) rows.push(`- and ${rest.length} more, ${sizeOf(sum(rest))}`);
  const head = `While this ran, ${countOf(surprises.length, 'guarded file was lost|guarded files were lost')} or changed that nobody was asked about:`;
  const next = surprises.some(({ now }) => now === 'back')
    ? ['What was put back nobody had named: to delete it, name it in a command, which is asked for.']
    : [];
  return [head, ...rows, ...next].join('\n');
}

function sum(losses: readonly Pick<Loss, 'bytes'>[]): number {
  return losses.reduce((total, { bytes }) => total + bytes, 0);
}
