import { spawn } from 'node:child_process';
import { devNull } from 'node:os';

/** The shadow repository and what it looks at. None of it is the user's own repository. */
export interface Places {
  gitDir: string;
  folder: string;
}

export interface GitCall {
  args: readonly string[];
  /** Written to its standard input. */
  input?: Buffer;
  /** Another index than the repository's own. */
  index?: string;
  signal?: AbortSignal;
}

/** git failed. The message is git's own. */
export class GitError extends Error {
  constructor(
    message: string,
    /** git itself could not be started. */
    readonly missing: boolean,
  ) {
    super(message);
  }
}

const MAX_ERROR_CHARACTERS = 2_000;
/**
 * The folder may hold whatever a stranger put there: nothing in it, and nothing in the user's own settings, may make git
 * start a program, convert bytes or look elsewhere.
 */
const SAFE = {
  'core.bare': 'false',
  'core.fsmonitor': 'false',
  'core.hooksPath': devNull,
  'core.attributesFile': devNull,
  'core.excludesFile': devNull,
  'core.autocrlf': 'false',
  'core.safecrlf': 'false',
  'core.quotePath': 'false',
  'core.splitIndex': 'false',
  'core.untrackedCache': 'false',
  'core.sparseCheckout': 'false',
  'core.preloadIndex': 'true',
  'core.looseCompression': '1',
  'core.logAllRefUpdates': 'false',
  'index.version': '4',
  'index.skipHash': 'true',
  'index.threads': 'true',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'protocol.allow': 'never',
  'submodule.recurse': 'false',
  ...(process.platform === 'win32'
    ? { 'core.longpaths': 'true' }
    : { 'core.fileMode': 'true', 'core.symlinks': 'true' }),
};
const OVERRIDES = Object.entries(SAFE).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** Runs git on a shadow repository; gives what it prints. Throws GitError, or the signal's reason. */
export function git({ gitDir, folder }: Places, { args, input, index, signal }: GitCall): Promise<Buffer> {
  return new Promise((settle, fail) => {
    const child = spawn('git', [...OVERRIDES, '--literal-pathspecs', ...args], {
      cwd: folder,
      env: environment(gitDir, folder, index),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      ...(signal ? { signal } : {}),
    });
    const out: Buffer[] = [];
    let errors = '';
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data: Buffer) => (errors = `${errors}${data.toString()}`.slice(-MAX_ERROR_CHARACTERS)));
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (signal?.aborted) fail(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
      else fail(new GitError(error.message, error.code === 'ENOENT'));
    });
    child.once('close', (code) => {
      if (code === 0) settle(Buffer.concat(out));
      else fail(new GitError(errors.trim() || `git ${args[0] ?? ''} ended with ${code ?? 'a signal'}`, false));
    });
    // It may end before it has read all, and says itself why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Built from known names: what GIT_* variables the user has set is meant for their own repository. */
function environment(gitDir: string, folder: string, index: string | undefined): NodeJS.ProcessEnv {
  const kept = ['PATH', 'Path', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR'].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  );
  const who = { NAME: 'ML Engineer', EMAIL: 'ml-engineer@localhost' };
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    HOME: gitDir,
    XDG_CONFIG_HOME: gitDir,
    GIT_DIR: gitDir,
    GIT_WORK_TREE: folder,
    ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_SYSTEM: devNull,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((role) =>
        Object.entries(who).map(([part, value]) => [`GIT_${role}_${part}`, value]),
      ),
    ),
  };
}

/** Names come as bytes, which need be no text: one Latin-1 character stands for each. */
export function namesIn(output: Buffer): string[] {
  return output
    .toString('latin1')
    .split('\0')
    .filter((name) => name !== '');
}

export function namesFor(names: readonly string[]): Buffer {
  return Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1');
}

/** A name of bytes for people. */
export function shownName(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}
