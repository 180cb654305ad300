import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isInstalledFolder } from '../artefacts/recognise';

const CODE =
  /(?:\.(?:pyx?|ipynb|sh|bash|ps1|[rR]|jl|lua|m|c|cc|cpp|cu|cuh|h|hpp|go|rs|java|scala|[mc]?[jt]sx?|sql|ya?ml|toml|cfg|ini|conf|gin|jsonnet)|(?:^|[\\/])(?:Makefile|Dockerfile|requirements[^/\\]*\.txt))$/u;
const MAX_FILES = 20_000;
const MAX_ENTRIES = 100_000;
const MAX_READ_BYTES = 64 * 1024 * 1024;
const MAX_FILE_BYTES = 1024 * 1024;
const AT_ONCE = 64;

export interface CodeState {
  /** By path from the folder, `/` between its parts: what tells one state of the file from another. */
  files: ReadonlyMap<string, string>;
  /** False when there was more than is looked at. */
  complete: boolean;
}

/** The code and configuration below a folder as it is now, whether git knows it or not. Hidden folders are left out. */
export async function codeState(folder: string, signal: AbortSignal): Promise<CodeState> {
  const { paths, complete } = await codeFiles(folder, signal);
  const files = new Map<string, string>();
  let left = MAX_READ_BYTES;
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    signal.throwIfAborted();
    const some = paths.slice(at, at + AT_ONCE);
    const told = await Promise.all(some.map((path) => tellingOf(join(folder, path), left > 0)));
    told.forEach((one, index) => {
      if (!one) return;
      files.set(some[index] ?? '', one.telling);
      left -= one.bytes;
    });
  }
  return { files, complete };
}

/** One word for a state; files in `without` do not count. Pure. */
export function hashOfState({ files }: CodeState, without: Iterable<string> = []): string {
  const left = new Set(without);
  const hash = createHash('sha256');
  for (const path of [...files.keys()].sort()) if (!left.has(path)) hash.update(`${path}\0${files.get(path)}\n`);
  return hash.digest('hex');
}

/** Files that are there now and were not before. Pure. */
export function madeSince(before: CodeState, now: CodeState): string[] {
  return [...now.files.keys()].filter((path) => !before.files.has(path));
}

/** What is too much to be read is told by size and time: a copy of the same then counts as another. */
async function tellingOf(path: string, mayRead: boolean): Promise<{ telling: string; bytes: number } | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats?.isFile()) return undefined;
  const bytes = mayRead && stats.size <= MAX_FILE_BYTES ? await readFile(path).catch(() => undefined) : undefined;
  if (!bytes) return { telling: `${stats.size}:${stats.mtimeMs}`, bytes: 0 };
  return { telling: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

async function codeFiles(folder: string, signal: AbortSignal): Promise<{ paths: string[]; complete: boolean }> {
  const paths: string[] = [];
  const open = [''];
  let entries = 0;
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    signal.throwIfAborted();
    const found = await readdir(join(folder, next), { withFileTypes: true }).catch(() => []);
    entries += found.length;
    for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = next === '' ? entry.name : `${next}/${entry.name}`;
      if (entry.isDirectory() && !entry.name.startsWith('.') && !isInstalledFolder(entry.name)) open.push(path);
      else if (entry.isFile() && CODE.test(entry.name)) paths.push(path);
    }
    if (paths.length > MAX_FILES || entries > MAX_ENTRIES) return { paths: paths.slice(0, MAX_FILES), complete: false };
  }
  return { paths, complete: true };
}
