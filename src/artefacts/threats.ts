import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Action } from '../agent/tool';
import type { Folder } from '../host/host';
import { within } from '../host/paths';
import { grammarOf } from '../shell/grammar';
import { gitStates } from './git-state';
import { isMadeAgain, recognise, type ArtefactKind, type GitState } from './recognise';
import { survey, type Budget, type FoundFile } from './survey';
import { targetsOf, type Target } from './targets';

/** A file that a call may delete or write over, as it is now. */
export interface Threatened extends Omit<FoundFile, 'stats' | 'changedOnly'> {
  /** `file` where nothing says that it is data or a result of training. */
  kind: ArtefactKind | 'file';
  /** For people: which sign gave it away. */
  why?: string;
  shown: string;
  /** Bytes. */
  size: number;
  /** ms since the epoch */
  mtime: number;
  mode: number;
  inode: number;
  device: number;
  /** How many names it has. */
  links: number;
  git: GitState;
  /** Where else it is: committed and unchanged in git, or nowhere that we know of. */
  elsewhere: 'git' | 'nowhere';
}

export interface Threats {
  /** Largest first. */
  artefacts: Threatened[];
  /** Other files of the workspace that would be gone, largest first; without what is made again. */
  others: Threatened[];
  /** False when there was more than the budget let us look at. */
  complete: boolean;
  /** Words whose targets are only known when they run. */
  unclear: string[];
  /** The call runs code, which may write to a file in place whatever its words say. */
  runsCode: boolean;
}

/** What the question may cost. */
export const LOOK: Budget = { files: 10_000, ms: 2_000 };

export interface Looking {
  folders: readonly Folder[];
  /** The user's globs, `!glob` among them. */
  globs: readonly string[];
  budget?: Budget;
}

const NONE: Threats = { artefacts: [], others: [], complete: true, unclear: [], runsCode: false };

/** Which files a call may delete or write over. Looks at names, sizes and git, bounded; changes nothing. */
export async function threatsOf(action: Action, looking: Looking, signal: AbortSignal): Promise<Threats> {
  const read = await readAction(action);
  if (read.targets.length === 0) return { ...NONE, unclear: read.unclear };
  const budget = looking.budget ?? LOOK;
  const { files, roots, complete } = await survey(read.targets, budget, signal);
  const { unclear, runsCode } = read;
  const found = await candidates(files, action.effect === 'edit', looking);
  // Git is asked only where its answer matters: it costs more than all the rest.
  if (found.length === 0) return { ...NONE, complete, unclear, runsCode };
  const states = await gitStates(roots, AbortSignal.any([signal, AbortSignal.timeout(budget.ms)]));
  signal.throwIfAborted();
  const all = found.flatMap((one) => threatened(one, states(one.path), looking.globs));
  all.sort((a, b) => b.size - a.size);
  const isFile = ({ kind }: Threatened): boolean => kind === 'file';
  return {
    artefacts: all.filter((one) => !isFile(one)),
    others: all.filter(isFile),
    complete,
    unclear,
    runsCode,
  };
}

type Candidate = FoundFile & { shown: string };

/** The files that may be an artefact or another loss, whatever git says of them. */
async function candidates(
  files: readonly FoundFile[],
  isEdit: boolean,
  { folders, globs }: Looking,
): Promise<Candidate[]> {
  const shownOf = await shower(folders);
  return files
    .filter(({ stats }) => stats.size > 0)
    .map((file) => ({ ...file, shown: shownOf(file.path) }))
    .filter(
      (file) =>
        recognise({ shown: file.shown, size: file.stats.size, git: 'none' }, globs) !== undefined ||
        // The journal holds what a tool's edit changes.
        (!isEdit && isOther(file)),
    );
}

/** Gone for certain, of the workspace, and not made again by a command. */
function isOther({ quiet, harm, shown }: Candidate): boolean {
  return !quiet && harm !== 'may write' && !isAbsolute(shown) && !isMadeAgain(shown);
}

function threatened(candidate: Candidate, git: GitState, globs: readonly string[]): Threatened[] {
  const { stats, changedOnly, ...file } = candidate;
  if (changedOnly && git !== 'changed') return [];
  const recognised = recognise({ shown: file.shown, size: stats.size, git }, globs);
  if (!recognised && !isOther(candidate)) return [];
  const { size, mtimeMs: mtime, ino: inode, dev: device, mode, nlink: links } = stats;
  const elsewhere = git === 'clean' ? 'git' : 'nowhere';
  return [{ ...file, ...(recognised ?? { kind: 'file' }), size, mtime, mode, inode, device, links, git, elsewhere }];
}

async function readAction(action: Action): Promise<{ targets: Target[]; unclear: string[]; runsCode: boolean }> {
  if (action.effect === 'edit') {
    // An editor may save into the file itself.
    const targets = action.paths.map(({ path }): Target => ({ path, harm: 'overwrites', deep: false }));
    return { targets, unclear: [], runsCode: false };
  }
  if (action.effect !== 'execute' || action.parts.every((part) => part.class === 'read-only'))
    return { targets: [], unclear: [], runsCode: false };
  return targetsOf(action.command, action.cwd.path, await grammarOf(action.dialect ?? 'bash'), isFolder);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** A path as people read it: from its workspace folder, or absolute. */
async function shower(folders: readonly Folder[]): Promise<(path: string) => string> {
  const real = await Promise.all(
    folders.map(async ({ name, path }) => ({ name, path: await realpath(path).catch(() => path) })),
  );
  return (path) => {
    for (const folder of real) {
      const rest = within(folder.path, path);
      if (rest !== undefined) return (real.length > 1 ? join(folder.name, rest) : rest).replaceAll('\\', '/');
    }
    return path;
  };
}
