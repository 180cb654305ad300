import { join } from 'node:path';
import { UserError } from '../agent/tool';
import { shownIn } from './find';
import { trackedOf, type MlflowRun } from './mlflow-run';
import type { Reader } from './reader';
import { readDatabase, type Pages } from './sqlite/pages';
import type { Value } from './sqlite/record';
import { eachRow, tablesOf, type Row } from './sqlite/tables';
import { MAX_METRICS, MAX_PARAMS, type Tracked } from './tracked';

const MAX_RUNS = 10_000;
const NEEDED = ['experiments', 'runs', 'latest_metrics', 'params', 'tags'];
/** Of the many tags only these are told. */
const TAGS = new Set(['mlflow.runName', 'mlflow.source.name', 'mlflow.source.git.commit']);

/** MLflow's database, which is what version 3 writes where nothing else is said. */
export const mlflowStore: Reader = {
  ...{ id: 'mlflow', name: 'MLflow' },
  finds: (looked) =>
    [...looked.files]
      .filter((name) => /\.(?:db|sqlite3?)$/iu.test(name))
      .map((name) => {
        const file = join(looked.path, name);
        const read = (): Promise<Tracked[]> => readStore(file, /mlflow|mlruns/iu.test(name));
        return { file, shown: shownIn(looked, name), line: 0, watch: [file, `${file}-wal`], read };
      }),
};

/** Databases of other programs hold none. Throws UserError for one that cannot be read, where its name says that it is one. */
async function readStore(path: string, isNamed: boolean): Promise<Tracked[]> {
  try {
    return await readDatabase(path, (pages) => runsIn(pages, isNamed));
  } catch (error) {
    if (isNamed || !(error instanceof UserError)) throw error;
    return [];
  }
}

interface Draft {
  row: Row;
  metrics: MlflowRun['metrics'][number][];
  params: MlflowRun['params'][number][];
  tags: Map<string, string>;
}

async function runsIn(pages: Pages, isNamed: boolean): Promise<Tracked[]> {
  const tables = await tablesOf(pages);
  if (NEEDED.some((name) => !tables.has(name))) {
    if (isNamed && tables.size > 0) throw new UserError('its tables are not those that MLflow makes');
    return [];
  }
  const each = (name: string, columns: string[], take: (row: Row) => void): Promise<void> => {
    const table = tables.get(name);
    return table ? eachRow(pages, table, columns, take) : Promise.resolve();
  };
  const experiments = new Map<string, string>();
  await each('experiments', ['experiment_id', 'name'], (row) =>
    experiments.set(text(row['experiment_id']), text(row['name'])),
  );
  const drafts = await newestRuns(each);
  const of = (row: Row): Draft | undefined => drafts.get(text(row['run_uuid']));
  await each('latest_metrics', ['run_uuid', 'key', 'value', 'is_nan'], (row) => {
    const draft = of(row);
    if (!draft || draft.metrics.length >= MAX_METRICS) return;
    const last = number(row['is_nan']) === 1 ? Number.NaN : (number(row['value']) ?? Number.NaN);
    draft.metrics.push({ name: text(row['key']), last });
  });
  await each('params', ['run_uuid', 'key', 'value'], (row) => {
    const draft = of(row);
    if (draft && draft.params.length < MAX_PARAMS)
      draft.params.push({ name: text(row['key']), value: text(row['value']) });
  });
  await each('tags', ['run_uuid', 'key', 'value'], (row) => {
    const key = text(row['key']);
    if (TAGS.has(key)) of(row)?.tags.set(key, text(row['value']));
  });
  return [...drafts].map(([id, { row, ...draft }]) =>
    trackedOf({
      ...draft,
      id,
      name: text(row['name']),
      experiment: experiments.get(text(row['experiment_id'])) ?? text(row['experiment_id']),
      status: text(row['status']),
      began: number(row['start_time']),
      ended: number(row['end_time']),
      source: text(row['source_name']),
    }),
  );
}

const RUN_COLUMNS = [
  ...['run_uuid', 'name', 'source_name', 'status', 'start_time', 'end_time'],
  ...['lifecycle_stage', 'experiment_id'],
];

async function newestRuns(
  each: (name: string, columns: string[], take: (row: Row) => void) => Promise<void>,
): Promise<Map<string, Draft>> {
  const rows: Row[] = [];
  await each('runs', RUN_COLUMNS, (row) => {
    if (text(row['lifecycle_stage']) !== 'deleted') rows.push(row);
  });
  const began = (row: Row): number => number(row['start_time']) ?? 0;
  const newest = rows.sort((a, b) => began(b) - began(a)).slice(0, MAX_RUNS);
  return new Map(newest.map((row) => [text(row['run_uuid']), { row, metrics: [], params: [], tags: new Map() }]));
}

function text(value: Value | undefined): string {
  return value === null || value === undefined || Buffer.isBuffer(value) ? '' : String(value);
}

function number(value: Value | undefined): number | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}
