import { basename, isAbsolute, join } from 'node:path/posix';
import { Arguments } from './arguments';

/**
 * - `deletes`, `replaces`: the name goes or leads to a new file; the old bytes are left alone, so a hard link keeps them.
 * - `overwrites`: the bytes are written over in place. - `may write`: code is handed the path, and what it does is open.
 */
export type Harm = 'deletes' | 'replaces' | 'overwrites' | 'may write';

/** What a program would harm: paths as they stand in the command. */
export interface Harmed {
  path: string;
  harm: Harm;
  /** All that lies below as well. */
  deep: boolean;
  /** Only files with, or below, one of these names (shell wildcards). */
  names?: readonly string[];
  /** Only files that git has, in a state that no commit holds. */
  changed?: true;
  /** What `git clean` would remove, told by git itself: the path is the folder it runs in, these its arguments. */
  clean?: readonly string[];
}

export interface Moved {
  from: string;
  to: string;
}

export interface Effects {
  harmed: Harmed[];
  moved?: Moved[];
}

type Reader = (texts: readonly string[]) => Effects;

const deep = (paths: readonly string[], harm: Harm): Harmed[] => paths.map((path) => ({ path, harm, deep: true }));
const flat = (paths: readonly string[], harm: Harm): Harmed[] => paths.map((path) => ({ path, harm, deep: false }));

/** What each program may delete or write over, from its words alone. Programs that are not here do neither. */
export const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...each('rm srm', (texts) => ({ harmed: deep(new Arguments(texts).plain, 'deletes') })),
  ...each('unlink', (texts) => ({ harmed: flat(new Arguments(texts).plain, 'deletes') })),
  ...each('shred wipe', (texts) => ({
    harmed: flat(new Arguments(texts, /^-(?:n|s|-iterations|-size)$/u).plain, 'overwrites'),
  })),
  ...each('truncate', (texts) => ({
    harmed: flat(new Arguments(texts, /^-(?:[sr]|-size|-reference)$/u).plain, 'overwrites'),
  })),
  ...each('tee', (texts) => {
    const given = new Arguments(texts);
    return { harmed: given.has('a', '--append') ? [] : flat(given.plain, 'overwrites') };
  }),
  ...each('dd', (texts) => ({ harmed: flat(new Arguments(texts).values('of='), 'overwrites') })),
  ...each('cp install', (texts) => {
    const { targets, whole, skipped } = destinations(texts);
    return { harmed: skipped ? [] : [...flat(targets, 'overwrites'), ...deep(whole, 'overwrites')] };
  }),
  ...each('mv', (texts) => {
    const { sources, targets, skipped, into } = destinations(texts);
    const moved = into === undefined ? [] : sources.map((from) => ({ from, to: into }));
    return { harmed: skipped ? [] : flat(targets, 'replaces'), moved };
  }),
  ...each('ln', (texts) => {
    const given = new Arguments(texts);
    return { harmed: given.has('f', '--force') ? flat(destinations(texts).targets, 'replaces') : [] };
  }),
  ...each('rsync', rsync),
  ...each('find fd fdfind', find),
  ...each('sed perl', (texts) => {
    const given = new Arguments(texts);
    return { harmed: given.has('i', '--in-place') ? flat(given.plain, 'replaces') : [] };
  }),
  ...each('sort', (texts) => ({ harmed: flat(new Arguments(texts).values('-o', '--output'), 'overwrites') })),
  ...each('uniq', (texts) => ({ harmed: flat(new Arguments(texts).plain.slice(1), 'overwrites') })),
  ...each('curl', (texts) => ({ harmed: flat(new Arguments(texts).values('-o', '--output'), 'overwrites') })),
  ...each('wget', (texts) => ({ harmed: flat(new Arguments(texts).values('-O', '--output-document'), 'overwrites') })),
  ...each('zip', (texts) => {
    const given = new Arguments(texts);
    return { harmed: given.has('m', '--move') ? deep(given.plain.slice(1), 'deletes') : [] };
  }),
  ...each('tar', (texts) => {
    const given = new Arguments(texts, /^-[fC]$/u);
    return { harmed: given.has('', '--remove-files') ? deep(given.plain, 'deletes') : [] };
  }),
  ...each('git', (texts) => git(texts, '.')),
  ...each('dvc', ([first, second]) => ({
    harmed:
      first === 'gc'
        ? deep(['.dvc/cache'], 'deletes')
        : first === 'remove' && second
          ? deep([second.replace(/\.dvc$/u, '')], 'deletes')
          : [],
  })),
  ...each('mlflow', ([first]) => ({
    harmed: first === 'gc' ? deep(['mlruns', 'mlartifacts', 'mlflow.db'], 'deletes') : [],
  })),
  ...each('wandb', (texts) => ({
    harmed: texts[0] === 'sync' && texts.includes('--clean') ? deep(['wandb'], 'deletes') : [],
  })),
]);

function each(names: string, reader: Reader): [string, Reader][] {
  return names.split(' ').map((name) => [name, reader]);
}

interface Destinations {
  sources: readonly string[];
  /** What may be replaced: the last word itself, or what would have a source's name in it. */
  targets: string[];
  /** Where a folder's content would be put among what is there. */
  whole: string[];
  into: string | undefined;
  /** It was told to replace nothing. */
  skipped: boolean;
}

function destinations(texts: readonly string[]): Destinations {
  const given = new Arguments(texts, /^-(?:[tSmog]|-target-directory|-suffix|-mode|-owner|-group)$/u);
  const [folder] = given.values('-t', '--target-directory');
  const into = folder ?? (given.plain.length > 1 ? given.plain.at(-1) : undefined);
  const sources = folder === undefined ? given.plain.slice(0, -1) : given.plain;
  // Which of the two it is depends on whether the last word is a folder: the other does not exist.
  const named = into === undefined ? [] : sources.map((source) => join(into, basename(source)));
  const targets = folder === undefined && into !== undefined && sources.length === 1 ? [into, ...named] : named;
  const whole = [...named, ...sources.filter((source) => source.endsWith('/.')).flatMap(() => into ?? [])];
  return { sources, targets, whole, into, skipped: given.has('n', '--no-clobber', '--update=none') };
}

const RSYNC_VALUED = /^-(?:[efMBT]|-(?:rsh|filter|exclude|include|exclude-from|include-from|files-from|temp-dir))$/u;

function rsync(texts: readonly string[]): Effects {
  const given = new Arguments(texts, RSYNC_VALUED);
  const sources = given.plain.slice(0, -1);
  const into = given.plain.at(-1);
  if (into === undefined || given.has('n', '--dry-run')) return { harmed: [] };
  const removed = given.has('', '--remove-source-files') ? deep(sources, 'deletes') : [];
  if (given.texts.some((text) => /^--del/u.test(text)))
    return { harmed: [...removed, { path: into, harm: 'deletes', deep: true }] };
  const harm = given.has('', '--inplace', '--append') ? 'overwrites' : 'replaces';
  const targets = sources.map((source) => (source.endsWith('/') ? into : join(into, basename(source))));
  return { harmed: [...removed, ...deep([...targets, ...(sources.length === 1 ? [into] : [])], harm)] };
}

function find(texts: readonly string[]): Effects {
  const { roots, names } = found(texts);
  if (texts.includes('-delete'))
    return { harmed: roots.map((path) => ({ path, harm: 'deletes', deep: true, ...(names ? { names } : {}) })) };
  return { harmed: [] };
}

/** Where a `find` looks, and for which names; no names where its conditions say more than that. */
export function found(texts: readonly string[]): { roots: string[]; names?: string[] } {
  const first = texts.findIndex((text) => /^[-(!]/u.test(text));
  const roots = texts.slice(0, first < 0 ? undefined : first);
  const names = texts.flatMap((text, at) => (/^-i?name$/u.test(text) ? (texts[at + 1] ?? []) : []));
  const isPlain = names.length > 0 && !texts.some((text) => /^(?:!|-not|-path|-regex)$/u.test(text));
  const isChoice = texts.some((text) => text === '-o' || text === '-or');
  return {
    roots: roots.length > 0 ? roots : ['.'],
    // `-name a -o -size +1M` finds what has another name too.
    ...(isPlain && (!isChoice || names.length > texts.filter((text) => /^-o(?:r)?$/u.test(text)).length)
      ? { names }
      : {}),
  };
}

const GIT_VALUED = /^(?:-C|-c|--git-dir|--work-tree|--namespace)$/u;

function git(texts: readonly string[], folder: string): Effects {
  const [first, second = '.'] = texts;
  if (first !== undefined && GIT_VALUED.test(first))
    return git(texts.slice(2), first === '-C' || first === '--work-tree' ? under(folder, second) : folder);
  if (first?.startsWith('-')) return git(texts.slice(1), folder);
  const given = new Arguments(texts.slice(1), /^-(?:[sbBe]|-source|-exclude|-message|m)$/u);
  const within = given.plain.map((path) => under(folder, path));
  const changed = (paths: readonly string[]): Effects => ({
    harmed: paths.map((path) => ({ path, harm: 'replaces', deep: true, changed: true })),
  });
  switch (first) {
    case 'clean':
      if (given.has('n', '--dry-run')) return { harmed: [] };
      return { harmed: [{ path: folder, harm: 'deletes', deep: true, clean: given.texts }] };
    case 'rm':
      return { harmed: given.has('n', '--cached', '--dry-run') ? [] : deep(within, 'deletes') };
    case 'mv':
      return { harmed: [], moved: within.slice(0, -1).map((from) => ({ from, to: within.at(-1) ?? folder })) };
    case 'checkout':
      return changed(given.has('f', '--force') ? [folder] : within);
    case 'restore':
      return given.has('S', '--staged') && !given.has('W', '--worktree') ? { harmed: [] } : changed(within);
    case 'switch':
      return given.has('f', '--force', '--discard-changes') ? changed([folder]) : { harmed: [] };
    case 'reset':
      return given.has('', '--hard', '--merge') ? changed([folder]) : { harmed: [] };
    case 'stash': {
      const [verb = 'push'] = given.plain;
      if (verb !== 'push' && verb !== 'save') return { harmed: [] };
      const clean = given.has('a', '--all') ? ['-ndx'] : ['-nd'];
      const others: Harmed[] = given.has('ua', '--include-untracked', '--all')
        ? [{ path: folder, harm: 'deletes', deep: true, clean }]
        : [];
      return { harmed: [...changed([folder]).harmed, ...others] };
    }
    default:
      return { harmed: [] };
  }
}

function under(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
