import type { Stats } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Minimatch, minimatch } from 'minimatch';
import { wouldClean } from './git-state';
import { isInstalledFolder } from './recognise';
import type { Harm } from './programs';
import type { Target } from './targets';

/** How far to look: files, and milliseconds. */
export interface Budget {
  files: number;
  ms: number;
}

export interface FoundFile {
  /** Absolute. */
  path: string;
  stats: Stats;
  harm: Harm;
  quiet: boolean;
  /** Only a state of it that no commit holds would be lost. */
  changedOnly: boolean;
}

export interface Survey {
  files: FoundFile[];
  /** The places that were there to be looked at. */
  roots: string[];
  /** False when the budget ended before the files did that are worth a question. */
  complete: boolean;
}

/** Finds the files that are there at the targets. Reads names and sizes only, follows no link below a target. */
export async function survey(targets: readonly Target[], budget: Budget, signal: AbortSignal): Promise<Survey> {
  const walk = new Walk(budget, signal);
  for (const target of targets.filter(({ quiet }) => !quiet)) {
    if (!target.clean) await walk.target(target);
    else {
      for (const path of await wouldClean(target.path, target.clean, signal))
        await walk.target({ ...target, path, deep: true }, true);
    }
  }
  const { complete } = walk;
  for (const target of targets.filter(({ quiet }) => quiet)) await walk.target(target);
  return { files: [...walk.files.values()], roots: [...walk.roots], complete };
}

/** Of two harms to one file the one that leaves less counts. */
const STRENGTH: readonly Harm[] = ['replaces', 'deletes', 'may write', 'overwrites'];
const WILDCARD = /[*?[\]{}]/u;

class Walk {
  readonly files = new Map<string, FoundFile>();
  readonly roots = new Set<string>();
  complete = true;
  readonly #until: number;

  constructor(
    private readonly budget: Budget,
    private readonly signal: AbortSignal,
  ) {
    this.#until = Date.now() + budget.ms;
  }

  async target(target: Target, isLiteral = false): Promise<void> {
    const path = await this.#resolved(target);
    // A whole folder of what is installed: thousands of files, and none of them is looked for.
    if (isInstalledFolder(basename(path))) return;
    const stats = await statOf(path);
    if (stats) await this.#take(path, stats, target, target.names === undefined);
    // A file may have a wildcard in its name, so both readings count.
    if (stats || isLiteral || !WILDCARD.test(path)) return;
    const base = dirname(path.slice(0, path.search(WILDCARD) + 1));
    const glob = new Minimatch(path, { dot: false });
    await this.#match(base, glob, target);
  }

  /** A link to a file is written through, and removed as itself. */
  async #resolved({ path, harm }: Target): Promise<string> {
    if (harm === 'deletes' || harm === 'replaces') return path;
    return realpath(path).catch(() => path);
  }

  async #match(folder: string, glob: Minimatch, target: Target): Promise<void> {
    for (const { path, stats } of await this.#entries(folder)) {
      if (glob.match(path)) await this.#take(path, stats, target, target.names === undefined);
      else if (stats.isDirectory() && glob.match(path, true)) await this.#match(path, glob, target);
    }
  }

  async #take(path: string, stats: Stats, target: Target, isNamed: boolean): Promise<void> {
    this.roots.add(path);
    if (stats.isFile()) {
      if (isNamed) this.#add(path, stats, target);
    } else if (stats.isDirectory() && target.deep) await this.#below(path, target, isNamed);
  }

  async #below(folder: string, target: Target, isNamed: boolean): Promise<void> {
    for (const { name, path, stats } of await this.#entries(folder)) {
      const taken = isNamed || (target.names ?? []).some((glob) => minimatch(name, glob, { dot: true, nocase: true }));
      if (stats.isFile() && taken) this.#add(path, stats, target);
      else if (stats.isDirectory()) await this.#below(path, target, taken);
    }
  }

  #add(path: string, stats: Stats, { harm, quiet, changed }: Target): void {
    const known = this.files.get(path);
    const isStronger = !known || STRENGTH.indexOf(harm) > STRENGTH.indexOf(known.harm);
    this.files.set(path, {
      path,
      stats,
      harm: isStronger ? harm : known.harm,
      quiet: quiet === true && (known?.quiet ?? true),
      changedOnly: changed === true && (known?.changedOnly ?? true),
    });
  }

  async #entries(folder: string): Promise<{ name: string; path: string; stats: Stats }[]> {
    this.signal.throwIfAborted();
    if (this.#isSpent()) return [];
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const wanted = entries.filter((entry) => entry.isFile() || (entry.isDirectory() && !isInstalledFolder(entry.name)));
    const found: { name: string; path: string; stats: Stats }[] = [];
    for (let at = 0; at < wanted.length && !this.#isSpent(found.length); at += 64) {
      const batch = wanted.slice(at, at + 64).map(async ({ name }) => {
        const path = join(folder, name);
        const stats = await statOf(path);
        return stats ? [{ name, path, stats }] : [];
      });
      found.push(...(await Promise.all(batch)).flat());
    }
    return found;
  }

  #isSpent(more = 0): boolean {
    if (this.files.size + more < this.budget.files && Date.now() < this.#until) return false;
    this.complete = false;
    return true;
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}
