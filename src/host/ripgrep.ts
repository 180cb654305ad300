import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { createInterface } from 'node:readline';
import { ToolError } from '../agent/tool';
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

interface Lines {
  /** Called for each line of output; `false` ends the program. */
  onLine: (line: string) => boolean;
  cwd: string;
  signal: AbortSignal;
}

/** Runs ripgrep until it ends, the reader has enough, or time is up. Exit code 1 is "nothing found". */
async function runRipgrep(
  binary: string,
  args: readonly string[],
  { onLine, cwd, signal }: Lines,
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
    for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity })) {
      if (onLine(line)) continue;
      enough = true;
      end();
      break;
    }
    const code = await exit;
    signal.throwIfAborted();
    // 2 with results is a file that could not be read among others that could.
    if (code === 2 && !enough && complaint !== '') throw new ToolError(complaint.trim());
    return { timedOut: limit.aborted };
  } finally {
    stops.removeEventListener('abort', end);
  }
}

/** Files by pattern, newest first, `.gitignore` honoured. */
export async function ripgrepGlob(
  binary: string,
  query: GlobQuery,
  signal: AbortSignal,
): Promise<{ paths: string[]; capped: boolean }> {
  const paths: string[] = [];
  let capped = false;
  const globs = [
    ...query.patterns.map((pattern) => pattern.replace(/^\.\//u, '')),
    ...query.exclude.map((pattern) => `!${pattern}`),
  ];
  await runRipgrep(binary, ['--files', '--sortr', 'modified', ...globs.flatMap((glob) => ['--glob', glob])], {
    cwd: query.folder,
    signal,
    onLine(line) {
      capped = paths.length === query.limit;
      if (!capped) paths.push(join(query.folder, line));
      return !capped;
    },
  }).catch((error: unknown) => {
    // "No files were searched" is exit code 2 with a hint; it is an answer here.
    if (!(error instanceof ToolError) || !/No files were searched/u.test(error.message)) throw error;
  });
  return { paths, capped };
}

interface RipgrepText {
  text?: string;
  bytes?: string;
}
interface RipgrepMessage {
  type: string;
  data: { path?: RipgrepText; lines?: RipgrepText; line_number?: number | null; submatches?: unknown[] };
}

/** Searches file contents. A bad regular expression throws a ToolError with ripgrep's own message. */
export async function ripgrepSearch(binary: string, query: SearchQuery, signal: AbortSignal): Promise<SearchResult> {
  const lines: SearchLine[] = [];
  const counts = new Map<string, number>();
  let capped = false;
  const full = (): boolean => (query.output === 'content' ? lines.length : counts.size) >= query.limit;
  const take = ({ type, data }: RipgrepMessage): boolean => {
    if (type !== 'match' && type !== 'context') return true;
    const path = textOf(data.path);
    if (query.output !== 'content') {
      if (!counts.has(path) && full()) return !(capped = true);
      counts.set(path, (counts.get(path) ?? 0) + (data.submatches?.length ?? 1));
      return true;
    }
    for (const [offset, text] of textOf(data.lines)
      .replace(/\r?\n$/u, '')
      .split('\n')
      .entries()) {
      if (full()) return !(capped = true);
      lines.push({ path, line: (data.line_number ?? 1) + offset, text: cutLine(text), match: type === 'match' });
    }
    return true;
  };
  const { timedOut } = await runRipgrep(binary, searchArguments(query), {
    cwd: process.cwd(),
    signal,
    onLine: (line) => take(JSON.parse(line) as RipgrepMessage),
  });
  if (query.output !== 'content') {
    for (const [path, count] of counts)
      lines.push({ path, line: query.output === 'count' ? count : 0, text: '', match: true });
  }
  return { lines, capped, timedOut };
}

function searchArguments(query: SearchQuery): string[] {
  const content = query.output === 'content';
  return [
    '--json',
    '--sort=path',
    ...(query.caseInsensitive ? ['--ignore-case'] : []),
    ...(query.multiline ? ['--multiline', '--multiline-dotall'] : []),
    ...(query.glob ? ['--glob', query.glob] : []),
    ...(query.type ? ['--type', query.type] : []),
    ...(content && query.before > 0 ? ['--before-context', String(query.before)] : []),
    ...(content && query.after > 0 ? ['--after-context', String(query.after)] : []),
    '--regexp',
    query.pattern,
    '--',
    query.path,
  ];
}

/** ripgrep gives text that is not UTF-8 as base64. */
function textOf(value: RipgrepText | undefined): string {
  return value?.text ?? (value?.bytes ? Buffer.from(value.bytes, 'base64').toString('latin1') : '');
}

function cutLine(text: string): string {
  return text.length <= MAX_LINE_CHARACTERS
    ? text
    : `${text.slice(0, MAX_LINE_CHARACTERS)} [line cut, ${text.length} characters]`;
}
