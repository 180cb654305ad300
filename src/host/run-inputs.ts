import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** A file or a folder that a command rests on. */
export interface RunInput {
  /** Absolute. */
  path: string;
  isFolder: boolean;
  /** ms since the epoch; of a folder that of its own entry. */
  mtime: number;
}

const MAX_WORDS = 200;
const MAX_FILES = 200;
const MAX_SCRIPT_BYTES = 500_000;

/**
 * What a command rests on, as far as its words tell: files and folders it names, and the modules of the same folders that
 * its Python scripts import, and those import. What a script reads besides is not known.
 */
export async function inputsOfCommand(command: string, cwd: string): Promise<RunInput[]> {
  const found = new Map<string, RunInput>();
  const folder = folderOf(command, cwd);
  for (const path of namedIn(command, folder)) {
    const input = await look(path);
    if (input) found.set(path, input);
  }
  if (runsTests(command) && ![...found.values()].some(({ isFolder, path }) => isFolder || /test/u.test(path))) {
    const all = await look(folder);
    if (all) found.set(folder, all);
  }
  await addImports(found, folder);
  return [...found.values()];
}

/** A test run without a path rests on the whole folder. */
function runsTests(command: string): boolean {
  return /(?:^|[;&|]\s*|\s)(?:pytest|tox|nox|jest|vitest|mocha|npm (?:run )?test|cargo test|go test|make test|unittest|ctest|ruff|mypy|eslint|tsc)(?:\s|$)/u.test(
    command,
  );
}

/** `cd there && ...` moves what follows. */
function folderOf(command: string, cwd: string): string {
  const to = /^\s*cd\s+(?:"([^"]+)"|'([^']+)'|([^\s;&|]+))\s*(?:&&|;)/u.exec(command);
  return to ? resolve(cwd, to[1] ?? to[2] ?? to[3] ?? '.') : cwd;
}

function namedIn(command: string, cwd: string): Set<string> {
  const words = command.match(/"[^"]*"|'[^']*'|[^\s"'<>|;&()=]+/gu) ?? [];
  const named = new Set<string>();
  for (const [at, quoted] of words.slice(0, MAX_WORDS).entries()) {
    const word = quoted.replace(/^["']|["']$/gu, '');
    const path = words[at - 1] === '-m' ? `${word.replaceAll('.', '/')}.py` : word.split('::')[0];
    if (path === undefined || path === '' || path.startsWith('-') || path.length > 500 || /^[.\d]+$/u.test(path))
      continue;
    named.add(isAbsolute(path) ? resolve(path) : resolve(cwd, path));
  }
  named.delete(resolve(cwd));
  return named;
}

async function look(path: string): Promise<RunInput | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found || !(found.isFile() || found.isDirectory())) return undefined;
  return { path, isFolder: found.isDirectory(), mtime: found.mtimeMs };
}

async function addImports(found: Map<string, RunInput>, cwd: string): Promise<void> {
  const open = [...found.values()].filter(({ path, isFolder }) => !isFolder && path.endsWith('.py'));
  for (let at = 0; at < open.length && found.size < MAX_FILES; at++) {
    const script = open[at];
    if (!script) continue;
    for (const module of await modulesIn(script.path)) {
      for (const path of placesOf(module, dirname(script.path), cwd)) {
        if (found.has(path)) continue;
        const input = await look(path);
        if (!input || input.isFolder) continue;
        found.set(path, input);
        open.push(input);
      }
    }
  }
}

async function modulesIn(path: string): Promise<string[]> {
  const bytes = await readFile(path).catch(() => undefined);
  if (!bytes || bytes.length > MAX_SCRIPT_BYTES) return [];
  const modules: string[] = [];
  for (const match of bytes
    .toString('utf8')
    .matchAll(/^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+([\w, ]+)|import[ \t]+([\w., ]+))/gmu)) {
    const [, from, names = '', plain] = match;
    if (from !== undefined)
      modules.push(from, ...names.split(',').map((name) => `${from}.${name.trim().split(' ')[0] ?? ''}`));
    else modules.push(...(plain ?? '').split(',').map((name) => name.trim().split(' ')[0] ?? ''));
  }
  return modules.filter((module) => module !== '');
}

function placesOf(module: string, scriptFolder: string, cwd: string): string[] {
  const parts = module.replace(/^\.+/u, '').split('.').filter(Boolean);
  if (parts.length === 0) return [];
  const dots = /^\.*/u.exec(module)?.[0].length ?? 0;
  const base = dots > 1 ? resolve(scriptFolder, '../'.repeat(dots - 1)) : scriptFolder;
  const roots = dots > 0 ? [base] : [...new Set([scriptFolder, cwd, join(cwd, 'src')])];
  return roots.flatMap((root) => [`${join(root, ...parts)}.py`, join(root, ...parts, '__init__.py')]);
}
