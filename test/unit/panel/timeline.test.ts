import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DurableEvent, JournalEntry } from '../../../src/agent/events';
import { agentDetail, copiedText, detailOf, inputText, MAX_PART_CHARACTERS } from '../../../src/panel/folds/detail';
import { activityOf, hear, liveOf, MAX_OUTPUT_CHARACTERS } from '../../../src/panel/folds/live';
import { MAX_ROW_CHARACTERS, rowsSince, timelineOf, type Timeline } from '../../../src/panel/folds/timeline';
import { toPageSchema } from '../../../src/panel/protocol';
import { NO_ROWS, withDetail, withRows } from '../../../src/panel/rows';
import type { ActivityRow } from '../../../src/panel/sections/activity';

const AT = '2026-01-01T00:00:00.000Z';

/** A branch of these events, each with an id of its own. */
function branchOf(events: readonly DurableEvent[], prefix = 'e'): JournalEntry[] {
  return events.map((event, index) => ({
    id: `${prefix}${index + 1}`,
    parent: index === 0 ? null : `${prefix}${index}`,
    at: AT,
    event,
  }));
}

const prompt = (text: string): DurableEvent => ({ type: 'prompt', text, attachments: [], notes: [] });
const says = (text: string): DurableEvent => ({ type: 'block-end', block: { type: 'text', text, citations: null } });
const start = (call: string, input: unknown = {}): DurableEvent => ({
  type: 'tool-start',
  call,
  name: 'Execute',
  input,
  title: `run ${call}`,
});
const allow = (call: string): DurableEvent => ({
  type: 'tool-decision',
  call,
  decision: 'allow',
  by: 'user',
  reason: 'once',
});
const end = (call: string, content = 'out', isError = false): DurableEvent => ({
  type: 'tool-end',
  call,
  content,
  isError,
  durationMs: 1_500,
});
const done: DurableEvent = { type: 'run-end', reason: 'done' };

const rowsOf = (events: readonly DurableEvent[]): readonly ActivityRow[] => timelineOf('s', branchOf(events)).rows;
const shortOf = (rows: readonly ActivityRow[]): string[] =>
  rows.map(({ kind, text, state }) => [kind, text, state].filter(Boolean).join(' '));

const anyCall = fc.constantFrom('a', 'b', 'c');
const anyText = fc.string({ maxLength: 20 });
const anyEvent: fc.Arbitrary<DurableEvent> = fc.oneof(
  anyText.map(prompt),
  anyText.map(says),
  anyCall.map((call) => start(call)),
  anyCall.map(allow),
  fc.tuple(anyCall, anyText, fc.boolean()).map(([call, text, failed]) => end(call, text, failed)),
  fc.constant(done),
  anyText.map((text): DurableEvent => ({ type: 'steer', text })),
  anyCall.map((call): DurableEvent => ({
    type: 'subagent-start',
    ...{ call, session: `s-${call}`, droid: 'scout', description: 'look', model: 'm', background: true },
  })),
  anyCall.map((call): DurableEvent => ({
    type: 'subagent-end',
    ...{ call, session: `s-${call}`, droid: 'scout', description: 'look', background: true },
    ...{ end: { reason: 'done' as const }, text: 'found', turns: 1, costUsd: 0, files: [], denied: [], remarks: [] },
    usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  })),
);

describe('timeline of the panel', () => {
  it('tells a session in order: words, calls with decision and time, room made, the end', () => {
    const rows = rowsOf([
      prompt('Fix it'),
      { type: 'block-end', block: { type: 'thinking', thinking: 'Hm.\nMore.', signature: 's' } },
      says('I look.'),
      start('a'),
      allow('a'),
      end('a'),
      { type: 'steer', text: 'and the tests' },
      { type: 'note', text: 'Finish the list' },
      { type: 'thinned', calls: ['a', 'b'] },
      { type: 'compacted', upTo: 'e1', text: 'all', by: 'rules', usage: zero, model: 'm', costUsd: 0 },
      { type: 'turn-cut', why: 'The line broke.', stopped: false, usage: zero, asked: 'm', model: 'm', costUsd: 0 },
      { type: 'retry', attempt: 1, of: 6, delayMs: 2_000, until: 0, why: 'Overloaded.' },
      { type: 'warning', message: 'Mind the gap.' },
      done,
    ]);
    assert.deepEqual(shortOf(rows), [
      'prompt Fix it',
      'thinking Hm.',
      'text I look.',
      'call run a done',
      'steer and the tests',
      'note Finish the list',
      'thinned 2',
      'compacted',
      'turnCut The line broke.',
      'retry Overloaded.',
      'warning Mind the gap.',
      'end done',
    ]);
    const call = rows.find(({ kind }) => kind === 'call');
    assert.deepEqual([call?.ms, call?.by, call?.why], [1_500, 'user', 'once']);
  });

  it('says of calls what became of them: failed, refused, or cut when the run ended first', () => {
    const deny: DurableEvent = {
      ...(allow('b') as Extract<DurableEvent, { type: 'tool-decision' }>),
      decision: 'deny',
    };
    const rows = rowsOf([
      start('a'),
      end('a', 'no', true),
      start('b'),
      deny,
      end('b', 'Declined', true),
      start('c'),
      done,
    ]);
    assert.deepEqual(shortOf(rows).slice(0, 3), ['call run a failed', 'call run b refused', 'call run c cut']);
  });

  it('read on in pieces of any size is the same as read at once, and so is what the page makes of the increments', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), fc.array(fc.nat({ max: 6 })), (events, cuts) => {
        const branch = branchOf(events);
        let timeline: Timeline | undefined;
        let taken: { epoch: number; revision: number } | undefined;
        let page = NO_ROWS;
        for (let read = 0, step = 0; ; step++) {
          timeline = timelineOf('s', branch.slice(0, read), timeline);
          const message = rowsSince(timeline, taken);
          assert.deepEqual(toPageSchema.parse(message), message);
          // A hidden page takes none of them.
          if (step % 3 !== 2 || read === branch.length) {
            const next = withRows(page, message);
            assert.ok(next);
            page = next;
            taken = { epoch: timeline.epoch, revision: timeline.revision };
          }
          if (read === branch.length) break;
          read = Math.min(branch.length, read + (cuts[step] ?? 3) + 1);
        }
        const whole = timelineOf('s', branch).rows;
        assert.deepEqual(timeline.rows, whole);
        assert.deepEqual(page.rows, whole);
      }),
    );
  });

  it('sends only what changed, and keeps the rows that did not', () => {
    const branch = branchOf([prompt('x'), start('a'), says('y')]);
    const timeline = timelineOf('s', branch);
    const page = withRows(NO_ROWS, rowsSince(timeline, undefined));
    const taken = { epoch: timeline.epoch, revision: timeline.revision };
    const more = timelineOf('s', [...branch, ...branchOf([end('a')], 'f')], timeline);
    const message = rowsSince(more, taken);
    assert.deepEqual(
      message.changed.map(({ at }) => at),
      [1],
    );
    const after = withRows(page ?? NO_ROWS, message);
    assert.equal(after?.rows[0], page?.rows[0]);
    assert.equal(after?.rows[1]?.state, 'done');
  });

  it('begins anew for another session and for a branch that left the one that was read', () => {
    const branch = branchOf([prompt('x'), says('y')]);
    const first = timelineOf('s', branch);
    const { epoch } = first;
    const forked = timelineOf('s', [...branch.slice(0, 1), ...branchOf([says('z')], 'f')], first);
    assert.notEqual(forked.epoch, epoch);
    assert.deepEqual(shortOf(forked.rows), ['prompt x', 'text z']);
    assert.deepEqual(timelineOf('other', [], forked).rows, []);
  });

  it('tells a page that lost a message, rather than show rows in the wrong place', () => {
    const timeline = timelineOf('s', branchOf([prompt('x'), says('y')]));
    const lost = { epoch: timeline.epoch, revision: 1 };
    assert.equal(withRows(NO_ROWS, rowsSince(timeline, lost)), undefined);
  });

  it('holds little of a long text and all of it behind the row, and half of no character', () => {
    const long = '😀'.repeat(MAX_ROW_CHARACTERS);
    const branch = branchOf([says(`x${long}`)]);
    const [row] = timelineOf('s', branch).rows;
    assert.ok((row?.text.length ?? 0) <= MAX_ROW_CHARACTERS + 1);
    assert.doesNotMatch(row?.text ?? '', /[\ud800-\udbff](?![\udc00-\udfff])/u);
    assert.equal(row?.more, true);
    assert.equal(detailOf(branch, 'e1', null).parts[0]?.text, `x${long}`);
  });

  it('unfolds a call to its input and output, within bounds, and copies all of it', () => {
    const output = 'y'.repeat(MAX_PART_CHARACTERS + 7);
    const branch = branchOf([start('a', { command: 'a\nb', timeout: 5 }), end('a', output)]);
    const { parts } = detailOf(branch, 'e1', null);
    assert.deepEqual(
      parts.map(({ label, text, left }) => [label, text.length, left]),
      [
        ['input', 'command:\na\nb\ntimeout: 5'.length, 0],
        ['output', MAX_PART_CHARACTERS, 7],
      ],
    );
    assert.ok(copiedText(branch, 'e1').endsWith(output));
    assert.deepEqual(detailOf(branch, 'e9', null).parts, [{ label: 'gone', text: '', left: 0 }]);
  });

  it('shows an input of any shape', () => {
    fc.assert(fc.property(fc.anything(), (input) => typeof inputText(jsonOf(input)) === 'string'));
  });

  it('unfolds a subagent to the latest of its own rows', () => {
    const branch = branchOf([prompt('look'), ...Array.from({ length: 300 }, (_, index) => says(`step ${index}`))]);
    const { rows, earlier } = agentDetail(branch, 'child', 'e1');
    assert.equal(rows.length + earlier, 301);
    assert.equal(rows.at(-1)?.text, 'step 299');
  });

  it('keeps a bounded number of what was unfolded', () => {
    let page = NO_ROWS;
    for (let index = 0; index < 1_000; index++)
      page = withDetail(page, { type: 'detail', id: `e${index}`, agent: null, parts: [], rows: [], earlier: 0 });
    assert.ok(page.details.size <= 100);
    assert.ok(page.details.has('/e999'));
  });
});

const zero = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

function jsonOf(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return null; // A bigint or a circle: the journal could not hold it either.
  }
}

describe('what the panel shows while it happens', () => {
  it('is the end of the text and of the output, within bounds, and goes when it is in the journal', () => {
    const live = liveOf('s');
    hear(live, { type: 'text-delta', text: 'Hel' });
    hear(live, { type: 'text-delta', text: 'lo' });
    assert.deepEqual(activityOf(live, true, []).writing, { kind: 'text', text: 'Hello' });
    hear(live, { ...says('Hello'), id: 'e1' });
    assert.equal(activityOf(live, true, []).writing, null);
    hear(live, { ...start('a'), id: 'e2' });
    hear(live, { type: 'ask-start', call: 'a', title: 'Run' });
    assert.deepEqual(activityOf(live, true, []).calls, [{ call: 'a', asking: true, output: '' }]);
    for (let line = 0; line < 5_000; line++) hear(live, { type: 'tool-output', call: 'a', text: `${line}\n` });
    const [call] = activityOf(live, true, []).calls;
    assert.ok(call && !call.asking && call.output.length <= MAX_OUTPUT_CHARACTERS && call.output.endsWith('4999\n'));
    hear(live, { ...end('a'), id: 'e3' });
    assert.deepEqual(activityOf(live, true, []).calls, []);
  });
});
