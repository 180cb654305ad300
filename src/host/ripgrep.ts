import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, isAbsolute, join, relative, sep } from 'node:path';
import { Minimatch, type MinimatchOptions } from 'minimatch';
import { ToolError } from '../agent/tool';
import type { Hiding } from './ignored';
import type { GlobQuery, SearchLine, SearchQuery, SearchResult } from './host';

const SEARCH_LIMIT_MS = 20_000;
const MAX_LINE_CHARACTERS = 500;
const BINARY = process.platform === 'win32' ? 'rg.exe' : 'rg';

/** Finds ripgrep: the given paths first, then PATH. */
export async function findRipgrep(candidates: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const onPath = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  for (const path of [...candidates, ...onPath.map((folder) => join(folder, BINARY))]) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

interface Reading {
  /** Called for each piece of output; `false` ends the program. */
  onPiece: (piece: string) => boolean;
  /** What ends a piece: a line's end, or a zero byte, which no path holds. */
  separator: '\n' | '\0';
  cwd: string;
  signal: AbortSignal;
}

/** Runs ripgrep until it ends, the reader has enough, or time is up. Exit code 1 is "nothing found". */
async function runRipgrep(
  binary: string,
  args: readonly string[],
  { onPiece, separator, cwd, signal }: Reading,
): Promise<{ timedOut: boolean }> {
  const limit = AbortSignal.timeout(SEARCH_LIMIT_MS);
  const child = spawn(binary, ['--no-config', ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  const end = (): void => void child.kill('SIGKILL');
  const stops = AbortSignal.any([signal, limit]);
  stops.addEventListener('abort', end, { once: true });
  let enough = false;
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < 2_000) complaint += text;
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  try {
    let rest = '';
    for await (const text of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      const pieces = (rest + text).split(separator);
      rest = pieces.pop() ?? '';
      enough = pieces.some((piece) => !onPiece(piece));
      if (enough) break;
    }
    if (enough) end();
    const code = await exit;
    signal.throwIfAborted();
    // 2 with results is a file that could not be read among others that could.
    if (code === 2 && !enough && complaint !== '') throw new ToolError(complaint.trim());
    return { timedOut: limit.aborted };
  } finally {
    stops.removeEventListener('abort', end);
  }
}

/** A hidden name in a pattern asks for hidden files; a plain `*` does not. */
const NAMES_HIDDEN = /(?:^|[/{,])\.[^./]/u;

/**
 * Files by pattern, newest first, `.gitignore` honoured. ripgrep's own `--glob` would bring back what is ignored, so
 * patterns are matched here, by the same rules as everywhere else (minimatch; one without a slash matches any name).
 */
export async function ripgrepGlob(
  binary: string,
  query: GlobQuery,
  hiding: Hiding,
  signal: AbortSignal,
): Promise<{ paths: string[]; capped: boolean }> {
  const wanted = matcherOf(query.patterns);
  const unwanted = matcherOf(query.exclude, { dot: true });
  const hidden = query.patterns.some((pattern) => NAMES_HIDDEN.test(pattern));
  const paths: string[] = [];
  let capped = false;
  await runRipgrep(
    binary,
    [
      ...['--files', '--null', '--sortr', 'modified', '--glob', '!.git', ...(hidden ? ['--hidden'] : [])],
      ...[...hiding.arguments, '--', query.folder],
    ],
    {
      cwd: hiding.cwd ?? query.folder,
      signal,
      separator: '\0',
      onPiece(found) {
        const path = relative(query.folder, found);
        const posix = sep === '/' ? path : path.replaceAll(sep, '/');
        if (!wanted(posix) || unwanted(posix) || hiding.hides(found)) return true;
        capped = paths.length === query.limit;
        if (!capped) paths.push(join(query.folder, path));
        return !capped;
      },
    },
  ).catch((error: unknown) => {
    // "No files were searched" is exit code 2 with a hint; it is an answer here.
    if (!(error instanceof ToolError) || !/No files were searched/u.test(error.message)) throw error;
  });
  return { paths, capped };
}

/** A test for paths from the folder: true when one of the patterns fits. A folder's name stands for all in it. */
function matcherOf(patterns: readonly string[], options: MinimatchOptions = {}): (path: string) => boolean {
  const tests = patterns
    .map((pattern) => pattern.replace(/^(?:\.\/)+/u, '').replace(/\/$/u, '/**'))
    .flatMap((pattern) => (options.dot ? [pattern, `${pattern}/**`] : [pattern]))
    .map((pattern) => new Minimatch(pattern.includes('/') ? pattern : `**/${pattern}`, options));
  return (path) => tests.some((test) => test.match(path));
}

interface RipgrepText {
  text?: string;
  bytes?: string;
}
interface RipgrepMessage {
  type: string;
  data: { path?: RipgrepText; lines?: RipgrepText; line_number?: number | null };
}

/**
 * Searches file contents. A bad regular expression throws a ToolError with ripgrep's own message. Results are sorted by
 * path here: ripgrep's own sorting takes all but one core from it. Ignored and hidden files are left out, what `.git`
 * holds always, and what `exclude` names where it is not the very file that was asked for.
 */
export async function ripgrepSearch(
  binary: string,
  query: SearchQuery,
  hiding: Hiding,
  signal: AbortSignal,
): Promise<SearchResult> {
  const found: SearchLine[] = [];
  const fits = query.glob === undefined ? () => true : globTest(query.glob, query.path);
  const take = READERS[query.output];
  const most = Math.max(MAX_COLLECTED, query.limit + 1);
  const { timedOut } = await runRipgrep(binary, [...hiding.arguments, ...searchArguments(query)], {
    cwd: hiding.cwd ?? tmpdir(),
    signal,
    separator: query.output === 'files' ? '\0' : '\n',
    onPiece(piece) {
      for (const line of take(piece)) if (fits(line.path) && !hiding.hides(line.path)) found.push(line);
      return found.length < most;
    },
  });
  // Lines of one file come in order, so only files need sorting.
  found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { lines: found.slice(0, query.limit), capped: found.length > query.limit, timedOut };
}

/** So many are read before the search ends: the first of them by path are the answer. */
const MAX_COLLECTED = 5_000;

/** How each kind of output is read: one piece of it, to the rows it holds. */
const READERS: Record<SearchQuery['output'], (piece: string) => SearchLine[]> = {
  files: (path) => (path === '' ? [] : [{ path, line: 0, text: '', match: true }]),
  count(piece) {
    const [path = '', count = ''] = piece.split('\0');
    return count === '' ? [] : [{ path, line: Number(count), text: '', match: true }];
  },
  content(piece) {
    if (piece === '') return [];
    const { type, data } = JSON.parse(piece) as RipgrepMessage;
    if (type !== 'match' && type !== 'context') return [];
    const path = textOf(data.path);
    const texts = textOf(data.lines)
      .replace(/\r?\n$/u, '')
      .split(/\r?\n/u);
    return texts.map((text, offset) => ({
      path,
      line: (data.line_number ?? 1) + offset,
      text: cutLine(text),
      match: type === 'match',
    }));
  },
};

function globTest(glob: string, path: string): (path: string) => boolean {
  const test = matcherOf([glob.replace(/^!/u, '')], { dot: true });
  const wanted = !glob.startsWith('!');
  return (found) => test(relative(path, found).replaceAll(sep, '/') || basename(found)) === wanted;
}

const OUTPUT: Record<SearchQuery['output'], readonly string[]> = {
  files: ['--files-with-matches', '--null'],
  count: ['--count-matches', '--with-filename', '--null'],
  content: ['--json'],
};

function searchArguments(query: SearchQuery): string[] {
  const content = query.output === 'content';
  return [
    ...OUTPUT[query.output],
    ...(query.caseInsensitive ? ['--ignore-case'] : []),
    ...(query.multiline ? ['--multiline', '--multiline-dotall'] : []),
    ...['.git', ...(query.exclude ?? [])].flatMap((glob) => ['--iglob', `!${glob}`]),
    ...(query.type ? ['--type', query.type] : narrowing(query.glob)),
    ...(content && query.before > 0 ? ['--before-context', String(query.before)] : []),
    ...(content && query.after > 0 ? ['--after-context', String(query.after)] : []),
    '--regexp',
    query.pattern,
    '--',
    query.path,
  ];
}

/** A glob's last part as a file type: that narrows the search, and unlike `--glob` brings back nothing that is ignored. */
function narrowing(glob: string | undefined): string[] {
  const name = glob?.split('/').at(-1) ?? '';
  return name === '' || glob?.startsWith('!') || /^\*+$|[{}!]/u.test(glob ?? '')
    ? []
    : ['--type-add', `wanted:${name}`, '--type', 'wanted'];
}

/** ripgrep gives text that is not UTF-8 as base64. */
function textOf(value: RipgrepText | undefined): string {
  return value?.text ?? (value?.bytes ? Buffer.from(value.bytes, 'base64').toString('latin1') : '');
}

function cutLine(text: string): string {
  if (text.length <= MAX_LINE_CHARACTERS) return text;
  // Never between the two halves of one character.
  const half = /[\ud800-\udbff]/u.test(text.charAt(MAX_LINE_CHARACTERS - 1)) ? 1 : 0;
  return `${text.slice(0, MAX_LINE_CHARACTERS - half)} [line cut, ${text.length} characters]`;
}
