import { isSeed, settingsOf } from './configuration';
import type { Run } from './parse';
import { dataKey, mayCount, metricOf, repeatKey, repeatsOf, seedsText, spreadOver, type Spread } from './repeats';
import { metricNames } from './best';
import type { LedgerFile, RunRecord } from './record';

export const ASPECTS = ['said', 'code', 'arguments', 'metrics', 'seeds', 'data', 'environment'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** One thing of all runs that are compared. */
export interface ComparedRow {
  aspect: Aspect;
  name: string;
  /** One a run; '' where it has none. */
  values: string[];
  differs: boolean;
}

export interface Comparison {
  runs: Run[];
  rows: ComparedRow[];
  /** What makes the numbers no comparison of the code: seeds, data, failures. */
  warnings: Warning[];
}

/** `data`: not the same data or split. `seeds`: the difference lies within what the seeds alone make. */
export type Warning =
  | { kind: 'data' }
  | { kind: 'unknownData' }
  | { kind: 'failed'; ids: string[] }
  | { kind: 'single'; metric: string }
  | { kind: 'within'; metric: string; difference: number; sd: number };

/** Compares runs; `all` are the runs among which repeats with other seeds are looked for. Pure. */
export function comparisonOf(runs: readonly Run[], all: readonly Run[]): Comparison {
  const rows = [
    ...saidRows(runs),
    ...codeRows(runs),
    ...argumentRows(runs),
    ...metricRows(runs, all),
    row('seeds', 'seeds', runs, ({ record }) => seedsText(record)),
    ...fileRows('data', runs, ({ data }) => data),
    ...environmentRows(runs),
  ];
  return { runs: [...runs], rows, warnings: warningsOf(runs, all) };
}

function row(aspect: Aspect, name: string, runs: readonly Run[], of: (run: Run) => string): ComparedRow {
  const values = runs.map(of);
  return { aspect, name, values, differs: new Set(values).size > 1 };
}

function saidRows(runs: readonly Run[]): ComparedRow[] {
  return [
    ...(runs.some(({ tracker }) => tracker) ? [row('said', 'from', runs, ({ tracker = 'ledger' }) => tracker)] : []),
    row('said', 'title', runs, ({ record }) => record.title),
    row('said', 'hypothesis', runs, ({ hypothesis = '' }) => hypothesis),
    row('said', 'verdict', runs, ({ verdict = '' }) => verdict),
    row('said', 'state', runs, ({ record }) => record.state),
  ].filter(({ values }) => values.some((value) => value !== ''));
}

function codeRows(runs: readonly Run[]): ComparedRow[] {
  return [
    row('code', 'commit', runs, ({ record: { code } }) => code?.commit.slice(0, 12) ?? ''),
    // No tracker tells for sure whether anything was not committed.
    row('code', 'uncommitted changes', runs, ({ record: { code }, tracker }) => (tracker ? '' : changesOf(code))),
    ...fileRows('code', runs, ({ sources = [] }) => sources),
  ];
}

export function changesOf(code: RunRecord['code']): string {
  if (!code) return '';
  if (code.diff !== undefined) return code.diff.slice(0, 12);
  return code.dirty ? 'yes, not kept' : 'none';
}

function argumentRows(runs: readonly Run[]): ComparedRow[] {
  const all = runs.map(({ record }) => settingsOf(record));
  const names = [...new Set(all.flatMap((one) => [...one.keys()]))].filter((name) => !isSeed(name));
  const rows = names.map((name) => {
    const values = all.map((one) => one.get(name) ?? '');
    return { aspect: 'arguments' as const, name, values, differs: new Set(values).size > 1 };
  });
  return [...rows, row('arguments', 'cwd', runs, ({ record }) => record.cwd)].filter(({ differs }) => differs);
}

function metricRows(runs: readonly Run[], all: readonly Run[]): ComparedRow[] {
  const repeats = repeatsOf(all);
  return metricNames(runs).map((name) => {
    const values = runs.map(({ record }) => metricOf(record, name));
    const texts = runs.map((run, index) => metricText(values[index], spreadFor(run, name, repeats)));
    return { aspect: 'metrics', name, values: texts, differs: new Set(texts).size > 1 };
  });
}

function spreadFor(run: Run, name: string, repeats: ReadonlyMap<string, Run[]>): Spread | undefined {
  const group = repeats.get(repeatKey(run.record));
  return group && spreadOver(group, name);
}

export function metricText(value: number | undefined, spread: Spread | undefined): string {
  if (value === undefined) return '';
  const own = numberText(value);
  if (!spread || spread.n < 2) return own;
  return `${own} (mean ${numberText(spread.mean)} ± ${numberText(spread.sd)}, n=${spread.n})`;
}

/** As many digits as tell something, and no more than a person reads. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  return String(Number(value.toPrecision(5)));
}

function fileRows(
  aspect: Aspect,
  runs: readonly Run[],
  of: (record: RunRecord) => readonly LedgerFile[],
): ComparedRow[] {
  const paths = [...new Set(runs.flatMap(({ record }) => of(record).map(({ path }) => path)))];
  return paths.map((path) =>
    row(aspect, path, runs, ({ record }) => {
      const file = of(record).find((one) => one.path === path);
      return file ? (file.hash?.slice(0, 12) ?? `${file.size} bytes`) : '';
    }),
  );
}

function environmentRows(runs: readonly Run[]): ComparedRow[] {
  const lock = ({ record: { environment } }: Run): string =>
    environment.lock ? `${environment.lock.kind} ${environment.lock.hash.slice(0, 12)}` : '';
  return [
    row('environment', 'python', runs, ({ record }) => record.environment.python ?? ''),
    row('environment', 'packages', runs, lock),
    row('environment', 'gpus', runs, ({ record }) => (record.environment.gpus ?? []).join(', ')),
  ].filter(({ values }) => values.some((value) => value !== ''));
}

function warningsOf(runs: readonly Run[], all: readonly Run[]): Warning[] {
  const failed = runs.filter((run) => !mayCount(run)).map(({ record }) => record.id);
  const warnings: Warning[] = failed.length > 0 ? [{ kind: 'failed', ids: failed }] : [];
  if (new Set(runs.map(({ record }) => dataKey(record))).size > 1) warnings.push({ kind: 'data' });
  else if (runs.every(({ record }) => record.data.length === 0)) warnings.push({ kind: 'unknownData' });
  const [first, second] = runs;
  if (!first || !second || runs.length > 2 || repeatKey(first.record) === repeatKey(second.record)) return warnings;
  const repeats = repeatsOf(all);
  for (const name of metricNames(runs)) {
    const [a, b] = [first, second].map((run) => ({
      value: metricOf(run.record, name),
      spread: spreadFor(run, name, repeats),
    }));
    if (a?.value === undefined || b?.value === undefined) continue;
    const sd = Math.max(a.spread?.sd ?? 0, b.spread?.sd ?? 0);
    const difference = (b.spread?.mean ?? b.value) - (a.spread?.mean ?? a.value);
    if (Math.min(a.spread?.seeds ?? 1, b.spread?.seeds ?? 1) < 2) warnings.push({ kind: 'single', metric: name });
    else if (Math.abs(difference) <= sd) warnings.push({ kind: 'within', metric: name, difference, sd });
  }
  return warnings;
}

/** What a warning means, for model and terminal. */
export function warningText(warning: Warning): string {
  switch (warning.kind) {
    case 'data':
      return 'They were not trained and measured on the same data or split: their numbers are not to be compared.';
    case 'unknownData':
      return 'No data file is recorded of them, so whether it was the same is not known.';
    case 'failed':
      return `Not ended well, so its numbers count for nothing: ${warning.ids.join(', ')}.`;
    case 'single':
      return `${warning.metric}: one seed on a side, so how much of the difference is chance is not known.`;
    case 'within':
      return `${warning.metric}: the means differ by ${numberText(warning.difference)}, no more than one standard deviation over seeds (${numberText(warning.sd)}).`;
  }
}
