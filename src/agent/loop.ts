import type { ContentBlock, ContentBlockParam, ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import { performCalls, type AskPerson, type Perform } from './calls';
import { Channel } from './channel';
import type { AgentEvent, DurableEvent, JournalEntry, RunEnd, SkillMark, StopReason } from './events';
import { lastRun, messagesOf, startOf, usageOf } from './folds';
import { maskEvent } from './masking';
import { ModelError, type Model } from './model';
import type { Policy } from './approval';
import { unreviewedOf } from './review';
import type { Session } from './session';
import type { Tool, ToolSchema } from './tool';

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
  /** Runs a call's work where the client can show it; by default right here. */
  perform?: Perform;
  /** What the model should know after its calls and before its next turn. Looks at the journal alone; must not throw. */
  notesBetween?: (branch: readonly JournalEntry[]) => TurnNote[];
  limits: Limits;
  signal: AbortSignal;
}

const MAX_RETRIES = 4;
const FIRST_RETRY_MS = 1_000;

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
  const { session, head, prompt, model } = options;
  const record = async (given: DurableEvent, sync?: boolean): Promise<void> => {
    const { event, note } = maskEvent(given, options.secrets ?? []);
    const { id } = await session.append(event, sync);
    channel.push({ ...event, id });
    if (note !== undefined) channel.push({ type: 'warning', message: `${note} before anything was stored or sent` });
  };
  const release = await session.hold();
  try {
    if (!startOf(session.branch)) await record({ type: 'session-start', version: 1, model: model.id, ...head });
    await record({ type: 'prompt', ...prompt });
    await record({ type: 'run-end', ...(await turns(options, { record, show: (event) => channel.push(event) })) });
  } finally {
    await release();
  }
}

/** How the parts of a run tell what happens: `record` journals first, `show` is for the watcher alone. */
export interface Telling {
  record(event: DurableEvent, sync?: boolean): Promise<void>;
  show(event: AgentEvent): void;
}

async function turns<Host>(options: RunOptions<Host>, telling: Telling): Promise<RunEnd> {
  const { session, limits, signal } = options;
  for (let turn = 1; ; turn++) {
    if (signal.aborted) return { reason: 'stopped' };
    if (turn > limits.turns) return { reason: 'limit', limit: 'turns', value: limits.turns };
    const spent = usageOf(lastRun(session.branch)).costUsd ?? 0;
    if (spent >= limits.costUsd) return { reason: 'limit', limit: 'cost', value: limits.costUsd };
    telling.show({ type: 'turn-start', turn });
    try {
      const answer = await modelTurn(options, telling);
      const calls = answer.blocks.filter((block): block is ToolUseBlock => block.type === 'tool_use');
      const end = endOf(answer.stopReason, calls.length);
      if (end) return end;
      if (calls.length > 0) await performCalls(calls, { ...options, policy: () => policyNow(options) }, telling);
      for (const note of options.notesBetween?.(session.branch) ?? []) await telling.record({ type: 'note', ...note });
    } catch (error) {
      if (signal.aborted) return { reason: 'stopped' };
      return failureOf(error);
    }
  }
}

/** The client's policy, with what the session's own journal says of it. */
function policyNow<Host>({ policy, session }: RunOptions<Host>): Policy {
  return { ...policy(), unreviewed: unreviewedOf(session.entries) };
}

/** `undefined` means: go on with another turn. */
function endOf(stopReason: StopReason, calls: number): RunEnd | undefined {
  switch (stopReason) {
    case 'refusal':
      return {
        reason: 'failed',
        code: 'refused',
        message: 'The model refused to answer. Rephrase the request, or choose another model.',
      };
    case 'model_context_window_exceeded':
      return {
        reason: 'failed',
        code: 'context-full',
        message: 'The conversation is longer than the model can take. Start a new session.',
      };
    case 'max_tokens':
      // The last call may be cut in its middle, and half a call is never run: its result would answer another question.
      return {
        reason: 'failed',
        message: 'The answer was cut off at the longest length the model may write. Say "go on" to have it continued.',
      };
    case 'pause_turn':
      return undefined;
    default:
      return calls > 0 ? undefined : { reason: 'done' };
  }
}

function failureOf(error: unknown): RunEnd {
  if (error instanceof ModelError) {
    return { reason: 'failed', message: error.message, ...(error.code ? { code: error.code } : {}) };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { reason: 'failed', code: 'bug', message: text };
}

interface Answer {
  stopReason: StopReason;
  blocks: ContentBlock[];
}

/** One model turn, tried again while nothing of it was shown and the failure says that may help. */
async function modelTurn<Host>(options: RunOptions<Host>, telling: Telling): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const progress = { shown: false };
    try {
      return await streamTurn(options, telling, progress);
    } catch (error) {
      const wait = error instanceof ModelError ? error.retryAfterMs : undefined;
      if (options.signal.aborted || wait === undefined || progress.shown || attempt > MAX_RETRIES) throw error;
      const backoff = FIRST_RETRY_MS * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      const delayMs = Math.round(Math.max(wait, backoff));
      telling.show({ type: 'retry', attempt, delayMs, why: (error as Error).message });
      await sleep(delayMs, options.signal);
    }
  }
}

async function streamTurn<Host>(
  { session, model, signal }: RunOptions<Host>,
  telling: Telling,
  progress: { shown: boolean },
): Promise<Answer> {
  const start = startOf(session.branch);
  if (!start) throw new Error('a session without its start');
  const blocks: ContentBlock[] = [];
  const request = { system: start.system, tools: start.tools, messages: messagesOf(session.branch, model.id) };
  for await (const event of model.stream(request, signal)) {
    signal.throwIfAborted();
    progress.shown ||= event.type !== 'model-switch';
    switch (event.type) {
      case 'block-end':
        blocks.push(event.block);
        await telling.record(event);
        break;
      case 'model-switch':
        await telling.record(event);
        break;
      case 'turn-end':
        await telling.record({ ...event, asked: model.id, costUsd: model.costOf(event.usage, event.model) });
        return { stopReason: event.stopReason, blocks };
      default:
        telling.show(event);
    }
  }
  throw new ModelError('The model\'s answer ended before it was complete. Send "go on" to continue.');
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
