import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/** The name of a session: of its folder, and of its subagents' up to `-agent-`. */
export const SESSION_ID = /^[\w-]{1,100}$/u;

const MAX_EDITORS = 50;

/** Where the command line keeps what lasts. */
export function stateFolder(env: NodeJS.ProcessEnv, home: string): string {
  return join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'ml-engineer');
}

export function terminalSessions(env: NodeJS.ProcessEnv, home: string): string {
  return join(stateFolder(env, home), 'sessions');
}

/** Where jobs lie, by workspace folder: in one place for the command line and all editors. */
export function jobsOf(state: string): string {
  return join(state, 'jobs');
}

/** Where the files of checkpoints are kept, by workspace folder: in one place for the command line and all editors. */
export function checkpointsFolder(state: string): string {
  return join(state, 'checkpoints');
}

/**
 * Leaves word for the command line where an editor keeps its sessions: each editor has a folder of its own that nobody
 * can guess. One file an editor, so that no two write the same one.
 */
export async function tellTerminal(state: string, sessions: string): Promise<void> {
  const folder = join(state, 'editors');
  const name = createHash('sha256').update(sessions).digest('hex').slice(0, 16);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, name), sessions, { mode: 0o600 });
}

/** The folders of the editors' sessions that left word; those that are gone are left out. */
export async function editorSessions(state: string): Promise<string[]> {
  const folder = join(state, 'editors');
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(names.slice(0, MAX_EDITORS).map((name) => readFile(join(folder, name), 'utf8')));
  return found.filter((path) => isAbsolute(path) && !path.includes('\0'));
}

/** The folder of a session among these, or `undefined` where none has its journal. */
export async function findSession(id: string, folders: readonly string[]): Promise<string | undefined> {
  if (!SESSION_ID.test(id)) return undefined;
  for (const folder of folders) if (await hasJournal(join(folder, id))) return join(folder, id);
  return undefined;
}

export function hasJournal(session: string): Promise<boolean> {
  return stat(join(session, 'journal.jsonl')).then(
    (found) => found.isFile(),
    () => false,
  );
}
