import { execFile } from 'node:child_process';
import { access, constants, readFile, realpath, stat } from 'node:fs/promises';
import { platform, release } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { EnvironmentFacts, Folder } from './host';

/** The branch by reading `.git/HEAD`: no program is started, since `.git/config` of a stranger's repository is code. */
export async function gitBranch(folder: string): Promise<string | undefined> {
  try {
    const git = join(folder, '.git');
    const where = (await stat(git)).isFile() ? /^gitdir: (.+)$/mu.exec(await readFile(git, 'utf8'))?.[1] : git;
    if (!where) return undefined;
    const head = (await readFile(join(where, 'HEAD'), 'utf8')).trim();
    return head.startsWith('ref: refs/heads/')
      ? head.slice('ref: refs/heads/'.length)
      : `detached at ${head.slice(0, 12)}`;
  } catch {
    return undefined; // Not a repository, or one we cannot read: a fact less, no fault.
  }
}

export interface Python {
  path: string;
  version: string;
}

/** The workspace's interpreter: `.venv` or `venv` in it, the active conda or virtual environment, else PATH. */
export async function findPython(folder: string | undefined, env: NodeJS.ProcessEnv): Promise<Python | undefined> {
  const bin = platform() === 'win32' ? 'Scripts' : 'bin';
  const names = platform() === 'win32' ? ['python.exe'] : ['python3', 'python'];
  const environments = [
    ...(folder ? [join(folder, '.venv'), join(folder, 'venv')] : []),
    ...[env['VIRTUAL_ENV'], env['CONDA_PREFIX']].filter((path) => path !== undefined),
  ];
  const folders = [...environments.map((path) => join(path, bin)), ...(env['PATH'] ?? '').split(delimiter)];
  const candidates = folders.flatMap((path) => names.map((name) => join(path, name)));
  const there = await Promise.all(candidates.map(isExecutable));
  for (const candidate of candidates.filter((_, index) => there[index])) {
    const python = await pythonAt((await behindShim(candidate, folder)) ?? candidate);
    if (python) return python;
  }
  return undefined;
}

/** The interpreter at this absolute path, asked for its version unless that is known; `undefined` where there is none. */
export async function pythonAt(path: string, version?: string): Promise<Python | undefined> {
  if (!(await isExecutable(path))) return undefined;
  const told = version ?? (await versionWritten(path)) ?? (await versionOf(path));
  return told === undefined ? undefined : { path, version: told };
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

const SHIM = join('shims', 'python');

/**
 * The interpreter that pyenv's shim would start, by the files that the shim goes by: a shim is a script that takes longer
 * than Python itself. `undefined` for what is no shim, and where the files name none that is there.
 */
async function behindShim(path: string, folder: string | undefined): Promise<string | undefined> {
  const at = path.lastIndexOf(SHIM);
  if (at < 0) return undefined;
  const root = path.slice(0, at);
  const files = folder === undefined ? [] : parents(folder).map((parent) => join(parent, '.python-version'));
  for (const file of [...files, join(root, 'version')]) {
    const [name] = (await readFile(file, 'utf8').catch(() => '')).trim().split(/\s+/u);
    if (!name) continue;
    const real = join(root, 'versions', basename(name), 'bin', basename(path));
    return (await isExecutable(real)) ? real : undefined;
  }
  return undefined;
}

function parents(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...parents(parent)];
}

/**
 * The version as the headers beside the interpreter name it: no process is started for that. `undefined` where there are
 * none, and for whatever is no interpreter itself (a shim, a launcher).
 */
async function versionWritten(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    const name = /^python3\.\d+t?$/u.exec(basename(real))?.[0];
    if (name === undefined) return undefined;
    const header = await readFile(join(dirname(real), '..', 'include', name, 'patchlevel.h'), 'utf8');
    return /^#define\s+PY_VERSION\s+"([\w.+]+)"/mu.exec(header)?.[1];
  } catch {
    return undefined; // No headers were installed: then it is asked.
  }
}

/** `-V` starts no module, so it is the cheapest question an interpreter answers. */
async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(path, ['-V'], { timeout: 5_000 });
    return /^Python (\d\S*)/u.exec(stdout)?.[1];
  } catch {
    return undefined; // A launcher without an interpreter behind it; the next candidate may do.
  }
}

const PASSED_ON =
  /^(?:PATH|HOME|LANG|LC_.*|TZ|USER|LOGNAME|SHELL|TMPDIR|TEMP|TMP|SystemRoot|ComSpec|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|https?_proxy|no_proxy|all_proxy|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|PIP_CERT|CUDA_.*|NVIDIA_.*|ROCM_.*|HIP_.*|LD_LIBRARY_PATH|OMP_NUM_THREADS|MKL_NUM_THREADS|HF_HOME|TORCH_HOME|XDG_.*|VIRTUAL_ENV|CONDA_PREFIX|CONDA_DEFAULT_ENV|PYENV_ROOT)$/iu;

/**
 * Git that looks starts no program of the repository: no monitor of files, no hook for a refreshed index, and no
 * configuration of a bare repository that lies among the files, as any clone may bring one.
 */
const GIT_LOOKS_ONLY: Readonly<Record<string, string>> = {
  GIT_OPTIONAL_LOCKS: '0',
  GIT_CONFIG_COUNT: '3',
  GIT_CONFIG_KEY_0: 'core.fsmonitor',
  GIT_CONFIG_VALUE_0: 'false',
  GIT_CONFIG_KEY_1: 'safe.bareRepository',
  GIT_CONFIG_VALUE_1: 'explicit',
  GIT_CONFIG_KEY_2: 'diff.autoRefreshIndex',
  GIT_CONFIG_VALUE_2: 'false',
};

/** The environment of a command: built up from what is known to be harmless, so that no key or hook of the editor leaks into it. `more` are variables a person accepted. */
export function commandEnvironment(
  env: NodeJS.ProcessEnv,
  python?: Python,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const kept = Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => PASSED_ON.test(pair[0]) && pair[1] !== undefined),
  );
  const path = [...(python ? [dirname(python.path)] : []), ...(kept['PATH'] ?? '').split(delimiter)];
  return {
    ...kept,
    PATH: [...new Set(path.filter((part) => part !== ''))].join(delimiter),
    CI: '1',
    TERM: 'xterm-256color',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: 'true',
    EDITOR: 'true',
    PYTHONUNBUFFERED: '1',
    DEBIAN_FRONTEND: 'noninteractive',
    ...GIT_LOOKS_ONLY,
    ...more,
  };
}

/** Facts for the system prompt. No program is started in an untrusted workspace. */
export async function environmentFacts(
  folders: readonly Folder[],
  python: () => Promise<Python | undefined>,
): Promise<EnvironmentFacts> {
  const [first] = folders;
  const [branch, interpreter] = await Promise.all([first ? gitBranch(first.path) : undefined, python()]);
  const now = new Date();
  const two = (value: number): string => String(value).padStart(2, '0');
  return {
    os: `${platform()} ${release()}`,
    date: `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`,
    shell: platform() === 'win32' ? 'PowerShell' : 'bash',
    ...(branch ? { gitBranch: branch } : {}),
    ...(interpreter ? { python: interpreter } : {}),
  };
}
