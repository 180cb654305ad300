import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Action } from '../agent/tool';
import type { Folder } from '../host/host';
import { within } from '../host/paths';
import { grammarOf } from '../shell/grammar';
import { gitStates } from './git-state';
import { recognise, type Recognised } from './recognise';
import { survey, type Budget, type FoundFile } from './survey';
import { targetsOf, type Target } from './targets';

/** An artefact that a call may delete or write over, as it is now. */
export interface Threatened extends Recognised, Omit<FoundFile, 'stats' | 'changedOnly'> {
  shown: string;
  /** Bytes. */
  size: number;
  /** ms since the epoch */
  mtime: number;
  inode: number;
  device: number;
  /** Where else it is: committed and unchanged in git, or nowhere that we know of. */
  elsewhere: 'git' | 'nowhere';
}

export interface Threats {
  /** Largest first. */
  artefacts: Threatened[];
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

const NONE: Threats = { artefacts: [], complete: true, unclear: [], runsCode: false };

/** Which artefacts a call may delete or write over. Looks at names, sizes and git, bounded; changes nothing. */
export async function threatsOf(action: Action, looking: Looking, signal: AbortSignal): Promise<Threats> {
  const read = await readAction(action);
  if (read.targets.length === 0) return { ...NONE, unclear: read.unclear };
  const budget = looking.budget ?? LOOK;
  const { files, roots, complete } = await survey(read.targets, budget, signal);
  const timed = AbortSignal.any([signal, AbortSignal.timeout(budget.ms)]);
  const states = files.length === 0 ? (): 'none' => 'none' : await gitStates(roots, timed);
  const shownOf = await shower(looking.folders);
  const artefacts = files.flatMap(({ stats, changedOnly, ...file }): Threatened[] => {
    const git = states(file.path);
    if (changedOnly && git !== 'changed') return [];
    const shown = shownOf(file.path);
    const recognised = recognise({ shown, size: stats.size, git }, looking.globs);
    if (!recognised || stats.size === 0) return [];
    const elsewhere = git === 'clean' ? 'git' : 'nowhere';
    const { size, mtimeMs: mtime, ino: inode, dev: device } = stats;
    return [{ ...file, ...recognised, shown, size, mtime, inode, device, elsewhere }];
  });
  artefacts.sort((a, b) => b.size - a.size);
  return { artefacts, complete, unclear: read.unclear, runsCode: read.runsCode };
}

async function readAction(action: Action): Promise<{ targets: Target[]; unclear: string[]; runsCode: boolean }> {
  if (action.effect === 'edit') {
    const targets = action.paths.map(({ path }): Target => ({ path, harm: 'replaces', deep: false }));
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
