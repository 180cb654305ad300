import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { DurableEvent, JournalEntry } from './events';

/** English and code take about four characters a token, JSON and other languages fewer: a cautious mean. */
const CHARACTERS_A_TOKEN = 3.5;
/** An image of the largest size that is sent (docs.anthropic.com: width x height / 750, at most about 1,600). */
const TOKENS_AN_IMAGE = 1_600;

/** Tokens that messages, or parts of them, will take: an estimate, images counted by number. */
export function estimateTokens(value: MessageParam[] | MessageParam['content'] | object): number {
  let images = 0;
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item !== 'object' || item === null || (item as { type?: unknown }).type !== 'base64') return item;
    images += 1;
    return '';
  });
  return Math.ceil(text.length / CHARACTERS_A_TOKEN) + images * TOKENS_AN_IMAGE;
}

/**
 * Tokens of the next request: what the server counted for the last one and its answer, and an estimate of what was added
 * since. Where the conversation was made shorter since, or the server does not count, all of it is estimated.
 */
export function contextTokens(branch: readonly JournalEntry[], next: () => MessageParam[], fixed: number): number {
  const turn = branch.findLastIndex(({ event }) => event.type === 'turn-end');
  const shortened = branch.findLastIndex(({ event }) => event.type === 'thinned' || event.type === 'compacted');
  const last = branch[turn]?.event;
  const counted = last?.type === 'turn-end' ? totalOf(last) : 0;
  if (counted === 0 || shortened > turn) return fixed + estimateTokens(next());
  return counted + branch.slice(turn + 1).reduce((sum, { event }) => sum + addedBy(event), 0);
}

function totalOf({ usage }: Extract<DurableEvent, { type: 'turn-end' }>): number {
  return usage.input + usage.cacheRead + usage.cacheWrite + usage.output;
}

/** Tokens that an event adds to the next request. */
export function addedBy(event: DurableEvent): number {
  switch (event.type) {
    case 'tool-end':
      return estimateTokens({ content: event.content });
    case 'block-end':
      return estimateTokens(event.block);
    case 'prompt':
      return estimateTokens([event.text, event.notes, event.attachments]);
    case 'steer':
      return estimateTokens([event.text]);
    default:
      return 0;
  }
}

/** The event that last replaced the earlier part of the conversation, and what is left to send after it. */
export function sinceCompaction(branch: readonly JournalEntry[]): {
  text: string | undefined;
  rest: readonly JournalEntry[];
} {
  const last = branch.findLast(({ event }) => event.type === 'compacted')?.event;
  if (last?.type !== 'compacted') return { text: undefined, rest: branch };
  return { text: last.text, rest: branch.slice(branch.findIndex(({ id }) => id === last.upTo) + 1) };
}

/** Calls whose results are sent in short. */
export function thinnedCalls(branch: readonly JournalEntry[]): ReadonlySet<string> {
  return new Set(branch.flatMap(({ event }) => (event.type === 'thinned' ? event.calls : [])));
}

const KEPT_OF_THINNED = 200;

/** How a thinned result begins, and how much of it is not sent. */
export function inShort(content: Extract<DurableEvent, { type: 'tool-end' }>['content']): string {
  const text =
    typeof content === 'string'
      ? content
      : content.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join('\n');
  const left = text.length - KEPT_OF_THINNED;
  if (typeof content === 'string' && left <= 0) return text;
  return `${text.slice(0, KEPT_OF_THINNED).replace(/[\uD800-\uDBFF]$/u, '')}\n[the rest was left out to make room: run the call again if it is needed]`;
}
