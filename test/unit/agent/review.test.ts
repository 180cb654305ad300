import assert from 'node:assert/strict';
import type { DurableEvent, JournalEntry } from '../../../src/agent/events';
import { statesIn, unreviewedOf } from '../../../src/agent/review';

const start: DurableEvent = {
  ...{ type: 'session-start', version: 1, folders: ['/w'], droid: 'd', model: 'm', system: '', tools: [] },
};
/** `a.py: 1>2` in a call: `u` allowed by a person, `m` by the mode, `f` the write failed. */
const change = (call: string, before: string | null, after: string | null, path = '/w/a.py'): DurableEvent[] => [
  { type: 'tool-decision', call, decision: 'allow', by: call.startsWith('u') ? 'user' : 'mode', reason: '' },
  { type: 'change', call, change: { path, before, after } },
  ...(call.endsWith('f') ? [{ type: 'change-failed' as const, call, path, message: '' }] : []),
];
const undo = (before: string | null, after: string | null): DurableEvent => ({
  type: 'undo',
  changes: [{ path: '/w/a.py', before, after }],
});
const kept = (hash: string | null): DurableEvent => ({ type: 'review', files: [{ path: '/w/a.py', hash }] });
const journal = (...events: DurableEvent[]): JournalEntry[] =>
  [start, ...events].map((event, index) => ({
    id: `e${index}`,
    parent: index ? `e${index - 1}` : null,
    at: '',
    event,
  }));

const rows: [string, DurableEvent[], boolean][] = [
  ['nothing was written', [], true],
  ['the mode let it be written', change('m1', '1', '2'), false],
  ['a person allowed that very edit', change('u1', '1', '2'), true],
  [
    'a person allowed an edit on top of one they did not see',
    [...change('m1', '1', '2'), ...change('u2', '2', '3')],
    false,
  ],
  [
    'the mode let one be written on top of an allowed one',
    [...change('u1', '1', '2'), ...change('m2', '2', '3')],
    false,
  ],
  ['it was undone', [...change('m1', '1', '2'), undo('2', '1')], true],
  ['the undo was undone', [...change('m1', '1', '2'), undo('2', '1'), undo('1', '2')], false],
  ['a new file was undone', [...change('m1', null, '2'), undo('2', null)], true],
  ['it was kept', [...change('m1', '1', '2'), kept('2')], true],
  ['it was kept, undone and done again', [...change('m1', '1', '2'), kept('2'), undo('2', '1'), undo('1', '2')], true],
  ['it was changed after it was kept', [...change('m1', '1', '2'), kept('2'), ...change('m2', '2', '3')], false],
  ['another state was kept', [...change('m1', '1', '2'), kept('9')], false],
  ['it could not be written', change('m1f', '1', '2'), true],
  ['it was written back to what it was', [...change('m1', '1', '2'), ...change('m2', '2', '1')], true],
  ['it was deleted unseen', change('m1', '1', null), false],
];

describe('the review of what a session wrote', () => {
  for (const [name, events, isReviewed] of rows)
    it(`${isReviewed ? 'is done' : 'is owed'} when ${name}`, () =>
      assert.deepEqual(unreviewedOf(journal(...events)), isReviewed ? [] : ['a.py']));

  it('keeps the states that a turn left', () => {
    assert.deepEqual(statesIn(journal(...change('m1', '1', '2'), ...change('m2', '2', '3'), undo('3', null))), [
      { path: '/w/a.py', hash: null },
    ]);
  });
});
