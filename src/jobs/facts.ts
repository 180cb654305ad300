import { execFile } from 'node:child_process';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { hashOf } from '../agent/store';
import type { Python } from '../host/environment';
import { hashOfFile } from '../host/file-hash';
import { countOf } from '../text/counting';
import { maskSecrets } from '../text/secrets';
import { sizeOf } from '../text/sizes';
import { gitFacts } from './git-facts';
import type { DataFile, JobRecord } from './job';
import { FILES } from './supervisor';

const run = promisify(execFile);

/** What must be known to run a command again and get the same: found out before it starts, since it may change it. */
export type Facts = Pick<
  JobRecord,
  'environment' | 'interpreter' | 'git' | 'lock' | 'seeds' | 'gpus' | 'data' | 'missing'
>;

export interface Asked {
  command: string;
  /** Absolute. */
  cwd: string;
  /** The workspace folder. */
  project: string;
  environment: Readonly<Record<string, string>>;
  python: Python | undefined;
  /** The words of the command as a shell reads them. */
  words: readonly string[];
  /** Values that are masked wherever they stand. */
  secrets: readonly string[];
  /** What is written by us beside the work, from the workspace folder: no difference of the code. */
  ledger?: string | undefined;
}

/** So many bytes of named files are hashed; the job waits for it. */
export const MAX_HASHED_BYTES = 512 * 1024 * 1024;
const MAX_DATA_FILES = 50;
const NVIDIA_MS = 3_000;

/** Nothing throws: what cannot be found out is named in `missing`. The texts beside it belong into the job's folder. */
export async function factsOf(asked: Asked): Promise<{ facts: Facts; files: Record<string, string> }> {
  const { project, cwd, python, environment, secrets, ledger } = asked;
  const mask = (text: string): string => maskSecrets(text, secrets).text;
  const [git, lock, gpus, data] = await Promise.all([
    gitFacts(cwd, ledger === undefined ? undefined : join(project, ledger)),
    lockOf([cwd, project], python),
    graphicCards(environment['PATH']),
    dataFiles(asked),
  ]);
  const missing = [git.missing, lock.missing, gpus.missing, ...data.missing].filter((one) => one !== undefined);
  const facts: Facts = {
    environment: maskedEnvironment(environment, secrets),
    ...(python ? { interpreter: { path: python.path, version: python.version } } : {}),
    ...(git.git ? { git: git.git } : {}),
    ...(lock.lock ? { lock: lock.lock } : {}),
    seeds: seedsIn(asked.command, environment),
    gpus: gpus.gpus,
    data: data.files,
    missing,
  };
  const diff = git.diff === undefined ? {} : { [FILES.diff]: mask(git.diff) };
  return { facts, files: { ...diff, ...(lock.snapshot === undefined ? {} : { [FILES.packages]: lock.snapshot }) } };
}

/** Each as a line of its own: a variable's name is part of what tells that it is secret. */
function maskedEnvironment(
  environment: Readonly<Record<string, string>>,
  secrets: readonly string[],
): Record<string, string> {
  const masked = Object.entries(environment).map(([name, value]) => {
    const line = maskSecrets(`${name}=${value}`, secrets).text;
    return [name, line.startsWith(`${name}=`) ? line.slice(name.length + 1) : '[[masked-secret-variable]]'] as const;
  });
  return Object.fromEntries(masked);
}

const SEED =
  /(?<![\w-])-{0,2}(?<name>[\w.-]*(?:seed|random[-_]state)[\w.-]*)(?:\s*=\s*|\s+)(?<value>\d{1,20})(?![\w.])/giu;

/** Pure. */
export function seedsIn(command: string, environment: Readonly<Record<string, string>>): JobRecord['seeds'] {
  const named = [...command.matchAll(SEED)].flatMap(({ groups }) =>
    groups ? [{ name: groups['name'] ?? '', value: groups['value'] ?? '' }] : [],
  );
  const variables = Object.entries(environment).filter(
    ([name, value]) => /SEED/u.test(name) && /^\d{1,20}$/u.test(value),
  );
  const all = [...named, ...variables.map(([name, value]) => ({ name, value }))];
  return all.filter(
    ({ name, value }, index) => all.findIndex((one) => one.name === name && one.value === value) === index,
  );
}

const LOCKS = [
  ['uv.lock', 'uv'],
  ['poetry.lock', 'poetry'],
  ['pdm.lock', 'pdm'],
  ['Pipfile.lock', 'pipenv'],
  ['conda-lock.yml', 'conda'],
  ['environment.yml', 'conda'],
] as const;

export interface LockFound {
  lock?: JobRecord['lock'];
  snapshot?: string;
  missing?: string;
}

/** A lock file of the project; else what is installed beside the interpreter, which says more than requirements do. */
export async function lockOf(folders: readonly string[], python: Python | undefined): Promise<LockFound> {
  for (const folder of new Set(folders)) {
    for (const [name, kind] of LOCKS) {
      const bytes = await readFile(join(folder, name)).catch(() => undefined);
      if (bytes) return { lock: { path: join(folder, name), kind, hash: hashOf(bytes) } };
    }
  }
  const snapshot = python && (await installed(python));
  if (snapshot !== undefined)
    return { lock: { path: FILES.packages, kind: 'snapshot', hash: hashOf(snapshot) }, snapshot };
  for (const folder of new Set(folders)) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => /^requirements.*\.txt$/u.test(name)).sort();
    const bytes = names[0] === undefined ? undefined : await readFile(join(folder, names[0])).catch(() => undefined);
    if (bytes) return { lock: { path: join(folder, names[0] ?? ''), kind: 'requirements', hash: hashOf(bytes) } };
  }
  return { missing: 'which packages it ran with: no lock file, and no packages beside the interpreter' };
}

/** `name==version` lines by the folders that installers leave, as `pip freeze` prints them, without starting Python. */
export async function installed({ path, version }: Python): Promise<string | undefined> {
  const minor = /^\d+\.\d+/u.exec(version)?.[0] ?? '';
  const own = dirname(dirname(path));
  // What lies beside the interpreter that a virtual environment was made from is not seen in it, unless it says so.
  const venv = await readFile(join(own, 'pyvenv.cfg'), 'utf8').catch(() => undefined);
  const isAlone = venv !== undefined && !/^include-system-site-packages\s*=\s*true/imu.test(venv);
  const roots = isAlone ? [own] : [own, dirname(dirname(await realpath(path).catch(() => path)))];
  const folders = [...new Set(roots)].flatMap((root) => [
    join(root, 'lib', `python${minor}`, 'site-packages'),
    join(root, 'lib', 'python3', 'dist-packages'),
    join(root, 'local', 'lib', `python${minor}`, 'dist-packages'),
    join(root, 'Lib', 'site-packages'),
  ]);
  const names = (await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])))).flat();
  const lines = names.flatMap((name) => {
    const [, project, number] = /^(.+?)-([^-]+)\.(?:dist-info|egg-info)$/u.exec(name) ?? [];
    return project && number ? [`${project}==${number}`] : [];
  });
  return lines.length === 0 ? undefined : `${[...new Set(lines)].sort().join('\n')}\n`;
}

/** Only what nvidia-smi says: without one there is none that its frameworks would use. */
async function graphicCards(path: string | undefined): Promise<{ gpus: JobRecord['gpus']; missing?: string }> {
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits'];
  try {
    const { stdout } = await run('nvidia-smi', query, {
      timeout: NVIDIA_MS,
      windowsHide: true,
      env: { PATH: path ?? process.env['PATH'] },
    });
    const gpus = stdout.split('\n').flatMap((line) => {
      const [name = '', memory, driver] = line.split(',').map((part) => part.trim());
      const memoryMb = Number(memory);
      return name === '' ? [] : [{ name, ...(memoryMb > 0 ? { memoryMb } : {}), ...(driver ? { driver } : {}) }];
    });
    return { gpus };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { gpus: [], ...(isMissing ? {} : { missing: 'the GPUs: nvidia-smi did not answer' }) };
  }
}

async function dataFiles({ words, cwd }: Asked): Promise<{ files: DataFile[]; missing: string[] }> {
  const paths = [...new Set(words.flatMap(pathsIn).map((word) => (isAbsolute(word) ? word : resolve(cwd, word))))];
  const files: DataFile[] = [];
  const missing: string[] = [];
  let left = MAX_HASHED_BYTES;
  let unhashed = 0;
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) missing.push(`what lies in ${path}: a folder is not hashed`);
    if (!found?.isFile() || files.length >= MAX_DATA_FILES) continue;
    const fits = found.size <= left;
    const hash = fits ? await hashOfFile(path).catch(() => undefined) : undefined;
    if (fits) left -= found.size;
    else unhashed += 1;
    files.push({ path, size: found.size, mtime: found.mtimeMs, ...(hash === undefined ? {} : { hash }) });
  }
  if (unhashed > 0)
    missing.push(
      `the hash of ${countOf(unhashed, 'named file|named files')}: more than ${sizeOf(MAX_HASHED_BYTES)}, so size and time stand for it`,
    );
  return { files, missing };
}

/** `--data=x.csv` names a file as much as `x.csv` does. */
function pathsIn(word: string): string[] {
  const at = word.indexOf('=');
  const parts = at < 0 ? [word] : [word, word.slice(at + 1)];
  return parts.filter((part) => part !== '' && part.length < 1_000 && !part.startsWith('-') && !part.includes('\0'));
}
