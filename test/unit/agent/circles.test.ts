import assert from 'node:assert/strict';
import { circleIn, circleNote, STILL_TURNS } from '../../../src/agent/circles';
import type { DurableEvent, JournalEntry, Todo, View } from '../../../src/agent/events';

const prompt: DurableEvent = { type: 'prompt', text: 'go', attachments: [], notes: [] };
const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
const turnEnd: DurableEvent = { type: 'turn-end', stopReason: 'tool_use', usage, asked: 'm', model: 'm', costUsd: 0 };

/** A branch of a message and what it led to, each turn a list of events. */
function branchOf(...turns: DurableEvent[][]): JournalEntry[] {
  const events = [prompt, ...turns.flatMap((turn) => [turnEnd, ...turn])];
  return events.map((event, index) => ({ id: `e${index}`, parent: null, at: '', event }));
}

let made = 0;
function call(
  name: string,
  input: unknown,
  content: string,
  more: { view?: View; isAction?: boolean } = {},
): DurableEvent[] {
  const id = `c${(made += 1)}`;
  const { view, isAction } = more;
  return [
    { type: 'tool-start', call: id, name, input, title: `${name} ${JSON.stringify(input)}` },
    ...(isAction ? [{ type: 'tool-decision', call: id, decision: 'allow', by: 'rule', reason: '' } as const] : []),
    { type: 'tool-end', call: id, content, isError: false, durationMs: 1, ...(view ? { view } : {}) },
  ];
}
const command = (line: string, output: string, exitCode = 0): DurableEvent[] =>
  call('Execute', { command: line }, `Exit code ${exitCode} after ${Math.random()} s.\n${output}`, {
    view: { kind: 'command', command: line, cwd: '/w', exitCode, output, durationMs: 1 },
    isAction: true,
  });
const edit = (path: string, before: string, after: string): DurableEvent[] => [
  { type: 'change', call: `c${made}`, change: { path: `/w/${path}`, before, after } },
];
const note = (text = 'told'): DurableEvent[] => [{ type: 'note', text }];
const todos = (...list: [string, Todo['status']][]): DurableEvent[] => [
  { type: 'todos', todos: list.map(([content, status], index) => ({ id: `${index}`, content, status })) },
];
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const kindOf = (...turns: DurableEvent[][]): string | undefined => circleIn(branchOf(...turns))?.kind;

/** Tells the model of the circle as the loop would, at the end of the given turns. */
function told(...turns: DurableEvent[][]): DurableEvent[][] {
  const circle = circleIn(branchOf(...turns));
  assert.ok(circle && !circle.isTold);
  return [...turns, [circleNote(circle)]];
}

describe('a run that goes round in a circle', () => {
  describe('by the same call', () => {
    const read = (): DurableEvent[] => call('Read', { path: 'a' }, 'text');

    it('is seen at the third with the same result, not at the second', () => {
      assert.equal(kindOf(read(), read()), undefined);
      const circle = circleIn(branchOf(read(), read(), read()));
      assert.deepEqual(circle, { kind: 'same-call', what: 'Read {"path":"a"}', times: 3, isTold: false });
    });

    it('is told once, and ends the run at the fifth', () => {
      const three = told(read(), read(), read());
      assert.equal(kindOf(...three), undefined);
      assert.equal(kindOf(...three, read()), undefined);
      assert.equal(circleIn(branchOf(...three, read(), read()))?.isTold, true);
    });

    it('is told before it ends a run, however many calls one turn makes', () => {
      assert.equal(circleIn(branchOf(times(7, read).flat()))?.isTold, false);
    });

    it('is seen through other reads and through calls that take turns', () => {
      const look = (at: string): DurableEvent[] => call('Read', { path: at }, at);
      assert.equal(kindOf(read(), look('b'), read(), look('c'), read()), 'same-call');
      const pair = (): DurableEvent[][] => [command('make a', 'failed', 1), command('make b', 'failed', 1)];
      assert.equal(kindOf(...pair(), ...pair(), ...pair(), ...pair()), 'same-call');
    });

    it('is told of tests that fail the same in another time', () => {
      const tests = (seconds: number): DurableEvent[] => command('pytest', `1 failed in ${seconds}s`, 1);
      assert.equal(kindOf(tests(0.1), tests(0.25), tests(3)), 'same-call');
    });

    for (const [what, turns] of [
      [
        'tests run again after each edit',
        times(6, (i) => [...edit('a.py', `${i}`, `${i + 1}`), ...command('pytest', '1 failed', 1)]),
      ],
      [
        'tests run again after each new command',
        times(6, (i) => [...command(`sed -i s/${i}/x/ a.py`, ''), ...command('pytest', '1 failed', 1)]),
      ],
      ['a command whose output grows', times(9, (i) => command('tail log', `epoch ${i}`))],
      [
        'waiting beside output that grows',
        times(9, (i) => [
          ...command('sleep 30', ''),
          ...call('Execute', { command: 'jobs' }, '%1 runs'),
          ...command('tail log', `epoch ${i}`),
        ]),
      ],
      ['waiting without a word', times(9, () => command('sleep 300', ''))],
      ['a call that the user spoke before', times(6, () => [...read(), { type: 'steer', text: 'again' } as const])],
      ['results that were sent in short since', times(6, () => [...read(), { type: 'thinned', calls: [] } as const])],
      ['calls that differ', times(9, (i) => call('Read', { path: 'a', offset: i }, 'text'))],
      ['the same call of two messages', [read(), read(), [prompt], read(), read()]],
    ] as [string, DurableEvent[][]][]) {
      it(`is not seen in ${what}`, () => assert.equal(kindOf(...turns), undefined));
    }
  });

  describe('by edits that undo each other', () => {
    const flips = (count: number): DurableEvent[][] =>
      times(count, (i) => edit('a.py', i % 2 ? 'B' : 'A', i % 2 ? 'A' : 'B'));

    it('is seen when a file comes back for the second time, and ends the run two returns later', () => {
      assert.equal(kindOf(...flips(2)), undefined);
      const circle = circleIn(branchOf(...flips(3)));
      assert.deepEqual(circle, {
        kind: 'edits-undone',
        what: 'a.py'.replace(/^/u, circle?.what.startsWith('/') ? '/w/' : ''),
        times: 2,
        isTold: false,
      });
      const three = told(...flips(3));
      const four = [...three, edit('a.py', 'B', 'A')];
      assert.equal(kindOf(...four), undefined);
      assert.equal(circleIn(branchOf(...four, edit('a.py', 'A', 'B')))?.isTold, true);
    });

    it('is not seen in edits that go on, in one taken back, or where somebody else changed the file', () => {
      assert.equal(kindOf(...times(9, (i) => edit('a.py', `${i}`, `${i + 1}`))), undefined);
      assert.equal(
        kindOf(edit('a.py', 'A', 'B'), edit('a.py', 'B', 'A'), edit('b.py', 'A', 'B'), edit('b.py', 'B', 'A')),
        undefined,
      );
      assert.equal(
        kindOf(edit('a.py', 'A', 'B'), edit('a.py', 'A', 'B'), edit('a.py', 'A', 'B'), edit('a.py', 'A', 'B')),
        undefined,
      );
    });
  });

  describe('by a plan that stands still', () => {
    const step = (i: number): DurableEvent[] => call('Read', { path: `${i}` }, 'x');
    const plan = todos(['look', 'completed'], ['fix', 'in_progress']);

    it('is told after so many turns, and ends the run after as many more in which no file changed', () => {
      assert.equal(kindOf(plan, ...times(STILL_TURNS - 1, step)), undefined);
      const still = told(plan, ...times(STILL_TURNS, step));
      const more = times(STILL_TURNS, (i) => step(100 + i));
      assert.equal(circleIn(branchOf(...still, ...more.slice(1)))?.kind, undefined);
      assert.equal(circleIn(branchOf(...still, ...more))?.isTold, true);
      assert.equal(kindOf(...still, ...more, edit('a', 'x', 'y')), undefined);
    });

    it('is not seen where the list moved, is done, or is none, or where a polled result changes', () => {
      const long = times(2 * STILL_TURNS, step);
      assert.equal(kindOf(...long), undefined);
      assert.equal(kindOf(todos(['fix', 'completed']), ...long), undefined);
      assert.equal(kindOf(plan, ...long.slice(0, 14), todos(['fix', 'in_progress']), ...long.slice(0, 14)), undefined);
      assert.equal(kindOf(plan, ...times(40, (i) => command('tail log', `epoch ${i}`))), undefined);
    });

    it('is still seen when the same list is written again', () => {
      assert.equal(kindOf(plan, ...times(STILL_TURNS - 1, step), plan, step(1), note()), 'still-plan');
    });
  });
});
