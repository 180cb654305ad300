import { basename, join, relative, sep } from 'node:path';
import { UserError } from '../agent/tool';
import { realPath } from '../host/paths';
import { shownIn, type Looked } from './find';
import type { Reader, ReadWorld } from './reader';
import { jsonOf, smallFile, yamlOf, type SmallFile } from './small-file';
import { metricsOf, paramsOf, type Tracked, type TrackedMetric } from './tracked';

const PIPELINE = 'dvc.yaml';
const METRICS = 'metrics.json';
const PARAMS = 'params.yaml';
const MAX_FILES = 20;

/** DVC's metrics as they stand in the workspace: those that `dvc.yaml` names, and those of DVCLive. */
export const dvc: Reader = {
  ...{ id: 'dvc', name: 'DVC' },
  finds(looked) {
    const { files, folders, path, above, shown } = looked;
    const isLive = /(?:^|\/)dvclive$/u.test(shown) && files.has(METRICS) && !above?.files.has(PIPELINE);
    const main = files.has(PIPELINE) ? PIPELINE : METRICS;
    if (main !== PIPELINE && !isLive && !(files.has(METRICS) && folders.has('.dvc'))) return [];
    const watch = [PIPELINE, METRICS, PARAMS, `dvclive/${METRICS}`, `dvclive/${PARAMS}`].map((name) =>
      join(path, name),
    );
    const source = { file: join(path, main), shown: shownIn(looked, main), line: 1, watch };
    return [{ ...source, read: (world) => readProject(looked, world) }];
  },
};

interface Named {
  metrics: string[];
  params: string[];
  command: string | undefined;
  left: number;
}

async function readProject(looked: Looked, { isIgnored }: ReadWorld): Promise<Tracked[]> {
  // `dvc.yaml` names what it likes: what a link leads to, or is not to be read, is left alone.
  const open = async (name: string): Promise<SmallFile | undefined> => {
    const path = join(looked.path, name);
    if ((await realPath(path)) !== path || (await isIgnored(path))) return undefined;
    return smallFile(path);
  };
  const pipeline = looked.files.has(PIPELINE) ? await open(PIPELINE) : undefined;
  const named = pipeline ? namedIn(yamlOf(pipeline.text), looked.path) : NOTHING;
  const metricFiles = named.metrics.length > 0 ? named.metrics : [METRICS];
  const paramFiles = [...new Set([PARAMS, ...named.params])];
  const metrics: TrackedMetric[] = [];
  let at = 0;
  for (const name of metricFiles.slice(0, MAX_FILES)) {
    const file = await open(name);
    if (!file) continue;
    at = Math.max(at, file.mtime);
    const prefix = metricFiles.length > 1 ? `${name}:` : '';
    metrics.push(...readMetrics(name, file.text).map((one) => ({ ...one, name: `${prefix}${one.name}` })));
  }
  if (metrics.length === 0) return [];
  const params: Tracked['params'][number][] = [];
  for (const name of paramFiles.slice(0, MAX_FILES)) {
    const file = await open(name).catch(() => undefined);
    if (file) params.push(...paramsOf(structureOf(name, file.text)));
  }
  const id = looked.shown || '.';
  const missing = [
    'how it ended: DVC keeps what came out of it',
    ...(named.left > 0 ? ['metrics and settings outside of the folder of dvc.yaml'] : []),
  ];
  const { command } = named;
  return [
    {
      id,
      title: `${basename(looked.path)} (as it is in the workspace)`,
      at,
      state: 'unknown',
      command,
      metrics,
      params,
      missing,
    },
  ];
}

const NOTHING: Named = { metrics: [], params: [], command: undefined, left: 0 };

function readMetrics(name: string, text: string): TrackedMetric[] {
  // The last step of a run is no result of it.
  return metricsOf(structureOf(name, text), '.').filter((one) => one.name !== 'step');
}

function structureOf(name: string, text: string): unknown {
  if (name.endsWith('.json')) return jsonOf(text);
  if (/\.ya?ml$/u.test(name)) return yamlOf(text);
  throw new UserError(`${name} is neither JSON nor YAML, which is what is read of DVC`);
}

/** The files that a `dvc.yaml` names, inside of its folder. Lists hold names, or a name with what is said of it. */
function namedIn(read: unknown, folder: string): Named {
  const named: Named = { ...NOTHING, metrics: [], params: [] };
  const inside = (name: string, below: string): string[] => {
    const path = relative(folder, join(folder, below, name)).replaceAll(sep, '/');
    const isOut = path.startsWith('..') || path === '' || name.includes('${') || name.includes('\0');
    if (isOut) named.left += 1;
    return isOut ? [] : [path];
  };
  const { metrics, params, stages } = fieldsOf(read);
  named.metrics.push(...namesOf(metrics).flatMap((name) => inside(name, '.')));
  named.params.push(...namesOf(params).flatMap((name) => (/\.(?:json|ya?ml)$/u.test(name) ? inside(name, '.') : [])));
  for (const stage of Object.values(fieldsOf(stages)).slice(0, 200)) {
    const { metrics: own, cmd, wdir } = fieldsOf(stage);
    const found = namesOf(own).flatMap((name) => inside(name, typeof wdir === 'string' ? wdir : '.'));
    named.metrics.push(...found);
    if (found.length > 0 && typeof cmd === 'string') named.command = cmd;
  }
  named.metrics = [...new Set(named.metrics)];
  return named;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function namesOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value.slice(0, 100) : typeof value === 'string' ? [value] : [];
  return list.flatMap((one) => (typeof one === 'string' ? [one] : Object.keys(fieldsOf(one)).slice(0, 1)));
}
