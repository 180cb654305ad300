import assert from 'node:assert/strict';
import fc from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import {
  BUDGETS,
  isLimit,
  limitsFrom,
  nearlyUsed,
  raisedLimits,
  tallied,
  usedUp,
  type DayLedger,
  type Payee,
  type Limits,
  type Spending,
  type Used,
} from '../../../src/agent/budget';
import { limitText, nearText } from '../../../src/agent/budget-words';
import type { AgentEvent, DurableEvent, JournalEntry } from '../../../src/agent/events';
import { messagesOf } from '../../../src/agent/folds';
import { runAgent, type RunOptions } from '../../../src/agent/loop';
import type { ModelRequest } from '../../../src/agent/model';
import { RunClock, TimeUp } from '../../../src/agent/run-clock';
import { Session } from '../../../src/agent/session';
import { Subagents } from '../../../src/agent/subagents';
import { defineTool, toolSchema, UserError, type Tool } from '../../../src/agent/tool';
import { historyFaults, turnsModel, type Turn, type TurnsModel } from '../../support/turns';

type NoHost = Record<string, never>;
const NONE: Used = {
  message: { usd: 0, tokens: 0, turns: 0, minutes: 0 },
  session: { usd: 0, tokens: 0 },
  day: { usd: 0, tokens: 0, day: '2026-11-25' },
};
const open: Limits = { turns: 1_000, costUsd: 1_000 };

const act = defineTool<NoHost, z.ZodObject<{ at: z.ZodString }>>({
  name: 'Act',
  description: 'acts',
  input: z.object({ at: z.string() }),
  reads: true,
  title: ({ at }) => `Acting at ${at}`,
  action: () => ({ effect: 'none' }),
  run: async ({ at }) => ({ content: `acted at ${at}` }),
});
const hang = defineTool<NoHost, z.ZodObject>({
  name: 'Hang',
  description: 'never ends',
  input: z.object({}),
  reads: false,
  title: () => 'Hanging',
  action: () => ({ effect: 'none' }),
  run: () => new Promise(() => undefined),
});
const task = defineTool<NoHost, z.ZodObject<{ prompt: z.ZodString; background: z.ZodBoolean }>>({
  name: 'Task',
  description: 'delegates',
  input: z.object({ prompt: z.string(), background: z.boolean() }),
  reads: false,
  sideBySide: true,
  inSubagents: false,
  title: ({ prompt }) => prompt,
  action: () => ({ effect: 'none' }),
  async run({ prompt, background }, context) {
    const { ended } = await context.delegate({ droid: 'w', prompt, background, description: prompt });
    return { content: ended?.end.reason ?? 'begun' };
  },
});
const tools: Tool<NoHost>[] = [act, hang, task];

let calls = 0;
const acts = (costUsd = 0): Turn => ({ blocks: [{ call: 'Act', input: { at: `${(calls += 1)}` } }], costUsd });
const says = (text: string, costUsd = 0): Turn => ({ blocks: [{ text }], costUsd });

interface Ran {
  session: Session;
  events: AgentEvent[];
  end: DurableEvent | undefined;
}

async function run(model: TurnsModel, given: Partial<RunOptions<NoHost>> & { limits: Limits }): Promise<Ran> {
  const session = given.session ?? (await Session.open('s'));
  const events: AgentEvent[] = [];
  const stream = runAgent<NoHost>({
    session,
    model,
    tools,
    host: {},
    head: { folders: ['/w'], droid: 'd', system: 'You are a test.', tools: tools.map(toolSchema) },
    prompt: { text: 'go', attachments: [], notes: [] },
    policy: () => ({ mode: 'acceptEdits', trusted: true, allow: [], ask: [], deny: [] }),
    ask: async () => ({ decision: 'deny', by: 'headless', reason: 'nobody' }),
    signal: new AbortController().signal,
    ...given,
  });
  for await (const event of stream) events.push(event);
  assert.deepEqual(historyFaults(messagesOf(session.branch)), []);
  return { session, events, end: session.branch.findLast(({ event }) => event.type === 'run-end')?.event };
}

const kinds = ({ session }: Ran, type: DurableEvent['type']): DurableEvent[] =>
  session.branch.flatMap(({ event }) => (event.type === type ? [event] : []));
const notes = (ran: Ran): string[] => kinds(ran, 'note').map((event) => (event.type === 'note' ? event.text : ''));

function memoryLedger(
  spent: Spending = { usd: 0, tokens: 0 },
  day = '2026-11-25',
): DayLedger & { spent: Spending; payees: Partial<Payee>[] } {
  const payees: Partial<Payee>[] = [];
  return {
    ...{ spent, payees },
    async add({ usd, tokens, ...payee }) {
      payees.push(payee);
      spent.usd += usd;
      spent.tokens += tokens;
    },
    today: async () => ({ ...spent, day }),
  };
}

describe('the table of budgets', () => {
  for (const budget of BUDGETS) {
    const { name, key, span, measure } = budget;
    const limits: Limits = { ...open, [key]: 10 };
    const used = (amount: number): Used => ({ ...NONE, [span]: { ...NONE[span], [measure]: amount } });

    it(`${name}: is near at 80 %, used up at 100 %, and of its own span and measure alone`, () => {
      assert.deepEqual(nearlyUsed(limits, used(7.99)), []);
      const [near, ...more] = nearlyUsed(limits, used(8));
      assert.deepEqual([near?.budget, near?.limit, near?.used, more.length], [name, 10, 8, 0]);
      assert.equal(usedUp(limits, used(9.99)), undefined);
      assert.deepEqual(usedUp(limits, used(10)), { reason: 'limit', limit: name, value: 10 });
      for (const other of BUDGETS.filter((one) => one !== budget)) {
        const elsewhere = { ...NONE, [other.span]: { ...NONE[other.span], [other.measure]: 900 } };
        assert.equal(usedUp(limits, elsewhere), undefined, other.name);
      }
    });

    it(`${name}: has words that say how much of what`, () => {
      assert.match(limitText({ reason: 'limit', limit: name, value: 10 }), /10.*this (?:message|session|day)/u);
      assert.match(nearText({ budget: name, limit: 10, used: 8 }), /8.*10/u);
    });
  }

  it('is used up by sums of cents that a float would miss', () => {
    const spent = Array.from({ length: 10 }, () => 0.1).reduce((sum, one) => sum + one, 0);
    assert.ok(spent < 1);
    assert.ok(usedUp({ ...open, costUsd: 1 }, { ...NONE, message: { ...NONE.message, usd: spent } }));
  });

  it('takes the first word on each, and is no number that holds nothing', () => {
    const limits = limitsFrom({ costUsd: 2 }, { costUsd: 3, tokens: null, minutes: 4 });
    assert.deepEqual(limits, { turns: 50, costUsd: 2, minutes: 4 });
    for (const value of [0, -1, Number.NaN, Infinity, '5', null, undefined, [], true])
      for (const { measure } of BUDGETS) assert.equal(isLimit(measure, value), false);
    assert.deepEqual([isLimit('tokens', 1.5), isLimit('usd', 0.01), isLimit('minutes', 0.5)], [false, true, true]);
  });

  it('is raised by what a person granted, and by what was granted for a day on that day alone', () => {
    const entry = (event: DurableEvent): JournalEntry => ({ id: 'e', parent: null, at: '', event });
    const marks = [
      entry({ type: 'budget-raised', budget: 'session-cost', limit: 9, used: 5 }),
      entry({ type: 'budget-raised', budget: 'day-cost', limit: 20, used: 10, day: '2026-11-25' }),
    ];
    const limits = { ...open, sessionCostUsd: 5, dayCostUsd: 10 };
    const on = (day: string): unknown[] => [
      raisedLimits(limits, marks, day).sessionCostUsd,
      raisedLimits(limits, marks, day).dayCostUsd,
    ];
    assert.deepEqual(on('2026-11-25'), [9, 20]);
    assert.deepEqual(on('2026-11-26'), [9, 10]);
    assert.equal(raisedLimits(open, marks, '2026-11-25').sessionCostUsd, undefined);
  });

  it('counts the same whether a journal is read at once or entry by entry', () => {
    const usage = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 };
    const event = fc.constantFrom<DurableEvent>(
      { type: 'prompt', text: '', attachments: [], notes: [] },
      { type: 'tool-usage', call: 'c', usage, model: 'm', costUsd: 1, subagent: 'x' },
      { type: 'tool-usage', call: 'c', usage, model: 'm', costUsd: null },
      { type: 'turn-end', stopReason: 'end_turn', usage, asked: 'm', model: 'm', costUsd: 2 },
      { type: 'subagent-start', call: 'c', session: 'x', droid: 'd', description: '', model: 'm', background: true },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.nat(30), (events, since) => {
        const entries = events.map((one, index): JournalEntry => ({
          id: `e${index}`,
          parent: null,
          at: '',
          event: one,
        }));
        let bit: ReturnType<typeof tallied> | undefined;
        for (let length = 0; length <= entries.length; length++)
          bit = tallied(entries.slice(0, length), `e${since}`, bit);
        assert.deepEqual(bit, tallied(entries, `e${since}`));
        assert.ok((bit?.message.usd ?? 0) <= (bit?.session.usd ?? 0));
      }),
    );
  });
});

describe('a run with budgets', () => {
  it('warns the user and its model once at 80 %, stops at 100 %, and asks nothing more', async () => {
    const model = turnsModel(Array.from({ length: 20 }, () => acts(0.1)));
    const ran = await run(model, { limits: { ...open, costUsd: 1 } });
    assert.deepEqual(ran.end, { type: 'run-end', reason: 'limit', limit: 'cost', value: 1 });
    assert.equal(model.requests.length, 10);
    assert.equal(kinds(ran, 'budget-near').length, 1);
    assert.match(
      JSON.stringify(model.requests[8]?.messages.at(-1)),
      /\$0\.8 of the \$1 that this message may take are used\. .*Wind down/u,
    );
    assert.equal(notes(ran).length, 1);
  });

  it('holds the tokens of the cache, and where no price is known, which it says once', async () => {
    const model = turnsModel(Array.from({ length: 20 }, () => acts()));
    model.costOf = () => null;
    const ran = await run(model, { limits: { ...open, tokens: 60 } });
    assert.deepEqual(ran.end, { type: 'run-end', reason: 'limit', limit: 'tokens', value: 60 });
    assert.equal(model.requests.length, 4);
    assert.deepEqual(kinds(ran, 'budget-unpriced'), [{ type: 'budget-unpriced', model: 'test-model' }]);
  });

  it("holds a session over its messages and a person's word lets it go on once more", async () => {
    const limits = { ...open, sessionCostUsd: 1 };
    const model = turnsModel([acts(0.6), acts(0.6), acts(0.5), acts(0.6), says('never')]);
    const { session } = await run(model, { limits });
    assert.equal(model.requests.length, 2);
    const again = await run(model, { limits, session });
    assert.deepEqual(again.end, { type: 'run-end', reason: 'limit', limit: 'session-cost', value: 1 });
    assert.equal(model.requests.length, 2);
    const on = await run(model, { limits, session, goOn: true });
    assert.equal(model.requests.length, 4);
    assert.deepEqual(on.end, { type: 'run-end', reason: 'limit', limit: 'session-cost', value: 2.2 });
    assert.deepEqual(kinds(on, 'budget-raised'), [
      { type: 'budget-raised', budget: 'session-cost', limit: 2.2, used: 1.2 },
    ]);
  });

  it('holds a day over sessions, and counts it where it has no budget too', async () => {
    const ledger = memoryLedger();
    await run(turnsModel([acts(0.7), says('done', 0.2)]), { limits: open, ledger });
    assert.deepEqual(ledger.spent, { usd: 0.7 + 0.2, tokens: 30 });
    // Each is put down to its model and droid.
    assert.deepEqual(
      ledger.payees.map(({ model, droid, skill }) => [model, droid, skill]),
      Array.from({ length: 2 }, () => ['test-model', 'd', '']),
    );
    const model = turnsModel([says('hm', 0.2), says('never')]);
    const limits = { ...open, dayCostUsd: 1 };
    const near = await run(model, { limits, ledger });
    assert.equal(kinds(near, 'budget-near').length, 1);
    const ran = await run(model, { limits, ledger });
    assert.deepEqual(ran.end, { type: 'run-end', reason: 'limit', limit: 'day-cost', value: 1 });
    const on = await run(turnsModel([says('on')]), { limits, ledger, session: ran.session, goOn: true });
    assert.deepEqual(on.end, { type: 'run-end', reason: 'done' });
  });

  it('stops, and says why, where a day with a budget cannot be counted; without one it goes on', async () => {
    const ledger: DayLedger = {
      add: async () => Promise.reject(new UserError('no space')),
      today: async () => ({ usd: 0, tokens: 0, day: '2026-11-25' }),
    };
    const ran = await run(turnsModel([acts(), says('never')]), { limits: { ...open, dayCostUsd: 1 }, ledger });
    assert.deepEqual(ran.end, { type: 'run-end', reason: 'failed', message: 'no space' });
    assert.deepEqual((await run(turnsModel([acts(), says('x')]), { limits: open, ledger })).end, {
      type: 'run-end',
      reason: 'done',
    });
  });

  it('ends at its time before the next step, cuts the step at work a quarter later, and says so to its model', async () => {
    const minutes = 0.3 / 60;
    const slow = turnsModel([{ blocks: [{ call: 'Hang' }] }, says('gone on')]);
    const ran = await run(slow, { limits: { ...open, minutes } });
    assert.deepEqual(ran.end, { type: 'run-end', reason: 'limit', limit: 'minutes', value: minutes });
    const on = await run(slow, { limits: open, session: ran.session });
    assert.deepEqual(on.end, { type: 'run-end', reason: 'done' });
    assert.match(JSON.stringify(slow.requests[1]?.messages), /Stopped before it ended: The 0\.005 minutes/u);
    const streams = await run(turnsModel([{ hang: true }]), { limits: { ...open, minutes } });
    assert.equal(streams.end?.type === 'run-end' && streams.end.reason, 'limit');
  });

  it('is told of a circle, then ended for it, and another message begins anew', async () => {
    const same: Turn = { blocks: [{ call: 'Act', input: { at: 'here' } }] };
    const model = turnsModel([same, same, same, same, same, says('never')]);
    const ran = await run(model, { limits: open });
    assert.deepEqual(ran.end, {
      type: 'run-end',
      reason: 'limit',
      limit: 'circle',
      circle: 'same-call',
      what: 'Acting at here',
      value: 5,
    });
    assert.match(
      JSON.stringify(model.requests[3]?.messages.at(-1)),
      /the same call 3 times, with the same result each time: Acting at here/u,
    );
    assert.equal(notes(ran).length, 1);
    assert.deepEqual((await run(model, { limits: open, session: ran.session })).end, {
      type: 'run-end',
      reason: 'done',
    });
  });
});

describe('the clock of a run', () => {
  it('stands still while a person is asked, also by two at once', async () => {
    let now = 0;
    const clock = new RunClock(() => now);
    now = 60_000;
    let answer: () => void = () => undefined;
    const asked = clock.whileAsking(() => new Promise<void>((resolve) => (answer = resolve)));
    const other = clock.whileAsking(async () => undefined);
    await other;
    now = 600_000;
    assert.equal(clock.minutes, 1);
    answer();
    await asked;
    now += 30_000;
    assert.equal(clock.minutes, 1.5);
  });

  it('ends hard after a quarter more, not while a person is asked', async () => {
    let now = 0;
    const clock = new RunClock(() => now);
    const { signal, dispose } = clock.hardEnd(1);
    now = 74_999;
    await delay(300);
    assert.equal(signal.aborted, false);
    dispose();
    now = 75_000;
    const over = clock.hardEnd(1);
    assert.ok(over.signal.reason instanceof TimeUp);
    assert.equal(clock.hardEnd(undefined).signal.aborted, false);
  });
});

describe('subagents under a budget', () => {
  const promptOf = ({ messages }: ModelRequest): string => {
    const content = messages[0]?.content;
    const last = typeof content === 'string' ? content : content?.findLast((block) => block.type === 'text');
    return typeof last === 'string' ? last : last?.type === 'text' ? last.text : '';
  };

  it('cost no more than the limit and one request, however many work at once, and in the background', async function () {
    this.timeout(60_000);
    const plan = fc.record({
      cost: fc.integer({ min: 1, max: 30 }),
      workers: fc.array(fc.record({ turns: fc.integer({ min: 1, max: 6 }), background: fc.boolean() }), {
        minLength: 1,
        maxLength: 6,
      }),
      byTokens: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ cost, workers, byTokens }) => {
        const session = await Session.open('p');
        const asked = new Map<string, number>();
        const model = turnsModel((request) => {
          const prompt = promptOf(request);
          const turn = asked.get(prompt) ?? 0;
          asked.set(prompt, turn + 1);
          if (prompt === 'go' && turn === 0)
            return {
              blocks: workers.map(({ background }, index) => ({
                call: 'Task',
                input: { prompt: `w${index}`, background },
              })),
              costUsd: cost,
            };
          const turns = prompt === 'go' ? 4 : (workers[Number(prompt.slice(1))]?.turns ?? 0);
          return turn >= turns ? says('done', cost) : acts(cost);
        });
        const stream = model.stream.bind(model);
        model.stream = async function* (request, signal) {
          await delay(1);
          yield* stream(request, signal);
        };
        const subagents = new Subagents<NoHost>(session, {
          worker: async () => ({
            head: { folders: ['/w'], droid: 'w', system: 'w', tools: [toolSchema(act)] },
            tools: [act],
            model,
            remarks: [],
          }),
          open: (id) => Session.open(id),
          askAside: async () => ({ decision: 'deny', by: 'headless', reason: '' }),
          aside: () => undefined,
        });
        const limits = byTokens ? { ...open, tokens: 150 } : { ...open, costUsd: 100 };
        const { end } = await run(model, { session, subagents, limits });
        for (const { session: id } of subagents.live())
          while (subagents.live().some((one) => one.session === id)) await delay(2);
        const { session: spent } = tallied(session.entries, undefined);
        assert.ok(spent.usd <= (byTokens ? Infinity : 100 + cost), `${spent.usd} of 100, ${cost} each`);
        assert.ok(spent.tokens <= (byTokens ? 150 + 15 : Infinity), `${spent.tokens} tokens`);
        assert.ok(end?.type === 'run-end');
        // The user is told once, whoever came near first.
        assert.ok(session.entries.filter(({ event }) => event.type === 'budget-near').length <= 1);
      }),
      { numRuns: 40 },
    );
  });
});
