import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { hashOf } from '../agent/store';
import { ToolError } from '../agent/tool';
import type { Host } from '../host/host';
import { gitOutput } from '../host/git-output';
import { realPath, within } from '../host/paths';
import { installed, lockOf } from '../jobs/facts';
import { findJob, isDamaged } from '../jobs/jobs';
import { placeOf, type JobsHome } from '../jobs/start';
import { FILES } from '../jobs/supervisor';
import type { Run } from '../ledger/parse';
import { holdsMask } from '../text/secrets';

/** How a run is to be made again: found out without changing anything. */
export interface Plan {
  run: Run;
  /** The workspace folder, as it really is. */
  project: string;
  /** Where all of it lies: the tree, and the packages beside it. Outside of the workspace. */
  place: string;
  /** The repository's root in it. */
  tree: string;
  /** The workspace folder in it. */
  root: string;
  cwd: string;
  /** What is run there: the command of then, behind what installs its packages where that is needed. */
  command: string;
  packages: PackagePlan;
  /** The changes that were not committed, where they are kept. */
  diff?: string;
}

export interface PackagePlan {
  kind: 'same' | 'uv' | 'venv' | 'asTheyAre';
  /** In words, for who asked. */
  text: string;
  /** The list of then, `name==version`. */
  list?: string;
}

const COMMIT = /^[0-9a-f]{40,64}$/u;

/** Throws ToolError with why a run cannot be made again. */
export async function planOf(run: Run, home: JobsHome, host: Host): Promise<Plan> {
  const { record } = run;
  const project = await projectOf(run, host);
  const top = await checked(run, project, host);
  const key = createHash('sha256').update(`${project}\0${record.id}`).digest('hex').slice(0, 16);
  const place = join(home.state, 'reproduce', key);
  const tree = join(place, 'tree');
  const root = join(tree, within(top, project) ?? '');
  const job = await findJob(placeOf(home, host), record.id);
  const folder = job && !isDamaged(job) && job.id === record.id ? job.folder : undefined;
  const packages = await packagesOf(run, { project, host, folder });
  const diff = await diffOf(run, folder);
  return {
    ...{ run, project, place, tree, root, packages, cwd: join(root, record.cwd) },
    command: commandOf(record.command, packages, place, folder, await pythonOf(host)),
    ...(diff === undefined ? {} : { diff }),
  };
}

async function projectOf({ file, tracker, record }: Run, host: Host): Promise<string> {
  if (tracker !== undefined)
    throw new ToolError(
      `${record.id} is a run of ${tracker}: only runs of the ledger hold what is needed to repeat one.`,
    );
  if (!host.trusted) throw new ToolError('Nothing is run in a workspace that is not trusted.');
  const { folders } = host;
  const folder = folders.length > 1 ? folders.find(({ name }) => file.startsWith(`${name}/`)) : folders[0];
  if (!folder) throw new ToolError('The folder of this run is not open.');
  return realPath(folder.path);
}

/** The root of the repository. What a ledger says anybody may have written. */
async function checked({ record }: Run, project: string, host: Host): Promise<string> {
  const { id, code, command, cwd } = record;
  if (!code || !COMMIT.test(code.commit))
    throw new ToolError(`Of run ${id} no commit is recorded: its code is not known.`);
  if (command.trim() === '' || holdsMask(command))
    throw new ToolError(`The command of run ${id} holds a secret that was masked, so it cannot be run as it was.`);
  if (command.includes(project))
    throw new ToolError(
      `The command of run ${id} names ${project} itself: it would write there, and not in a tree of its own.`,
    );
  if (/^(?:[/\\~]|[a-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)/iu.test(cwd))
    throw new ToolError(`Run ${id} ran in ${cwd}, outside of the workspace folder.`);
  try {
    const top = (await gitOutput(project, ['rev-parse', '--show-toplevel'])).trim();
    await gitOutput(project, ['cat-file', '-e', `${code.commit}^{commit}`]);
    return await realPath(top);
  } catch {
    const where = host.folders.length > 1 ? ` of ${project}` : '';
    throw new ToolError(`Commit ${code.commit.slice(0, 12)} is not in the repository${where}: fetch it first.`);
  }
}

async function diffOf({ record: { code } }: Run, folder: string | undefined): Promise<string | undefined> {
  if (code?.diff === undefined || folder === undefined) return undefined;
  const path = join(folder, FILES.diff);
  const bytes = await readFile(path).catch(() => undefined);
  return bytes && hashOf(bytes) === code.diff ? path : undefined;
}

async function pythonOf(host: Host): Promise<string> {
  return (await host.environment()).python?.path ?? 'python3';
}

async function packagesOf(
  { record: { environment } }: Run,
  { project, host, folder }: { project: string; host: Host; folder: string | undefined },
): Promise<PackagePlan> {
  const then = environment.lock;
  if (!then) return { kind: 'asTheyAre', text: 'Packages: as they are now; with which it ran is not recorded.' };
  const { python } = await host.environment();
  const list = then.kind === 'snapshot' && python ? await installed(python) : undefined;
  const now = then.kind === 'snapshot' ? list && hashOf(list) : (await lockOf([project], python)).lock?.hash;
  const named = `${then.kind} ${then.hash.slice(0, 12)}`;
  if (now === then.hash) return { kind: 'same', text: `Packages: as they are now, the same as then (${named}).` };
  const kept = then.kind === 'snapshot' && folder !== undefined ? await listOf(folder, then.hash) : undefined;
  if (kept !== undefined && host.dialect === 'bash')
    return {
      kind: 'venv',
      text: `Packages: installed anew from the list of then (${named}), by venv and pip.`,
      list: kept,
    };
  if (then.kind === 'uv' && host.dialect === 'bash' && (await hasUv(host, project)))
    return { kind: 'uv', text: 'Packages: installed anew from the uv.lock of its commit.' };
  return { kind: 'asTheyAre', text: `Packages: as they are now; those of then (${named}) cannot be had here.` };
}

async function listOf(folder: string, hash: string): Promise<string | undefined> {
  const list = await readFile(join(folder, FILES.packages), 'utf8').catch(() => undefined);
  return list !== undefined && hashOf(list) === hash ? list : undefined;
}

async function hasUv(host: Host, cwd: string): Promise<boolean> {
  const folders = ((await host.variables(cwd))['PATH'] ?? '').split(delimiter).filter(Boolean);
  const found = folders.map((folder) => access(join(folder, 'uv')).then(Boolean.bind(null, true), () => false));
  return (await Promise.all(found)).includes(true);
}

/** The virtual environment of a run that is made again. */
export function venvOf({ place }: Pick<Plan, 'place'>): string {
  return join(place, 'venv');
}

function commandOf(
  command: string,
  { kind }: PackagePlan,
  place: string,
  folder: string | undefined,
  python: string,
): string {
  // In braces: what comes after a `;` of it must not run where the packages could not be had.
  const behind = (lines: string[]): string => `${lines.join(' && ')} && {\n${command}\n}`;
  if (kind === 'uv') return behind(['uv sync --frozen --quiet', 'export PATH="$PWD/.venv/bin:$PATH"']);
  if (kind !== 'venv' || folder === undefined) return command;
  const venv = venvOf({ place });
  return behind([
    `${quoted(python)} -m venv ${quoted(venv)}`,
    `${quoted(join(venv, 'bin', 'python'))} -m pip install --quiet --disable-pip-version-check -r ${quoted(join(folder, FILES.packages))}`,
    `export VIRTUAL_ENV=${quoted(venv)} PATH=${quoted(join(venv, 'bin'))}:"$PATH"`,
  ]);
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
