import { metricNames } from '../../ledger/best';
import type { Book } from '../../ledger/book';
import { comparisonOf, metricText, warningText } from '../../ledger/comparison';
import type { Run } from '../../ledger/parse';
import { queried, runNamed } from '../../ledger/query';
import { metricOf, repeatKey, repeatsOf, spreadOver } from '../../ledger/repeats';
import { runText } from '../../ledger/tell';
import { RUN_WINDOW, type PanelRunList, type RunLook } from '../sections/runs';

const MAX_METRICS = 50;

/** A time as people read it: short, and in full. */
export type EndedText = readonly [short: string, full: string];

export interface RunsSource {
  book: Book;
  look: RunLook;
  ticked: readonly string[];
  picked: string | undefined;
  hasLog: boolean;
  ended: (at: string) => EndedText;
}

export const NO_RUNS: PanelRunList = {
  ...{ from: 0, rows: [], found: 0, total: 0, metrics: [], metric: '', sort: 'time', ticked: 0, problems: [] },
  ...{ detail: null, comparison: null },
};

/** What the panel shows of the ledger: the rows in sight, one run in detail, several compared. */
export function runsOfPanel({ book, look, ticked, picked, hasLog, ended }: RunsSource): PanelRunList {
  const { runs, problems } = book;
  const names = metricNames(runs);
  const metric = names.includes(look.metric) ? look.metric : (names[0] ?? '');
  const found = queried(runs, { filter: look.query, sort: look.sort });
  const from = Math.max(0, Math.min(look.from, found.length - RUN_WINDOW));
  const repeats = repeatsOf(runs);
  const rows = found.slice(from, from + RUN_WINDOW).map((run) => rowOf(run, metric, repeats, ticked, ended));
  const compared = ticked.flatMap((id) => runNamed(runs, id) ?? []);
  const run = picked === undefined ? undefined : runNamed(runs, picked);
  return {
    ...{ from, rows, found: found.length, total: runs.length, metric, problems, ticked: compared.length },
    metrics: names.slice(0, MAX_METRICS),
    sort: look.sort,
    detail: run
      ? {
          id: run.record.id,
          text: runText(run, repeats),
          hasDiff: run.record.code?.diff !== undefined && hasLog,
          hasLog,
          isOurs: run.tracker === undefined,
        }
      : null,
    comparison: compared.length < 2 ? null : comparedOf(compared, runs),
  };
}

function rowOf(
  { record, tracker = '' }: Run,
  metric: string,
  repeats: ReadonlyMap<string, Run[]>,
  ticked: readonly string[],
  ended: (at: string) => EndedText,
): PanelRunList['rows'][number] {
  const { id, title, state, at } = record;
  const text = metricText(metricOf(record, metric), spreadOver(repeats.get(repeatKey(record)) ?? [], metric));
  const [short, full] = ended(at);
  return {
    ...{ id, title, state, from: tracker, ended: short, endedAt: full },
    ...{ metric: text, ticked: ticked.includes(id) },
  };
}

function comparedOf(compared: readonly Run[], runs: readonly Run[]): PanelRunList['comparison'] {
  const { rows, warnings } = comparisonOf(compared, runs);
  const heads = compared.map(({ record: { id, title }, tracker }) => ({ id, short: tracker ? title : id.slice(-6) }));
  return { heads, rows, warnings: warnings.map(warningText) };
}
