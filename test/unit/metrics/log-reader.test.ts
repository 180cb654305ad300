import assert from 'node:assert/strict';
import { LogReader } from '../../../src/metrics/log-reader';
import type { Metric } from '../../../src/metrics/metric';
import { randomFor } from '../../fuzz/random';
import { mixedLog } from '../../support/logs';

function read(pieces: readonly string[]): { found: Metric[]; epochs: number } {
  const found: Metric[] = [];
  const reader = new LogReader({ metric: (metric) => found.push(metric) });
  for (const piece of pieces) reader.read(piece, 0);
  reader.read('\n', 0);
  return { found, epochs: reader.course.epochsEnded(1e9) };
}

describe('a log that comes in pieces', () => {
  it('gives the same wherever it is cut', () => {
    for (let index = 0; index < 60; index++) {
      const random = randomFor(1, 'cuts', index);
      const text = mixedLog(random, 120);
      const pieces: string[] = [];
      for (let at = 0; at < text.length;) {
        const end = at + 1 + random.below(random.chance(0.3) ? 3 : 400);
        pieces.push(text.slice(at, end));
        at = end;
      }
      assert.deepEqual(read(pieces), read([text]));
    }
  });

  it('holds a line of a hundred megabytes no longer than what is read of it', () => {
    const piece = 'x'.repeat(65_536);
    const before = process.memoryUsage().heapUsed;
    const found: Metric[] = [];
    const reader = new LogReader({ metric: (metric) => found.push(metric) });
    for (let turn = 0; turn < 1_600; turn++) reader.read(piece, 0);
    reader.read('\nloss=0.5\n', 0);
    assert.deepEqual(
      found.map(({ name, line }) => [name, line]),
      [['loss', 2]],
    );
    assert.ok(process.memoryUsage().heapUsed - before < 50e6);
  });

  it('reads each state of a bar that is drawn over', () => {
    const states = Array.from(
      { length: 5 },
      (_, at) => `\r Epoch 1: ${at * 20}%|##  | ${at * 20}/100 [00:01<00:04, 9it/s, loss=0.${at}1]`,
    );
    const { found } = read(states);
    assert.deepEqual(
      found.map(({ value }) => value),
      [0.01, 0.11, 0.21, 0.31, 0.41],
    );
    const old = ['1/2 [==>..] - ETA: 1s - loss: 0.5', '\b'.repeat(30), '\r', '2/2 [=====] - 1s - loss: 0.4\n'];
    assert.deepEqual(
      read(old).found.map(({ value }) => value),
      [0.5, 0.4],
    );
  });

  it('knows how far a bar is that no line end closes', () => {
    const reader = new LogReader({ metric: () => undefined });
    reader.read('\r 10%|#   | 10/100 [00:01<00:09, 9it/s]\r 20%|##  | 20/100 [00:02<00:08, 9it/s]', 0);
    assert.deepEqual([reader.position().bar, reader.position().remaining], [0.2, 8]);
  });
});

describe('the ends of epochs', () => {
  const ended = (text: string, now = 0): number => {
    const reader = new LogReader({ metric: () => undefined });
    reader.read(text, 0);
    return reader.course.epochsEnded(now);
  };

  it('an epoch has ended when the next one begins', () => {
    assert.equal(ended('Epoch 1/3\n1/2 - 0s - loss: 1\n2/2 - 0s - loss: 1\n', 1e9), 0);
    assert.equal(ended('Epoch 1/3\n2/2 - 0s - loss: 1\nEpoch 2/3\n'), 1);
    assert.equal(ended('Epoch 0: 10%|# | 1/10 [00:01<00:09, 1it/s]\rEpoch 1:  0%| | 0/10 [00:00<?, ?it/s]\n'), 1);
  });

  it('an epoch that one line sums up has ended a while after it, when its checkpoint is written', () => {
    const text = 'epoch 1 loss=0.5\nepoch 2 loss=0.4\n';
    assert.deepEqual([ended(text, 0), ended(text, 60_000)], [1, 2]);
    assert.equal(ended(`${text}saved\nepoch 2 val_loss=0.3\n`, 60_000), 2);
  });

  it('a best epoch and a number of epochs are none', () => {
    assert.equal(ended('epochs=10\nEpoch 1/3\nbest epoch: 7\nEpoch 1/3\n'), 0);
  });
});
