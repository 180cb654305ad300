import type { ContentBlockParam, ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import { paidIn, tokensIn, type DayLedger, type Limits } from './budget';
import { CheckpointKeeper, type Checkpoints } from './checkpoints';
import {
  claimsIn,
  claimsNow,
  evidenceNote,
  wasAskedForEvidence,
  withoutEvidence,
  type EvidenceOptions,
} from './evidence';
import { performCalls, type AskPerson, type Perform } from './calls';
import { circleIn, circleNote, circleEnd } from './circles';
import { Channel } from './channel';
import {
  isBeside,
  type AgentEvent,
  type BesideEvent,
  type DurableEvent,
  type JournalEntry,
  type RunEnd,
  type SkillMark,
} from './events';
import { lastRun, startOf, todosOf } from './folds';
import type { Exclusive } from './exclusive';
import { makeRoom, type Compaction, type Room } from './make-room';
import { maskEvent } from './masking';
import { JOURNAL_VERSION } from './journal';
import type { Model } from './model';
import type { Policy } from './approval';
import { Purse, UsedUp, type Spender } from './purse';
import { RunClock, TimeUp } from './run-clock';
import type { Guard } from './guard';
import type { Retrying } from './retry';
import { unreviewedOf } from './review';
import type { Session } from './session';
import { newsOf } from './subagent-report';
import type { Subagents, UnderParent } from './subagents';
import { todoNews } from './todo-edits';
import type { Tool, ToolSchema } from './tool';
import { modelTurn } from './turn';
import { endOf, failureOf } from './turn-end';

/** What is frozen when a session begins. */
export interface SessionHead {
  folders: string[];
  droid: string;
  system: string;
  tools: ToolSchema[];
  known?: Record<string, string>;
}

export interface Prompt {
  text: string;
  /** Where it was written, when not in a chat. */
  from?: 'panel' | 'terminal';
  /** No person wrote it: this job ended, or a watch over it fired. */
  woken?: { job: string };
  /** Files, images and other references, already read through the guards. */
  attachments: ContentBlockParam[];
  /** What changed since the session began (git state, mode, a new skill): the frozen head stays as it is. */
  notes: string[];
  skills?: SkillMark[];
  reads?: { path: string; hash: string }[];
  known?: Record<string, string | null>;
}

/** Words of our own that go to the model with the results of its calls, and the skills they offer. */
export interface TurnNote {
  text: string;
  skills: SkillMark[];
  /** The entries of what the user took back that it tells of. */
  undone?: string[];
}

export interface RunOptions<Host> {
  session: Session;
  /** Used when the session is new. */
  head: SessionHead;
  prompt: Prompt;
  model: Model;
  tools: readonly Tool<Host>[];
  host: Host;
  policy: () => Policy;
  ask: AskPerson;
  /** Values that are masked wherever they stand, beside what looks like a key: of `.env` files, and the keys in use. */
  secrets?: readonly string[];
  /** Finds out what calls may lose and keeps copies first. */
  guard?: Guard;
  /** Runs a call's work where the client can show it; by default right here. */
  perform?: Perform;
  /** Keeps the workspace's files before and after what changes them. Without one nothing is kept. */
  checkpoints?: Checkpoints;
  /** Waited for before a call that may change something; a subagent is given its session's own. */
  beforeChange?: () => Promise<void>;
  /** Looks for what stands behind the answer; without it nothing is marked. A subagent's answer is its parent's to judge. */
  evidence?: EvidenceOptions;
  /** Keeps edits apart from what a person does to the same files at the same time. */
  exclusive?: Exclusive;
  /** What the model should know after its calls and before its next turn. Looks at the journal alone; must not throw. */
  notesBetween?: (branch: readonly JournalEntry[]) => TurnNote[];
  limits: Limits;
  /** Counts what all sessions of a day cost; without one a day has no budget. */
  ledger?: DayLedger;
  /** A person lets the session go on past its used up budgets of session and day: each holds once more. */
  goOn?: boolean;
  signal: AbortSignal;
  retrying?: Retrying;
  /** When and how a conversation is made shorter that fills the model's context. */
  compaction?: Compaction;
  /** What the user said since it was last asked, in order. Asked between steps; what it gives is the caller's no more. */
  steer?: () => readonly string[];
  /** True when the run is to end at the next safe step, for a message of the user that waits elsewhere. */
  shouldYield?: () => boolean;
  /** Whom the session's model may have do things. Lives as long as the session does in this process. */
  subagents?: Subagents<Host>;
  /** Set where this run is a subagent's own. */
  under?: UnderParent;
}

/**
 * Runs one message of the user: model turns and tool calls until the model stops, a limit is reached or the signal
 * aborts. Yields every event; durable ones are in the journal before they are seen. Always ends with `run-end`, and
 * throws only when the journal itself cannot be written. Abandoning the generator stops the run.
 */
export async function* runAgent<Host>(options: RunOptions<Host>): AsyncGenerator<AgentEvent, void> {
  const channel = new Channel<AgentEvent>();
  const abandoned = new AbortController();
  const signal = AbortSignal.any([options.signal, abandoned.signal]);
  const run = drive({ ...options, signal }, channel).then(
    () => channel.end(),
    (error: unknown) => channel.end(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    yield* channel;
  } finally {
    abandoned.abort();
    await run;
  }
}

async function drive<Host>(given: RunOptions<Host>, channel: Channel<AgentEvent>): Promise<void> {
  const { session, head, prompt, model, subagents, under, limits, ledger } = given;
  const clock = under?.purse.clock ?? new RunClock();
  const hardEnd = clock.hardEnd(limits.minutes);
  const options: RunOptions<Host> = {
    ...given,
    signal: AbortSignal.any([given.signal, hardEnd.signal]),
    ask: (request, signal) => clock.whileAsking(() => given.ask(request, signal)),
  };
  const purse = under?.purse ?? new Purse(session, clock, ledger);
  const record = async (event: DurableEvent, sync?: boolean): Promise<string> => {
    const masked = maskEvent(event, options.secrets ?? []);
    const { id } = await session.append(masked.event, sync);
    await under?.mirror(masked.event);
    channel.push({ ...masked.event, id });
    const { note } = masked;
    if (note !== undefined) keepBeside({ type: 'warning', message: `${note} before anything was stored or sent` });
    await purse.count(event, limits, startOf(session.branch)?.droid ?? '');
    return id;
  };
  // Told while it is being written, in the order it is told in. What cannot be written ends the run with the next entry.
  let beside: Promise<unknown> = Promise.resolve();
  const keepBeside = (event: BesideEvent): void => {
    beside = Promise.all([beside, record(event).catch(() => undefined)]);
  };
  const telling: Telling = { record, show: (event) => (isBeside(event) ? keepBeside(event) : channel.push(event)) };
  const keeper = new CheckpointKeeper(options.checkpoints, session, telling, options.signal);
  const driven: RunOptions<Host> = { beforeChange: () => keeper.beforeChange(), ...options };
  const release = await session.hold();
  try {
    if (!startOf(session.branch)) {
      const parent = under && { parent: under.parent };
      await record({ type: 'session-start', version: JOURNAL_VERSION, model: model.id, ...head, ...parent });
    }
    const leave = await subagents?.enter(driven, telling, purse);
    let end: RunEnd;
    try {
      const lost = under ? [] : ((await options.guard?.late(session.id)) ?? []);
      const news = [newsOf(session.branch).text, todoNews(session.branch) ?? '', ...lost];
      const notes = [...prompt.notes, ...news].filter((text) => text !== '');
      const began = await record({ type: 'prompt', ...prompt, notes });
      if (!under) purse.begin(began);
      for (const message of lost) telling.show({ type: 'warning', message });
      keeper.begin('prompt');
      end = await turns({ ...driven, tools: toolsOf(options) }, telling, { purse, keeper });
    } finally {
      await leave?.();
    }
    await keeper.afterStep();
    await keeper.settle();
    await beside;
    await record({ type: 'run-end', ...end });
    await beside;
  } finally {
    hardEnd.dispose();
    await release();
  }
}

/** A session keeps the tools it began with: the model knows no others. */
function toolsOf<Host>({ session, tools }: RunOptions<Host>): readonly Tool<Host>[] {
  const known = startOf(session.branch)?.tools.map(({ name }) => name);
  return known ? tools.filter(({ name }) => known.includes(name)) : tools;
}

/** How the parts of a run tell what happens: `record` journals first, `show` is for the watcher, who need not be waited for. */
export interface Telling {
  /** Gives the entry's id. */
  record(event: DurableEvent, sync?: boolean): Promise<unknown>;
  show(event: AgentEvent | BesideEvent): void;
}

/** What a run is held to and kept by. */
interface Keepers {
  purse: Purse;
  keeper: CheckpointKeeper;
}

async function turns<Host>(options: RunOptions<Host>, telling: Telling, { purse, keeper }: Keepers): Promise<RunEnd> {
  const { session, limits, signal } = options;
  const spender: Spender = { limits, signal, turns: 0 };
  const paid = <T>(ask: () => Promise<T>): Promise<T> => purse.request(spender, ask);
  const asking = { ...options, paid };
  for (let turn = 1; ; turn++) {
    spender.turns = turn - 1;
    try {
      signal.throwIfAborted();
      if (options.goOn && turn === 1) for (const grant of await purse.grants(spender)) await telling.record(grant);
      const look = await purse.look(spender);
      if (look.end) return look.end;
      await tellWarnings(session, telling, (run) => purse.warnings(look, run));
      telling.show({ type: 'turn-start', turn });
      await makeRoom(asking, telling, turn === 1 && options.compaction?.now);
      const answer = await paid(() => modelTurn(options, telling));
      const calls = answer.blocks.filter((block): block is ToolUseBlock => block.type === 'tool_use');
      const end = endOf(answer, lastRun(session.branch));
      if (isFull(end) && (await makeRoom(asking, telling, true))) {
        await telling.record({ type: 'note', text: BROKEN_OFF });
        continue;
      }
      if (end && end.reason !== 'done') return end;
      if (calls.length > 0) await performCalls(calls, { ...asking, policy: () => policyNow(options) }, telling);
      await keeper.afterStep();
      const steered = await takeSteer(options, telling);
      if (end && !steered && !(await remindedOfTodos(options, telling))) {
        const canAsk = async (): Promise<boolean> => !(await purse.look({ ...spender, turns: turn })).end;
        if (!(await askedForEvidence(options, telling, canAsk))) return end;
      }
      const jobs = waitedFor(session.branch);
      if (!steered && jobs.length > 0) return { reason: 'waiting', jobs };
      if (!end && options.shouldYield?.()) return { reason: 'yielded' };
      const circle = circleIn(session.branch);
      if (circle?.isTold) return circleEnd(circle);
      if (circle) await telling.record(circleNote(circle));
      // Read and appended without a pause between, so that what ends meanwhile is told the next time.
      const news = newsOf(session.branch);
      if (news.text !== '') await telling.record({ type: 'note', ...news });
      const changed = todoNews(session.branch);
      if (changed !== undefined) await telling.record({ type: 'note', text: changed });
      if (!options.under) await lossesTold(options, telling);
      for (const note of options.notesBetween?.(session.branch) ?? []) await telling.record({ type: 'note', ...note });
    } catch (error) {
      if (signal.aborted) return stoppedBy(signal);
      if (error instanceof UsedUp) return error.end;
      const end = failureOf(error);
      if (!isFull(end) || !(await roomMade(asking, telling))) return end;
    }
  }
}

/** What commands in the background lost since the last step, for model and people. */
async function lossesTold<Host>({ guard, session }: RunOptions<Host>, telling: Telling): Promise<void> {
  for (const text of (await guard?.late(session.id)) ?? []) {
    telling.show({ type: 'warning', message: text });
    await telling.record({ type: 'note', text });
  }
}

/** The jobs that calls of the last turn wait for. */
function waitedFor(branch: readonly JournalEntry[]): string[] {
  const step = branch.slice(branch.findLastIndex(({ event }) => event.type === 'turn-end') + 1);
  const jobs = step.flatMap(({ event }) => (event.type === 'tool-end' && event.waitsFor ? [event.waitsFor] : []));
  return [...new Set(jobs)];
}

/** A run that is stopped because its time is up says so: it can be gone on from with more of it. */
function stoppedBy({ reason }: AbortSignal): RunEnd {
  return reason instanceof TimeUp
    ? { reason: 'limit', limit: 'minutes', value: reason.minutes }
    : { reason: 'stopped' };
}

function isPaused(run: readonly JournalEntry[]): boolean {
  const last = run.findLast(({ event }) => event.type === 'turn-end' || event.type === 'steer')?.event;
  return last?.type === 'turn-end' && last.stopReason === 'pause_turn';
}

/** The model whose price is not known, where the user was not told yet. */
function unpricedIn(run: readonly JournalEntry[], branch: readonly JournalEntry[]): string | undefined {
  // What was paid since the last look stands behind the turn before.
  const before = run.findLastIndex(({ event }) => event.type === 'turn-end');
  const last = run.slice(Math.max(0, before)).find((entry) => {
    const paid = paidIn(entry);
    return paid?.costUsd === null && tokensIn(paid.usage) > 0;
  })?.event;
  if (!last || !('model' in last)) return undefined;
  const { model } = last;
  return branch.some(({ event }) => event.type === 'budget-unpriced' && event.model === model) ? undefined : model;
}

/** Tells of budgets nearly used up, before the request that the model reads it with. */
async function tellWarnings(
  { branch }: Session,
  telling: Telling,
  warnings: (run: readonly JournalEntry[]) => readonly DurableEvent[],
): Promise<void> {
  const run = lastRun(branch);
  for (const event of warnings(run)) {
    // What the server paused goes back as it is, with no word after it.
    if (event.type !== 'note' || !isPaused(run)) await telling.record(event);
  }
  const unpriced = unpricedIn(run, branch);
  if (unpriced !== undefined) await telling.record({ type: 'budget-unpriced', model: unpriced });
}

const BROKEN_OFF =
  'Your answer broke off, since there was no room left; there is now. Its calls were not run. Go on where it ended.';

function isFull(end: RunEnd | undefined): boolean {
  return end?.reason === 'failed' && end.code === 'context-full';
}

/** False also when making room fails: then the first failure is what the user is told. */
async function roomMade<Host>(options: Room<Host>, telling: Telling): Promise<boolean> {
  return makeRoom(options, telling, true).catch(() => false);
}

const UNFINISHED = 'The todo list still has unfinished items';

/** Names what the todo list of this run leaves open, once a run: true when the model is asked again. */
async function remindedOfTodos<Host>({ session }: RunOptions<Host>, telling: Telling): Promise<boolean> {
  const run = lastRun(session.branch);
  const wasTold = run.some(({ event }) => event.type === 'note' && event.text.startsWith(UNFINISHED));
  const open = todosOf(run).filter(({ status }) => status !== 'completed');
  if (wasTold || open.length === 0) return false;
  const items = open.map(({ content, status }) => `- [${status}] ${content}`).join('\n');
  await telling.record({
    type: 'note',
    text: `${UNFINISHED}:\n${items}\nFinish them, or bring the list up to date and say in your answer what is left and why.`,
  });
  return true;
}

/** Journals what stands behind the answer: true when the model is asked about what nothing stands behind, once a message. */
async function askedForEvidence<Host>(
  { session, evidence, under, signal }: RunOptions<Host>,
  telling: Telling,
  canAsk: () => Promise<boolean>,
): Promise<boolean> {
  if (!evidence || under || signal.aborted) return false;
  const claims = await claimsNow(evidence, session.branch);
  const open = withoutEvidence(claims);
  const asks = evidence.mode === 'ask' && open.length > 0 && !wasAskedForEvidence(session.branch) && (await canAsk());
  // An answer that took back all of it has none, and that is to be seen.
  if (claims.length > 0 || claimsIn(session.branch).length > 0)
    await telling.record({ type: 'claims', claims, ...(asks ? { asked: true } : {}) });
  if (asks) await telling.record({ type: 'note', text: evidenceNote(open), evidence: true });
  return asks;
}

/** Journals what the user said meanwhile, where the next request takes it in. */
async function takeSteer<Host>({ steer }: RunOptions<Host>, telling: Telling): Promise<boolean> {
  const said = (steer?.() ?? []).filter((text) => text.trim() !== '');
  for (const text of said) await telling.record({ type: 'steer', text });
  return said.length > 0;
}

/** The client's policy, with what the session's own journal says of it. */
export function policyNow<Host>({ policy, session, under }: RunOptions<Host>): Policy {
  return { ...policy(), unreviewed: under ? under.unreviewed() : unreviewedOf(session.entries) };
}
