import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Policy } from '../../../src/agent/approval';
import type { AskPerson } from '../../../src/agent/calls';
import type { AgentEvent, JournalEntry } from '../../../src/agent/events';
import { changesOf, messagesOf, usageOf } from '../../../src/agent/folds';
import type { Limits } from '../../../src/agent/budget';
import { runAgent } from '../../../src/agent/loop';
import { ModelError } from '../../../src/agent/model';
import type { Retrying } from '../../../src/agent/retry';
import { Session } from '../../../src/agent/session';
import { defineTool, ToolError, toolSchema, type Tool } from '../../../src/agent/tool';
import { historyFaults, turnsModel, type Turn, type TurnsModel } from '../../support/turns';

type NoHost = Record<string, never>;

const log: string[] = [];
const look = defineTool<NoHost, z.ZodObject<{ at: z.ZodString }>>({
  name: 'Look',
  description: 'reads',
  input: z.object({ at: z.string() }),
  reads: true,
  title: ({ at }) => `Looking at ${at}`,
  action: ({ at }) => ({ effect: 'read', paths: [{ path: `/w/${at}`, shown: at, inside: true }] }),
  async run({ at }) {
    log.push(`start ${at}`);
    await delay(20);
    log.push(`end ${at}`);
    return { content: `saw ${at}` };
  },
});
const write = defineTool<NoHost, z.ZodObject<{ at: z.ZodString }>>({
  name: 'Write',
  description: 'edits',
  input: z.object({ at: z.string() }),
  reads: false,
  title: ({ at }) => `Writing ${at}`,
  action: ({ at }) => ({ effect: 'edit', paths: [{ path: `/w/${at}`, shown: at, inside: true }] }),
  async run({ at }, context) {
    await context.change({ path: `/w/${at}`, before: null, after: Buffer.from('new') }, async () => {
      log.push(`write ${at}`);
      if (at === 'full-disk') throw new ToolError('no space left');
    });
    return { content: 'written' };
  },
});
const wait = defineTool<NoHost, z.ZodObject>({
  name: 'Wait',
  description: 'never ends',
  input: z.object({}),
  reads: false,
  title: () => 'Waiting',
  action: () => ({ effect: 'none' }),
  run: () => new Promise(() => undefined),
});
const spend = defineTool<NoHost, z.ZodObject>({
  name: 'Spend',
  description: 'asks a model of its own',
  input: z.object({}),
  reads: false,
  title: () => 'Spending',
  action: () => ({ effect: 'none' }),
  async run(_, context) {
    const usage = { input: 100, output: 10, cacheRead: 0, cacheWrite: 0 };
    await context.spent({ usage, model: 'small', costUsd: 0.9 });
    throw new ToolError('found nothing');
  },
});
const plan = defineTool<NoHost, z.ZodObject<{ items: z.ZodArray<z.ZodString> }>>({
  name: 'Plan',
  description: 'sets the todo list',
  input: z.object({ items: z.array(z.string()) }),
  reads: false,
  title: () => 'Planning',
  action: () => ({ effect: 'none' }),
  run: async ({ items }) => ({
    content: 'planned',
    todos: items.map((content, n) => ({ id: String(n), content, status: 'completed' as const })),
  }),
});
const tools: Tool<NoHost>[] = [look, write, wait, spend, plan];
const allowAll: Policy = { mode: 'acceptEdits', trusted: true, allow: [], ask: [], deny: [] };
const nobody: AskPerson = async () => ({ decision: 'deny', by: 'headless', reason: 'nobody is there' });

interface Run {
  session: Session;
  model: TurnsModel;
  events: AgentEvent[];
}

async function run(
  turns: Turn[],
  options: {
    session?: Session;
    text?: string;
    policy?: Policy;
    ask?: AskPerson;
    limits?: Limits;
    signal?: AbortSignal;
    onEvent?: (event: AgentEvent) => void;
    model?: TurnsModel;
    retrying?: Retrying;
    steer?: () => string[];
    shouldYield?: () => boolean;
  } = {},
): Promise<Run> {
  log.length = 0;
  const session = options.session ?? (await Session.open('s'));
  const model = options.model ?? turnsModel(turns);
  const { retrying = {}, steer = () => [], shouldYield = () => false } = options;
  const events: AgentEvent[] = [];
  const stream = runAgent<NoHost>({
    session,
    model,
    tools,
    host: {},
    head: { folders: ['/w'], droid: 'd', system: 'You are a test.', tools: tools.map(toolSchema) },
    prompt: { text: options.text ?? 'hello', attachments: [], notes: [] },
    policy: () => options.policy ?? allowAll,
    ask: options.ask ?? nobody,
    limits: options.limits ?? { turns: 10, costUsd: 1 },
    signal: options.signal ?? new AbortController().signal,
    ...{ retrying, steer, shouldYield },
  });
  for await (const event of stream) {
    events.push(event);
    options.onEvent?.(event);
  }
  return { session, model, events };
}

function last(branch: JournalEntry[]): JournalEntry['event'] | undefined {
  return branch.at(-1)?.event;
}

function resultsOf({ session }: Run): { call: string; content: unknown; isError: boolean }[] {
  return session.branch.flatMap(({ event }) =>
    event.type === 'tool-end' ? [{ call: event.call, content: event.content, isError: event.isError }] : [],
  );
}

describe('the agent loop', () => {
  it('ends with the answer and says done', async () => {
    const { events, session } = await run([{ blocks: [{ text: 'Hi.' }] }]);
    assert.deepEqual(last(session.branch), { type: 'run-end', reason: 'done' });
    assert.equal(events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join(''), 'Hi.');
  });

  it('has every durable event in the journal before it is seen', async () => {
    const session = await Session.open('s');
    await run([{ blocks: [{ call: 'Look', input: { at: 'a' } }] }, { blocks: [{ text: 'done' }] }], {
      session,
      onEvent(event) {
        if ('id' in event)
          assert.ok(
            session.entries.some(({ id }) => id === event.id),
            event.type,
          );
      },
    });
  });

  it('runs neighbouring reads side by side and all else in order', async () => {
    const calls = ['a', 'b'].map((at) => ({ call: 'Look', input: { at } }));
    await run([
      { blocks: [...calls, { call: 'Write', input: { at: 'c' } }, { call: 'Look', input: { at: 'd' } }] },
      { blocks: [{ text: 'ok' }] },
    ]);
    assert.deepEqual(log, ['start a', 'start b', 'end a', 'end b', 'write c', 'start d', 'end d']);
  });

  it('answers an unknown tool and a bad input, and goes on', async () => {
    const done = await run([
      { blocks: [{ call: 'Nope' }, { call: 'Look', input: { at: 7 } }] },
      { blocks: [{ text: 'ok' }] },
    ]);
    const [unknown, bad] = resultsOf(done);
    assert.match(String(unknown?.content), /There is no tool Nope\. The tools are: Look, Write, Wait, Spend, Plan\./u);
    assert.match(String(bad?.content), /does not fit Look:[\s\S]*at[\s\S]*Expected: .*"at"/u);
    assert.deepEqual(historyFaults(messagesOf(done.session.branch)), []);
  });

  it('does nothing that was declined, and tells the model why', async () => {
    const done = await run([{ blocks: [{ call: 'Write', input: { at: 'c' } }] }, { blocks: [{ text: 'ok' }] }], {
      policy: { ...allowAll, mode: 'ask' },
    });
    assert.deepEqual(log, []);
    assert.deepEqual(
      resultsOf(done).map(({ content }) => content),
      ['Declined: nobody is there'],
    );
  });

  it('runs what a person wrote in place of the call, judged anew, and tells the model', async () => {
    tools.push({
      ...write,
      name: 'Type',
      preview: ({ at }: { at: string }) => ({ title: 't', body: at, language: 'plaintext', editable: 'at' }),
    });
    const answered =
      (edited: string): AskPerson =>
      async () => ({ decision: 'allow', by: 'user', reason: 'yes', edited });
    const turns: Turn[] = [{ blocks: [{ call: 'Type', input: { at: 'c' } }] }, { blocks: [{ text: 'ok' }] }];
    try {
      const done = await run(turns, { policy: { ...allowAll, mode: 'ask' }, ask: answered('mine') });
      assert.deepEqual(log, ['write mine']);
      assert.match(String(resultsOf(done)[0]?.content), /The user changed this before it ran, to:\nmine\n\nwritten/u);
      const deny = [{ tool: 'Type', pattern: 'mine' }];
      const refused = await run(turns, { policy: { ...allowAll, mode: 'ask', deny }, ask: answered('mine') });
      assert.deepEqual([log, refused.events.filter(({ type }) => type === 'tool-run')], [[], []]);
    } finally {
      tools.pop();
    }
  });

  it('asks again nothing but stops when what was judged changed meanwhile', async () => {
    let there = '/w/safe';
    const shifting: Tool<NoHost> = {
      ...write,
      action: () => ({ effect: 'edit', paths: [{ path: there, shown: 'x', inside: true }] }),
    };
    tools.push({ ...shifting, name: 'Shift' });
    try {
      const done = await run([{ blocks: [{ call: 'Shift', input: { at: 'c' } }] }, { blocks: [{ text: 'ok' }] }], {
        policy: { ...allowAll, mode: 'ask' },
        ask: async () => {
          there = '/etc/passwd';
          return { decision: 'allow', by: 'user', reason: 'yes' };
        },
      });
      assert.deepEqual(log, []);
      assert.match(String(resultsOf(done)[0]?.content), /changed while it was being asked for/u);
    } finally {
      tools.pop();
    }
  });

  it('keeps the image of a file before it is written, and takes a failed write back', async () => {
    const done = await run([
      {
        blocks: [
          { call: 'Write', input: { at: 'c' } },
          { call: 'Write', input: { at: 'full-disk' } },
        ],
      },
      { blocks: [{ text: 'ok' }] },
    ]);
    const changes = changesOf(done.session.branch);
    assert.deepEqual(
      changes.map(({ path, before }) => ({ path, before })),
      [{ path: '/w/c', before: null }],
    );
    assert.equal(Buffer.from((await done.session.store.getBlob(changes[0]?.after ?? '')) ?? []).toString(), 'new');
  });

  it('stops at the turn limit and at the cost limit, and can be gone on from', async () => {
    const calls: Turn = { blocks: [{ call: 'Look', input: { at: 'a' } }], costUsd: 0.6 };
    const turnsOut = await run([calls, calls, calls], { limits: { turns: 2, costUsd: 99 } });
    assert.deepEqual(last(turnsOut.session.branch), { type: 'run-end', reason: 'limit', limit: 'turns', value: 2 });
    const costOut = await run([calls, calls, calls], { limits: { turns: 9, costUsd: 1 } });
    assert.deepEqual(last(costOut.session.branch), { type: 'run-end', reason: 'limit', limit: 'cost', value: 1 });
    const on = await run([{ blocks: [{ text: 'finished' }] }], { session: costOut.session, text: 'go on' });
    assert.deepEqual(historyFaults(on.model.requests[0]?.messages ?? []), []);
  });

  it('counts what a tool spent against the cost limit, also where the tool failed', async () => {
    const calls: Turn = { blocks: [{ call: 'Spend', input: {} }], costUsd: 0.2 };
    const { session } = await run([calls, calls], { limits: { turns: 9, costUsd: 1 } });
    assert.deepEqual(last(session.branch), { type: 'run-end', reason: 'limit', limit: 'cost', value: 1 });
    const { turns, costUsd, input } = usageOf(session.branch);
    assert.deepEqual([turns, costUsd?.toFixed(2)], [1, '1.10']);
    assert.ok(input >= 100);
  });

  it('leaves a history the API accepts when stopped at any event', async () => {
    const script = (): Turn[] => [
      {
        blocks: [
          { thinking: 'hm' },
          { text: 'Looking.' },
          { call: 'Look', input: { at: 'a' } },
          { call: 'Write', input: { at: 'b' } },
        ],
      },
      { blocks: [{ call: 'Wait' }] },
    ];
    for (let stopAt = 0; stopAt < 40; stopAt++) {
      const stop = new AbortController();
      let count = 0;
      const session = await Session.open('s');
      const stopped = await run(script(), {
        session,
        signal: stop.signal,
        onEvent(event) {
          if (count++ === stopAt || (event.type === 'tool-start' && event.name === 'Wait')) stop.abort();
        },
      });
      assert.deepEqual(last(session.branch), { type: 'run-end', reason: 'stopped' }, `event ${stopAt}`);
      const next = await run([{ blocks: [{ text: 'resumed' }] }], { session, text: 'go on' });
      assert.deepEqual(historyFaults(next.model.requests[0]?.messages ?? []), [], `event ${stopAt}`);
      if (count <= stopAt) return assert.ok(stopped.events.length > 10);
    }
  });

  it('ends a tool that ignores the signal within 500 ms', async () => {
    const stop = new AbortController();
    let stoppedAt = 0;
    await run([{ blocks: [{ call: 'Wait' }] }], {
      signal: stop.signal,
      onEvent(event) {
        if (event.type !== 'tool-start') return;
        setTimeout(() => {
          stoppedAt = Date.now();
          stop.abort();
        }, 20);
      },
    });
    assert.ok(Date.now() - stoppedAt < 600);
  });

  it('tries again what may succeed later, with waits that grow, are spread and are told', async () => {
    const busy = { error: new ModelError('busy', { retryAfterMs: 0 }) };
    let now = 1_000_000;
    const slept: number[] = [];
    const { events, model, session } = await run([busy, busy, busy, busy, busy, busy, { blocks: [{ text: 'ok' }] }], {
      retrying: {
        now: () => now,
        random: () => 0.5,
        sleep: async (ms) => {
          slept.push(ms);
          now += ms;
        },
      },
    });
    assert.equal(model.requests.length, 7);
    assert.deepEqual(slept, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
    const [first] = events.filter((event) => event.type === 'retry');
    const retry = { type: 'retry', attempt: 1, of: 6, delayMs: 1_000, until: 1_001_000, why: 'busy' };
    assert.deepEqual(first, { ...retry, id: 'e3' });
    // Told, and there afterwards, before the end of the run; the model reads nothing of it.
    const kept = session.branch.map(({ event }) => event);
    assert.deepEqual(
      kept.find(({ type }) => type === 'retry'),
      retry,
    );
    assert.equal(kept.at(-1)?.type, 'run-end');
    assert.doesNotMatch(JSON.stringify(model.requests.at(-1)?.messages), /busy/u);
  });

  it('does not try again what no wait helps, and gives up after five minutes of trouble', async () => {
    const refused = await run([{ error: new ModelError('no such key', { code: 'bad-key' }) }]);
    assert.deepEqual(last(refused.session.branch), {
      type: 'run-end',
      reason: 'failed',
      message: 'no such key',
      code: 'bad-key',
    });
    let now = 1;
    const slow = { error: new ModelError('silent', { retryAfterMs: 0 }) };
    const given = await run([slow, slow, slow, slow], {
      retrying: { now: () => (now += 170_000), random: () => 0, sleep: async () => undefined },
    });
    assert.ok(given.model.requests.length < 4);
  });

  it('tries again at once when a person wants that', async () => {
    const busy = { error: new ModelError('busy', { retryAfterMs: 100_000 }) };
    let ended = false;
    const { model } = await run([busy, { blocks: [{ text: 'ok' }] }], {
      retrying: {
        retryNow: async (signal) => {
          signal.addEventListener('abort', () => (ended = true));
        },
      },
    });
    assert.equal(model.requests.length, 2);
    assert.ok(ended);
  });

  it('takes in what the user says meanwhile, after the results and also at the end', async () => {
    const said = [['be quick'], ['and say bye'], []];
    const { model, session, events } = await run(
      [
        { blocks: [{ call: 'Look', input: { at: 'a' } }] },
        { blocks: [{ text: 'Hi.' }] },
        { blocks: [{ text: 'Bye.' }] },
      ],
      { steer: () => said.shift() ?? [] },
    );
    const lastOf = (index: number): string => JSON.stringify(model.requests[index]?.messages.at(-1));
    assert.match(lastOf(1), /"tool_result".*saw a.*be quick/u);
    assert.match(lastOf(2), /and say bye/u);
    assert.deepEqual(historyFaults(messagesOf(session.branch)), []);
    assert.equal(events.filter(({ type }) => type === 'steer').length, 2);
    assert.deepEqual(last(session.branch), { type: 'run-end', reason: 'done' });
  });

  it('tells of a todo list that a person changed, and lets no list of the model undo that unseen', async () => {
    const session = await Session.open('s');
    const mine = { id: '9', content: 'mine', status: 'pending' as const };
    const { model } = await run(
      [
        { blocks: [{ call: 'Look', input: { at: 'a' } }] },
        { blocks: [{ call: 'Plan', input: { items: ['theirs'] } }] },
        { blocks: [{ call: 'Plan', input: { items: ['theirs', 'mine'] } }] },
        { blocks: [{ text: 'done' }] },
      ],
      {
        session,
        onEvent: (event) => {
          const turns = session.branch.filter((entry) => entry.event.type === 'turn-end').length;
          if (event.type === 'tool-start' && event.name !== 'Plan')
            void session.append({ type: 'todos', todos: [mine], by: 'user' });
          if (event.type === 'turn-end' && turns === 2)
            void session.append({ type: 'todos', todos: [{ ...mine, content: 'mine, changed' }], by: 'user' });
        },
      },
    );
    const said = model.requests.map(({ messages }) => JSON.stringify(messages.at(-1)));
    assert.match(said[1] ?? '', /The user changed the todo list[^]*\[pending\] mine/u);
    assert.match(said[2] ?? '', /mine, changed[^]*Your list was not taken/u);
    assert.match(said[3] ?? '', /planned/u);
    assert.equal((JSON.stringify(model.requests.at(-1)).match(/The user changed the todo list/gu) ?? []).length, 2);
  });

  it('makes way at the next safe step for a message that waits, with its results in place', async () => {
    const look: Turn = { blocks: [{ text: 'Looking.' }, { call: 'Look', input: { at: 'a' } }] };
    const yielded = await run([look, look], { shouldYield: () => true });
    assert.deepEqual(last(yielded.session.branch), { type: 'run-end', reason: 'yielded' });
    const next = await run([{ blocks: [{ text: 'ok' }] }], { session: yielded.session, text: 'something else' });
    const messages = next.model.requests[0]?.messages ?? [];
    assert.deepEqual(historyFaults(messages), []);
    assert.match(JSON.stringify(messages.at(-1)), /saw a.*something else/u);
  });

  it('stops a model that does not heed the signal', async () => {
    const stop = new AbortController();
    const deaf = turnsModel([]);
    deaf.stream = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) });
    const session = await Session.open('s');
    setTimeout(() => stop.abort(), 20);
    const { session: stopped } = await run([], { session, model: deaf, signal: stop.signal });
    assert.deepEqual(last(stopped.branch), { type: 'run-end', reason: 'stopped' });
  });

  it('sends each request with the previous one as its prefix', async () => {
    const look: Turn = { blocks: [{ thinking: 'hm' }, { call: 'Look', input: { at: 'a' } }] };
    const first = await run([look, look, { blocks: [{ text: 'done' }] }]);
    const second = await run([look, { blocks: [{ text: 'done' }] }], { session: first.session, text: 'and now?' });
    const requests = [...first.model.requests, ...second.model.requests];
    requests.slice(1).forEach((request, index) => {
      const before = requests[index]?.messages ?? [];
      assert.deepEqual(request.messages.slice(0, before.length), before);
      assert.equal(request.system, requests[index]?.system);
    });
  });

  it('stops the run when its reader goes away', async () => {
    const session = await Session.open('s');
    const model = turnsModel([{ hang: true }]);
    const stream = runAgent<NoHost>({
      session,
      model,
      tools,
      host: {},
      policy: () => allowAll,
      ask: nobody,
      head: { folders: [], droid: 'd', system: 's', tools: [] },
      prompt: { text: 'x', attachments: [], notes: [] },
      limits: { turns: 3, costUsd: 1 },
      signal: new AbortController().signal,
    });
    for await (const event of stream) if (event.type === 'text-delta') break;
    assert.deepEqual(last(session.branch), { type: 'run-end', reason: 'stopped' });
  });
});
