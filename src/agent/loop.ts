import type { ContentBlockParam, ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import { performCalls, type AskPerson, type Perform } from './calls';
import { Channel } from './channel';
import type { AgentEvent, DurableEvent, JournalEntry, RunEnd, SkillMark } from './events';
import { lastRun, spentUsd, startOf, todosOf } from './folds';
import { makeRoom, type Compaction } from './make-room';
import { maskEvent } from './masking';
import { JOURNAL_VERSION } from './journal';
import type { Model } from './model';
import type { Policy } from './approval';
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

export interface Limits {
  /** Model turns one message of the user may take. */
  turns: number;
  /** US dollars one message of the user may cost. Turns whose price is unknown count as nothing. */
  costUsd: number;
}

export const DEFAULT_LIMITS: Limits = { turns: 50, costUsd: 5 };

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
  /** What the model should know after its calls and before its next turn. Looks at the journal alone; must not throw. */
  notesBetween?: (branch: readonly JournalEntry[]) => TurnNote[];
  limits: Limits;
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

async function drive<Host>(options: RunOptions<Host>, channel: Channel<AgentEvent>): Promise<void> {
  const { session, head, prompt, model, subagents, under } = options;
  const record = async (given: DurableEvent, sync?: boolean): Promise<void> => {
    const { event, note } = maskEvent(given, options.secrets ?? []);
    const { id } = await session.append(event, sync);
    await under?.mirror(event);
    channel.push({ ...event, id });
    if (note !== undefined) channel.push({ type: 'warning', message: `${note} before anything was stored or sent` });
  };
  const telling: Telling = { record, show: (event) => channel.push(event) };
  const release = await session.hold();
  try {
    if (!startOf(session.branch)) {
      const parent = under && { parent: under.parent };
      await record({ type: 'session-start', version: JOURNAL_VERSION, model: model.id, ...head, ...parent });
    }
    const leave = await subagents?.enter(options, telling);
    let end: RunEnd;
    try {
      await record({
        type: 'prompt',
        ...prompt,
        notes: [...prompt.notes, newsOf(session.branch).text, todoNews(session.branch) ?? ''].filter(
          (text) => text !== '',
        ),
      });
      end = await turns({ ...options, tools: toolsOf(options) }, telling);
    } finally {
      await leave?.();
    }
    await record({ type: 'run-end', ...end });
  } finally {
    await release();
  }
}

/** A session keeps the tools it began with: the model knows no others. */
function toolsOf<Host>({ session, tools }: RunOptions<Host>): readonly Tool<Host>[] {
  const known = startOf(session.branch)?.tools.map(({ name }) => name);
  return known ? tools.filter(({ name }) => known.includes(name)) : tools;
}

/** How the parts of a run tell what happens: `record` journals first, `show` is for the watcher alone. */
export interface Telling {
  record(event: DurableEvent, sync?: boolean): Promise<void>;
  show(event: AgentEvent): void;
}

async function turns<Host>(options: RunOptions<Host>, telling: Telling): Promise<RunEnd> {
  const { session, limits, signal, under } = options;
  for (let turn = 1; ; turn++) {
    if (signal.aborted) return { reason: 'stopped' };
    if (turn > limits.turns) return { reason: 'limit', limit: 'turns', value: limits.turns };
    const spent = under ? under.spentUsd() : spentUsd(lastRun(session.branch));
    if (spent >= limits.costUsd) return { reason: 'limit', limit: 'cost', value: limits.costUsd };
    telling.show({ type: 'turn-start', turn });
    try {
      await makeRoom(options, telling, turn === 1 && options.compaction?.now);
      const answer = await modelTurn(options, telling);
      const calls = answer.blocks.filter((block): block is ToolUseBlock => block.type === 'tool_use');
      const end = endOf(answer, lastRun(session.branch));
      if (isFull(end) && (await makeRoom(options, telling, true))) {
        await telling.record({ type: 'note', text: BROKEN_OFF });
        continue;
      }
      if (end && end.reason !== 'done') return end;
      if (calls.length > 0) await performCalls(calls, { ...options, policy: () => policyNow(options) }, telling);
      const steered = await takeSteer(options, telling);
      if (end && !steered && !(await remindedOfTodos(options, telling))) return end;
      if (!end && options.shouldYield?.()) return { reason: 'yielded' };
      // Read and appended without a pause between, so that what ends meanwhile is told the next time.
      const news = newsOf(session.branch);
      if (news.text !== '') await telling.record({ type: 'note', ...news });
      const changed = todoNews(session.branch);
      if (changed !== undefined) await telling.record({ type: 'note', text: changed });
      for (const note of options.notesBetween?.(session.branch) ?? []) await telling.record({ type: 'note', ...note });
    } catch (error) {
      if (signal.aborted) return { reason: 'stopped' };
      const end = failureOf(error);
      if (!isFull(end) || !(await roomMade(options, telling))) return end;
    }
  }
}

const BROKEN_OFF =
  'Your answer broke off, since there was no room left; there is now. Its calls were not run. Go on where it ended.';

function isFull(end: RunEnd | undefined): boolean {
  return end?.reason === 'failed' && end.code === 'context-full';
}

/** False also when making room fails: then the first failure is what the user is told. */
async function roomMade<Host>(options: RunOptions<Host>, telling: Telling): Promise<boolean> {
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
