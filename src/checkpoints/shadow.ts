import { randomBytes } from 'node:crypto';
import {
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { claimDue } from '../host/due';
import { differences, type Difference } from './differences';
import { git, namesFor, namesIn, shownName, type GitCall, type Places } from './git';
import { surveyed, type Bounds, type LeftOut } from './survey';

export interface Snapshot {
  commit: string;
  tree: string;
  left: LeftOut;
  /** Repositories inside the folder, absolute: each needs a shadow of its own. */
  nested: string[];
}

export interface ShadowOptions extends Places {
  bounds: Bounds;
  /** Lines in the syntax of .gitignore, beside those of the folder's own files. */
  ignore: readonly string[];
}

/** A text of attributes that outranks every .gitattributes of the folder: bytes are kept as they are, no filter runs. */
const ATTRIBUTES = '* -text !eol -ident !filter !working-tree-encoding !diff !merge !crlf\n';
const REFS = 'refs/checkpoints';
const COMMIT = /^[0-9a-f]{40,64}$/u;
/** In a checkpoint's message: larger files were left out. */
const LIMIT = /^limit (\d+)$/mu;
/** Says when it was last pruned, to all who keep checkpoints here. */
const PRUNED = 'pruned';
const LEFTOVER_MS = 3_600_000;

/**
 * A repository in our own storage whose work tree is a folder of the user's. It keeps what the folder holds and touches
 * nothing of the user's git. Each snapshot works on an index of its own, so that one that is killed leaves no lock, and two
 * windows disturb each other at most in speed.
 */
export class Shadow {
  #ready: Promise<void> | undefined;
  #last: Snapshot | undefined;

  constructor(private readonly options: ShadowOptions) {}

  get folder(): string {
    return this.options.folder;
  }

  /** Keeps the folder as it is now. Throws GitError, TooMuch, or the signal's reason. */
  async snapshot(signal: AbortSignal): Promise<Snapshot> {
    await this.#open(signal);
    const { folder, bounds } = this.options;
    const found = await Promise.all([
      this.#git({ args: ['diff-files', '--name-only', '-z'], signal }),
      this.#git({ args: ['ls-files', '-o', '--exclude-standard', '-z'], signal }),
    ]);
    const [changed, untracked] = found.map(namesIn) as [string[], string[]];
    const { put, drop, left, nested } = await surveyed(folder, changed, untracked, bounds, signal);
    const last = this.#last;
    if (last && put.length + drop.length === 0) return (this.#last = { ...last, left, nested });
    const tree = await this.#withIndex(async (index) => {
      if (drop.length > 0) {
        const args = ['update-index', '--force-remove', '-z', '--stdin'];
        await this.#git({ args, input: namesFor(drop), index, signal });
      }
      if (put.length > 0) {
        const args = ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'];
        await this.#git({ args, input: namesFor(put), index, signal });
      }
      return textOf(await this.#git({ args: ['write-tree'], index, signal }));
    });
    if (last?.tree === tree) return (this.#last = { ...last, left, nested });
    const commit = await this.#commit(tree, signal);
    return (this.#last = { commit, tree, left, nested });
  }

  /** The files that differ between two checkpoints, and how. */
  async compare(from: string, to: string, signal?: AbortSignal): Promise<Difference[]> {
    await this.#open(signal);
    const args = ['diff-tree', '-r', '-z', '--no-renames', '--no-textconv', '--no-ext-diff'];
    const call = signal ? { signal } : {};
    const [raw, counts] = await Promise.all([
      this.#git({ args: [...args, '--raw', from, to], ...call }),
      this.#git({ args: [...args, '--numstat', from, to], ...call }),
    ]);
    return differences(namesIn(raw), namesIn(counts));
  }

  /** How many files differ, by `pairOf`; a pair of which one is no longer stored is left out. One git for all. */
  async counts(pairs: readonly Pair[], signal: AbortSignal): Promise<Map<string, number>> {
    const held = await this.held([...new Set(pairs.flatMap(({ from, to }) => [from, to]))], signal);
    const known = pairs.filter(({ from, to }) => held.has(from) && held.has(to));
    if (known.length === 0) return new Map();
    const input = Buffer.from(known.map(({ from, to }) => `${to} ${from}\n`).join(''));
    const args = ['diff-tree', '--stdin', '--always', '-r', '-z', '--no-renames', '--name-only'];
    const found = namesIn(await this.#git({ args, input, signal }));
    const counts = new Map<string, number>();
    // Each pair begins with the name of its second.
    for (let at = 0, next = 0; at < found.length; at++) {
      if (found[at] === known[next]?.to) counts.set(pairOf(known[next++]!), 0);
      else if (next > 0) counts.set(pairOf(known[next - 1]!), (counts.get(pairOf(known[next - 1]!)) ?? 0) + 1);
    }
    return counts;
  }

  /** Which of these are still stored. */
  async held(commits: readonly string[], signal: AbortSignal): Promise<Set<string>> {
    await this.#open(signal);
    const names = commits.filter((commit) => COMMIT.test(commit));
    const input = Buffer.from(names.map((commit) => `${commit}\n`).join(''));
    const said = textOf(await this.#git({ args: ['cat-file', '--batch-check'], input, signal })).split('\n');
    return new Set(names.filter((_, at) => / commit \d+$/u.test(said[at] ?? '')));
  }

  /** A file of a checkpoint; `undefined` where it has none of that name. */
  async content(commit: string, name: string): Promise<Buffer | undefined> {
    await this.#open();
    const listed = await this.#git({ args: ['ls-tree', '-z', '--full-tree', commit, '--', name] }).catch(
      () => undefined,
    );
    const blob = /^\d+ blob ([0-9a-f]+)\t/u.exec(listed?.toString('latin1') ?? '')?.[1];
    return blob === undefined ? undefined : this.#git({ args: ['cat-file', 'blob', blob] });
  }

  /**
   * Makes the folder what it was at `to`, where `now` is a snapshot just made. What is in the way and was in no checkpoint
   * (too large, ignored) is left, and given back. Nothing is written where a file changed since `now`: that throws.
   */
  async restore(now: Snapshot, to: string, signal: AbortSignal): Promise<{ changed: Difference[]; kept: string[] }> {
    const all = await this.compare(now.commit, to, signal);
    const kept: string[] = [];
    for (const { name, how } of all) if (how === 'added' && (await this.#isInTheWay(name, signal))) kept.push(name);
    const beyond = await this.#tooLarge(to, all, signal);
    const left = new Set([...kept, ...beyond]);
    const changed = all.filter(({ name }) => !left.has(name));
    const target = left.size === 0 ? to : await this.#but(to, kept, { from: now.commit, names: beyond }, signal);
    await this.#withIndex(async (index) => {
      await this.#git({ args: ['read-tree', '-m', '-u', now.commit, target], index, signal });
    });
    this.#last = undefined;
    return { changed, kept: [...left] };
  }

  /** Says that it is pruned now; false where that was done within `everyMs`, here or by another process. */
  async claimPruning(everyMs: number, signal: AbortSignal): Promise<boolean> {
    await this.#open(signal);
    return claimDue(join(this.options.gitDir, PRUNED), everyMs);
  }

  /** Removes checkpoints beyond the bounds, the oldest first, and what only they held. Gives how many went. */
  async prune(
    { count, days, bytes }: { count: number; days: number; bytes: number },
    signal: AbortSignal,
  ): Promise<number> {
    await this.#open(signal);
    const listed = await this.#git({ args: ['for-each-ref', '--sort=-refname', '--format=%(refname)', REFS], signal });
    const names = listed
      .toString()
      .split('\n')
      .filter((name) => name !== '');
    const oldest = Date.now() - days * 86_400_000;
    let keep = names.filter((name) => timeOf(name) >= oldest).slice(0, count);
    // By halves: how much one of them takes is not known before what it alone held is gone.
    for (let attempt = 0; ; attempt++) {
      await this.#drop(
        names.filter((name) => !keep.includes(name)),
        signal,
      );
      const held =
        attempt === 0 && keep.length === names.length ? await this.#size(signal) : await this.#collect(signal);
      if (held <= bytes || keep.length <= 1) return names.length - keep.length;
      if (keep.length === names.length && attempt === 0 && (await this.#collect(signal)) <= bytes) return 0;
      keep = keep.slice(0, Math.floor(keep.length / 2));
    }
  }

  async #collect(signal: AbortSignal): Promise<number> {
    await this.#git({ args: ['repack', '-a', '-d', '-q'], signal });
    // Another window may be about to name what it just wrote.
    await this.#git({ args: ['prune', '--expire=1.hour.ago'], signal });
    return this.#size(signal);
  }

  async #size(signal: AbortSignal): Promise<number> {
    const counts = textOf(await this.#git({ args: ['count-objects', '-v'], signal }));
    const number = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'mu').exec(counts)?.[1] ?? 0);
    return (number('size') + number('size-pack')) * 1_024;
  }

  async #drop(names: readonly string[], signal: AbortSignal): Promise<void> {
    if (names.length === 0) return;
    const input = Buffer.from(names.map((name) => `delete ${name}\n`).join(''));
    await this.#git({ args: ['update-ref', '--stdin'], input, signal });
  }

  /** A checkpoint without some of its files, and with some of another. */
  async #but(
    commit: string,
    without: readonly string[],
    { from, names }: { from: string; names: readonly string[] },
    signal: AbortSignal,
  ): Promise<string> {
    const index = this.#newIndex();
    try {
      await this.#git({ args: ['read-tree', commit], index, signal });
      const args = ['update-index', '--force-remove', '-z', '--stdin'];
      if (without.length > 0) await this.#git({ args, input: namesFor(without), index, signal });
      if (names.length > 0) {
        const input = await this.#git({
          args: ['ls-tree', '-r', '-z', '--full-tree', from, '--', ...names.map(shownName)],
          signal,
        });
        await this.#git({ args: ['update-index', '-z', '--index-info'], input, index, signal });
      }
      return textOf(await this.#git({ args: ['write-tree'], index, signal }));
    } finally {
      await rm(index, { force: true });
    }
  }

  /** True where something lies at a name that is in no checkpoint. Never looks through a link. */
  async #isInTheWay(name: string, signal: AbortSignal): Promise<boolean> {
    const parts = name.split('/');
    for (let count = 1; count <= parts.length; count++) {
      const path = Buffer.concat([
        Buffer.from(this.folder),
        Buffer.from(`/${parts.slice(0, count).join('/')}`, 'latin1'),
      ]);
      const found = await lstat(path).catch(() => undefined);
      if (!found) return false;
      if (count === parts.length && !found.isDirectory()) return true;
      if (!found.isDirectory()) return false;
    }
    // What is tracked in a folder of that name goes with the restore.
    const inside = await this.#git({ args: ['ls-files', '-o', '-z', '--', `${shownName(name)}/`], signal });
    return inside.length > 0;
  }

  /** Files that are not in a checkpoint because they were over its limit then, which may have been lower than ours. */
  async #tooLarge(commit: string, all: readonly Difference[], signal: AbortSignal): Promise<string[]> {
    const message = textOf(await this.#git({ args: ['cat-file', 'commit', commit], signal }));
    const limit = Number(LIMIT.exec(message)?.[1] ?? Infinity);
    const found: string[] = [];
    for (const { name, how } of all) {
      if (how !== 'deleted') continue;
      const path = Buffer.concat([Buffer.from(`${this.folder}/`), Buffer.from(name, 'latin1')]);
      const size = (await lstat(path).catch(() => undefined))?.size ?? 0;
      if (size > limit) found.push(name);
    }
    return found;
  }

  async #commit(tree: string, signal: AbortSignal): Promise<string> {
    const message = `checkpoint\n\nlimit ${this.options.bounds.fileBytes}`;
    const commit = textOf(await this.#git({ args: ['commit-tree', tree, '-m', message], signal }));
    const name = `${REFS}/${Date.now()}-${randomBytes(3).toString('hex')}`;
    await this.#git({ args: ['update-ref', name, commit], signal });
    return commit;
  }

  /** Works on a copy of the index, which takes its place when all went well. */
  async #withIndex<T>(work: (index: string) => Promise<T>): Promise<T> {
    const index = this.#newIndex();
    const main = join(this.options.gitDir, 'index');
    try {
      await copyIndex(main, index);
      const result = await work(index);
      await rename(index, main);
      return result;
    } finally {
      await rm(index, { force: true });
      await rm(`${index}.lock`, { force: true });
    }
  }

  #newIndex(): string {
    return join(this.options.gitDir, `index.${process.pid}-${randomBytes(4).toString('hex')}`);
  }

  #git(call: GitCall): Promise<Buffer> {
    return git(this.options, call);
  }

  #open(signal?: AbortSignal): Promise<void> {
    this.#ready ??= this.#prepare(signal);
    this.#ready.catch(() => (this.#ready = undefined));
    return this.#ready;
  }

  async #prepare(signal?: AbortSignal): Promise<void> {
    const { gitDir, ignore, folder } = this.options;
    await mkdir(gitDir, { recursive: true, mode: 0o700 });
    await chmod(gitDir, 0o700);
    const isThere = await stat(join(gitDir, 'HEAD')).then(
      () => true,
      () => false,
    );
    if (!isThere) await this.#git({ args: ['init', '-q', '--template='], ...(signal ? { signal } : {}) });
    await mkdir(join(gitDir, 'info'), { recursive: true });
    await writeFile(join(gitDir, 'info', 'attributes'), ATTRIBUTES);
    await writeFile(join(gitDir, 'info', 'exclude'), ignore.map((line) => `${line}\n`).join(''));
    // For a person who looks what this is.
    await writeFile(join(gitDir, 'folder.txt'), `${folder}\n`);
    await removeLeftovers(gitDir);
  }
}

/**
 * A hard link keeps the time that tells git which entries are too fresh to be trusted; git writes a new file in its place.
 * A copy is dated earlier instead, which only makes git look closer.
 */
async function copyIndex(main: string, index: string): Promise<void> {
  try {
    await link(main, index);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    await copyFile(main, index);
    const { mtimeMs } = await stat(main);
    await utimes(index, new Date(), new Date(mtimeMs - 1_000));
  }
}

/** What killed processes left of their indexes. */
async function removeLeftovers(gitDir: string): Promise<void> {
  for (const name of await readdir(gitDir)) {
    if (!/^index\.\d/u.test(name)) continue;
    const path = join(gitDir, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.ctimeMs > LEFTOVER_MS) await rm(path, { force: true });
  }
  await rm(join(gitDir, 'index.lock'), { force: true });
}

export interface Pair {
  from: string;
  to: string;
}

/** What `counts` names a pair by. */
export function pairOf({ from, to }: Pair): string {
  return `${from} ${to}`;
}

function timeOf(ref: string): number {
  return Number(/(\d+)-[0-9a-f]+$/u.exec(ref)?.[1] ?? 0);
}

function textOf(output: Buffer): string {
  return output.toString().trim();
}

export async function readIgnored(path: string): Promise<string[]> {
  return readFile(path, 'utf8').then(
    (text) => text.split(/\r?\n/u),
    () => [],
  );
}
