import { appendFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ToolError } from '../agent/tool';
import { maskSecrets } from '../text/secrets';
import type { Backend, Ending, Site, Start } from './backend';
import { gathered, type Gathered } from './gathered';
import { begunSince, type Found, type JobRecord, type Sighting, type Where } from './job';
import { Refusal } from './program';
import { answered } from './ray-http';
import { exitOf, isOver, queuedAs, rayJobs, type RayJob } from './ray-text';
import { putOnce } from './store';
import { FILES, heldArguments, QUEUED } from './supervisor';

type RayWhere = Extract<Where, { kind: 'ray' }>;

const SCRIPT = 'queued.sh';
const DEFAULT_ADDRESS = 'http://127.0.0.1:8265';
const LOOK_EVERY_MS = 5_000;
const MAX_LOG_CHARACTERS = 200_000;
/** What a node's own environment may lack for the command to find what it finds here. The rest is the node's. */
const CARRIED =
  /^(?:PATH|VIRTUAL_ENV|CONDA_PREFIX|CONDA_DEFAULT_ENV|PYTHON\w*|LANG|LC_\w+|OMP_NUM_THREADS|MKL_NUM_THREADS|HF_HOME|TORCH_HOME|\w*SEED\w*)$/u;

/**
 * Jobs of a Ray cluster, by its Jobs API: what `ray job submit`, `status`, `logs` and `stop` speak. Those start a
 * Python with all of Ray in it, which takes seconds of a processor for each look. Its nodes must see the folders that this
 * machine sees.
 */
export const ray: Backend = { kind: 'ray', where, start, look, end };

/** Where the Jobs API is, of what the setting and the environment say. Throws ToolError for what is no such address. */
export function rayAddress(set: string, env: NodeJS.ProcessEnv = process.env): string {
  const said = [set, env['RAY_API_SERVER_ADDRESS'] ?? '', env['RAY_ADDRESS'] ?? ''].find((one) => one.trim() !== '');
  const address = said === undefined || said === 'auto' || said === 'local' ? DEFAULT_ADDRESS : said.trim();
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:'))
    return `${url.origin}${url.pathname.replace(/\/+$/u, '')}`;
  throw new ToolError(`${address} is no address of Ray's jobs: that is the dashboard's, as http://head:8265.`);
}

async function where({ ray: { address, cpus, gpus } }: Site): Promise<RayWhere> {
  return { kind: 'ray', address: rayAddress(address), cpus, gpus };
}

function whereOf({ where: found }: Pick<JobRecord, 'where'>): RayWhere {
  if (found.kind !== 'ray') throw new Error(`a job of ${found.kind} was given to Ray`);
  return found;
}

function idOf({ id }: Pick<JobRecord, 'id'>): string {
  return `ml-${id}`;
}

async function start({ record, folder, environment, graceSeconds }: Start): Promise<void> {
  const site = whereOf(record);
  const script = join(folder, SCRIPT);
  await writeFile(script, QUEUED, { mode: 0o700 });
  const id = idOf(record);
  // Written first: a submission whose answer is lost is found again.
  await putOnce(folder, FILES.queue, { id });
  const carried = Object.entries(environment).filter(
    ([name, value]) => CARRIED.test(name) && maskSecrets(`${name}=${value}`).found.size === 0,
  );
  await askRay(site, 'POST', '/api/jobs/', {
    submission_id: id,
    entrypoint: ['/bin/sh', script, folder, 'bash', record.cwd, ...heldArguments(record.budget, graceSeconds)]
      .map(quoted)
      .join(' '),
    runtime_env: { env_vars: Object.fromEntries(carried) },
    metadata: { title: record.title },
    ...(site.cpus > 0 ? { entrypoint_num_cpus: site.cpus } : {}),
    ...(site.gpus > 0 ? { entrypoint_num_gpus: site.gpus } : {}),
  });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The headers that Ray's own programs send, from the variables that they read. */
function headersOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const token = env['RAY_AUTH_TOKEN'];
  const own = token ? { authorization: `Bearer ${token}` } : {};
  try {
    const said = JSON.parse(env['RAY_JOB_HEADERS'] ?? '{}') as Record<string, unknown>;
    return { ...own, ...Object.fromEntries(Object.entries(said).map(([name, value]) => [name, String(value)])) };
  } catch {
    throw new ToolError('RAY_JOB_HEADERS is no JSON object of headers.');
  }
}

/** An answer of the API; `undefined` where it does not know what was asked for. Throws Refusal where it fails or is not there. */
async function askRay({ address }: RayWhere, method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const refused = (text: string): Refusal => new Refusal(`Ray at ${address} did not do it: ${text}.`, text);
  const sent = body && JSON.stringify(body);
  const headers = { ...headersOf(process.env), ...(body ? { 'content-type': 'application/json' } : {}) };
  const { status, text } = await answered(`${address}${path}`, { method, headers, ...(sent && { body: sent }) }).catch(
    (error: unknown) => {
      throw refused(error instanceof Error ? error.message : String(error));
    },
  );
  if (status === 404) return undefined;
  if (status < 200 || status > 299) throw refused(`${status} ${text.trim().split('\n').at(-1)?.slice(0, 300) ?? ''}`);
  try {
    return JSON.parse(text);
  } catch {
    throw refused('what answers there is no Jobs API');
  }
}

const CLUSTERS = new Map<string, Gathered<RayJob>>();

function clusterOf(site: RayWhere): Gathered<RayJob> {
  const known = CLUSTERS.get(site.address);
  if (known) return known;
  const one = async (id: string): Promise<RayJob | undefined> =>
    rayJobs(await askRay(site, 'GET', `/api/jobs/${encodeURIComponent(id)}`)).get(id);
  const made = gathered<RayJob>(async (ids) => {
    const all = await Promise.all(ids.map(one));
    return new Map(all.flatMap((job) => (job ? [[job.submission_id, job] as const] : [])));
  }, LOOK_EVERY_MS);
  CLUSTERS.set(site.address, made);
  return made;
}

async function look(found: Found): Promise<Sighting> {
  const { record, handle, process: begun } = found;
  if (!handle) return 'gone';
  const site = whereOf(record);
  try {
    const job = await clusterOf(site).of(handle.id, begunSince(found));
    if (!job) return 'gone';
    if (!isOver(job)) return queuedAs(job);
    const folder = dirname(record.log);
    if ((await putOnce(folder, FILES.exit, exitOf(job, Date.now()))) && !begun) await keepWords(site, record);
    return 'gone';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { queue: 'silent', why: `as far as is known: Ray does not answer (${error.text})` };
  }
}

/** Of a job that never began, Ray's own log says why. */
async function keepWords(site: RayWhere, { id, log }: JobRecord): Promise<void> {
  const answer = await askRay(site, 'GET', `/api/jobs/${idOf({ id })}/logs`).catch(() => undefined);
  const text = (answer as { logs?: unknown } | undefined)?.logs;
  if (typeof text === 'string') await appendFile(log, maskSecrets(text.slice(-MAX_LOG_CHARACTERS)).text);
}

/** Ray knows one way: it asks the program to end, and kills it some seconds later. */
async function end({ record, handle }: Found, how: Ending): Promise<void> {
  if (!handle || how === 'terminate') return;
  const site = whereOf(record);
  clusterOf(site).hurry(handle.id);
  await askRay(site, 'POST', `/api/jobs/${encodeURIComponent(handle.id)}/stop`);
  clusterOf(site).hurry(handle.id);
}
