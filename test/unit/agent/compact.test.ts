import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { z } from 'zod';
import { compactedText, cutBefore, quotedLines, thinnable } from '../../../src/agent/compact';
import { estimateTokens } from '../../../src/agent/context';
import type { DurableEvent, JournalEntry } from '../../../src/agent/events';
import { messagesOf } from '../../../src/agent/folds';
import { runAgent } from '../../../src/agent/loop';
import type { Compaction } from '../../../src/agent/make-room';
import { ModelError, type Model, type ModelEvent, type ModelRequest } from '../../../src/agent/model';
import { Session } from '../../../src/agent/session';
import { defineTool, toolSchema } from '../../../src/agent/tool';
import { historyFaults } from '../../support/turns';

const NOTHING = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
const WINDOW = 20_000;
const look = defineTool<Record<string, never>, z.ZodObject<{ size: z.ZodNumber; at: z.ZodNumber }>>({
  name: 'Look',
  description: 'reads',
  input: z.object({ size: z.number(), at: z.number() }),
  reads: true,
  title: () => 'Looking',
  action: () => ({ effect: 'none' }),
  run: async ({ size }) => ({ content: `rows 41234\n${'lorem ipsum '.repeat(size / 12)}` }),
});

interface Scripted extends Model {
  /** Of each request: its size, and the hash of each message. */
  asked: { tokens: number; hashes: string[]; faults: string[]; text: () => string }[];
  summaries: number;
}

/** Calls Look so many times, then says something; asked for a summary it writes one, or does what `summary` says. */
function workingModel(
  turns: number,
  size: number,
  summary: () => string = () => 'SUMMED UP',
  contextWindow = WINDOW,
): Scripted {
  const asked: Scripted['asked'] = [];
  let calls = 0;
  const model: Scripted = {
    id: 'm',
    contextWindow,
    asked,
    summaries: 0,
    costOf: () => 0.001,
    async *stream(request: ModelRequest): AsyncIterable<ModelEvent> {
      const tokens = estimateTokens([request.system, request.tools]) + estimateTokens(request.messages);
      const usage = { input: tokens, output: 10, cacheRead: 0, cacheWrite: 0 };
      const last = JSON.stringify(request.messages.at(-1));
      const end: ModelEvent = { type: 'turn-end', stopReason: 'end_turn', usage, model: 'm' };
      if (last.includes('about to be shortened')) {
        model.summaries += 1;
        yield { type: 'block-end', block: { type: 'text', text: summary(), citations: null } };
        yield end;
        return;
      }
      const hashes = request.messages.map((one) => createHash('md5').update(JSON.stringify(one)).digest('hex'));
      const { messages } = request;
      const text = (): string => JSON.stringify(messages);
      asked.push({ tokens, hashes, faults: historyFaults(messages), text });
      if (tokens > contextWindow) throw new ModelError('prompt is too long', { code: 'context-full' });
      calls += 1;
      if (calls > turns) {
        yield { type: 'block-end', block: { type: 'text', text: 'Done.', citations: null } };
        yield end;
        return;
      }
      const block = { type: 'tool_use', id: `c${calls}`, name: 'Look', input: { size, at: calls } };
      yield { type: 'block-end', block: block as Extract<ModelEvent, { type: 'block-end' }>['block'] };
      yield { ...end, stopReason: 'tool_use' };
    },
  };
  return model;
}

async function work(model: Model, text = 'count the rows', compaction?: Compaction): Promise<Session> {
  const session = await Session.open('s');
  const stream = runAgent<Record<string, never>>({
    session,
    model,
    tools: [look],
    host: {},
    head: { folders: ['/w'], droid: 'd', system: 'You are a test.', tools: [toolSchema(look)] },
    prompt: { text, attachments: [], notes: [] },
    policy: () => ({ mode: 'ask', trusted: true, allow: [], ask: [], deny: [] }),
    ask: async () => ({ decision: 'deny', by: 'headless', reason: 'nobody' }),
    limits: { turns: 5_000, costUsd: 1_000 },
    signal: new AbortController().signal,
    ...(compaction ? { compaction } : {}),
  });
  for await (const event of stream) void event;
  return session;
}

const kinds = ({ branch }: Session): string[] =>
  branch.flatMap(({ event }) => (event.type === 'thinned' || event.type === 'compacted' ? [event.type] : []));
const endOf = ({ branch }: Session): DurableEvent | undefined => branch.at(-1)?.event;

describe('a conversation that fills the context', () => {
  it('stays within 200,000 tokens and 300 MB for 1,000 turns, valid, and each request begins with the one before but for where room was made', async function () {
    this.timeout(300_000);
    const before = process.memoryUsage().heapUsed;
    const model = workingModel(1_000, 20_000, undefined, 200_000);
    const session = await work(model, 'count the rows of all tables');
    const { heapUsed } = process.memoryUsage();
    assert.ok(heapUsed - before < 300e6, `${Math.round((heapUsed - before) / 1e6)} MB`);
    assert.deepEqual(endOf(session), { type: 'run-end', reason: 'done' });
    assert.ok(Math.max(...model.asked.map(({ tokens }) => tokens)) < 200_000);
    assert.deepEqual(
      model.asked.flatMap(({ faults }) => faults),
      [],
    );
    const broken = model.asked.filter(({ hashes }, index) => {
      const earlier = model.asked[index - 1]?.hashes ?? [];
      return earlier.some((hash, at) => hashes[at] !== hash);
    });
    const room = kinds(session);
    assert.ok(room.includes('thinned') && room.includes('compacted'), room.join(' '));
    assert.ok(broken.length <= room.length, `${broken.length} prefixes broken by ${room.length} events`);
    assert.ok(model.asked.every(({ text }) => text().includes('count the rows of all tables')));
  });

  it('goes on when no summary can be had, with the steps in its place', async () => {
    for (const fail of [
      () => '',
      () => {
        throw new ModelError('overloaded', { retryAfterMs: 0 });
      },
    ]) {
      const model = workingModel(40, 4_000, fail);
      const session = await work(model);
      assert.deepEqual(endOf(session), { type: 'run-end', reason: 'done' });
      assert.ok(session.branch.some(({ event }) => event.type === 'compacted' && event.by === 'rules'));
      assert.match(model.asked.at(-1)?.text() ?? '', /- Looking/u);
    }
  });

  it('asks for a summary no more often than it helps when what is kept word for word is more than its share', async () => {
    const model = workingModel(200, 1_000);
    const session = await work(model, 'x'.repeat(WINDOW * 2), { at: 0.3 });
    assert.deepEqual(endOf(session), { type: 'run-end', reason: 'done' });
    // Only where the model itself finds it too long: a tenth of the turns, since ten results fit beside what is kept.
    assert.ok(model.summaries <= 25, `${model.summaries} summaries`);
  });

  it('ends and says so when nothing can be left out', async () => {
    const model = workingModel(5, 1_000);
    const session = await work(model, 'x'.repeat(WINDOW * 4));
    const end = endOf(session);
    assert.ok(end?.type === 'run-end' && end.reason === 'failed' && end.code === 'context-full', JSON.stringify(end));
    assert.equal(model.summaries, 0);
  });

  it('makes room when the model itself finds it too long, and goes on', async () => {
    const model = workingModel(8, 10_000);
    // Far from its share by our count, since the server counts next to nothing.
    const stream = model.stream.bind(model);
    model.stream = async function* (request, signal) {
      for await (const event of stream(request, signal))
        yield event.type === 'turn-end' ? { ...event, usage: { ...event.usage, input: 1 } } : event;
    };
    const session = await work(model, 'count', { at: 0.99 });
    assert.deepEqual(endOf(session), { type: 'run-end', reason: 'done' });
    assert.ok(kinds(session).length > 0);
  });

  /** What a session of 30 turns tells when it is made shorter at once. */
  const shortened = async (
    writer: NonNullable<Compaction['writer']>,
    own = workingModel(0, 0),
  ): Promise<{ made: Extract<DurableEvent, { type: 'compacted' }>; own: Scripted; told: string }> => {
    const session = await Session.open('s');
    for (const event of turnsWith(30)) await session.append(event);
    const stream = runAgent<Record<string, never>>({
      session,
      model: own,
      tools: [look],
      host: {},
      head: { folders: [], droid: 'd', system: '', tools: [] },
      prompt: { text: 'go on', attachments: [], notes: [] },
      policy: () => ({ mode: 'ask', trusted: true, allow: [], ask: [], deny: [] }),
      ask: async () => ({ decision: 'deny', by: 'headless', reason: 'nobody' }),
      limits: { turns: 5, costUsd: 1 },
      signal: new AbortController().signal,
      compaction: { at: 0.9, writer, now: true },
    });
    const told: string[] = [];
    for await (const event of stream) if (event.type === 'warning') told.push(event.message);
    assert.deepEqual(endOf(session), { type: 'run-end', reason: 'done' });
    const made = session.branch.find(({ event }) => event.type === 'compacted')?.event;
    assert.ok(made?.type === 'compacted');
    return { made, own, told: told.join('\n') };
  };
  const small = (summary: () => string, contextWindow = 1e6): Scripted => ({
    ...workingModel(0, 0, summary),
    ...{ id: 'small', contextWindow, costOf: () => 0.0001 },
  });

  it('is made shorter at once where the user wants it, by a cheaper model at its own price', async () => {
    const { made, own, told } = await shortened(async () => small(() => 'BY THE SMALL ONE'));
    assert.deepEqual([made.model, made.by, made.costUsd], ['small', 'model', 0.0001]);
    assert.match(own.asked[0]?.text() ?? '', /BY THE SMALL ONE/u);
    assert.equal(own.summaries, 0);
    assert.doesNotMatch(told, /so m is asked/u);
  });

  for (const [why, writer, says] of [
    [
      'is not to be had',
      async () => {
        throw new ModelError('No key for it.', { code: 'no-key' });
      },
      /chosen for summaries wrote no summary \(No key for it\), so m is asked/u,
    ],
    [
      'fails',
      async () =>
        small(() => {
          throw new ModelError('has no model small.', { code: 'model-gone' });
        }),
      /small wrote no summary \(has no model small\), so m is asked/u,
    ],
    ['says nothing', async () => small(() => ' '), /\(it said nothing\)/u],
    ['has too little room', async () => small(() => 'NEVER ASKED', 1_000), /longer than its 1000 tokens/u],
  ] as const) {
    it(`has its summary from the model of the session where the one for that ${why}`, async () => {
      const { made, own, told } = await shortened(writer);
      assert.deepEqual([made.model, made.by], ['m', 'model']);
      assert.equal(own.summaries, 1);
      assert.match(made.text, /SUMMED UP/u);
      assert.match(told, says);
      // What the first one cost is paid all the same.
      assert.equal(made.costUsd, why === 'says nothing' ? 0.0011 : 0.001);
    });
  }

  it('is summed up from results in short by a model that has room for no more', async () => {
    const { made } = await shortened(async () => small(() => 'FROM LITTLE', 20_000));
    assert.deepEqual([made.model, made.by], ['small', 'model']);
  });

  it('is made shorter by rules where neither model writes a summary', async () => {
    const silent = workingModel(0, 0, () => '');
    const { made, told } = await shortened(async () => small(() => ''), silent);
    assert.equal(made.by, 'rules');
    assert.equal(silent.summaries, 1);
    assert.match(told, /as a list of steps/u);
  });
});

/** A session of so many turns with one call each. */
function turnsWith(count: number, result = 'r'.repeat(3_000)): DurableEvent[] {
  const turn = (at: number): DurableEvent[] => [
    { type: 'block-end', block: { type: 'tool_use', id: `c${at}`, name: 'Look', input: {} } as never },
    { type: 'turn-end', stopReason: 'tool_use', usage: NOTHING, asked: 'm', model: 'm', costUsd: 0 },
    { type: 'tool-start', call: `c${at}`, name: 'Look', input: {}, title: 'Looking' },
    { type: 'tool-end', call: `c${at}`, content: result, isError: false, durationMs: 1 },
  ];
  return [
    { type: 'session-start', version: 1, folders: [], droid: 'd', model: 'm', system: '', tools: [] },
    { type: 'prompt', text: 'begin', attachments: [], notes: [] },
    ...Array.from({ length: count }, (_, at) => turn(at)).flat(),
  ];
}

function entriesOf(events: readonly DurableEvent[]): JournalEntry[] {
  return events.map((event, at) => ({ id: `e${at + 1}`, parent: at === 0 ? null : `e${at}`, at: '', event }));
}

const compacted = (upTo: string): DurableEvent => ({
  type: 'compacted',
  upTo,
  text: 'summary',
  by: 'rules',
  usage: NOTHING,
  model: 'm',
  costUsd: 0,
});

describe('making room', () => {
  it('leaves a history that the API accepts, wherever it cuts and whatever stopped the turns', () => {
    const step = fc.constantFrom('answered', 'unanswered', 'text', 'cut', 'prompt', 'two calls');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(3_000), fc.nat(20), (steps, tokens, recent) => {
        const events: DurableEvent[] = turnsWith(1);
        steps.forEach((kind, at) => events.push(...eventsFor(kind, at)));
        if (events.at(-1)?.type !== 'tool-end')
          events.push({ type: 'prompt', text: 'go on', attachments: [], notes: [] });
        const branch = entriesOf(events);
        const cut = cutBefore(branch, tokens);
        const more: DurableEvent[] = [{ type: 'thinned', calls: thinnable(branch, recent).calls }];
        if (cut !== undefined) more.push(compacted(cut));
        const messages = messagesOf(entriesOf([...events, ...more]), 'm');
        assert.deepEqual(historyFaults(messages), [], JSON.stringify(messages));
      }),
    );
  });

  it('thins old and long results, but none that an answer quotes a number from', () => {
    const events = turnsWith(20);
    events.splice(
      6,
      0,
      ...turnsWith(1, `auc 0.8731\n${'x'.repeat(5_000)}`)
        .slice(2)
        .map((one) => renamed(one, 'q')),
    );
    events.push({ type: 'block-end', block: { type: 'text', text: 'The AUC is 0.8731.', citations: null } });
    const { calls } = thinnable(entriesOf(events));
    assert.deepEqual(calls, ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7']);
  });

  it('keeps word for word what the user wrote, the todos, the quoted lines and the skills', () => {
    const events: DurableEvent[] = [
      ...turnsWith(1, 'epoch 3\nval_auc=0.8731 loss=0.2\nepoch 4'),
      { type: 'todos', todos: [{ id: '1', content: 'retrain', status: 'in_progress' }] },
      { type: 'change', call: 'c0', change: { path: '/w/a.py', before: null, after: 'h' } },
      {
        type: 'tool-end',
        call: 's',
        content: 'BE CAREFUL',
        isError: false,
        durationMs: 0,
        view: { kind: 'skill', name: 'care' },
      },
      { type: 'block-end', block: { type: 'text', text: 'It reached 0.8731.', citations: null } },
      {
        type: 'prompt',
        text: 'never touch data/',
        attachments: [],
        notes: [],
        skills: [{ name: 'start', state: 'loaded', why: 'start', detail: '', text: 'LOOK FOR A SKILL' }],
      },
    ];
    const branch = entriesOf(events);
    const text = compactedText(branch, branch.at(-1)?.id ?? '', 'SUMMARY');
    for (const kept of [
      'begin',
      'never touch data/',
      '[in_progress] retrain',
      '/w/a.py (created)',
      'BE CAREFUL',
      'LOOK FOR A SKILL',
      'SUMMARY',
    ])
      assert.ok(text.includes(kept), `${kept} in ${text}`);
    assert.match(text, /^val_auc=0\.8731 loss=0\.2$/mu);
    assert.doesNotMatch(text, /epoch 3/u);
  });

  it('finds the lines that a text quotes, and takes no small count for a quote', () => {
    assert.deepEqual(quotedLines('a 0.91\nb 12\nc 4197 rows', 'It is 0.91 after 12 runs on 4197 rows'), [
      'a 0.91',
      'c 4197 rows',
    ]);
    assert.deepEqual(quotedLines('0.915', 'about 0.91'), []);
  });
});

function renamed(event: DurableEvent, call: string): DurableEvent {
  return JSON.parse(JSON.stringify(event).replaceAll('"c0"', JSON.stringify(call))) as DurableEvent;
}

function eventsFor(kind: string, at: number): DurableEvent[] {
  const [use, end, start, result] = turnsWith(1)
    .slice(2)
    .map((one) => renamed(one, `k${at}`)) as [DurableEvent, DurableEvent, DurableEvent, DurableEvent];
  const second = (event: DurableEvent): DurableEvent => renamed(renamed(event, 'c0'), `k${at}`);
  switch (kind) {
    case 'answered':
      return [use, end, start, result];
    case 'unanswered':
      return [use, end, start, { type: 'run-end', reason: 'stopped' }, prompt(at)];
    case 'cut':
      return [
        use,
        { type: 'turn-cut', why: 'broke', stopped: false, usage: NOTHING, asked: 'm', model: 'm', costUsd: 0 },
      ];
    case 'text':
      return [
        { type: 'block-end', block: { type: 'text', text: `said ${at}`, citations: null } },
        { type: 'turn-end', stopReason: 'end_turn', usage: NOTHING, asked: 'm', model: 'm', costUsd: 0 },
        { type: 'run-end', reason: 'done' },
        prompt(at),
      ];
    case 'two calls': {
      const other = [use, start, result].map(
        (one) => JSON.parse(JSON.stringify(second(one)).replaceAll(`k${at}`, `k${at}b`)) as DurableEvent,
      );
      return [use, other[0] as DurableEvent, end, start, result, other[1] as DurableEvent, other[2] as DurableEvent];
    }
    default:
      return [{ type: 'run-end', reason: 'stopped' }, prompt(at)];
  }
}

function prompt(at: number): DurableEvent {
  return { type: 'prompt', text: `prompt ${at}`, attachments: [], notes: [] };
}
