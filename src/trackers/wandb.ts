import { join } from 'node:path';
import { UserError } from '../agent/tool';
import { shownIn, type Looked } from './find';
import type { Reader, ReadWorld } from './reader';
import { jsonOf, smallFile, yamlOf, type SmallFile } from './small-file';
import { metricsOf, paramsOf, type Tracked, type TrackedMetric } from './tracked';
import { readWandbLog, type WandbLog } from './wandb-log';

const FOLDER = /^(?:offline-)?run-(?<date>\d{8})_(?<time>\d{6})-(?<id>[\w-]+)$/u;
const SUMMARY = 'files/wandb-summary.json';
const CONFIG = 'files/config.yaml';
const METADATA = 'files/wandb-metadata.json';

/** The folders that W&B leaves on this machine, of runs that were sent and of such as were not. Nothing is asked of its servers. */
export const wandb: Reader = {
  ...{ id: 'wandb', name: 'W&B' },
  finds(looked) {
    const id = idOf(looked);
    if (id === undefined) return [];
    const log = `run-${id}.wandb`;
    const hasSummary = looked.folders.has('files');
    const main = looked.files.has(log) ? log : SUMMARY;
    if (main === SUMMARY && !hasSummary) return [];
    const watch = [log, SUMMARY, CONFIG, METADATA].map((name) => join(looked.path, name));
    const read = (world: ReadWorld): Promise<Tracked[]> => readFolder(looked.path, id, world);
    return [{ file: join(looked.path, main), shown: shownIn(looked, main), line: 0, watch, read }];
  },
  goesOn: (looked) => idOf(looked) === undefined,
};

function idOf({ shown, path }: Looked): string | undefined {
  return FOLDER.exec(shown.split('/').at(-1) || (path.split(/[\\/]/u).at(-1) ?? ''))?.groups?.['id'];
}

async function readFolder(path: string, id: string, { signal }: ReadWorld): Promise<Tracked[]> {
  const [summary, config, metadata, log] = await Promise.all([
    smallFile(join(path, SUMMARY)),
    smallFile(join(path, CONFIG)),
    smallFile(join(path, METADATA)).catch(() => undefined),
    readWandbLog(join(path, `run-${id}.wandb`), signal),
  ]);
  if (!summary && !log) return [];
  const known = summary ? fields(jsonOf(summary.text)) : {};
  const metrics = metricsIn(known, log);
  if (metrics.length === 0 && log?.exit === undefined) return [];
  const meta = metadata ? fieldsOrNone(metadata.text) : {};
  const began = log?.began ?? timeOf(meta['startedAt']);
  const ended = seconds(known['_timestamp']) ?? secondsIn(log, '_timestamp') ?? summary?.mtime ?? began ?? 0;
  const git = fields(meta['git']);
  return [
    {
      id,
      title: log?.name || id,
      at: ended,
      began,
      ...endOf(log),
      ...{ group: log?.project, metrics, params: settings(config, log) },
      command: programOf(meta) ?? log?.program,
      commit: text(git['commit']) ?? log?.commit,
      python: (text(meta['python']) ?? log?.python)?.replace(/^CPython\s+/u, ''),
    },
  ];
}

function endOf(log: WandbLog | undefined): Pick<Tracked, 'state' | 'exit' | 'missing' | 'isOpen'> {
  if (log?.exit === undefined)
    return { state: 'unknown', missing: ['how it ended: its log does not tell'], isOpen: true };
  const state = log.exit === 0 ? 'ok' : log.exit >= 128 ? 'killed' : 'failed';
  return { state, exit: log.exit, ...(log.isWhole ? {} : { missing: ['the middle of its log: it is too large'] }) };
}

/** The summary says what counts; else what was logged last. */
function metricsIn(summary: Record<string, unknown>, log: WandbLog | undefined): TrackedMetric[] {
  const logged = [...(log?.summary ?? [])].map(([key, json]) => [key, valueOf(json)] as const);
  const told = Object.entries({ ...Object.fromEntries(logged), ...summary }).filter(([key]) => !key.startsWith('_'));
  const found = new Map(metricsOf(Object.fromEntries(told), '.').map((one) => [one.name, one]));
  for (const [name, { last }] of log?.history ?? []) if (!found.has(name)) found.set(name, { name, last });
  return [...found.values()].map((one) => ({ ...one, best: log?.history.get(one.name)?.best }));
}

/** In `config.yaml` each setting is a `value` with a description. */
function settings(config: SmallFile | undefined, log: WandbLog | undefined): Tracked['params'] {
  const own = [...(log?.config ?? [])].map(([key, json]) => [key, valueOf(json)] as const);
  const filed = Object.entries(config ? fields(yamlOf(config.text)) : {}).map(([key, one]) => {
    const { value } = fields(one);
    return [key, value === undefined ? one : value] as const;
  });
  const all = [...own, ...filed].filter(([key]) => !/^_wandb|^wandb_version$/u.test(key));
  return paramsOf(Object.fromEntries(all));
}

function programOf(meta: Record<string, unknown>): string | undefined {
  const program = text(meta['codePath']) ?? text(meta['program']);
  const given = Array.isArray(meta['args']) ? meta['args'].slice(0, 100).map(String) : [];
  return program === undefined ? undefined : [program, ...given].join(' ');
}

function secondsIn(log: WandbLog | undefined, key: string): number | undefined {
  const json = log?.summary.get(key);
  return json === undefined ? undefined : seconds(Number(json));
}

function seconds(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value * 1_000 : undefined;
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** What its log holds is JSON, with Python's own words for numbers that JSON has not. */
function valueOf(json: string): unknown {
  if (/^-?(?:NaN|Infinity)$/u.test(json)) return Number(json);
  try {
    return jsonOf(json);
  } catch {
    return json;
  }
}

function fieldsOrNone(text: string): Record<string, unknown> {
  try {
    return fields(jsonOf(text));
  } catch (error) {
    if (error instanceof UserError) return {};
    throw error;
  }
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
