import { isSeed, splitOf, withoutSeeds } from './configuration';
import type { Run } from './parse';
import type { LedgerFile, RunRecord } from './record';

/** Records do not change, and reading a command costs more than all the rest of a list. */
const keys = new WeakMap<RunRecord, string>();

/** What is the same of runs that differ in their seeds alone. */
export function repeatKey(record: RunRecord): string {
  const known = keys.get(record) ?? keyOf(record);
  keys.set(record, known);
  return known;
}

function keyOf({ command, cwd, code, environment, ...record }: RunRecord): string {
  const { params, group, id } = record;
  // Of one whose setup nobody recorded it cannot be said that another is the same.
  const isKnown = command !== '' || (params?.length ?? 0) > 0;
  const told = params?.filter(({ name }) => !isSeed(name)).map(({ name, value }) => `${name}=${value}`);
  return JSON.stringify([
    isKnown ? withoutSeeds(command) : id,
    ...(told ? [told.sort(), group ?? null] : []),
    cwd,
    code ? [code.commit, code.diff ?? code.dirty] : null,
    environment.lock?.hash ?? null,
    environment.python ?? null,
    dataKey({ command, ...record }),
    filesKey(record.sources ?? []),
  ]);
}

/** What it was trained and measured on, as far as that is known. */
export function dataKey(record: Pick<RunRecord, 'command' | 'params' | 'data'>): string {
  return JSON.stringify([filesKey(record.data), splitOf(record)]);
}

function filesKey(files: readonly LedgerFile[]): string[] {
  return files.map(({ path, hash, size }) => `${path} ${hash ?? size}`).sort();
}

export interface Spread {
  n: number;
  mean: number;
  /** Of a sample; 0 where there is one only. */
  sd: number;
  /** How many different seeds; the same seed again says nothing of chance. */
  seeds: number;
}

/** Pure. `undefined` where no value is finite. */
export function spreadOf(values: readonly number[], seeds = values.length): Spread | undefined {
  const finite = values.filter((value) => Number.isFinite(value));
  const n = finite.length;
  if (n === 0) return undefined;
  const mean = finite.reduce((sum, value) => sum + value / n, 0);
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, sd: n === 1 ? 0 : Math.sqrt(squares / (n - 1)), seeds };
}

/** False for one that did not end well. Some trackers do not tell how a run ended: what those hold counts. */
export function mayCount({ record, tracker }: Run): boolean {
  return record.state === 'ok' || (tracker !== undefined && record.state === 'unknown');
}

/** The runs that repeat each other, by their key, in the order they came. Only those that ended well say anything. */
export function repeatsOf(runs: readonly Run[]): Map<string, Run[]> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    if (!mayCount(run)) continue;
    const key = repeatKey(run.record);
    const group = groups.get(key);
    if (group) group.push(run);
    else groups.set(key, [run]);
  }
  return groups;
}

/** The last value of a metric; `undefined` where the run has none that is a number. */
export function metricOf({ metrics }: RunRecord, name: string): number | undefined {
  return metrics.find((metric) => metric.name === name)?.last ?? undefined;
}

/** A metric over runs that repeat each other. */
export function spreadOver(group: readonly Run[], name: string): Spread | undefined {
  const having = group.filter(({ record }) => metricOf(record, name) !== undefined);
  const seeds = new Set(having.map(({ record }) => seedsText(record)));
  return spreadOf(
    having.map(({ record }) => metricOf(record, name) ?? Number.NaN),
    seeds.size,
  );
}

export function seedsText({ seeds }: RunRecord): string {
  return seeds.map(({ name, value }) => `${name.replace(/^-+/u, '')}=${value}`).join(' ');
}
