import assert from 'node:assert/strict';
import type { DurableEvent, JournalEntry } from '../../../src/agent/events';
import { stuckIn } from '../../../src/agent/stuck';

const MINUTE = 60_000;
const entries = (...rows: [minute: number, event: DurableEvent][]): JournalEntry[] =>
  rows.map(([minute, event], index) => ({
    id: `e${index}`,
    parent: null,
    at: new Date(minute * MINUTE).toISOString(),
    event,
  }));
const prompt: DurableEvent = { type: 'prompt', text: 'x', attachments: [], notes: [] };
const ran = (command: string, exitCode: number | null): DurableEvent => ({
  type: 'tool-end',
  call: 'c',
  content: '',
  isError: exitCode !== 0,
  durationMs: 1,
  view: { kind: 'command', command, cwd: '/w', exitCode, output: '', durationMs: 1 },
});
const changed: DurableEvent = { type: 'change', call: 'c', change: { path: '/w/a', before: null, after: 'x' } };
const at = (minute: number, ...rows: [number, DurableEvent][]) =>
  stuckIn(entries([0, prompt], ...rows), minute * MINUTE);

describe('a run that turns in a circle', () => {
  it('is one where a command fails for the second time, an edit between or not', () => {
    const twice: [number, DurableEvent][] = [
      [1, ran('make  test', 2)],
      [2, changed],
      [3, ran(' make test', 1)],
    ];
    assert.deepEqual(at(3, ...twice), { kind: 'repeated-failure', detail: 'make test' });
    assert.equal(at(3, ...twice.slice(0, 2)), undefined);
  });

  it('is none where it passed in between, where others failed, or where a signal ended it', () => {
    assert.equal(at(3, [1, ran('a', 1)], [2, ran('a', 0)], [3, ran('a', 1)]), undefined);
    assert.equal(at(3, [1, ran('a', 1)], [2, ran('b', 1)]), undefined);
    assert.equal(at(3, [1, ran('a', null)], [2, ran('a', null)]), undefined);
    assert.equal(at(3, [1, ran('a', 1)], [2, ran('a', 1)], [3, ran('a', 0)]), undefined);
  });

  it('counts over messages: the second failure may come after "try again"', () => {
    assert.equal(at(3, [1, ran('a', 1)], [2, prompt], [3, ran('a', 1)])?.kind, 'repeated-failure');
    assert.equal(at(4, [1, ran('a', 1)], [2, ran('a', 1)], [3, prompt]), undefined);
  });

  it('is one after ten minutes in which nothing changed and nothing new passed', () => {
    assert.deepEqual(at(10, [4, ran('ls', 1)]), { kind: 'no-progress', detail: '10' });
    assert.equal(at(9), undefined);
    assert.equal(at(12, [4, changed]), undefined);
    assert.equal(at(12, [4, ran('ls', 0)]), undefined);
    assert.equal(at(12, [1, ran('ls', 0)], [4, ran('ls', 0)])?.kind, 'no-progress');
  });

  it('is none for the time in which a person was asked', () => {
    const answered: DurableEvent = { type: 'tool-decision', call: 'c', decision: 'allow', by: 'user', reason: 'x' };
    assert.equal(at(30, [29, answered]), undefined);
  });
});
