import { ageOf } from '../text/sizes';
import { cutLine } from '../text/truncate';
import type { Direction, Ranking } from './best';
import { ASPECTS, metricText, numberText, warningText, type Comparison } from './comparison';
import type { Run } from './parse';
import { metricOf, repeatKey, seedsText, spreadOver } from './repeats';
import type { RunRecord } from './record';

const MAX_TEXT = 200;
const MAX_METRICS = 8;
const MAX_FILES = 20;
const MAX_PARAMS = 60;

/** Where a run stands, so that a number can be linked to its line. */
export function placeOfRun({ file, line }: Run): string {
  return line > 0 ? `${file}:${line}` : file;
}

/** One name for a run: its place, where a line of its own is one. */
function nameOfRun(run: Run): string {
  return run.tracker === undefined ? placeOfRun(run) : run.record.id;
}

/** A run in one line. `repeats` are the runs that differ from it in their seeds alone. */
export function runLine(run: Run, repeats: ReadonlyMap<string, Run[]>, only?: string): string {
  const { record, verdict } = run;
  const group = repeats.get(repeatKey(record)) ?? [];
  const names = only === undefined ? record.metrics.slice(0, MAX_METRICS).map(({ name }) => name) : [only];
  const metrics = names.map(
    (name) => `${name}=${metricText(metricOf(record, name), spreadOver(group, name)) || 'none'}`,
  );
  const seeds = seedsText(record);
  return [
    `${placeOfRun(run)} ${record.id} ${record.state} ${quoted(record.title)}`,
    ...(metrics.length > 0 ? [metrics.join(' ')] : ['no metrics']),
    ...(seeds === '' ? [] : [seeds]),
    ...(record.seconds === null ? [] : [ageOf(record.seconds * 1_000)]),
    ...(verdict === undefined ? [] : [`verdict ${quoted(verdict)}`]),
  ].join(' · ');
}

function quoted(text: string): string {
  return JSON.stringify(cutLine(text.replaceAll(/\s+/gu, ' '), MAX_TEXT));
}

/** All that is known of a run, for model and terminal. */
export function runText(run: Run, repeats: ReadonlyMap<string, Run[]>): string {
  const { record, hypothesis, verdict, notes } = run;
  const group = repeats.get(repeatKey(record)) ?? [];
  const { code, environment, exit, signal } = record;
  const end = `${record.state}${exit === null ? '' : `, exit code ${exit}`}${signal === undefined ? '' : ` (SIG${signal})`}`;
  const lines: [string, string | undefined][] = [
    ['run', `${record.id} (${placeOfRun(run)})`],
    ['from', run.tracker && `${run.tracker}${record.group === undefined ? '' : `, ${record.group}`}`],
    ['title', record.title],
    ['hypothesis', hypothesis],
    ['verdict', verdict],
    ['ended', `${record.at}, ${end}${record.seconds === null ? '' : `, after ${ageOf(record.seconds * 1_000)}`}`],
    ['command', record.command === '' ? undefined : `${record.command}  (in ${record.cwd})`],
    ['settings', settingsText(record)],
    ['code', code && codeText(code, record)],
    ['metrics', metricsText(record, group)],
    ['seeds', seedsText(record) || undefined],
    ['repeats', group.length > 1 ? group.map(nameOfRun).join(', ') : undefined],
    ['scripts', filesText(record.sources ?? [])],
    ['data', filesText(record.data) ?? 'no file is recorded'],
    ['made', filesText(record.artefacts)],
    ['environment', environmentText(environment)],
    ['not known', record.missing?.join('; ')],
    ['by', [record.droid, record.session && `session ${record.session}`].filter(Boolean).join(', ') || undefined],
    ...notes.map(({ line, entry }): [string, string] => ['note', `${run.file}:${line} ${entry.at} by ${entry.by}`]),
  ];
  return lines
    .flatMap(([name, text]) => (text === undefined ? [] : [`${name}: ${text.replaceAll(/\s*\n\s*/gu, ' ')}`]))
    .join('\n');
}

function settingsText({ params = [] }: RunRecord): string | undefined {
  const shown = params.slice(0, MAX_PARAMS).map(({ name, value }) => `${name}=${cutLine(value, MAX_TEXT)}`);
  const more = params.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ') || undefined;
}

function codeText(code: NonNullable<RunRecord['code']>, { id }: RunRecord): string {
  const branch = code.branch === undefined ? '' : ` on ${code.branch}`;
  if (code.diff !== undefined)
    return `${code.commit}${branch} with changes (${code.diff.slice(0, 12)}, in the folder of job ${id})`;
  return `${code.commit}${branch}${code.dirty ? ' with changes that were not kept' : ''}`;
}

function metricsText(record: RunRecord, group: readonly Run[]): string {
  const all = record.metrics.map(({ name, best }) => {
    const last = metricText(metricOf(record, name), spreadOver(group, name)) || 'not a number';
    return `${name}=${last}${best === undefined ? '' : `, best ${numberText(best)}`}`;
  });
  return all.join('; ') || 'none were read from its log';
}

function filesText(files: RunRecord['data']): string | undefined {
  if (files.length === 0) return undefined;
  const shown = files
    .slice(0, MAX_FILES)
    .map(({ path, hash, size }) => `${path} (${hash === undefined ? `${size} bytes` : `sha256 ${hash.slice(0, 12)}`})`);
  return [...shown, ...(files.length > MAX_FILES ? [`and ${files.length - MAX_FILES} more`] : [])].join(', ');
}

function environmentText({ python, lock, gpus = [] }: RunRecord['environment']): string {
  const parts = [
    ...(python === undefined ? [] : [`Python ${python}`]),
    ...(lock ? [`packages by ${lock.kind} ${lock.hash.slice(0, 12)}`] : []),
    ...gpus,
  ];
  return parts.join(', ') || 'not known';
}

/** What differs, aspect by aspect, and what that means for the numbers. `diffStat` is git's, where commits differ. */
export function comparisonText({ runs, rows, warnings }: Comparison, diffStat?: string): string {
  const heads = runs.map((run, index) => `[${index + 1}] ${placeOfRun(run)} ${run.record.id}`);
  const lines = ASPECTS.flatMap((aspect) => {
    const own = rows.filter((row) => row.aspect === aspect);
    const shown = own.filter(({ differs }) => differs || aspect === 'metrics');
    if (shown.length === 0) return own.length === 0 ? [] : [`${aspect}: the same`];
    return [`${aspect}:`, ...shown.map(({ name, values }) => `  ${name}: ${sides(values, name, aspect, runs)}`)];
  });
  const stat = diffStat === undefined ? [] : [`changed between the commits:\n${diffStat.trimEnd()}`];
  return [...heads, ...lines, ...stat, ...warnings.map((warning) => `! ${warningText(warning)}`)].join('\n');
}

function sides(values: readonly string[], name: string, aspect: string, runs: readonly Run[]): string {
  const shown = values.map(
    (value, index) => `[${index + 1}] ${value === '' ? 'none' : cutLine(value.replaceAll(/\s+/gu, ' '), MAX_TEXT)}`,
  );
  const [a, b] = runs.length === 2 && aspect === 'metrics' ? runs.map(({ record }) => metricOf(record, name)) : [];
  const difference =
    a === undefined || b === undefined ? '' : ` (difference ${b - a > 0 ? '+' : ''}${numberText(b - a)})`;
  return `${shown.join(' | ')}${difference}`;
}

const MAX_RANKED = 5;
const MAX_GROUPS = 5;

/** The ranking in words; says where runs are not to be ranked among each other. */
export function rankingText({ groups, leftOut }: Ranking, metric: string, direction: Direction): string {
  const better = direction === 'max' ? 'higher' : 'lower';
  const out = leftOut === 0 ? [] : [`Left out, since they did not end well: ${leftOut}.`];
  if (groups.length === 0) return [`No run that ended well has the metric ${metric}.`, ...out].join('\n');
  const isOne = groups.length === 1;
  const head = isOne
    ? `By ${metric} (${better} is better), repeats by the mean over their seeds:`
    : `There is no best by ${metric} (${better} is better): the runs were trained and measured on ${groups.length} different data sets or splits, whose numbers are not to be ranked among each other. Each by itself:`;
  const lines = groups.slice(0, MAX_GROUPS).flatMap(({ ranked, isDataKnown }, index) => [
    ...(isOne ? [] : [`Data ${index + 1}: ${dataText(ranked[0]?.runs[0])}`]),
    ...ranked.slice(0, MAX_RANKED).map(({ runs: repeats, spread }, place) => {
      const [first] = repeats;
      const over =
        spread.n > 1
          ? `mean ${numberText(spread.mean)} ± ${numberText(spread.sd)} (n=${spread.n}, ${spread.seeds} seeds)`
          : `${numberText(spread.mean)} (n=1: its spread is not known)`;
      const where = repeats
        .slice(0, MAX_METRICS)
        .map((run) => `${nameOfRun(run)}=${numberText(metricOf(run.record, metric) ?? Number.NaN)}`);
      return `  ${place + 1}. ${over} ${first ? `${first.record.id} ${quoted(first.record.title)}` : ''} ${where.join(' ')}`;
    }),
    ...(ranked.length > MAX_RANKED ? [`  and ${ranked.length - MAX_RANKED} more`] : []),
    ...(isDataKnown ? [] : ['  No data file is recorded of these, so whether it was the same is not known.']),
  ]);
  const more = groups.length > MAX_GROUPS ? [`and ${groups.length - MAX_GROUPS} more`] : [];
  return [head, ...lines, ...more, ...out].join('\n');
}

function dataText(run: Run | undefined): string {
  if (!run) return 'not known';
  return filesText(run.record.data.slice(0, 3)) ?? 'no file is recorded';
}
