import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { Policy } from '../../../src/agent/approval';
import type { AskPerson, AskRequest } from '../../../src/agent/calls';
import type { AgentEvent, DurableEvent } from '../../../src/agent/events';
import { changesOf, messagesOf, seenOf, startOf, usageOf } from '../../../src/agent/folds';
import type { Limits } from '../../../src/agent/budget';
import { runAgent } from '../../../src/agent/loop';
import type { ModelRequest } from '../../../src/agent/model';
import { unreviewedOf } from '../../../src/agent/review';
import { Session } from '../../../src/agent/session';
import { hashOf } from '../../../src/agent/store';
import { Subagents, type Crew } from '../../../src/agent/subagents';
import { defineTool, ToolError, toolSchema, type Tool } from '../../../src/agent/tool';
import { changesIn, revert } from '../../../src/agent/undo';
import { hasDone, isAfterRun, reportOf, subagentsAfter } from '../../../src/agent/subagent-report';
import { historyFaults, turnsModel, type Turn, type TurnsModel } from '../../support/turns';

type NoHost = Record<string, never>;
const at = z.object({ at: z.string() });
const path = (name: string) => ({ path: `/w/${name}`, shown: name, inside: true });

const look = defineTool<NoHost, typeof at>({
  name: 'Look',
  description: 'reads',
  input: at,
  reads: true,
  title: (given) => `Looking at ${given.at}`,
  action: (given) => ({ effect: 'read', paths: [path(given.at)] }),
  run: async (given) => ({ content: `saw ${given.at}`, reads: [{ path: `/w/${given.at}`, hash: 'h' }] }),
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
const task = defineTool<
  NoHost,
  z.ZodObject<{ droid: z.ZodString; prompt: z.ZodString; background: z.ZodOptional<z.ZodBoolean> }>
>({
  name: 'Task',
  description: 'delegates',
  input: z.object({ droid: z.string(), prompt: z.string(), background: z.boolean().optional() }),
  reads: false,
  sideBySide: true,
  inSubagents: false,
  title: ({ droid }) => droid,
  action: () => ({ effect: 'none' }),
  async run({ droid, prompt, background = false }, context) {
    const { session, ended } = await context.delegate({ droid, prompt, background, description: prompt });
    if (!ended) return { content: `begun ${session}` };
    return { content: reportOf(ended, ['/w']), isError: !hasDone(ended) };
  },
});

const allowEdits: Policy = { mode: 'acceptEdits', trusted: true, allow: [], ask: [], deny: [] };
const nobody: AskPerson = async () => ({ decision: 'deny', by: 'headless', reason: 'nobody is there' });

/** What the request's own prompt says: the parent and each subagent are told apart by it. */
function promptOf({ messages }: ModelRequest): string {
  const content = messages.find(({ role }) => role === 'user')?.content;
  const last = typeof content === 'string' ? content : content?.findLast((block) => block.type === 'text');
  return typeof last === 'string' ? last : last?.type === 'text' ? last.text : '';
}

const turnsSoFar = ({ messages }: ModelRequest): number => messages.filter(({ role }) => role === 'assistant').length;
const says = (text: string, costUsd = 0): Turn => ({ blocks: [{ text }], costUsd });
const tasks = (...prompts: string[]): Turn => ({
  blocks: prompts.map((prompt) => ({ call: 'Task', input: { droid: 'worker', prompt } })),
});
const inBackground = (prompt: string): Turn => ({
  blocks: [{ call: 'Task', input: { droid: 'worker', prompt, background: true } }],
});

/** Scripts by prompt: each conversation plays its own. */
function scripted(scripts: Record<string, (Turn | Promise<void>)[]>): TurnsModel {
  return turnsModel((request) => scripts[promptOf(request)]?.[turnsSoFar(request)] as Turn | undefined);
}

/** Has each answer wait for something first; the request is there before. */
function holding(model: TurnsModel, wait: (request: ModelRequest) => Promise<void>): void {
  const stream = model.stream.bind(model);
  model.stream = async function* (request, signal) {
    for await (const event of stream(request, signal)) {
      await wait(request);
      yield event;
    }
  };
}

interface Stand {
  session: Session;
  subagents: Subagents<NoHost>;
  sessions: Map<string, Session>;
  files: Map<string, Uint8Array>;
  aside: AgentEvent[];
  asked: AskRequest[];
  run: (options: Partial<RunGiven>) => Promise<AgentEvent[]>;
}
interface RunGiven {
  text: string;
  model: TurnsModel;
  policy: Policy;
  ask: AskPerson;
  limits: Limits;
  signal: AbortSignal;
  onEvent: (event: AgentEvent) => void;
}

async function stand(
  options: { tools?: string[]; session?: Session; sessions?: Map<string, Session>; askAside?: AskPerson } = {},
): Promise<Stand> {
  const session = options.session ?? (await Session.open('p'));
  const sessions = options.sessions ?? new Map<string, Session>();
  const files = new Map<string, Uint8Array>();
  const aside: AgentEvent[] = [];
  const asked: AskRequest[] = [];
  const write = defineTool<NoHost, typeof at>({
    name: 'Write',
    description: 'edits',
    input: at,
    reads: false,
    title: (given) => `Writing ${given.at}`,
    action: (given) => ({ effect: 'edit', paths: [path(given.at)] }),
    async run(given, context) {
      const name = `/w/${given.at}`;
      const after = Buffer.from('new');
      await context.change({ path: name, before: files.get(name) ?? null, after }, async () => {
        files.set(name, after);
      });
      return { content: 'written' };
    },
  });
  const all: Tool<NoHost>[] = [look, write, wait, task];
  const crew: Crew<NoHost> = {
    async worker(droid, within, model) {
      if (droid !== 'worker') throw new ToolError(`There is no droid ${droid}. The droids are: worker.`);
      const tools = all.filter(
        ({ name, inSubagents }) =>
          inSubagents !== false && within.includes(name) && (options.tools ?? [name]).includes(name),
      );
      const head = { folders: ['/w'], droid, system: 'You work.', tools: tools.map(toolSchema) };
      return { head, tools, model, remarks: [] };
    },
    async open(id) {
      const opened = sessions.get(id) ?? (await Session.open(id));
      sessions.set(id, opened);
      return opened;
    },
    askAside: options.askAside ?? nobody,
    aside: (event) => void aside.push(event),
  };
  const subagents = new Subagents<NoHost>(session, crew);
  const run: Stand['run'] = async (given) => {
    const events: AgentEvent[] = [];
    const stream = runAgent<NoHost>({
      session,
      subagents,
      model: given.model ?? turnsModel([]),
      tools: all,
      host: {},
      head: { folders: ['/w'], droid: 'd', system: 'You lead.', tools: all.map(toolSchema) },
      prompt: { text: given.text ?? 'go', attachments: [], notes: [] },
      policy: () => given.policy ?? allowEdits,
      ask: async (request, signal) => {
        asked.push(request);
        return (given.ask ?? nobody)(request, signal);
      },
      limits: given.limits ?? { turns: 10, costUsd: 1 },
      signal: given.signal ?? new AbortController().signal,
    });
    for await (const event of stream) {
      events.push(event);
      given.onEvent?.(event);
    }
    return events;
  };
  return { session, subagents, sessions, files, aside, asked, run };
}

const durable = ({ branch }: Session): DurableEvent[] => branch.map(({ event }) => event);
const results = (session: Session): string =>
  durable(session)
    .flatMap((event) => (event.type === 'tool-end' ? [`${event.isError}: ${JSON.stringify(event.content)}`] : []))
    .join('\n');
const endsOf = (session: Session) =>
  durable(session).flatMap((event) => (event.type === 'subagent-end' ? [event] : []));
const lastText = (messages: readonly MessageParam[]): string => JSON.stringify(messages.at(-1));
async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it did not come to that in 10 s');
    await delay(5);
  }
}

describe('subagents', () => {
  it('work side by side, each in a context and a journal of its own, linked both ways', async () => {
    const { run, session, sessions } = await stand();
    const working = new Set<string>();
    let most = 0;
    const model = scripted({
      go: [tasks('one', 'two'), says('both done')],
      one: [{ blocks: [{ call: 'Look', input: { at: 'a' } }] }, says('found one')],
      two: [{ blocks: [{ call: 'Look', input: { at: 'b' } }] }, says('found two')],
    });
    const events = await run({
      model,
      onEvent: (event) => {
        if (event.type !== 'subagent') return;
        if (event.event.type === 'prompt') working.add(event.session);
        most = Math.max(most, working.size);
        if (event.event.type === 'run-end') working.delete(event.session);
      },
    });
    assert.equal(most, 2);
    assert.match(results(session), /found one[^]*found two/u);
    assert.deepEqual(historyFaults(messagesOf(session.branch)), []);
    assert.equal(sessions.size, 2);
    const starts = durable(session).flatMap((event) => (event.type === 'subagent-start' ? [event] : []));
    for (const start of starts) {
      const child = sessions.get(start.session);
      assert.deepEqual(child && startOf(child.branch)?.parent, { session: 'p', call: start.call });
    }
    const requests = model.requests.filter((request) => promptOf(request) === 'one');
    assert.equal(requests[0]?.system, 'You work.');
    assert.doesNotMatch(JSON.stringify(requests), /found two|both done/u);
    assert.deepEqual(
      requests[0]?.tools.map(({ name }) => name),
      ['Look', 'Write', 'Wait'],
    );
    assert.ok(events.some((event) => event.type === 'subagent' && event.event.type === 'tool-start'));
  });

  it('are at most four at once: the fifth begins when one ends', async () => {
    const { run, sessions } = await stand();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const names = ['1', '2', '3', '4', '5'];
    const model = scripted({
      go: [tasks(...names), says('done')],
      ...Object.fromEntries(names.map((name) => [name, [says(name)]])),
    });
    holding(model, async (request) => (names.includes(promptOf(request)) ? gate : undefined));
    const ended = run({ model });
    await until(() => model.requests.length === 5);
    await delay(30);
    assert.equal(model.requests.length, 5, 'the parent and four');
    assert.equal(sessions.size, 5);
    release();
    await ended;
    assert.equal(model.requests.length, 7);
  });

  it('are told of as failures when they fail, end at their limit, or say nothing', async () => {
    const { run, session } = await stand();
    const looks: Turn = { blocks: [{ call: 'Look', input: { at: 'a' } }] };
    const model = scripted({
      go: [tasks('breaks', 'endless', 'mute'), says('done')],
      breaks: [{ blocks: [{ text: 'half' }], stopReason: 'refusal' }],
      endless: Array.from({ length: 50 }, (_, index): Turn => ({
        blocks: [{ call: 'Look', input: { at: `${index}` } }],
      })),
      mute: [looks, { blocks: [] }],
    });
    await run({ model });
    const text = results(session);
    assert.match(text, /true: "Subagent worker \(p-agent-\w+\) failed and is not done: The model refused/u);
    assert.match(
      text,
      /true: "Subagent worker \(p-agent-\w+\) was stopped at the limit of 40 turns that this message may take, and is not done. 40 turns/u,
    );
    assert.match(
      text,
      /true: "Subagent worker \(p-agent-\w+\) failed and is not done: The model ended its answer without a word/u,
    );
    assert.doesNotMatch(text, /false: /u);
  });

  it('spend from the same budget: it stops them, and then the parent', async () => {
    const { run, session } = await stand();
    const dear: Turn = { blocks: [{ call: 'Look', input: { at: 'a' } }], costUsd: 0.4 };
    const model = scripted({ go: [tasks('dear'), says('never said')], dear: [dear, dear, dear, dear, says('rich')] });
    await run({ model });
    assert.match(results(session), /was stopped at the limit of \$1 that this message may take, and is not done/u);
    assert.equal(usageOf(session.branch).costUsd?.toFixed(2), '1.20');
    assert.deepEqual(durable(session).at(-1), { type: 'run-end', reason: 'limit', limit: 'cost', value: 1 });
  });

  it('do not make the budget void by a price that is not known', async () => {
    const { run, session } = await stand();
    const dear: Turn = { blocks: [{ call: 'Look', input: { at: 'a' } }], costUsd: 0.6 };
    const model = scripted({
      go: [tasks('free'), dear, dear, dear, says('never said')],
      free: [says('cheap', Number.NaN)],
    });
    const costOf = model.costOf.bind(model);
    model.costOf = (usage, id) => (Number.isNaN(costOf(usage, id)) ? null : costOf(usage, id));
    await run({ model });
    assert.deepEqual(durable(session).at(-1), { type: 'run-end', reason: 'limit', limit: 'cost', value: 1 });
  });

  it('have no tool that their list does not name, whatever the model calls', async () => {
    const { run, session, sessions, files } = await stand({ tools: ['Look'] });
    const model = scripted({
      go: [tasks('sly'), says('done')],
      sly: [
        {
          blocks: [
            { call: 'Write', input: { at: 'a' } },
            { call: 'Task', input: { droid: 'worker', prompt: 'x' } },
          ],
        },
        says('could not'),
      ],
    });
    await run({ model });
    const [child] = sessions.values();
    assert.ok(child);
    assert.match(results(child), /There is no tool Write[^]*The tools are: Look\./u);
    assert.match(results(child), /There is no tool Task/u);
    assert.equal(files.size, 0);
    assert.match(results(session), /false: "Subagent worker/u);
    const [request] = model.requests.filter((one) => promptOf(one) === 'sly');
    assert.deepEqual(
      request?.tools.map(({ name }) => name),
      ['Look'],
    );
  });

  it('are judged by the policy of the parent, and their question says who asks', async () => {
    const { run, session, asked, files } = await stand();
    const writes: Turn = { blocks: [{ call: 'Write', input: { at: 'a' } }] };
    const scripts = { go: [tasks('edit'), says('done')], edit: [writes, says('I was not let')] };
    await run({ model: scripted(scripts), policy: { ...allowEdits, mode: 'ask' } });
    assert.deepEqual(asked[0]?.subagent?.droid, 'worker');
    assert.equal(files.size, 0);
    assert.match(results(session), /Not allowed to it: Write \(nobody is there\)/u);
    const plan = await stand();
    await plan.run({ model: scripted(scripts), policy: { ...allowEdits, mode: 'plan' } });
    assert.match(results(plan.session), /plan mode changes nothing/u);
    assert.deepEqual(plan.asked, []);
  });

  it('are stopped with the parent within 500 ms, and the history stays valid', async () => {
    const { run, session, sessions, subagents } = await stand();
    const stop = new AbortController();
    const model = scripted({
      go: [tasks('hangs', 'waits'), says('never')],
      hangs: [{ hang: true }],
      waits: [{ blocks: [{ call: 'Wait' }] }],
    });
    let stopped = 0;
    const ended = run({ model, signal: stop.signal });
    await until(() => model.requests.length === 3 && [...subagents.live()].some(({ doing }) => doing === 'Waiting'));
    stopped = Date.now();
    stop.abort();
    await ended;
    assert.ok(Date.now() - stopped < 500, `${Date.now() - stopped} ms`);
    assert.deepEqual(subagents.live(), []);
    assert.deepEqual(
      endsOf(session).map(({ end }) => end.reason),
      ['stopped', 'stopped'],
    );
    assert.equal(durable(session).at(-1)?.type, 'run-end');
    for (const child of sessions.values())
      assert.deepEqual(durable(child).at(-1), { type: 'run-end', reason: 'stopped' });
    assert.deepEqual(historyFaults(messagesOf(session.branch)), []);
  });

  it('leave their changes with the parent, which undoes them by its own images', async () => {
    const { run, session, files } = await stand();
    files.set('/w/a', Buffer.from('old'));
    const model = scripted({
      go: [tasks('edit'), says('done')],
      edit: [
        {
          blocks: [
            { call: 'Write', input: { at: 'a' } },
            { call: 'Write', input: { at: 'b' } },
          ],
        },
        says('wrote'),
      ],
    });
    await run({ model });
    assert.match(results(session), /Files it changed: a, b/u);
    assert.deepEqual(
      changesOf(session.branch).map((change) => change.path),
      ['/w/a', '/w/b'],
    );
    assert.deepEqual(unreviewedOf(session.entries), ['a', 'b']);
    assert.equal(seenOf(session.branch).get('/w/a'), undefined, 'the parent has not read it');
    const { reverted, refused } = await revert(session, changesIn(session.branch), {
      read: async (name) => files.get(name),
      write: async (name, bytes) => void (bytes === null ? files.delete(name) : files.set(name, bytes)),
    });
    assert.equal(reverted.length, 2);
    assert.deepEqual(refused, []);
    assert.deepEqual(
      [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]),
      [['/w/a', 'old']],
    );
    assert.deepEqual(unreviewedOf(session.entries), []);
  });

  it('are reviewed call by call: allowing an edit of one accepts that edit, allowing the Task accepts none', async () => {
    const { run, session } = await stand();
    const writes = (name: string): Turn => ({ blocks: [{ call: 'Write', input: { at: name } }] });
    const model = scripted({
      go: [tasks('edit'), says('done')],
      edit: [writes('seen'), writes('waved'), says('wrote')],
    });
    const ask: AskPerson = async ({ input }) => ({
      decision: 'allow',
      by: (input as { at: string }).at === 'seen' ? 'user' : 'rule',
      reason: 'yes',
    });
    await run({ model, policy: { ...allowEdits, mode: 'ask' }, ask });
    assert.deepEqual(unreviewedOf(session.entries), ['waved']);
    const call = durable(session).find((event) => event.type === 'subagent-start')?.call ?? '';
    await session.append({ type: 'tool-decision', call, decision: 'allow', by: 'user', reason: 'the Task itself' });
    assert.deepEqual(unreviewedOf(session.entries), ['waved']);
  });

  it('tell an unknown name with those there are', async () => {
    const { run, session } = await stand();
    await run({ model: turnsModel([{ blocks: [{ call: 'Task', input: { droid: 'x', prompt: 'y' } }] }, says('ok')]) });
    assert.match(results(session), /true: "There is no droid x\. The droids are: worker\./u);
  });
});

describe('subagents in the background', () => {
  it('are told of once, at the next step, and the prefix of the request stays', async () => {
    const { run, session, subagents } = await stand();
    const looks: Turn = { blocks: [{ call: 'Look', input: { at: 'a' } }] };
    const model = scripted({
      go: [inBackground('aside'), looks, looks, says('all told')],
      aside: [says('found it in the background')],
    });
    // The parent's second step waits until the one in the background has ended.
    holding(model, async (request) =>
      promptOf(request) === 'go' && turnsSoFar(request) === 1 ? until(() => subagents.live().length === 0) : undefined,
    );
    await run({ model });
    const own = model.requests.filter((request) => promptOf(request) === 'go').map(({ messages }) => messages);
    assert.match(results(session), /begun p-agent-/u);
    assert.doesNotMatch(JSON.stringify(own[1]), /found it/u);
    assert.match(
      lastText(own[2] ?? []),
      /In the background, for \\"aside\\": Subagent worker[^]*is done[^]*found it in the background/u,
    );
    assert.equal(JSON.stringify(own[3]).split('found it in the background').length, 2, 'told once');
    for (const [index, messages] of own.entries()) {
      assert.deepEqual(historyFaults(messages), []);
      const before = own[index - 1];
      if (before) assert.deepEqual(messages.slice(0, before.length), before);
    }
  });

  it('go on after the run, and are told of in the next prompt; their changes and costs count', async () => {
    const { run, session, subagents, aside, files } = await stand();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const model = scripted({
      go: [inBackground('aside'), says('it runs')],
      aside: [{ blocks: [{ call: 'Write', input: { at: 'late' } }], costUsd: 0.25 }, says('wrote it')],
      next: [says('I know')],
    });
    holding(model, async (request) => (promptOf(request) === 'aside' ? gate : undefined));
    await run({ model });
    assert.equal(subagents.live()[0]?.state, 'running');
    release();
    await until(() => subagents.live().length === 0);
    assert.ok(files.has('/w/late'));
    assert.ok(aside.some((event) => event.type === 'subagent-end'));
    assert.equal(usageOf(session.branch).costUsd, 0.25);
    assert.deepEqual(
      changesOf(session.branch).map((change) => change.path),
      ['/w/late'],
    );
    await run({
      model: turnsModel((request) => (lastText(request.messages).includes('wrote it') ? says('I know') : undefined)),
      text: 'next',
    });
    assert.equal(durable(session).at(-1)?.type, 'run-end');
    await run({
      model: turnsModel((request) => (lastText(request.messages).includes('wrote it') ? undefined : says('quiet'))),
      text: 'and now',
    });
    assert.deepEqual(durable(session).at(-1), { type: 'run-end', reason: 'done' });
  });

  it('belong to the run that began them until the next prompt, and not to what was gone back from', async () => {
    const { run, session, subagents } = await stand();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const model = scripted({
      go: [inBackground('aside'), says('it runs')],
      aside: [{ blocks: [{ call: 'Write', input: { at: 'late' } }] }, says('wrote it')],
    });
    holding(model, async (request) => (promptOf(request) === 'aside' ? gate : undefined));
    await run({ model });
    const end = session.leaf ?? '';
    release();
    await until(() => subagents.live().length === 0);
    const later = session.branch.slice(session.branch.findIndex(({ id }) => id === end) + 1);
    assert.ok(later.length > 0 && later.every(isAfterRun));
    await session.append({ type: 'review', files: [] });
    assert.deepEqual(subagentsAfter(session.entries, end), later);
    assert.deepEqual(
      changesIn(subagentsAfter(session.entries, end)).map((change) => change.path),
      ['/w/late'],
    );
    await session.append({ type: 'prompt', text: 'next', attachments: [], notes: [] });
    await session.append({ type: 'change', call: 'c', change: { path: '/w/x', before: null, after: 'h' } });
    assert.deepEqual(subagentsAfter(session.entries, end), later);
    session.continueFrom(end);
    await session.append({ type: 'prompt', text: 'another way', attachments: [], notes: [] });
    assert.deepEqual(subagentsAfter(session.entries, end), []);
  });

  it('ask aside, are stopped alone, and a stop of the run that began them stops them', async () => {
    const waiting: AskRequest[] = [];
    const askAside: AskPerson = (request, signal) => {
      waiting.push(request);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    };
    const { run, session, subagents } = await stand({ askAside });
    const writes: Turn = { blocks: [{ call: 'Write', input: { at: 'a' } }] };
    const scripts = { go: [inBackground('asks'), says('it runs')], asks: [writes, says('never')] };
    await run({ model: scripted(scripts), policy: { ...allowEdits, mode: 'ask' } });
    await until(() => waiting.length === 1 && subagents.live()[0]?.asking !== undefined);
    const [live] = subagents.live();
    assert.equal(live?.asking, 'Writing a');
    assert.equal(await subagents.stop(live?.session ?? ''), true);
    assert.equal(await subagents.stop('nobody'), false);
    assert.deepEqual(
      endsOf(session).map(({ end }) => end.reason),
      ['stopped'],
    );
    const other = await stand({ askAside });
    const stop = new AbortController();
    const model = scripted({ again: [inBackground('asks'), { blocks: [{ call: 'Wait' }] }], asks: scripts.asks });
    const ended = other.run({ model, text: 'again', policy: { ...allowEdits, mode: 'ask' }, signal: stop.signal });
    await until(() => waiting.length === 2);
    stop.abort();
    await ended;
    assert.deepEqual(other.subagents.live(), []);
  });

  it('that a crash cut are told of as cut, not as done', async () => {
    const first = await stand();
    const model = scripted({ go: [inBackground('aside'), says('it runs')], aside: [{ hang: true }] });
    await first.run({ model });
    await until(() => model.requests.length === 3);
    // A new process knows the journals alone.
    const session = await Session.open('p', first.session.store);
    const sessions = new Map<string, Session>();
    for (const [id, child] of first.sessions) sessions.set(id, await Session.open(id, child.store));
    const second = await stand({ session, sessions });
    const asking = turnsModel([says('I see')]);
    await second.run({ model: asking, text: 'and?' });
    assert.match(lastText(asking.requests[0]?.messages ?? []), /was cut when its process ended and is not done/u);
    assert.deepEqual(
      endsOf(session).map(({ end }) => end.reason),
      ['cut'],
    );
    await first.subagents.cutAll();
  });

  it('keep the whole of a long message where it can be read', async () => {
    const { run, session, sessions } = await stand();
    const long = 'word '.repeat(10_000).trim();
    await run({ model: scripted({ go: [tasks('talks'), says('ok')], talks: [says(long)] }) });
    assert.match(results(session), /only its beginning; the whole is in memory:p-agent-\w+\.md/u);
    const [child] = sessions.values();
    assert.equal(hashOf(Buffer.from(long)), hashOf(Buffer.from(child ? textIn(child) : '')));
  });
});

function textIn(session: Session): string {
  return durable(session)
    .flatMap((event) => (event.type === 'block-end' && event.block.type === 'text' ? [event.block.text] : []))
    .join('');
}
