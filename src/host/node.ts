import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ToolError, type Dialect } from '../agent/tool';
import { writeWhole } from './atomic-write';
import { BackgroundCommands } from './background';
import { commandEnvironment, environmentFacts, findPython, type Python } from './environment';
import type { DirectoryEntry, FileStat, Folder, Host } from './host';
import { hidingOf, IgnoreLists, namedIn } from './ignored';
import { ignoredWords } from './ignored-words';
import { locatePath, within } from './paths';
import { findRipgrep, ripgrepGlob, ripgrepSearch } from './ripgrep';
import { scaleImage } from './scale-image';
import { MACHINE_DIALECT, runShell } from './shell';

export interface NodeHostOptions {
  /** Absolute paths of the workspace folders. */
  folders: readonly (string | Folder)[];
  trusted?: boolean;
  /** Folders outside the workspace that count as inside for reading: the session's, the skills'. */
  alsoInside?: readonly string[];
  /** Where ripgrep may lie, tried before PATH. */
  ripgrep?: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Variables for commands beside the usual ones; read for each. */
  commandVariables?: () => Readonly<Record<string, string>>;
  /** Who is asked first for the interpreter of a folder; what lies in the folder, and PATH, come after. */
  chosenPython?: (folder: string) => Promise<Python | undefined>;
  /** Shared by hosts that follow one another. */
  background?: BackgroundCommands;
  /** The shell commands run in; the machine's own by default. */
  dialect?: Dialect;
}

const NO_RIPGREP = 'Searching needs ripgrep (rg), which was not found. Install it and put it on PATH.';
const UNTRUSTED = 'This workspace is not trusted, so no program is started in it.';

/** The machine without an editor: what the command line works on. */
export function createNodeHost({
  folders: given,
  trusted = true,
  alsoInside = [],
  ripgrep = [],
  env = process.env,
  commandVariables = () => ({}),
  chosenPython,
  background = new BackgroundCommands(),
  dialect = MACHINE_DIALECT,
}: NodeHostOptions): Host {
  const folders = given.map((folder) =>
    typeof folder === 'string' ? { name: basename(folder), path: folder } : folder,
  );
  const ignoreLists = new IgnoreLists(folders);
  let binary: Promise<string | undefined> | undefined;
  /** By workspace folder. Found out once: every command needs it. */
  const interpreters = new Map<string | undefined, Promise<Python | undefined>>();
  const find = async (folder: string | undefined): Promise<Python | undefined> =>
    (folder === undefined ? undefined : await chosenPython?.(folder)) ?? findPython(folder, env);
  const python = async (cwd = folders[0]?.path): Promise<Python | undefined> => {
    if (!trusted) return undefined;
    const own = folders.find(({ path }) => cwd !== undefined && within(path, cwd) !== undefined) ?? folders[0];
    const known = interpreters.get(own?.path) ?? find(own?.path);
    interpreters.set(own?.path, known);
    return known;
  };
  const searcher = async (): Promise<string> => {
    const found = await (binary ??= findRipgrep(ripgrep, env));
    if (!found) throw new ToolError(NO_RIPGREP);
    return found;
  };
  return {
    folders,
    trusted,
    dialect,
    locate: async (path) => locatePath(path, folders, alsoInside, await ignoreLists.current()),
    ignores: async (words, cwd) => ignoredWords(await ignoreLists.current(), words, cwd),
    stat: statFile,
    async read(path) {
      const found = await statFile(path);
      return found?.type === 'file' ? { bytes: await readFile(path), mtime: found.mtime } : undefined;
    },
    scaleImage,
    async list(path) {
      const [entries, lists] = await Promise.all([listFolder(path), ignoreLists.current()]);
      return entries.filter(
        ({ name, type }) => !namedIn(lists, [join(path, name)], type === 'file' ? 'file' : 'folder'),
      );
    },
    glob: async (query, signal) =>
      ripgrepGlob(await searcher(), query, hidingOf(await ignoreLists.current(), query.folder), signal),
    search: async (query, signal) =>
      ripgrepSearch(await searcher(), query, hidingOf(await ignoreLists.current(), query.path), signal),
    write: writeWhole,
    async variables(cwd) {
      if (!trusted) throw new ToolError(UNTRUSTED);
      return commandEnvironment(env, await python(cwd), commandVariables());
    },
    async run(request, signal) {
      if (!trusted) throw new ToolError(UNTRUSTED);
      const variables = commandEnvironment(env, await python(request.cwd), commandVariables());
      return runShell(request, variables, signal, background, dialect);
    },
    background: () => background.list(),
    stopBackground: (id) => background.stop(id),
    diagnostics: async () => [],
    environment: () => environmentFacts(folders, python),
  };
}

/** `undefined` when there is no such file. */
export async function statFile(path: string): Promise<FileStat | undefined> {
  try {
    const found = await stat(path);
    const type = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
    return { type, size: found.size, mtime: found.mtimeMs };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Folders first, each part by name; a link is `other`. */
export async function listFolder(path: string): Promise<DirectoryEntry[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return sortEntries(
    entries.map((entry) => ({
      name: entry.name,
      type: entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other',
    })),
  );
}

export function sortEntries(entries: readonly DirectoryEntry[]): DirectoryEntry[] {
  const rank = ({ type }: DirectoryEntry): number => (type === 'directory' ? 0 : 1);
  return [...entries].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}
