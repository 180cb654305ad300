import { open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ToolError } from '../agent/tool';
import type { Backend, Ending, Site, Start } from './backend';
import { gathered, type Gathered } from './gathered';
import { begunSince, type Found, type JobRecord, type Sighting, type Where } from './job';
import { ask, Refusal } from './program';
import {
  completionFile,
  endIn,
  endOf,
  exitOf,
  isOver,
  isWaiting,
  queuedAs,
  sacctEnd,
  SQUEUE_FORMAT,
  squeueRows,
  type SlurmEnd,
  type SlurmJob,
} from './slurm-text';
import { putOnce } from './store';
import { FILES, heldArguments, NO_FOLDER_CODE, QUEUED } from './supervisor';

type SlurmWhere = Extract<Where, { kind: 'slurm' }>;

const SCRIPT = 'queued.sh';
const LOOK_EVERY_MS = 10_000;
/** Of a completion file that has grown for years. */
const COMPLETION_BYTES = 4 * 1024 * 1024;
/** They make of one job many, or another one than was asked for. */
const OTHER_JOBS = /^(?:-a|--array|--wrap|-W|--wait|--test-only|-h|--help|-V|--version)(?:=|$)|^-a\d/u;

/** Jobs in the queue of Slurm, by its own programs. Its nodes must see the folders that this machine sees. */
export const slurm: Backend = { kind: 'slurm', where, start, look, end };

async function where({ slurmOptions }: Site): Promise<SlurmWhere> {
  const other = slurmOptions.find((option) => OTHER_JOBS.test(option));
  if (other !== undefined) throw new ToolError(`${other} cannot be among the options for sbatch: a job is one job.`);
  const config = process.env['SLURM_CONF'];
  return { kind: 'slurm', ...(config ? { config } : {}), options: [...slurmOptions] };
}

/** As what it stands in the queue. */
function nameOf({ id }: Pick<JobRecord, 'id'>): string {
  return `ml-${id}`;
}

async function start({ record, folder, environment, graceSeconds }: Start): Promise<void> {
  const site = whereOf(record);
  const script = join(folder, SCRIPT);
  await writeFile(script, QUEUED, { mode: 0o700 });
  const options = [
    // What ran half must not run again over what it left; the site's own word counts after this one.
    ...['--no-requeue', ...site.options],
    ...['--parsable', '--export=ALL', '--open-mode=append', `--job-name=${nameOf(record)}`, `--chdir=${record.cwd}`],
    // Slurm's own words on the job belong into its log. It reads `%` in the name.
    `--output=${join(folder, FILES.log).replaceAll('%', '%%')}`,
  ];
  const said = await slurmProgram(
    'sbatch',
    [...options, script, folder, 'bash', record.cwd, ...heldArguments(record.budget, graceSeconds)],
    site,
    environment,
  );
  const id = /^(\d+)(?:;|$)/mu.exec(said.trim())?.[1];
  if (id === undefined) throw new ToolError(`sbatch named no job. It said: ${said.trim().slice(0, 500)}`);
  await putOnce(folder, FILES.queue, { id });
}

function whereOf({ where: found }: Pick<JobRecord, 'where'>): SlurmWhere {
  if (found.kind !== 'slurm') throw new Error(`a job of ${found.kind} was given to Slurm`);
  return found;
}

async function slurmProgram(
  name: string,
  args: readonly string[],
  { config }: SlurmWhere,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const more = { ...(config === undefined ? {} : { SLURM_CONF: config }), SLURM_TIME_FORMAT: '%s' };
  return ask(name, args, { ...environment, ...more }, `Slurm's ${name}`);
}

const QUEUES = new Map<string, Gathered<SlurmJob>>();

/** The queue of one cluster. */
function queueOf(site: SlurmWhere): Gathered<SlurmJob> {
  const key = site.config ?? '';
  const known = QUEUES.get(key);
  if (known) return known;
  const made = gathered((ids) => rowsOf(ids, site), LOOK_EVERY_MS);
  QUEUES.set(key, made);
  return made;
}

async function rowsOf(ids: readonly string[], site: SlurmWhere): Promise<ReadonlyMap<string, SlurmJob>> {
  const args = [`--jobs=${ids.join(',')}`, '--states=all', '--noheader', `--format=${SQUEUE_FORMAT}`];
  const text = await slurmProgram('squeue', args, site, process.env).catch((error: unknown) => {
    // Said where it knows none of them any more.
    if (error instanceof Refusal && error.text.includes('Invalid job id')) return '';
    throw error;
  });
  return new Map(squeueRows(text).map((row) => [row.id, row]));
}

async function look(found: Found): Promise<Sighting> {
  const { record, handle } = found;
  // One that is on its way into the queue has none yet.
  if (!handle) return 'gone';
  const site = whereOf(record);
  try {
    // Heard while it still waited, an answer is of no use once it has begun.
    const row = await queueOf(site).of(handle.id, begunSince(found));
    const isOurs = row?.name === nameOf(record);
    if (row && isOurs && !isOver(row)) return queuedAs(row, Date.now());
    const ended = (isOurs ? await shown(handle.id, site) : undefined) ?? (await remembered(handle.id, record, site));
    if (ended && isOver(ended)) await putOnce(folderOf(record), FILES.exit, exitOf(ended, NO_FOLDER_CODE, Date.now()));
    return 'gone';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { queue: 'silent', why: `as far as is known: Slurm does not answer (${error.text})` };
  }
}

function folderOf({ log }: JobRecord): string {
  return dirname(log);
}

/** Slurm's own memory of jobs, which it keeps for some minutes. */
async function shown(id: string, site: SlurmWhere): Promise<SlurmEnd | undefined> {
  const text = await slurmProgram('scontrol', ['--oneliner', 'show', 'job', id], site, process.env).catch(nothing);
  return endOf(text.trim(), id);
}

/** What is kept for good: the accounting where there is one, else the file of completed jobs where it can be read. */
async function remembered(id: string, record: JobRecord, site: SlurmWhere): Promise<SlurmEnd | undefined> {
  const name = nameOf(record);
  const format = '--format=JobIDRaw,JobName%80,State,ExitCode,End,NodeList';
  const since = `--starttime=${new Date(Date.parse(record.startedAt) - 86_400_000).toISOString().slice(0, 10)}`;
  const args = [`--jobs=${id}`, '--allocations', '--parsable2', '--noheader', since, format];
  const counted = sacctEnd(await slurmProgram('sacct', args, site, process.env).catch(nothing), id, name);
  if (counted) return counted;
  const path = completionFile(await slurmProgram('scontrol', ['show', 'config'], site, process.env));
  return path === undefined ? undefined : endIn(await endOfFile(path), id, name);
}

/** A cluster without accounting says so with an error; so does one that forgot the job. */
function nothing(error: unknown): string {
  if (error instanceof Refusal) return '';
  throw error;
}

async function endOfFile(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const piece = Buffer.alloc(Math.min(size, COMPLETION_BYTES));
    const { bytesRead } = await file.read(piece, 0, piece.length, size - piece.length);
    return piece.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** What waits is taken out of the queue. A signal reaches the supervisor as well, which goes on to record the end. */
async function end({ record, handle }: Found, how: Ending): Promise<void> {
  if (!handle) return;
  const site = whereOf(record);
  const queue = queueOf(site);
  queue.hurry(handle.id);
  const row = await queue.of(handle.id);
  if (row?.name !== nameOf(record) || isOver(row)) return;
  const cancel = (...options: string[]): Promise<string> =>
    slurmProgram('scancel', [...options, handle.id], site, process.env);
  // Slurm's own way: it asks all of the job to end, and kills what is left after its KillWait. A second wish changes nothing.
  if (isWaiting(row) || how === 'terminate') await cancel();
  else if (how === 'interrupt') await cancel('--full', '--signal=INT');
  queue.hurry(handle.id);
}
