import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder that is looked at, with what lies in it. */
export interface Looked {
  /** Absolute. */
  path: string;
  /** As people read it, `/` between its parts; '' for a workspace folder that is the only one. */
  shown: string;
  files: ReadonlySet<string>;
  folders: ReadonlySet<string>;
  /** The folder it lies in; absent for a workspace folder. */
  above?: Looked;
}

export interface Walk {
  folders: readonly { name: string; path: string }[];
  /** True for what `.agentignore` names. */
  isIgnored: (path: string) => Promise<boolean>;
  signal: AbortSignal;
  /** Entries and milliseconds. */
  budget?: { entries: number; ms: number };
}

const BUDGET = { entries: 400_000, ms: 8_000 };
const MAX_DEPTH = 9;
const AT_ONCE = 32;
/** Installed, or made again: no run lies there, and there is much of it. */
const PASSED =
  /^(?:\..*|node_modules|venv|env|site-packages|__pycache__|[^.]+\.egg-info|target|build|dist|artifacts|checkpoints|plots)$/iu;

/**
 * Looks through the workspace for what trackers left, breadth first. `take` says of each folder whether to look below it.
 * No link is followed. Gives false where the budget ended first. Throws the signal's reason.
 */
export async function walk(
  { folders, isIgnored, signal, budget = BUDGET }: Walk,
  take: (looked: Looked) => boolean,
): Promise<boolean> {
  const until = Date.now() + budget.ms;
  let left = budget.entries;
  let level = await Promise.all(
    folders.map(async ({ name, path }) => ({
      path: await realpath(path).catch(() => path),
      shown: folders.length > 1 ? name : '',
      above: undefined as Looked | undefined,
    })),
  );
  for (let depth = 0; level.length > 0 && depth < MAX_DEPTH; depth++) {
    const below: typeof level = [];
    for (let at = 0; at < level.length; at += AT_ONCE) {
      signal.throwIfAborted();
      if (left <= 0 || Date.now() > until) return false;
      const some = level.slice(at, at + AT_ONCE);
      const read = await Promise.all(some.map(({ path }) => entriesOf(path, isIgnored)));
      for (const [index, entries] of read.entries()) {
        const place = some[index];
        if (!place) continue;
        left -= entries.length;
        const names = (is: (entry: Dirent) => boolean): Set<string> =>
          new Set(entries.filter(is).map(({ name }) => name));
        const inside = names((entry) => entry.isDirectory());
        const { above, path, shown } = place;
        const files = names((entry) => entry.isFile());
        const looked: Looked = { path, shown, files, folders: inside, ...(above ? { above } : {}) };
        if (!take(looked)) continue;
        for (const name of inside)
          if (!PASSED.test(name)) below.push({ path: join(path, name), shown: shownIn(looked, name), above: looked });
      }
    }
    level = below;
  }
  return true;
}

export function shownIn({ shown }: Looked, name: string): string {
  return shown === '' ? name : `${shown}/${name}`;
}

/** One that is gone, or may not be read, has none. */
async function entriesOf(path: string, isIgnored: Walk['isIgnored']): Promise<Dirent[]> {
  if (await isIgnored(path)) return [];
  return readdir(path, { withFileTypes: true }).catch(() => []);
}
