import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { orAborted } from './abort';
import { compactedText, SUMMARY_REQUEST, summaryByRules, thinnable } from './compact';
import { estimateTokens } from './context';
import type { JournalEntry, Usage } from './events';
import { messagesOf, startOf } from './folds';
import type { RunOptions, Telling } from './loop';
import type { Model, ModelRequest } from './model';

/** Of a model's context this share may be filled by what is to be summed up: the estimate may be wrong, and the summary needs room. */
const FILLED = 0.9;

/**
 * Puts a summary in the place of the conversation up to an entry: by the model that was chosen for that, else by the
 * session's own, else by rules. `isFull`: the session's own model found the conversation too long as it is.
 */
export async function summarise<Host>(
  options: RunOptions<Host>,
  upTo: string,
  isFull: boolean,
  telling: Telling,
): Promise<void> {
  const { session } = options;
  const written = await writtenByOne(options, isFull, telling);
  options.signal.throwIfAborted();
  const { branch } = session;
  await telling.record({
    type: 'compacted',
    upTo,
    text: compactedText(branch, upTo, written.text ?? summaryByRules(branch, upTo)),
    by: written.text === undefined ? 'rules' : 'model',
    usage: written.usage,
    model: written.model,
    costUsd: written.costUsd,
  });
  const how =
    written.text === undefined ? 'a list of steps from now on, since no summary could be had' : 'a summary from now on';
  telling.show({
    type: 'warning',
    message: `To make room, the earlier part of the conversation is sent to the model as ${how}.`,
  });
}

interface Written {
  text: string | undefined;
  /** Of the last model that was asked. */
  usage: Usage;
  model: string;
  /** Of all that were asked. */
  costUsd: number | null;
}

const NOTHING: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

async function writtenByOne<Host>(options: RunOptions<Host>, isFull: boolean, telling: Telling): Promise<Written> {
  const { model } = options;
  let soFar: Written = { text: undefined, usage: NOTHING, model: model.id, costUsd: 0 };
  for (const writer of [await chosenWriter(options, telling), model]) {
    if (!writer) continue;
    const tried = await writtenBy(writer, options, isFull && writer === model);
    const cost = tried.usage ? writer.costOf(tried.usage, writer.id) : 0;
    soFar = {
      text: tried.text,
      usage: tried.usage ?? NOTHING,
      model: writer.id,
      costUsd: cost === null || soFar.costUsd === null ? null : soFar.costUsd + cost,
    };
    if (tried.text !== undefined) break;
    if (writer !== model) telling.show({ type: 'warning', message: instead(writer.id, tried.why, model) });
  }
  return soFar;
}

function instead(id: string, why: string, model: Model): string {
  return `${id} wrote no summary (${why}), so ${model.id} is asked for it.`;
}

/** The model that was chosen for summaries, where that is another than the session's own and can be had. */
async function chosenWriter<Host>(
  { model, compaction, signal }: RunOptions<Host>,
  telling: Telling,
): Promise<Model | undefined> {
  if (!compaction?.writer) return undefined;
  try {
    const writer = await orAborted(compaction.writer(), signal);
    return writer?.id === model.id ? undefined : writer;
  } catch (error) {
    signal.throwIfAborted();
    telling.show({ type: 'warning', message: instead('The model chosen for summaries', messageOf(error), model) });
    return undefined;
  }
}

type Tried = { text: string; usage: Usage } | { text: undefined; usage: Usage | undefined; why: string };

/** A summary by a model. One that fails, calls a tool or says nothing gives none: the work goes on without it. */
async function writtenBy<Host>(writer: Model, options: RunOptions<Host>, isFull: boolean): Promise<Tried> {
  const { signal } = options;
  const none = (why: string, usage?: Usage): Tried => ({ text: undefined, usage, why });
  const request = requestFor(writer, options, isFull);
  if (!request) return none(`the conversation is longer than its ${writer.contextWindow} tokens`);
  let text = '';
  try {
    for await (const event of writer.stream(request, signal)) {
      if (event.type === 'block-end' && event.block.type === 'tool_use') return none('it called a tool instead');
      if (event.type === 'block-end' && event.block.type === 'text') text += event.block.text;
      if (event.type !== 'turn-end') continue;
      if (event.stopReason === 'refusal') return none('it refused', event.usage);
      return text.trim() === '' ? none('it said nothing', event.usage) : { text, usage: event.usage };
    }
  } catch (error) {
    signal.throwIfAborted();
    return none(messageOf(error));
  }
  return none('its answer broke off');
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/u, '');
}

/** The whole conversation, or the one with its results in short where the whole is too long; `undefined` where both are. */
function requestFor<Host>(
  writer: Model,
  { session: { branch }, model }: RunOptions<Host>,
  isFull: boolean,
): ModelRequest | undefined {
  const start = startOf(branch);
  if (!start) return undefined;
  const { system, tools } = start;
  const of = (entries: readonly JournalEntry[]): ModelRequest => ({
    ...{ system, tools },
    messages: withRequest(messagesOf(entries, writer.id)),
  });
  const fits = ({ messages }: ModelRequest): boolean =>
    estimateTokens([system, tools]) + estimateTokens(messages) <= FILLED * writer.contextWindow;
  const whole = of(branch);
  // The session's own model says itself when it is too long, by a better count than this one.
  if (writer === model) return isFull ? of(inShort(branch)) : whole;
  if (fits(whole)) return whole;
  const short = of(inShort(branch));
  return fits(short) ? short : undefined;
}

function inShort(branch: readonly JournalEntry[]): JournalEntry[] {
  const { calls } = thinnable(branch, 0);
  return [...branch, { id: '', parent: null, at: '', event: { type: 'thinned', calls } }];
}

function withRequest(messages: MessageParam[]): MessageParam[] {
  const asked = { type: 'text' as const, text: SUMMARY_REQUEST };
  const last = messages.at(-1);
  if (last?.role === 'user' && Array.isArray(last.content))
    return [...messages.slice(0, -1), { role: 'user', content: [...last.content, asked] }];
  return [...messages, { role: 'user', content: [asked] }];
}
