import { createHash } from 'node:crypto';
import { mkdir, realpath, rename, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, parse, relative, sep } from 'node:path';
import type { Checkpoints, Taken } from '../agent/checkpoints';
import type { CheckpointFolder } from '../agent/events';
import { createExclusive } from '../agent/exclusive';
import { countOf } from '../text/counting';
import { sizeOf } from '../text/sizes';
import type { CheckpointSettings } from './bounds';
import type { Difference } from './differences';
import { GitError, shownName } from './git';
import { readIgnored, Shadow, type Pair, type Snapshot } from './shadow';
import { TooMuch, type LeftOut } from './survey';

export interface StoreOptions {
  /** Where the shadow repositories lie. */
  storage: string;
  /** Where they lay before: those of a folder that has none in `storage` are taken over. */
  earlier?: string;
  folders: () => readonly string[];
  settings: () => CheckpointSettings;
  /** Time limits, ms: of the first checkpoint of a folder, and of each later one. */
  limits?: { first: number; later: number };
}

const LIMITS = { first: 120_000, later: 20_000 };
const BOUNDS = { newFiles: 200_000, newBytes: 2e9 };
const MAX_NESTED = 20;
const PRUNE_EVERY_MS = 6 * 3_600_000;
const PRUNE_LIMIT_MS = 120_000;

/** What can be made again, and is often not ignored where there is no .gitignore. */
const MADE_AGAIN = [
  ...['node_modules/', '.venv/', 'venv/', '__pycache__/', '.tox/', '.mypy_cache/', '.pytest_cache/', '.ruff_cache/'],
  ...['.ipynb_checkpoints/', '.DS_Store'],
];

interface Kept {
  shadow: Shadow;
  /** Keeps one snapshot at a time. */
  alone: ReturnType<typeof createExclusive>;
  waiting: Promise<Snapshot> | undefined;
  wasKept: boolean;
  prunesAt: number;
}

/** What happened to one folder of a restore. */
export interface Restored {
  folder: string;
  changed: Difference[];
  /** Files that were in no checkpoint and stood in the way: left as they are. Names for people. */
  kept: string[];
  /** Why this folder was not put back. */
  failed?: string;
}

/** The checkpoints of the folders of one window: made one at a time for each folder, in a repository in our own storage. */
export class CheckpointStore implements Checkpoints {
  readonly #kept = new Map<string, Promise<Kept>>();
  /** Folders that are not kept any more in this process. */
  readonly #given = new Set<string>();
  readonly #told = new Set<string>();

  constructor(private readonly options: StoreOptions) {}

  async take(): Promise<Taken> {
    const taken: Taken = { folders: [], notes: [] };
    const seen = new Set<string>();
    const queue = [...this.options.folders()];
    for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
      const root = await realpath(folder).catch(() => folder);
      if (seen.has(root) || this.#given.has(root)) continue;
      seen.add(root);
      const snapshot = await this.#takeOne(root, taken.notes);
      if (!snapshot) continue;
      taken.folders.push({ folder: root, commit: snapshot.commit });
      if (seen.size + queue.length < MAX_NESTED) queue.push(...snapshot.nested);
      else if (snapshot.nested.length > 0) this.#note(taken.notes, `nested ${root}`, NESTED);
      for (const [what, line] of leftOutLines(snapshot.left)) this.#note(taken.notes, `${what} ${root}`, line);
    }
    return taken;
  }

  async #takeOne(root: string, notes: string[]): Promise<Snapshot | undefined> {
    const refusal = await whyNot(root, this.options.storage);
    if (refusal !== undefined) return this.#giveUp(root, refusal, notes);
    try {
      return await this.#snapshot(root);
    } catch (error) {
      if (error instanceof GitError && error.missing) return this.#giveUp(root, NO_GIT, notes, NO_GIT);
      const message = error instanceof Error ? error.message : String(error);
      const why = error instanceof TooMuch ? message : isTimeout(error) ? 'it takes too long' : message;
      const line = `No checkpoint of ${root}: ${why}. What the agent edits can still be undone, what commands change cannot.`;
      // What is too large or too slow now will be so at the next step; all else may pass.
      if (error instanceof TooMuch || isTimeout(error)) return this.#giveUp(root, line, notes);
      this.#note(notes, line, line);
      return undefined;
    }
  }

  /** Makes the folders what they were. The state before is kept first and given back, so that this can be undone. */
  async restore(to: readonly CheckpointFolder[]): Promise<{ before: CheckpointFolder[]; restored: Restored[] }> {
    const [before, restored]: [CheckpointFolder[], Restored[]] = [[], []];
    for (const { folder, commit } of to) {
      try {
        const { shadow, alone } = await this.#of(folder);
        if (!(await shadow.held([commit], this.#limit(LIMITS.later))).has(commit)) throw new Error(GONE);
        const done = await alone(async () => {
          const now = await shadow.snapshot(this.#limit(LIMITS.first));
          before.push({ folder, commit: now.commit });
          return shadow.restore(now, commit, this.#limit(LIMITS.first));
        });
        restored.push({ folder, changed: done.changed, kept: done.kept.map(shownName) });
      } catch (error) {
        const failed = error instanceof Error ? error.message : String(error);
        restored.push({ folder, changed: [], kept: [], failed });
      }
    }
    return { before, restored };
  }

  /** What differs between two checkpoints, by folder. */
  async compare(
    from: readonly CheckpointFolder[],
    to: readonly CheckpointFolder[],
  ): Promise<{ folder: string; from: string; to: string; files: Difference[] }[]> {
    const pairs = from.flatMap(({ folder, commit }) => {
      const other = to.find((one) => one.folder === folder);
      return other ? [{ folder, from: commit, to: other.commit }] : [];
    });
    return Promise.all(
      pairs.map(async (pair) => ({
        ...pair,
        files: await (await this.#of(pair.folder)).shadow.compare(pair.from, pair.to, this.#limit(LIMITS.later)),
      })),
    );
  }

  /** How many files differ between two of a folder each; see Shadow.counts. */
  async counts(folder: string, pairs: readonly Pair[]): Promise<Map<string, number>> {
    return (await this.#of(folder)).shadow.counts(pairs, this.#limit(LIMITS.later));
  }

  /** Which of these of a folder are still stored. */
  async held(folder: string, commits: readonly string[]): Promise<Set<string>> {
    return (await this.#of(folder)).shadow.held(commits, this.#limit(LIMITS.later));
  }

  /** A file of a checkpoint; `name` as a difference has it. */
  async content({ folder, commit }: CheckpointFolder, name: string): Promise<Buffer | undefined> {
    return (await this.#of(folder)).shadow.content(commit, name);
  }

  /** One that waits to be made serves all who ask meanwhile. */
  async #snapshot(root: string): Promise<Snapshot> {
    const kept = await this.#of(root);
    kept.waiting ??= kept.alone(async () => {
      kept.waiting = undefined;
      const { first, later } = this.options.limits ?? LIMITS;
      const snapshot = await kept.shadow.snapshot(this.#limit(kept.wasKept ? later : first));
      kept.wasKept = true;
      this.#pruneSometimes(kept);
      return snapshot;
    });
    return kept.waiting;
  }

  #limit(ms: number): AbortSignal {
    return AbortSignal.timeout(ms);
  }

  /** Behind the next step's back. What fails is tried again with a later checkpoint. */
  #pruneSometimes(kept: Kept): void {
    if (Date.now() < kept.prunesAt) return;
    kept.prunesAt = Date.now() + PRUNE_EVERY_MS;
    setTimeout(() => void this.#prune(kept).catch(() => undefined), 30_000).unref();
  }

  /** Holds what this process kept to its bounds, where that was not done lately: for one that ends before it would be. */
  async tidy(): Promise<void> {
    const all = await Promise.all(this.#kept.values());
    for (const kept of all) if (kept.wasKept) await this.#prune(kept).catch(() => undefined);
  }

  async #prune({ shadow, alone }: Kept): Promise<void> {
    await alone(async () => {
      const limit = this.#limit(PRUNE_LIMIT_MS);
      if (await shadow.claimPruning(PRUNE_EVERY_MS, limit)) await shadow.prune(this.options.settings(), limit);
    });
  }

  #of(folder: string): Promise<Kept> {
    const known = this.#kept.get(folder) ?? this.#make(folder);
    this.#kept.set(folder, known);
    known.catch(() => this.#kept.delete(folder));
    return known;
  }

  async #make(folder: string): Promise<Kept> {
    const { storage, settings } = this.options;
    const name = createHash('sha256').update(folder).digest('hex').slice(0, 20);
    await this.#takeOver(name);
    const inside = relative(folder, storage);
    const ignore = [
      ...MADE_AGAIN,
      ...(await readIgnored(join(folder, '.git', 'info', 'exclude'))),
      ...(await readIgnored(join(folder, '.agentignore'))),
      ...(isInside(inside) ? [`/${inside.split(sep).join('/')}/`] : []),
    ];
    const bounds = { ...BOUNDS, fileBytes: settings().fileBytes };
    const shadow = new Shadow({ folder, gitDir: join(storage, name), bounds, ignore });
    return { shadow, alone: createExclusive(), waiting: undefined, wasKept: false, prunesAt: 0 };
  }

  /** On another disk they stay where they are, and are not found any more. */
  async #takeOver(name: string): Promise<void> {
    const { storage, earlier } = this.options;
    if (earlier === undefined || (await isThere(join(storage, name))) || !(await isThere(join(earlier, name)))) return;
    await mkdir(storage, { recursive: true, mode: 0o700 });
    await rename(join(earlier, name), join(storage, name)).catch(() => undefined);
  }

  #giveUp(root: string, line: string, notes: string[], key = root): undefined {
    this.#given.add(root);
    this.#note(notes, key, line);
  }

  #note(notes: string[], key: string, line: string): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    notes.push(line);
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

const GONE = 'this checkpoint is no longer stored';
const NO_GIT =
  'There is no git, so there are no checkpoints: what the agent edits can be undone, what commands change cannot.';
const NESTED = `Of the repositories inside the folder only the first ${MAX_NESTED} are in the checkpoints.`;

/** A home folder or a whole disk is no project: its files are not copied. */
async function whyNot(root: string, storage: string): Promise<string | undefined> {
  const home = await realpath(homedir()).catch(homedir);
  const isAbove = root === home || isInside(relative(root, home)) || root === parse(root).root;
  if (isAbove || isInside(relative(storage, root)))
    return `No checkpoint of ${root}: it is no project folder. Open the project's own folder to have checkpoints.`;
  return undefined;
}

function isInside(path: string): boolean {
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !parse(path).root;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
}

function leftOutLines({ files, bytes, unreadable, examples }: LeftOut): [string, string][] {
  const more = files > examples.length ? ', ...' : '';
  const large = `Checkpoints leave out ${countOf(files, 'large file|large files')} (${sizeOf(bytes)}): ${examples.join(', ')}${more}.`;
  const closed = `Checkpoints leave out ${countOf(unreadable, 'file|files')} that cannot be read.`;
  return [
    ...(files > 0 ? [['large', large] as [string, string]] : []),
    ...(unreadable > 0 ? [['closed', closed] as [string, string]] : []),
  ];
}
