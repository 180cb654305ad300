import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, parse, resolve, sep } from 'node:path';
import { minimatch } from 'minimatch';
import type { FolderList } from './ignored';
import { ignoredBy, realPath } from './paths';

/** Past these a command is not looked at any further, and counts as naming what it may not. */
const MAX_WORDS = 1_000;
const MAX_FOLDERS = 20;
const MAX_MATCHES = 5_000;

const TOO_MUCH = 'a list it could not be checked against, since it names too many paths (make the command shorter)';
const GLOB = /[*?[]/u;

/**
 * The line of a list that names what one of a command's words leads to. A word counts from `cwd` and from each folder
 * among the words, since the command may go there first; globs stand for what they match.
 */
export async function ignoredWords(
  lists: readonly FolderList[],
  words: readonly string[],
  cwd: string,
): Promise<string | undefined> {
  if (lists.length === 0) return undefined;
  if (words.length > MAX_WORDS) return TOO_MUCH;
  const folders = await foldersIn(words, cwd);
  if (!folders) return TOO_MUCH;
  const looked = new Set<string>();
  for (const folder of folders) {
    for (const word of words) {
      const paths = await matches(absolute(word, folder));
      if (!paths || looked.size > MAX_MATCHES) return TOO_MUCH;
      for (const path of paths) {
        if (looked.has(path)) continue;
        looked.add(path);
        const named = await ignoredBy(lists, [path, await realPath(path).catch(() => path)]);
        if (named) return named;
      }
    }
  }
  return undefined;
}

function absolute(word: string, folder: string): string {
  return resolve(folder, word.replace(/^~(?=$|[/\\])/u, homedir()));
}

/** `cwd`, and the folders among the words, each from those before it. `undefined` when there are too many. */
async function foldersIn(words: readonly string[], cwd: string): Promise<string[] | undefined> {
  const folders = [cwd];
  for (const word of words.filter((one) => !GLOB.test(one))) {
    for (const path of folders.map((folder) => absolute(word, folder))) {
      if (folders.includes(path) || !(await isFolder(path))) continue;
      // The root of the file system makes every word a path of the system, and no word relative to the workspace.
      if (path === parse(path).root) continue;
      folders.push(path);
    }
    if (folders.length > MAX_FOLDERS) return undefined;
  }
  return folders;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** What a path with globs in it stands for; itself when it has none. `undefined` when there is too much of it. */
async function matches(pattern: string): Promise<string[] | undefined> {
  if (!GLOB.test(pattern)) return [pattern];
  const { root } = parse(pattern);
  let paths = [root];
  for (const part of pattern.slice(root.length).split(sep)) {
    const next: string[] = [];
    for (const path of paths) {
      if (GLOB.test(part) && !(await isThere(join(path, part)))) {
        const names = await readdir(path).catch(() => []);
        next.push(...names.filter((name) => fits(name, part)).map((name) => join(path, name)));
      } else next.push(join(path, part));
      if (next.length > MAX_MATCHES) return undefined;
    }
    paths = next;
  }
  return paths;
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** A shell may be set to match hidden names and any case. */
function fits(name: string, pattern: string): boolean {
  return minimatch(name, pattern, { dot: true, nocase: true, nocomment: true, nonegate: true });
}
