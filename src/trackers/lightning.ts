import { join } from 'node:path';
import { UserError } from '../agent/tool';
import { CsvReader } from '../metrics/csv';
import { shownIn, type Looked } from './find';
import type { Reader } from './reader';
import { smallFile } from './small-file';
import { hparams } from './tensorboard';
import { bestOf, type Tracked } from './tracked';

const TABLE = 'metrics.csv';
const HPARAMS = 'hparams.yaml';
const MAX_TABLE_BYTES = 256 * 1024 * 1024;

/** Lightning's `CSVLogger`: a folder with a table, and the settings beside it. */
export const lightning: Reader = {
  ...{ id: 'lightning', name: 'Lightning' },
  finds(looked) {
    const isOne = looked.files.has(TABLE) && (looked.files.has(HPARAMS) || /(?:^|\/)version_\d+$/u.test(looked.shown));
    if (!isOne) return [];
    const file = join(looked.path, TABLE);
    const watch = [file, join(looked.path, HPARAMS)];
    return [{ file, shown: shownIn(looked, TABLE), line: 1, watch, read: () => readTable(looked, file) }];
  },
};

async function readTable(looked: Looked, path: string): Promise<Tracked[]> {
  const file = await smallFile(path, MAX_TABLE_BYTES);
  if (!file) return [];
  const curves = new Map<string, number[]>();
  const reader = new CsvReader(TABLE, ({ name, value }) => {
    const values = curves.get(name);
    if (values) values.push(value);
    else curves.set(name, [value]);
  });
  // A last row without its end is being written.
  reader.read(file.text, file.mtime);
  if (curves.size === 0) throw new UserError('no metric stands in it');
  const metrics = [...curves].map(([name, values]) => ({
    ...{ name, last: values.at(-1) ?? Number.NaN },
    best: bestOf(name, values),
  }));
  const id = looked.shown || '.';
  const missing = ['how it ended: Lightning does not record that'];
  return [{ id, title: id, at: file.mtime, state: 'unknown', metrics, missing, params: await hparams(looked) }];
}
