import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { compactedText, cutBefore, SUMMARY_REQUEST, summaryByRules, thinnable } from './compact';
import { contextTokens, estimateTokens, sinceCompaction } from './context';
import type { JournalEntry, Usage } from './events';
import { messagesOf, startOf } from './folds';
import type { RunOptions, Telling } from './loop';
import type { Model } from './model';
import { UsedUp } from './purse';

export interface Compaction {
  /** The share of the model's context from which on room is made, 0 to 1. */
  at: number;
  /** Who writes the summary; the session's own model where none is given. */
  model?: Model;
  /** Make room before the first turn, however short the conversation is: the user asked for it. */
  now?: boolean;
}

/** A run, and the way to what a model is paid for. */
export type Room<Host> = RunOptions<Host> & { paid: <T>(ask: () => Promise<T>) => Promise<T> };

export const DEFAULT_COMPACTION: Compaction = { at: 0.75 };

/** Thinning that saves less than this share of the context would soon be followed by the next, and each costs the cache. */
const WORTH_THINNING = 0.15;
/** The share of the limit that what is kept word for word may take, for another summary to be of use. */
const WORTH_SUMMING_UP = 0.8;
/** The share of the context that stays as it is after a summary. */
const KEPT = 0.25;
/** So many turns lie between two summaries: when what is kept fills the context, another one would not help. */
const TURNS_BETWEEN = 3;

/**
 * Makes the conversation shorter where it passes its share of the context, or (`must`) where the model found it too long:
 * old results in short first, then a summary for the earlier part. True when something was left out.
 */
export async function makeRoom<Host>(options: Room<Host>, telling: Telling, must = false): Promise<boolean> {
  const { session, model, compaction = DEFAULT_COMPACTION } = options;
  const { branch } = session;
  const limit = compaction.at * model.contextWindow;
  if (!must && tokensOf(branch, model) < limit) return false;
  const thin = thinnable(branch);
  if (!must && thin.tokens >= WORTH_THINNING * model.contextWindow) {
    await telling.record({ type: 'thinned', calls: thin.calls });
    telling.show({ type: 'warning', message: 'To make room, old results are sent to the model in short from now on.' });
    return true;
  }
  if (!must && keptTokens(branch) >= WORTH_SUMMING_UP * limit) return false;
  if (turnsSinceCompaction(branch) < TURNS_BETWEEN) return must && thinAll(options, telling);
  const upTo = cutBefore(branch, KEPT * model.contextWindow);
  if (upTo === undefined) return must && thinAll(options, telling);
  await summarise(options, upTo, must, telling);
  if (tokensOf(session.branch, model) >= limit) await thinAll(options, telling);
  return true;
}

function tokensOf(branch: readonly JournalEntry[], model: Model): number {
  const start = startOf(branch);
  const fixed = estimateTokens([start?.system ?? '', start?.tools ?? []]);
  return contextTokens(branch, () => messagesOf(branch, model.id), fixed);
}

/** Tokens of what the last summary left: when they alone are nearly too many, the next one would be no shorter. */
function keptTokens(branch: readonly JournalEntry[]): number {
  const { text } = sinceCompaction(branch);
  return text === undefined ? 0 : estimateTokens([text]);
}

function turnsSinceCompaction(branch: readonly JournalEntry[]): number {
  const last = branch.findLastIndex(({ event }) => event.type === 'compacted');
  if (last < 0) return Infinity;
  return branch.slice(last).filter(({ event }) => event.type === 'turn-end').length;
}

async function thinAll<Host>({ session }: Room<Host>, telling: Telling): Promise<boolean> {
  const { calls } = thinnable(session.branch, 0);
  if (calls.length > 0) await telling.record({ type: 'thinned', calls });
  return calls.length > 0;
}

async function summarise<Host>(options: Room<Host>, upTo: string, isFull: boolean, telling: Telling): Promise<void> {
  const { session, model } = options;
  const writer = options.compaction?.model ?? model;
  // A budget that is used up pays for no summary either: then the steps are listed.
  const written = await options.paid(() => writtenBy(writer, options, isFull)).catch(unlessUsedUp);
  options.signal.throwIfAborted();
  const branch = session.branch;
  const text = compactedText(branch, upTo, written?.text ?? summaryByRules(branch, upTo));
  const usage = written?.usage ?? { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const costUsd = written ? writer.costOf(usage, writer.id) : 0;
  await telling.record({
    type: 'compacted',
    upTo,
    text,
    by: written ? 'model' : 'rules',
    usage,
    model: writer.id,
    costUsd,
  });
  const message = written
    ? 'To make room, the earlier part of the conversation is sent to the model as a summary from now on.'
    : 'To make room, the earlier part of the conversation is sent to the model as a list of steps from now on, since no summary could be had.';
  telling.show({ type: 'warning', message });
}

function unlessUsedUp(error: unknown): undefined {
  if (!(error instanceof UsedUp)) throw error;
}

/** A summary by a model, `undefined` when it fails, calls a tool or says nothing: the work goes on without it. */
async function writtenBy<Host>(
  writer: Model,
  { session, signal }: RunOptions<Host>,
  isFull: boolean,
): Promise<{ text: string; usage: Usage } | undefined> {
  const start = startOf(session.branch);
  if (!start) return undefined;
  const request = {
    system: start.system,
    tools: start.tools,
    messages: withRequest(messagesOf(isFull ? thinnedWhole(session.branch) : session.branch, writer.id)),
  };
  let text = '';
  try {
    for await (const event of writer.stream(request, signal)) {
      if (event.type === 'block-end' && event.block.type === 'tool_use') return undefined;
      if (event.type === 'block-end' && event.block.type === 'text') text += event.block.text;
      if (event.type === 'turn-end') return text.trim() === '' ? undefined : { text, usage: event.usage };
    }
  } catch {
    signal.throwIfAborted();
  }
  return undefined;
}

/** The conversation was found too long as it is, so it is summed up from results in short. */
function thinnedWhole(branch: readonly JournalEntry[]): JournalEntry[] {
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
