import assert from 'node:assert/strict';
import { crc32c } from '../../../src/metrics/crc';
import { CsvReader } from '../../../src/metrics/csv';
import { EventReader } from '../../../src/metrics/events';
import type { Metric } from '../../../src/metrics/metric';
import { randomFor } from '../../fuzz/random';
import { frame, scalarRecord, versionRecord } from '../../support/event-file';

const shown = ({ name, value, epoch, step }: Metric): string => `${name}=${value} e${epoch ?? '-'} s${step ?? '-'}`;
const table = (...pieces: string[]): string[] => {
  const found: string[] = [];
  const reader = new CsvReader('metrics.csv', (metric) => found.push(shown(metric)));
  for (const piece of pieces) reader.read(piece, 0);
  return found;
};

describe('a table of metrics', () => {
  it('of Lightning has gaps where a value was not logged', () => {
    const text = 'epoch,step,train_loss,val_loss\n0,9,0.5,\n0,9,,0.6\n';
    assert.deepEqual(table(text), ['train_loss=0.5 e0 s9', 'val_loss=0.6 e0 s9']);
  });

  it('of Keras is read row by row, a half-written row when it is whole', () => {
    const head = 'epoch,accuracy,loss,val_loss\r\n0,0.5,1.25,nan\r\n1,0.6,';
    assert.deepEqual(table(head), ['accuracy=0.5 e0 s-', 'loss=1.25 e0 s-', 'val_loss=NaN e0 s-']);
    assert.deepEqual(table(head, '1.', '125,0.7\r\n').slice(3), [
      'accuracy=0.6 e1 s-',
      'loss=1.125 e1 s-',
      'val_loss=0.7 e1 s-',
    ]);
  });

  it('goes on under a new header, and leaves out rows that fit none', () => {
    const text = 'epoch,loss\n1,0.5\n1,0.5,0.6\nepoch,loss,"val, auc"\n2,0.4,0.9\n';
    assert.deepEqual(table(text), ['loss=0.5 e1 s-', 'loss=0.4 e2 s-', 'val, auc=0.9 e2 s-']);
  });

  it('that is none of metrics gives none', () => {
    assert.deepEqual(table('id,age,price\n1,30,2.5\n', 'x\n', '1,2,3\n'), []);
  });
});

describe('an event file', () => {
  const time = 1_700_000_000_000;
  const file = Buffer.concat([
    versionRecord(time),
    scalarRecord({ tag: 'train/loss', value: 0.5, step: 1, time }),
    scalarRecord({ tag: 'val/auc', value: 0.75, step: 300, time: time + 1_000 }, 'float_val'),
    scalarRecord({ tag: 'val/auc', value: NaN, step: 301, time }, 'content'),
    scalarRecord({ tag: 'val/auc', value: 0.1, step: 302, time }, 'double_val'),
    scalarRecord({ tag: 'epoch', value: 3, step: 302, time }),
  ]);
  const all = ['train/loss=0.5 e- s1', 'val/auc=0.75 e- s300', 'val/auc=NaN e- s301', 'val/auc=0.1 e- s302'];
  const read = (pieces: readonly Uint8Array[]): { found: string[]; reader: EventReader } => {
    const found: string[] = [];
    const reader = new EventReader('x', (metric) => found.push(shown(metric)));
    for (const piece of pieces) reader.read(piece);
    return { found, reader };
  };

  it('has checksums as the standard has them', () => {
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  });

  it('gives its scalars, in the old form and as tensors, wherever it is cut', () => {
    assert.deepEqual(read([file]).found, all);
    for (let index = 0; index < 40; index++) {
      const random = randomFor(5, 'events', index);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < file.length;) {
        const end = at + 1 + random.below(60);
        pieces.push(file.subarray(at, end));
        at = end;
      }
      assert.deepEqual(read(pieces).found, all);
    }
  });

  it('that is half written, damaged or no event file at all gives what stands before', () => {
    assert.deepEqual(read([file.subarray(0, file.length - 30)]).found, all.slice(0, 4));
    const damaged = Buffer.from(file);
    const second = versionRecord(time).length + 20;
    damaged[second] = (damaged[second] ?? 0) ^ 0xff;
    const { found, reader } = read([damaged]);
    assert.deepEqual([found, reader.damaged, reader.isBroken], [all.slice(1), 1, false]);
    assert.equal(read([Buffer.from('no such file, but of some length')]).reader.isBroken, true);
  });

  it('passes over a record that is too long to be one of scalars, without holding it', () => {
    const picture = frame(Buffer.alloc(3_000_000, 7));
    const pieces = [picture.subarray(0, 1_000_000), picture.subarray(1_000_000), file];
    assert.deepEqual(read(pieces).found, all);
    assert.deepEqual(read([Buffer.concat([picture, file])]).found, all);
  });
});
