import { homedir } from 'node:os';
import { isAbsolute, relative, sep } from 'node:path';
import { within } from '../host/paths';
import type { Readings } from '../jobs/eyes';
import type { DataFile, JobState } from '../jobs/job';
import type { JobStatus } from '../jobs/jobs';
import { maskSecrets } from '../text/secrets';
import { LEDGER_VERSION, type LedgerFile, type RunRecord } from './record';

export interface Finished {
  status: Pick<JobStatus, 'id' | 'found'> & { state: Extract<JobState, { state: 'ended' }> };
  readings: Readings;
  /** What it made, with absolute paths. */
  artefacts: readonly LedgerFile[];
  /** SHA-256 of the diff that lies in the job's folder. */
  diff?: string | undefined;
  secrets: readonly string[];
  /** ms since the epoch */
  now: number;
}

/** What says how, and not on what: a change of it is a change of the experiment's code. */
const SOURCE =
  /(?:\.(?:pyi?|ipynb|m?[jt]sx?|sh|bash|ps1|r|rmd|jl|go|rs|c|cc|cpp|cu|h|hpp|java|scala|sql|ya?ml|toml|cfg|ini|conf|lock|md)|(?:^|[\\/])(?:makefile|dockerfile))$/iu;

/** What the ledger holds of a finished job. Secrets are masked, home and workspace folder stand in no path. Pure. */
export function recordOfJob(finished: Finished): RunRecord {
  const { status, readings, artefacts, diff, secrets, now } = finished;
  const { record } = status.found;
  const { exit, at = new Date(now).toISOString(), how } = status.state;
  const mask = (text: string): string => maskSecrets(text, secrets).text;
  const placed = (path: string): string => mask(pathIn(record.project, path));
  const file = ({ path, size, hash }: DataFile | LedgerFile): LedgerFile => ({
    path: placed(path),
    size,
    ...(hash === undefined ? {} : { hash }),
  });
  const isSource = ({ path }: DataFile): boolean => SOURCE.test(path);
  const seconds = (Date.parse(at) - Date.parse(record.startedAt)) / 1_000;
  const sources = record.data.filter(isSource).map(file);
  const missing = record.missing.map((text) => mask(text.replaceAll(record.project, '.').replaceAll(homedir(), '~')));
  return {
    v: LEDGER_VERSION,
    kind: 'run',
    id: record.id,
    at,
    title: mask(record.title),
    ...(record.hypothesis === undefined ? {} : { hypothesis: mask(record.hypothesis) }),
    command: mask(record.command),
    cwd: placed(record.cwd),
    state: how,
    exit: exit?.code ?? null,
    ...(exit?.signal ? { signal: exit.signal } : {}),
    seconds: how === 'unknown' && !status.state.at ? null : Math.max(0, Math.round(seconds * 10) / 10),
    metrics: readings.metrics.map((metric) => metricOf(metric, mask)),
    seeds: record.seeds.map(({ name, value }) => ({ name, value })),
    ...(record.git ? { code: codeOf(record.git, diff) } : {}),
    data: record.data.filter((one) => !isSource(one)).map(file),
    ...(sources.length > 0 ? { sources } : {}),
    environment: {
      ...(record.interpreter ? { python: record.interpreter.version } : {}),
      ...(record.lock ? { lock: { kind: record.lock.kind, hash: record.lock.hash } } : {}),
      ...(record.gpus.length > 0 ? { gpus: record.gpus.map(({ name }) => name) } : {}),
    },
    artefacts: artefacts.map(file),
    ...(missing.length > 0 ? { missing } : {}),
    session: record.startedBy.session,
    ...(record.startedBy.droid === undefined ? {} : { droid: record.startedBy.droid }),
  };
}

type Git = NonNullable<JobStatus['found']['record']['git']>;

function codeOf({ commit, branch, dirty }: Git, diff: string | undefined): NonNullable<RunRecord['code']> {
  return { commit, ...(branch === undefined ? {} : { branch }), ...(diff === undefined ? {} : { diff }), dirty };
}

/** Who reads a log may know the best value as well as the last. */
type Reading = Readings['metrics'][number] & { best?: number };

function metricOf({ name, value, best }: Reading, mask: (text: string) => string): RunRecord['metrics'][number] {
  const isKnown = best !== undefined && Number.isFinite(best);
  return { name: mask(name), last: Number.isFinite(value) ? value : null, ...(isKnown ? { best } : {}) };
}

/** The same on every machine, where that can be. */
function pathIn(project: string, path: string): string {
  const inside = within(project, path);
  if (inside !== undefined) return inside.replaceAll(sep, '/') || '.';
  const fromHome = within(homedir(), path);
  if (fromHome !== undefined) return `~/${fromHome.replaceAll(sep, '/')}`;
  return isAbsolute(path) ? path : relative(project, path);
}
