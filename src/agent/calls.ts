import type { ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import * as z from 'zod';
import { judge, type Judgement, type Policy } from './approval';
import { orAborted } from './abort';
import { complete } from './complete';
import type { DecisionSource, FileChange, SubagentStart } from './events';
import type { Exclusive } from './exclusive';
import { writtenIn, type Danger, type Guard, type Watched } from './guard';
import { dangerOf, keepCopy, surprisesOf, withNews } from './guarding';
import { nearest } from '../text/nearest';
import { holdsMask } from '../text/secrets';
import { seenOf, startOf, todosOf } from './folds';
import type { Telling } from './loop';
import type { Model } from './model';
import { skillAtWork } from './skill-marks';
import { UsedUp } from './purse';
import { TimeUp } from './run-clock';
import type { Session } from './session';
import type { Subagents } from './subagents';
import { todoNews } from './todo-edits';
import {
  ToolError,
  toolSchema,
  UserError,
  type Action,
  type Preview,
  type Tool,
  type ToolContext,
  type ToolOutput,
} from './tool';

/** A call that needs a person's word, with all they need to judge it. */
export interface AskRequest {
  call: string;
  tool: string;
  input: unknown;
  action: Action;
  judgement: Judgement;
  /** What it may lose, where that was found out. */
  danger?: Danger;
  preview: Preview;
  /** Who asks, where that is not the session's own model. */
  subagent?: Pick<SubagentStart, 'session' | 'droid' | 'description'>;
}

export type PersonAnswer =
  /** `edited`: what the person wrote in place of the preview's editable text. */
  | { decision: 'allow'; by: DecisionSource; reason: string; edited?: string }
  | { decision: 'deny'; by: DecisionSource; reason: string };

/**
 * Asks whoever can answer. Should take its question away when the signal aborts; the run does not wait for that, and an
 * answer that comes later opens nothing. A headless client denies and says which flag would allow.
 */
export type AskPerson = (request: AskRequest, signal: AbortSignal) => Promise<PersonAnswer>;

export interface PerformedCall {
  call: string;
  tool: string;
  input: unknown;
  title: string;
}

/**
 * Lets a client draw a call while its work runs. Must call `work` once at most and return its output. After a stop it is
 * not waited for longer than a tool is, and `work` rejects.
 */
export type Perform = (call: PerformedCall, work: () => Promise<ToolOutput>) => Promise<ToolOutput>;

export interface CallOptions<Host> {
  session: Session;
  tools: readonly Tool<Host>[];
  host: Host;
  policy: () => Policy;
  ask: AskPerson;
  /** Without one nothing is known of what a call may lose, and no copy is kept. */
  guard?: Guard;
  perform?: Perform;
  exclusive?: Exclusive;
  beforeChange?: () => Promise<void>;
  signal: AbortSignal;
  model: Model;
  /** Does what asks a model where the budgets allow it; throws UsedUp where not. */
  paid?: <T>(ask: () => Promise<T>) => Promise<T>;
  subagents?: Subagents<Host>;
}

/** A tool has this long to end after the signal; then its call is answered without it. */
const STOP_GRACE_MS = 400;

/**
 * Runs the calls of one turn: neighbours that only read, or say they may, side by side, all others one after the other. Every call that
 * starts is answered; after an abort the rest is left unanswered, which the messages fold answers as not run.
 */
export async function performCalls<Host>(
  calls: readonly ToolUseBlock[],
  options: CallOptions<Host>,
  telling: Telling,
): Promise<void> {
  const toolOf = (call: ToolUseBlock): Tool<Host> | undefined => options.tools.find((tool) => tool.name === call.name);
  const seen = seenOf(options.session.branch);
  const isFree = (call: ToolUseBlock): boolean => {
    const tool = toolOf(call);
    return tool !== undefined && (tool.reads || tool.sideBySide === true);
  };
  for (let index = 0; index < calls.length;) {
    let end = index + 1;
    if (isFree(calls[index] as ToolUseBlock)) {
      while (end < calls.length && isFree(calls[end] as ToolUseBlock)) end += 1;
    }
    options.signal.throwIfAborted();
    await Promise.all(calls.slice(index, end).map((call) => performCall(call, toolOf(call), seen, options, telling)));
    index = end;
  }
  options.signal.throwIfAborted();
}

async function performCall<Host>(
  { id: call, name, input }: ToolUseBlock,
  tool: Tool<Host> | undefined,
  seen: Map<string, string>,
  options: CallOptions<Host>,
  telling: Telling,
): Promise<void> {
  const began = Date.now();
  const parsed = tool?.input.safeParse(input);
  const title = tool && parsed?.success ? tool.title(parsed.data) : name;
  await telling.record({ type: 'tool-start', call, name, input, title });
  let watched: Watched | undefined;
  const ran = await outputOf(async () => {
    if (!tool) throw new ToolError(goneTool(name, options.session) ?? unknownTool(name, options.tools));
    if (!parsed?.success) throw new ToolError(badInput(tool, parsed?.error));
    const context = contextFor(call, seen, options, telling);
    const decided = await decide(tool, parsed.data, context, options, telling);
    const { effect } = decided.action;
    if (effect !== 'none' && effect !== 'read') await options.beforeChange?.();
    watched = await options.guard?.watch(decided.action, call, writtenIn(options.session.entries), options.signal);
    options.signal.throwIfAborted();
    // A call that only reads has no effect to repeat by mistake, so nothing need be known of it after a crash.
    if (!tool.reads) await telling.record({ type: 'tool-run', call });
    const alone: Exclusive = (effect === 'edit' && options.exclusive) || ((run) => run());
    const work = (): Promise<ToolOutput> =>
      alone(async () => {
        // A client, or its turn, may come to it only after the run has ended.
        options.signal.throwIfAborted();
        return told(decided, await tool.run(decided.input, context));
      });
    const { perform } = options;
    return withGrace(
      perform ? perform({ call, tool: name, input: decided.input, title }, work) : work(),
      options.signal,
    );
  }, options.signal);
  const what = { session: options.session.id, call, tool: name, title };
  const news = watched && (await surprisesOf(watched, what, options.signal, telling));
  if (watched && ran.goesOn) await options.guard?.follow(what, ran.goesOn);
  const output = withoutLosing(news === undefined ? ran : withNews(ran, news), options.session);
  for (const { path, hash } of output.reads ?? []) seen.set(path, hash);
  if (output.todos) await telling.record({ type: 'todos', todos: output.todos });
  await telling.record({
    type: 'tool-end',
    call,
    content: output.content,
    isError: output.isError ?? false,
    durationMs: Date.now() - began,
    ...(output.view ? { view: output.view } : {}),
    ...(output.reads ? { reads: output.reads } : {}),
    ...(output.waitsFor === undefined ? {} : { waitsFor: output.waitsFor }),
  });
}

/** The model must know that what ran is not what it wrote. */
function told({ edited }: Decided, output: ToolOutput): ToolOutput {
  if (edited === undefined) return output;
  const note = `The user changed this before it ran, to:\n${edited}\n`;
  const { content } = output;
  return {
    ...output,
    content: typeof content === 'string' ? `${note}\n${content}` : [{ type: 'text', text: note }, ...content],
  };
}

/** A list that was written before the model knew of a person's change would undo that change: it is told first. */
function withoutLosing(output: ToolOutput, session: Session): ToolOutput {
  const news = output.todos && todoNews(session.branch);
  return news === undefined ? output : { content: `${news}\nYour list was not taken: send it again.`, isError: true };
}

/** What a tool throws becomes an error result, here and nowhere else. */
async function outputOf(work: () => Promise<ToolOutput>, signal: AbortSignal): Promise<ToolOutput> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) return { content: stopText(signal), isError: true };
    if (error instanceof ToolError || error instanceof UserError) return { content: error.message, isError: true };
    const message = error instanceof Error ? error.message : String(error);
    return { content: `The tool failed unexpectedly: ${message}`, isError: true };
  }
}

function stopText({ reason }: AbortSignal): string {
  return reason instanceof TimeUp
    ? `Stopped before it ended: ${reason.message}`
    : 'Stopped by the user before it ended.';
}

/** For the caller of a tool that is not there: the nearest names, then all. */
export function unknownTool<Host>(name: string, tools: readonly Tool<Host>[]): string {
  const names = tools.map((tool) => tool.name);
  const near = nearest(name, names);
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
  return `There is no tool ${name}.${hint} The tools are: ${names.join(', ')}.`;
}

/** For the caller of a tool that the session began with and that is there no more. */
function goneTool(name: string, { branch }: Session): string | undefined {
  if (!startOf(branch)?.tools.some((tool) => tool.name === name)) return undefined;
  return `${name} was there when this session began and is not any more: its extension or server is gone, or the user took it away. Go on without it, and say so where it matters.`;
}

export function badInput<Host>(tool: Tool<Host>, error: z.ZodError | undefined): string {
  const shape = JSON.stringify(toolSchema(tool).input_schema['properties']);
  return `The input does not fit ${tool.name}:\n${error ? z.prettifyError(error) : 'not an object'}\nExpected: ${shape}`;
}

/** A call that may run: what it will do, and with which input. */
interface Decided {
  action: Action;
  input: unknown;
  /** What a person wrote in place of the model's own words. */
  edited?: string;
}

/** Judges the call and asks where that is needed; gives what it will do. Throws a ToolError that tells the model why it may not run. */
async function decide<Host>(
  tool: Tool<Host>,
  input: unknown,
  context: ToolContext<Host>,
  options: CallOptions<Host>,
  telling: Telling,
  edited?: { text: string; answer: PersonAnswer },
): Promise<Decided> {
  const { signal } = options;
  const decided = (action: Action): Decided => ({ action, input, ...(edited ? { edited: edited.text } : {}) });
  const action = await orAborted(actionOf(tool, input, context), signal);
  if (action.effect !== 'none' && action.effect !== 'read' && holdsMask(JSON.stringify(input)))
    throw new ToolError(
      'Not done: this holds the mark of a masked secret ([[masked-...]]), which would be written or sent in place of the secret itself. Leave that part out, and change only what stands around it.',
    );
  const danger = await orAborted(dangerOf(tool.name, action, options), signal);
  const judgement = judge(tool.name, action, options.policy(), danger);
  const { call } = context;
  if (judgement.decision !== 'ask') {
    const { decision, by, reason } = judgement;
    if (action.effect !== 'none' && action.effect !== 'read')
      await telling.record({ type: 'tool-decision', call, decision, by, reason });
    if (decision === 'deny') {
      if (action.effect === 'read') await telling.record({ type: 'tool-decision', call, decision, by, reason });
      throw new ToolError(`Not allowed: ${reason}.`);
    }
    await keepCopy({ call, tool: tool.name, action, judgement }, danger, tool.title(input), options, telling);
    return decided(action);
  }
  // Who wrote the very text has read it; what it may lose they have not been shown.
  if (edited && !danger) {
    const { decision, by, reason } = edited.answer;
    await telling.record({ type: 'tool-decision', call, decision, by, reason });
    return decided(action);
  }
  const preview = await orAborted(previewOf(tool, input, context), signal);
  telling.show({ type: 'ask-start', call, title: preview.title });
  const asked = { call, tool: tool.name, input, action, judgement, preview, ...(danger ? { danger } : {}) };
  const answer = await orAborted(options.ask(asked, signal), signal);
  if (answer.decision === 'allow' && answer.edited !== undefined && preview.editable !== undefined) {
    const next = tool.input.safeParse({ ...(input as object), [preview.editable]: answer.edited });
    if (!next.success)
      throw new ToolError(`The user changed this to what does not fit:\n${badInput(tool, next.error)}`);
    return decide(tool, next.data, context, options, telling, { text: answer.edited, answer });
  }
  const { decision, by, reason } = answer;
  await telling.record({ type: 'tool-decision', call, decision, by, reason });
  if (decision === 'deny') throw new ToolError(`Declined: ${reason}`);
  const now = await orAborted(actionOf(tool, input, context), signal);
  if (JSON.stringify(now) !== JSON.stringify(action)) {
    throw new ToolError(
      'What this call would touch changed while it was being asked for. Look again, then repeat the call.',
    );
  }
  await keepCopy(asked, danger, tool.title(input), options, telling);
  return decided(action);
}

async function actionOf<Host>(tool: Tool<Host>, input: unknown, context: ToolContext<Host>): Promise<Action> {
  return tool.action(input, context);
}

async function previewOf<Host>(tool: Tool<Host>, input: unknown, context: ToolContext<Host>): Promise<Preview> {
  const body = JSON.stringify(input, null, 2);
  return (await tool.preview?.(input, context)) ?? { title: tool.title(input), body, language: 'plaintext' };
}

function contextFor<Host>(
  call: string,
  seen: Map<string, string>,
  options: CallOptions<Host>,
  telling: Telling,
): ToolContext<Host> {
  const { host, signal, session, subagents } = options;
  const spent: ToolContext<Host>['spent'] = async (given) => {
    await telling.record({ type: 'tool-usage', call, ...given });
  };
  const paid: ToolContext<Host>['paid'] = async (ask) => {
    try {
      return await (options.paid ? options.paid(ask) : ask());
    } catch (error) {
      throw error instanceof UsedUp ? new ToolError(`No model was asked. ${error.message}`) : error;
    }
  };
  return {
    host,
    signal,
    call,
    session: session.id,
    inSubagent: subagents === undefined,
    todos: todosOf(session.branch),
    skill: skillAtWork(session.branch),
    spent,
    paid,
    complete: (request) => paid(() => complete(request, options, spent)),
    delegate: (errand) => {
      if (!subagents) throw new ToolError('A subagent starts no subagents of its own: do it yourself.');
      return subagents.delegate(call, errand);
    },
    progress: (text) => telling.show({ type: 'tool-output', call, text }),
    seen: (path) => seen.get(path),
    keep: (name, text) => session.store.keep(name, text),
    async change({ path, before, after }, write) {
      const image = (bytes: Uint8Array | null): Promise<string> | null => bytes && session.store.putBlob(bytes);
      const change: FileChange = { path, before: await image(before), after: await image(after) };
      await telling.record({ type: 'change', call, change });
      try {
        await write();
      } catch (error) {
        await telling.record({
          type: 'change-failed',
          call,
          path,
          message: error instanceof Error ? error.message : String(error),
        });
        throw error;
      }
      if (change.after !== null) seen.set(path, change.after);
      return change;
    },
  };
}

/** The work's result, or the abort's reason once the signal has been up for the grace time. */
async function withGrace<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let give: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stopped = new Promise<never>((_, reject) => {
    give = () => {
      timer = setTimeout(() => reject(signal.reason as Error), STOP_GRACE_MS);
    };
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    clearTimeout(timer);
    if (give) signal.removeEventListener('abort', give);
  }
}
