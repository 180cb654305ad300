import { homedir } from 'node:os';
import { isAbsolute, relative, sep } from 'node:path';
import { within } from '../host/paths';
import type { Eyes, Readings } from '../jobs/eyes';
import { beganAt, type DataFile, type JobState } from '../jobs/job';
import type { JobStatus } from '../jobs/jobs';
import { maskSecrets } from '../text/secrets';
import { directionOf } from './best';
import { LEDGER_VERSION, type LedgerFile, type RunRecord } from './record';

type Curve = NonNullable<ReturnType<NonNullable<Eyes['series']>>>[number];

export interface Finished {
  status: Pick<JobStatus, 'id' | 'found'> & { state: Extract<JobState, { state: 'ended' }> };
  readings: Readings;
  /** The curves, where they are known. */
  series?: readonly Curve[] | undefined;
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
  const seconds = (Date.parse(at) - beganAt(status.found)) / 1_000;
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
    metrics: metricsOf(readings, finished.series ?? [], mask),
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

type Reading = Readings['metrics'][number];

/** The log's own keeps its name; another of that name, from a file beside it, is told by its split, else by its file. */
function metricsOf(
  { metrics }: Readings,
  series: readonly Curve[],
  mask: (text: string) => string,
): RunRecord['metrics'] {
  const others = (one: Reading): Reading[] => metrics.filter(({ name }) => name === one.name);
  return metrics.map((one) => {
    const { name, value, split, source, line } = one;
    const isOnly = source === undefined || others(one).length === 1;
    const isOnlyOfSplit = others(one).filter((other) => other.split === split).length === 1;
    const told = isOnly ? name : isOnlyOfSplit && split !== undefined ? `${split}/${name}` : `${source ?? ''}/${name}`;
    const best = bestOf(one, series);
    return {
      name: mask(told),
      last: Number.isFinite(value) ? value : null,
      ...(best === undefined ? {} : { best }),
      ...(split === undefined ? {} : { split }),
      ...(line === undefined ? {} : { line }),
    };
  });
}

/** Over the whole curve; `undefined` where its name does not tell which way is better. */
function bestOf({ name, split, source }: Reading, series: readonly Curve[]): number | undefined {
  const direction = directionOf(name);
  const curve = series.find((one) => one.name === name && one.split === split && one.source === source);
  if (!direction || !curve) return undefined;
  const values = curve.points.flatMap(([, value]) => (value === null ? [] : [value]));
  if (values.length === 0) return undefined;
  return values.reduce((a, b) => (direction === 'max' ? Math.max(a, b) : Math.min(a, b)));
}

/** The same on every machine, where that can be. */
/** A path as the ledger holds it: from the workspace folder, from the home folder, else absolute. */
export function pathIn(project: string, path: string): string {
  const inside = within(project, path);
  if (inside !== undefined) return inside.replaceAll(sep, '/') || '.';
  const fromHome = within(homedir(), path);
  if (fromHome !== undefined) return `~/${fromHome.replaceAll(sep, '/')}`;
  return isAbsolute(path) ? path : relative(project, path);
}
