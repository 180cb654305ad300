import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../agent/tool';
import { shownIn, type Looked } from './find';
import { trackedOf, type MlflowRun } from './mlflow-run';
import type { Reader } from './reader';
import { endOfFile, smallFile, yamlOf } from './small-file';
import { MAX_METRICS, MAX_PARAMS, type Tracked } from './tracked';

const META = 'meta.yaml';
const END_BYTES = 1_024;
const MAX_VALUE_BYTES = 64 * 1024;
const TAGS = ['mlflow.runName', 'mlflow.source.name', 'mlflow.source.git.commit'];

/** MLflow's folders, `mlruns/EXPERIMENT/RUN`, which older versions wrote. */
export const mlflowFiles: Reader = {
  ...{ id: 'mlflow', name: 'MLflow' },
  finds(looked) {
    if (!isRun(looked)) return [];
    const file = join(looked.path, META);
    // A run's own record is written anew when it ends, and one that goes on is read each time.
    return [{ file, shown: shownIn(looked, META), line: 1, watch: [file], read: () => readRun(looked) }];
  },
  goesOn: (looked) => !isRun(looked),
};

function isRun({ files, folders }: Looked): boolean {
  return files.has(META) && ['metrics', 'params', 'tags'].some((name) => folders.has(name));
}

async function readRun({ path, above }: Looked): Promise<Tracked[]> {
  const meta = await fieldsOf(join(path, META));
  if (!meta || typeof meta['run_id'] !== 'string' || meta['lifecycle_stage'] === 'deleted') return [];
  const experiment = above && (await fieldsOf(join(above.path, META)).catch(() => undefined));
  const [metrics, params, tags] = await Promise.all([metricsIn(path), paramsIn(path), tagsIn(path)]);
  const time = (name: string): number | undefined => {
    const value = meta[name];
    return typeof value === 'number' ? value : undefined;
  };
  const { status, run_name: name, source_name: source } = meta;
  return [
    trackedOf({
      ...{ id: meta['run_id'], metrics, params, tags, began: time('start_time'), ended: time('end_time') },
      status: typeof status === 'number' || typeof status === 'string' ? status : '',
      name: typeof name === 'string' ? name : '',
      source: typeof source === 'string' ? source : '',
      experiment: [experiment?.['name'], meta['experiment_id']].find((one) => typeof one === 'string') ?? '',
    }),
  ];
}

async function fieldsOf(path: string): Promise<Record<string, unknown> | undefined> {
  const file = await smallFile(path, MAX_VALUE_BYTES);
  if (!file) return undefined;
  const read = yamlOf(file.text);
  // An empty one is being written.
  if (typeof read !== 'object' || read === null) throw new UserError('it holds no fields: it is being written');
  return read as Record<string, unknown>;
}

/** Names may have slashes in them, which are folders then. */
async function namesIn(folder: string, most: number, below = ''): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    if (found.length >= most) break;
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isFile()) found.push(name);
    else if (entry.isDirectory() && name.split('/').length < 5)
      found.push(...(await namesIn(folder, most - found.length, name)));
  }
  return found;
}

/** Each line of a metric's file is a time, a value and a step. */
async function metricsIn(run: string): Promise<MlflowRun['metrics']> {
  const folder = join(run, 'metrics');
  const names = await namesIn(folder, MAX_METRICS);
  const read = await Promise.all(
    names.map(async (name) => {
      const end = await endOfFile(join(folder, name), END_BYTES);
      // A last line without its end is being written.
      const lines = (end?.text ?? '').split('\n').slice(0, -1);
      const value = lines.at(-1)?.trim().split(/\s+/u)[1];
      return value === undefined ? [] : [{ name, last: pythonNumber(value) }];
    }),
  );
  return read.flat();
}

function pythonNumber(text: string): number {
  if (/^[+-]?inf/iu.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}

async function paramsIn(run: string): Promise<MlflowRun['params']> {
  const folder = join(run, 'params');
  return Promise.all(
    (await namesIn(folder, MAX_PARAMS)).map(async (name) => ({
      name,
      value: (await smallFile(join(folder, name), MAX_VALUE_BYTES).catch(() => undefined))?.text ?? '',
    })),
  );
}

async function tagsIn(run: string): Promise<Map<string, string>> {
  const tags = new Map<string, string>();
  for (const name of TAGS) {
    const file = await smallFile(join(run, 'tags', name), MAX_VALUE_BYTES).catch(() => undefined);
    if (file) tags.set(name, file.text);
  }
  return tags;
}
