import { posix } from 'node:path';
import type { Dialect } from '../agent/tool';
import { minimatch } from 'minimatch';
import { ENVIRONMENT_NAMES, FILELESS, METADATA_ONLY, SECRET_PATH } from './programs';
import type { Word } from './simple-commands';

/** Where a line runs: absolute folders, `cwd` inside one of them. */
export interface Place {
  cwd: string;
  folders: readonly string[];
  /** PowerShell writes paths as Windows does, and its globs match hidden files. */
  dialect?: Dialect;
}

/**
 * Why a command that only reads is still not harmless: it reads secrets or outside the workspace, or it is only known
 * when it runs what it reads. `undefined` when none of this is so. Path arithmetic only: links are not followed.
 */
export function readsTooMuch(name: string, args: readonly Word[], place: Place | undefined): string | undefined {
  const own = OWN_RULES[name]?.(args);
  if (own) return own;
  if (args.some(({ raw }) => ENVIRONMENT_NAMES.test(raw))) return 'it prints a variable that may be a secret';
  if (FILELESS.has(name)) return undefined;
  for (const { text, raw } of args) {
    // What a process substitution runs is judged by itself.
    if (text === undefined && /^[<>]\(.*\)$/su.test(raw)) continue;
    if (text === undefined) return `which file it reads is only known when it runs: ${raw}`;
    if (text.includes('{}') && !METADATA_ONLY.has(name)) return 'which files it reads is only known when it runs';
    for (const path of pathsIn(place?.dialect === 'powershell' ? withoutDrive(text) : text)) {
      if (namesSecret(path, name, place?.dialect === 'powershell')) return 'it reads or touches secrets';
      if (place && liesOutside(path, place)) return `it reads outside the workspace: ${path}`;
    }
  }
  return readsHidden(name, args, place);
}

/** True for a path that leads out of the workspace's folders. A glob counts by what stands before it. */
export function liesOutside(path: string, place: Place): boolean {
  if (HARMLESS_OUTSIDE.test(path)) return false;
  if (path.startsWith('~')) return true;
  const isWindows = place.dialect === 'powershell';
  const [cwd = '', ...folders] = [place.cwd, ...place.folders].map((folder) =>
    isWindows ? withoutDrive(folder.replaceAll('\\', '/')) : folder,
  );
  const full = posix.resolve(cwd, isWindows ? withoutDrive(path) : path);
  return !folders.some((folder) => full === folder || full.startsWith(`${folder}/`));
}

/** `C:/a` as `/c:/a`, in lower case since Windows does not tell cases apart. */
function withoutDrive(path: string): string {
  return /^[A-Za-z]:/u.test(path) ? `/${path.toLowerCase()}` : path;
}

const HARMLESS_OUTSIDE =
  /^\/dev\/(?:null|zero|stdin|stdout|stderr|tty|fd\/\d+)$|^\/proc\/(?:cpuinfo|meminfo|loadavg)$/u;

/** The paths a word may name: itself, what an option or a revision has attached (`--file=x`, `-fx`, `HEAD:x`, `@x`). */
function pathsIn(word: string): string[] {
  const attached = [/^--?[\w-]+=(.*)$/su, /^-[a-zA-Z](.+)$/su, /^[^:/\s]*:(.+)$/su, /^@(.+)$/su];
  const found = attached.flatMap((form) => form.exec(word)?.[1] ?? []);
  return word.startsWith('-') ? found : [word, ...found];
}

/** Names that a glob must not reach: one for each kind of secret file that lies in a repository. */
const SECRET_NAMES = ['.env', '.env.local', '.netrc', '.npmrc', '.pypirc', '.git-credentials', 'id_rsa', 'id_ed25519'];

function namesSecret(path: string, name: string, dot: boolean): boolean {
  if (SECRET_PATH.test(path)) return true;
  if (METADATA_ONLY.has(name) || !/[*?[{]/u.test(path)) return false;
  const pattern = path.slice(path.lastIndexOf('/') + 1);
  // The shell may be set to match dot files with `*`; only where it is not is a plain `*` harmless here.
  return SECRET_NAMES.some((secret) => minimatch(secret, pattern, { nocase: true, dot }));
}

/** Searches that go through hidden files: a recursive grep of the whole folder reads `.env`. */
function readsHidden(name: string, args: readonly Word[], place: Place | undefined): string | undefined {
  const texts = args.map(({ text }) => text ?? '');
  const has = (option: RegExp): boolean => texts.some((text) => option.test(text));
  if (/^(?:rg|ag)$/u.test(name))
    return has(/^(?:--hidden|--unrestricted|-[a-zA-Z]*[.]|-[a-zA-Z]*u[a-zA-Z]*)$/u)
      ? 'it searches hidden files, which may hold secrets'
      : undefined;
  if (!/^(?:[ef]?grep|zgrep)$/u.test(name)) return undefined;
  if (!has(/^(?:-[a-zA-Z]*[rR][a-zA-Z]*|--(?:dereference-)?recursive|--directories=recurse)$/u)) return undefined;
  const plain = texts
    .filter((text) => !text.startsWith('-'))
    .slice(has(/^(?:-[a-zA-Z]*[ef]|--regexp|--file)/u) ? 0 : 1);
  const root = (path: string): boolean => {
    const full = posix.resolve(place?.cwd ?? '/', path);
    return place
      ? place.folders.some((folder) => folder === full || folder.startsWith(`${full}/`))
      : /^\.?\/*$/u.test(path);
  };
  const isWhole = plain.length === 0 || plain.some((path) => root(path) || /^\*\/?$/u.test(path));
  return isWhole ? 'it searches every file here, hidden ones too, which may hold secrets' : undefined;
}

/** What `date` may be given to show a time: a format, a zone, another time or file. What stands alone sets the clock. */
const DATE_OPTIONS =
  /^(?:\+.*|-u|-R|-I\w*|--iso-8601(?:=\w+)?|--rfc-\w+(?:=\w+)?|--utc|--universal|--date=.*|-d.*|-r.*|--reference=.*|(?!\d{8})[\w@: ./+-]+)$/su;

/** What `nvidia-smi` may be asked; everything else of it changes how the GPU runs, or writes a file. */
const GPU_QUERIES =
  /^(?:-L|-q|-x|-i|-l|-lms|-d|-a|-s|-m|-h|--help|--version|--list-gpus|--query(?:-[\w-]+=\S+)?|--format=\S+|--id=\S+|--display=\S+|--loop(?:-ms)?=\d+|topo|nvlink|pmon|dmon|-c1|\d+|[\w.]+(?:,[\w.]+)*)$/u;

/** What single programs may read, print or change beside files. Each says why, or nothing. */
const OWN_RULES: Readonly<Record<string, (args: readonly Word[]) => string | undefined>> = {
  cd: (args) => changesFolder(args),
  pushd: (args) => changesFolder(args),
  popd: () => 'where it leads is only known when it runs',
  export: (args) => printsVariables(args),
  declare: (args) => printsVariables(args),
  typeset: (args) => printsVariables(args),
  readonly: (args) => printsVariables(args),
  jq: (args) => anyOf(args, /\benv\b|\$ENV\b/u, 'it prints the environment, which holds secrets'),
  awk: (args) => anyOf(args, /\bENVIRON\b/u, 'it prints the environment, which holds secrets'),
  gawk: (args) => anyOf(args, /\bENVIRON\b/u, 'it prints the environment, which holds secrets'),
  mawk: (args) => anyOf(args, /\bENVIRON\b/u, 'it prints the environment, which holds secrets'),
  ps: (args) => anyOf(args, /^[a-zA-Z]*e[a-zA-Z]*$/u, 'it prints the environment of processes'),
  printf: (args) => anyOf(args, /^-v/u, 'it sets a variable by name'),
  date: (args) => unless(args, DATE_OPTIONS, 'it may set the clock'),
  'nvidia-smi': (args) => unless(args, GPU_QUERIES, 'it may change how the GPU runs'),
  xargs: () => undefined,
};

function anyOf(args: readonly Word[], pattern: RegExp, reason: string): string | undefined {
  return args.some(({ text, raw }) => pattern.test(text ?? raw)) ? reason : undefined;
}

function unless(args: readonly Word[], pattern: RegExp, reason: string): string | undefined {
  return args.every(({ text }) => text !== undefined && pattern.test(text)) ? undefined : reason;
}

function changesFolder(args: readonly Word[]): string | undefined {
  const plain = args.map(({ text }) => text).filter((text) => text !== '--' && !/^-[LPe]+$/u.test(text ?? ''));
  return plain.length !== 1 || plain[0] === undefined || /^[-~+]/u.test(plain[0])
    ? 'where it leads is only known when it runs'
    : undefined;
}

function printsVariables(args: readonly Word[]): string | undefined {
  const options = args.filter(({ raw }) => raw.startsWith('-'));
  return options.length === args.length || options.some(({ raw }) => /^-\w*[pn]/u.test(raw))
    ? 'it prints variables, which may hold secrets, or makes one a name for another'
    : undefined;
}
