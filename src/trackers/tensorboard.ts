import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../agent/tool';
import { EventReader } from '../metrics/events';
import { shownIn, type Looked } from './find';
import type { Reader, ReadWorld } from './reader';
import { smallFile, yamlOf } from './small-file';
import { bestOf, MAX_METRICS, paramsOf, type Tracked, type TrackedMetric } from './tracked';

const EVENTS = /^events\.out\.tfevents\./u;
const HPARAMS = 'hparams.yaml';
const MAX_BYTES = 512 * 1024 * 1024;
const MAX_FILES = 50;

/** A folder of TensorBoard event files is one run, as TensorBoard itself has it. */
export const tensorboard: Reader = {
  ...{ id: 'tensorboard', name: 'TensorBoard' },
  finds(looked) {
    const names = [...looked.files].filter((name) => EVENTS.test(name)).sort();
    const [first] = names;
    // What Lightning writes as a table as well is read from there.
    if (first === undefined || looked.files.has('metrics.csv')) return [];
    const watch = [...names, HPARAMS].map((name) => join(looked.path, name));
    const read = ({ signal }: ReadWorld): Promise<Tracked[]> => readFolder(looked, names.slice(0, MAX_FILES), signal);
    return [{ file: join(looked.path, first), shown: shownIn(looked, first), line: 0, watch, read }];
  },
};

async function readFolder(looked: Looked, names: readonly string[], signal: AbortSignal): Promise<Tracked[]> {
  const curves = new Map<string, number[]>();
  let [first, last, broken] = [Infinity, -Infinity, 0];
  for (const name of names) {
    const path = join(looked.path, name);
    const stats = await lstat(path);
    if (!stats.isFile()) continue;
    if (stats.size > MAX_BYTES) throw new UserError(`${name} is larger than ${MAX_BYTES} bytes`);
    const reader = new EventReader(name, ({ name: metric, value, time }) => {
      const values = curves.get(metric);
      if (values) values.push(value);
      else if (curves.size < MAX_METRICS) curves.set(metric, [value]);
      first = Math.min(first, time);
      last = Math.max(last, time);
    });
    for await (const chunk of createReadStream(path, { signal })) reader.read(chunk as Buffer);
    if (reader.isBroken || reader.damaged > 0) broken += 1;
    if (last === -Infinity) last = stats.mtimeMs;
  }
  if (curves.size === 0 && broken === 0) return [];
  if (curves.size === 0) throw new UserError('its records are damaged');
  const metrics: TrackedMetric[] = [...curves].map(([name, values]) => ({
    ...{ name, last: values.at(-1) ?? Number.NaN },
    best: bestOf(name, values),
  }));
  const missing = [
    'how it ended: TensorBoard does not record that',
    ...(broken > 0 ? ['all of its values: records of it are damaged'] : []),
  ];
  const id = looked.shown || '.';
  const began = Number.isFinite(first) ? first : undefined;
  return [{ id, title: id, at: last, began, state: 'unknown', metrics, missing, params: await hparams(looked) }];
}

/** The settings that Lightning leaves beside; one that cannot be read costs the run nothing. */
export async function hparams({ path, files }: Looked): Promise<Tracked['params']> {
  if (!files.has(HPARAMS)) return [];
  const file = await smallFile(join(path, HPARAMS)).catch(() => undefined);
  try {
    return file ? paramsOf(yamlOf(file.text)) : [];
  } catch (error) {
    if (error instanceof UserError) return [{ name: HPARAMS, value: error.message }];
    throw error;
  }
}
