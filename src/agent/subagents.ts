import { randomBytes } from 'node:crypto';
import type { AskPerson } from './calls';
import type { AgentEvent, DurableEvent, RunEnd, SubagentEnd, SubagentStart } from './events';
import { changesOf, deniedIn, finalText, lastRun, startOf, usageOf } from './folds';
import { policyNow, runAgent, type RunOptions, type SessionHead, type Telling } from './loop';
import type { Model } from './model';
import type { Purse } from './purse';
import { unreviewedOf } from './review';
import type { Session } from './session';
import { Slots } from './slots';
import { jobsIn, openIn } from './subagent-report';
import { ToolError, type Delegated, type Errand, type Tool } from './tool';

export const MAX_SUBAGENTS = 4;
export const SUBAGENT_TURNS = 40;
const MAX_TEXT_CHARACTERS = 20_000;

/** A droid made ready to work under a session. */
export interface Worker<Host> {
  head: SessionHead;
  tools: readonly Tool<Host>[];
  model: Model;
  /** What is to be known of it: another model than it names, fewer tools. */
  remarks: string[];
}

/** What a client does for subagents. */
export interface Crew<Host> {
  /** Loads the droid as it is now, with none but these tools. Throws ToolError for one that is not there. */
  worker(droid: string, within: readonly string[], model: Model): Promise<Worker<Host>>;
  /** A new session under this id. */
  open(id: string): Promise<Session>;
  /** Asks for those in the background, whose run nobody may be watching. */
  askAside: AskPerson;
  /** Told what happens while no run of the session is there to tell it. */
  aside(event: AgentEvent): void;
}

/** What a subagent's run has from its parent: never more than the parent itself. */
export interface UnderParent {
  parent: { session: string; call: string };
  /** Called with each event that was journalled, before anyone acts on it. */
  mirror(event: DurableEvent): Promise<void>;
  /** What the parent's message may use, all its subagents included. */
  purse: Purse;
  unreviewed(): string[];
}

/** A subagent at work, for people. */
export interface LiveSubagent extends SubagentStart {
  /** `queued`: all places are taken. */
  state: 'queued' | 'running';
  turn: number;
  /** The title of the call it is at. */
  doing: string;
  /** The title of what it asks a person. */
  asking: string | undefined;
}

interface Child<Host> {
  live: LiveSubagent;
  session: Session;
  worker: Worker<Host>;
  run: RunOptions<Host>;
  /** Of the parent's message that it was started under. */
  purse: Purse;
  stop: AbortController;
  cut: boolean;
  /** Calls of its own that a person allowed. */
  allowed: Set<string>;
  ended: Promise<SubagentEnd>;
  settle: (ended: SubagentEnd) => void;
}

/**
 * The subagents of one session in this process. Each has a journal of its own; what it costs and changes goes into the
 * parent's as well before anyone acts on it, so that budget, diff, undo and review hold for both.
 */
export class Subagents<Host> {
  readonly #children = new Map<string, Child<Host>>();
  readonly #slots = new Slots(MAX_SUBAGENTS);
  readonly #session: Session;
  readonly #crew: Crew<Host>;
  #run: { options: RunOptions<Host>; telling: Telling; purse: Purse } | undefined;

  constructor(session: Session, crew: Crew<Host>) {
    this.#session = session;
    this.#crew = crew;
  }

  /** Those at work, oldest first. */
  live(): readonly LiveSubagent[] {
    return [...this.#children.values()].map(({ live }) => live);
  }

  /**
   * A run of the session begins. When it is stopped, so is all it started; what it left in the background otherwise
   * goes on. What an earlier process left open is journalled as cut. Call what it returns before the run's end is told.
   */
  async enter(options: RunOptions<Host>, telling: Telling, purse: Purse): Promise<() => Promise<void>> {
    for (const { model: _, ...start } of openIn(this.#session.branch)) {
      if (!this.#children.has(start.session)) await telling.record(await this.#cut(start));
    }
    this.#run = { options, telling, purse };
    const mine = (): Child<Host>[] => [...this.#children.values()].filter(({ run }) => run === options);
    const stop = (): void => mine().forEach((child) => child.stop.abort());
    options.signal.addEventListener('abort', stop, { once: true });
    return async () => {
      options.signal.removeEventListener('abort', stop);
      const over = mine().filter(({ live }) => options.signal.aborted || !live.background);
      for (const child of over) child.stop.abort();
      await Promise.all(over.map(({ ended }) => ended));
      this.#run = undefined;
    };
  }

  async delegate(call: string, errand: Errand): Promise<Delegated> {
    const at = this.#run;
    if (!at) throw new ToolError('The session is not at work.');
    const { options: run, purse } = at;
    const within = startOf(this.#session.branch)?.tools.map(({ name }) => name) ?? [];
    const worker = await this.#crew.worker(errand.droid, within, run.model);
    run.signal.throwIfAborted();
    const child = await this.#begin(call, errand, worker, run, purse);
    void this.#work(child, errand.prompt).then(child.settle);
    const { session } = child.live;
    return errand.background ? { session } : { session, ended: await child.ended };
  }

  /** Stops one; false when there is none of that id at work. */
  async stop(session: string): Promise<boolean> {
    const child = this.#children.get(session);
    child?.stop.abort();
    await child?.ended;
    return child !== undefined;
  }

  /** The process ends: cuts all that are at work, and gives them as they were. */
  async cutAll(): Promise<LiveSubagent[]> {
    const children = [...this.#children.values()];
    for (const child of children) {
      child.cut = true;
      child.stop.abort();
    }
    await Promise.all(children.map(({ ended }) => ended));
    return children.map(({ live }) => live);
  }

  async #begin(
    call: string,
    errand: Errand,
    worker: Worker<Host>,
    run: RunOptions<Host>,
    purse: Purse,
  ): Promise<Child<Host>> {
    const { droid, description, background } = errand;
    const session = await this.#crew.open(`${this.#session.id}-agent-${randomBytes(3).toString('hex')}`);
    const start = { call, session: session.id, droid, description, model: worker.model.id, background };
    let settle: Child<Host>['settle'] = () => undefined;
    const ended = new Promise<SubagentEnd>((resolve) => (settle = resolve));
    const child: Child<Host> = {
      live: { ...start, state: 'queued', turn: 0, doing: '', asking: undefined },
      session,
      worker,
      run,
      purse,
      stop: new AbortController(),
      cut: false,
      allowed: new Set(),
      ended,
      settle,
    };
    this.#children.set(session.id, child);
    await this.#record({ type: 'subagent-start', ...start });
    if (run.signal.aborted) child.stop.abort();
    return child;
  }

  /** Never rejects: what goes wrong is how it ended. */
  async #work(child: Child<Host>, prompt: string): Promise<SubagentEnd> {
    const { live, session, stop } = child;
    let failure: RunEnd | undefined;
    try {
      const release = await this.#slots.take(stop.signal);
      try {
        live.state = 'running';
        for await (const event of runAgent(this.#optionsOf(child, prompt))) this.#watch(child, event);
      } finally {
        release();
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failure = stop.signal.aborted ? { reason: 'stopped' } : { reason: 'failed', message };
    }
    const ended = await this.#endOf(child, failure);
    this.#children.delete(live.session);
    try {
      await this.#record({ type: 'subagent-end', ...ended });
      await session.close();
    } catch {
      // A journal that cannot be written fails the parent's own next entry, which says so.
    }
    return ended;
  }

  #optionsOf({ live, session, worker, run, purse, stop, allowed }: Child<Host>, prompt: string): RunOptions<Host> {
    const { call, droid, description } = live;
    const ask = live.background ? this.#crew.askAside : run.ask;
    const subagent = { session: session.id, droid, description };
    return {
      session,
      head: worker.head,
      prompt: { text: prompt, attachments: [], notes: [ABOUT] },
      model: worker.model,
      tools: worker.tools,
      host: run.host,
      policy: () => policyNow(run),
      ask: (request, signal) => ask({ ...request, subagent }, signal),
      limits: { ...run.limits, turns: SUBAGENT_TURNS },
      signal: stop.signal,
      ...(run.guard ? { guard: run.guard } : {}),
      ...(run.beforeChange ? { beforeChange: run.beforeChange } : {}),
      ...(run.exclusive ? { exclusive: run.exclusive } : {}),
      ...(run.secrets ? { secrets: run.secrets } : {}),
      ...(run.compaction ? { compaction: { ...run.compaction, now: false } } : {}),
      under: {
        parent: { session: this.#session.id, call },
        mirror: (event) => this.#mirror(event, live, session, allowed),
        purse,
        unreviewed: () => unreviewedOf(this.#session.entries),
      },
    };
  }

  async #mirror(event: DurableEvent, live: LiveSubagent, from: Session, allowed: Set<string>): Promise<void> {
    const { call, session } = live;
    switch (event.type) {
      case 'tool-decision':
        if (event.decision === 'allow' && event.by === 'user') allowed.add(event.call);
        return;
      case 'turn-end':
      case 'turn-cut':
      case 'compacted':
      case 'tool-usage': {
        const { usage, model, costUsd } = event;
        return this.#record({ type: 'tool-usage', call, usage, model, costUsd, subagent: session });
      }
      case 'change': {
        const { before, after } = event.change;
        for (const hash of [before, after]) {
          const bytes = hash === null ? undefined : await from.store.getBlob(hash);
          if (bytes) await this.#session.store.putBlob(bytes);
        }
        const subagent = { session, allowed: allowed.has(event.call) };
        return this.#record({ type: 'change', call, change: event.change, subagent });
      }
      case 'change-failed':
        return this.#record({ ...event, call });
      case 'budget-near':
        // Its turns are its own affair.
        return event.budget === 'turns' ? undefined : this.#record(event);
      default:
        return;
    }
  }

  #watch({ live }: Child<Host>, event: AgentEvent): void {
    if (event.type === 'turn-start') live.turn = event.turn;
    if (event.type === 'tool-start') live.doing = event.title;
    if (event.type === 'ask-start') live.asking = event.title;
    if (event.type === 'tool-decision' || event.type === 'tool-end') live.asking = undefined;
    if (event.type === 'tool-end') live.doing = '';
    const { session, droid, call } = live;
    this.#show({ type: 'subagent', session, droid, call, event });
  }

  async #endOf({ live, session, worker, cut }: Child<Host>, failure: RunEnd | undefined): Promise<SubagentEnd> {
    const { model: _, state: _state, turn: _turn, doing: _doing, asking: _asking, ...start } = live;
    const run = lastRun(session.branch);
    const last = run.findLast(({ event }) => event.type === 'run-end')?.event;
    const told: RunEnd = last?.type === 'run-end' ? endOf(last) : { reason: 'failed', message: 'It told no end.' };
    const end: SubagentEnd['end'] = cut ? { reason: 'cut' } : (failure ?? told);
    return { ...start, end, ...(await this.#resultOf(session)), remarks: worker.remarks };
  }

  /** How far one came whose process went away. */
  async #cut(start: Omit<SubagentStart, 'model'>): Promise<Extract<DurableEvent, { type: 'subagent-end' }>> {
    const session = await this.#crew.open(start.session);
    const result = await this.#resultOf(session);
    return { ...start, type: 'subagent-end', end: { reason: 'cut' }, ...result, remarks: [] };
  }

  async #resultOf({ id, branch }: Session): Promise<Omit<SubagentEnd, keyof SubagentStart | 'end' | 'remarks'>> {
    const text = finalText(lastRun(branch));
    const { turns, costUsd, ...usage } = usageOf(branch);
    const long = text.length > MAX_TEXT_CHARACTERS;
    const jobs = jobsIn(branch);
    return {
      text: text.slice(0, MAX_TEXT_CHARACTERS),
      ...(long ? { whole: await this.#session.store.keep(`${id}.md`, text) } : {}),
      turns,
      usage,
      costUsd,
      files: changesOf(branch).map(({ path }) => path),
      denied: deniedIn(branch),
      ...(jobs.length > 0 ? { jobs } : {}),
    };
  }

  async #record(event: DurableEvent): Promise<void> {
    if (this.#run) return void (await this.#run.telling.record(event));
    const { id } = await this.#session.append(event);
    this.#crew.aside({ ...event, id });
  }

  #show(event: AgentEvent): void {
    if (this.#run) this.#run.telling.show(event);
    else this.#crew.aside(event);
  }
}

const ABOUT =
  'You work for another agent. It gets your last message and nothing else: say there what you found or did, with the evidence, and what you could not do. Nobody answers questions.';

function endOf({ type: _, ...end }: Extract<DurableEvent, { type: 'run-end' }>): RunEnd {
  return end;
}
