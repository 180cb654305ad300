import type { RunRecord } from '../ledger/record';
import { directionOf } from '../ledger/best';
import { isSeed } from '../ledger/configuration';
import { LEDGER_VERSION } from '../ledger/record';
import { splitOf } from '../metrics/names';
import { cutLine } from '../text/truncate';

/** What a tracker holds of one run, in the words of all of them. */
export interface Tracked {
  /** Of this run alone, among those of its tracker. */
  id: string;
  title: string;
  /** When it ended, ms since the epoch; where that is not known when its files changed last. */
  at: number;
  /** ms since the epoch */
  began?: number | undefined;
  state: RunRecord['state'];
  exit?: number | undefined;
  command?: string | undefined;
  /** The experiment or project it belongs to. */
  group?: string | undefined;
  metrics: readonly TrackedMetric[];
  params: readonly { name: string; value: string }[];
  commit?: string | undefined;
  python?: string | undefined;
  gpus?: readonly string[] | undefined;
  /** What the tracker does not tell, in words. */
  missing?: readonly string[] | undefined;
  /** It goes on: what was read of it will be old soon. */
  isOpen?: boolean;
}

export interface TrackedMetric {
  name: string;
  /** NaN and infinity stand for themselves. */
  last: number;
  best?: number | undefined;
}

const MAX_NAME = 120;
const MAX_VALUE = 500;
export const MAX_METRICS = 200;
export const MAX_PARAMS = 300;
const COMMIT = /^[0-9a-f]{7,64}$/u;

/** A tracked run in the shape of the ledger's. Pure. */
export function recordOf(tracker: string, run: Tracked): RunRecord {
  const { id, at, began, state, exit, command = '', group, commit, python, gpus = [], missing = [] } = run;
  const params = run.params.slice(0, MAX_PARAMS).map(({ name, value }) => ({ name: short(name), value: told(value) }));
  const seeds = params.filter(({ name, value }) => isSeed(name) && /^\d{1,20}$/u.test(value));
  return {
    ...{ v: LEDGER_VERSION, kind: 'run' as const, id: `${tracker}-${short(id)}` },
    at: timeOf(at),
    title: told(run.title) || short(id),
    ...{ command: told(command), cwd: '.', state, exit: exit ?? null },
    seconds: began === undefined || !(at >= began) ? null : Math.round((at - began) / 100) / 10,
    metrics: run.metrics.slice(0, MAX_METRICS).map(metricOf),
    ...{ seeds, params },
    ...(group === undefined ? {} : { group: told(group) }),
    // Whether anything differed from the commit no tracker tells for sure.
    ...(commit !== undefined && COMMIT.test(commit) ? { code: { commit, dirty: false } } : {}),
    data: [],
    environment: {
      ...(python === undefined ? {} : { python: short(python) }),
      ...(gpus.length > 0 ? { gpus: gpus.map(short) } : {}),
    },
    artefacts: [],
    ...(missing.length > 0 ? { missing: [...missing] } : {}),
    session: '',
  };
}

function metricOf({ name, last, best }: TrackedMetric): RunRecord['metrics'][number] {
  const split = splitOf(name);
  return {
    name: short(name),
    last: Number.isFinite(last) ? last : null,
    ...(best === undefined || !Number.isFinite(best) ? {} : { best }),
    ...(split === undefined ? {} : { split }),
  };
}

/** The best of a curve, where the metric's name says which way is better. */
export function bestOf(name: string, values: Iterable<number>): number | undefined {
  const direction = directionOf(name);
  if (!direction) return undefined;
  let best: number | undefined;
  for (const value of values)
    if (Number.isFinite(value) && (best === undefined || (direction === 'max' ? value > best : value < best)))
      best = value;
  return best;
}

/** No date at all for what no calendar has. */
function timeOf(at: number): string {
  return Math.abs(at) < 8.64e15 ? new Date(at).toISOString() : new Date(0).toISOString();
}

function short(text: string): string {
  return cutLine(text.replaceAll(/\s+/gu, ' ').trim(), MAX_NAME);
}

function told(text: string): string {
  return cutLine(text.replaceAll(/\s+/gu, ' ').trim(), MAX_VALUE);
}

const MAX_DEPTH = 6;

/** The leaves of nested settings by their path, `model.depth`; lists as JSON. Bounded, whatever refers to itself. Pure. */
export function flattened(value: unknown, between = '.', most = MAX_PARAMS): { name: string; value: unknown }[] {
  const found: { name: string; value: unknown }[] = [];
  const walk = (one: unknown, name: string, depth: number): void => {
    if (found.length >= most) return;
    const isDeeper = typeof one === 'object' && one !== null && !Array.isArray(one) && !(one instanceof Date);
    if (!isDeeper) {
      if (name !== '') found.push({ name, value: one });
      return;
    }
    if (depth >= MAX_DEPTH) return;
    for (const [key, inner] of Object.entries(one)) {
      if (found.length >= most) return;
      walk(inner, name === '' ? key : `${name}${between}${key}`, depth + 1);
    }
  };
  walk(value, '', 0);
  return found;
}

/** A setting's value as text. Lists are cut: what YAML makes of a few lines can be endless. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (!Array.isArray(value)) return value === null || value === undefined ? 'None' : JSON.stringify(value);
  const plain = value.slice(0, 20).map((one: unknown) => (typeof one === 'object' && one !== null ? '...' : one));
  return `${JSON.stringify(plain)}${value.length > 20 ? ` and ${value.length - 20} more` : ''}`;
}

export function paramsOf(value: unknown): Tracked['params'] {
  return flattened(value).map((one) => ({ name: one.name, value: textOf(one.value) }));
}

/** The numbers among nested values. NaN and infinity come as words in what JSON cannot hold. */
export function metricsOf(value: unknown, between = '/'): TrackedMetric[] {
  return flattened(value, between, MAX_METRICS).flatMap(({ name, value: last }) => {
    const number = typeof last === 'number' ? last : last === 'NaN' ? Number.NaN : undefined;
    return number === undefined ? [] : [{ name, last: number }];
  });
}
