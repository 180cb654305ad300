import { cutBefore, thinnable } from './compact';
import { contextTokens, estimateTokens, sinceCompaction } from './context';
import type { JournalEntry } from './events';
import { messagesOf, startOf } from './folds';
import type { RunOptions, Telling } from './loop';
import type { Model } from './model';
import { summarise } from './summary';

export interface Compaction {
  /** The share of the model's context from which on room is made, 0 to 1. */
  at: number;
  /**
   * Who writes the summary instead of the session's own model, which does it where this one is not to be had or fails.
   * `undefined`: nobody else, after all.
   */
  writer?: () => Promise<Model | undefined>;
  /** Make room before the first turn, however short the conversation is: the user asked for it. */
  now?: boolean;
}

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
export async function makeRoom<Host>(options: RunOptions<Host>, telling: Telling, must = false): Promise<boolean> {
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

async function thinAll<Host>({ session }: RunOptions<Host>, telling: Telling): Promise<boolean> {
  const { calls } = thinnable(session.branch, 0);
  if (calls.length > 0) await telling.record({ type: 'thinned', calls });
  return calls.length > 0;
}
