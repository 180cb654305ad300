import { createHash } from 'node:crypto';
import type { Usage } from '@anthropic-ai/sdk/resources/messages';
import type { Prompt } from './schema';

const CHARACTERS_PER_TOKEN = 4;
const TOKENS_PER_MEDIA = 1_500;
/** How many blocks before a mark the API looks for what it has cached. */
const LOOKBACK_BLOCKS = 20;

export const tokensOf = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

/** The prefixes a server has cached. */
export type PromptCache = Set<string>;

interface Part {
  /** The hash of all up to and with this part. */
  prefix: string;
  /** Of all up to and with this part. */
  tokens: number;
  mark: '5m' | '1h' | undefined;
}

export function countTokens(prompt: Prompt): number {
  return partsOf(prompt).at(-1)?.tokens ?? 0;
}

/**
 * Counts as the API does: the longest prefix found at a mark, or at most 20 blocks before one, is read from the cache;
 * up to the last mark the rest is written to it; what follows is input. Unlike the real one this cache has no shortest
 * prefix and forgets nothing.
 */
export function countUsage(prompt: Prompt, output: string, cache: PromptCache): Usage {
  const parts = partsOf(prompt);
  let read = 0;
  let written = 0;
  let writtenForHour = 0;
  parts.forEach(({ mark, tokens }, at) => {
    if (!mark) return;
    const from = Math.max(0, at - LOOKBACK_BLOCKS + 1);
    const found = parts.slice(from, at + 1).findLast(({ prefix }) => cache.has(prefix));
    read = Math.max(read, found?.tokens ?? 0);
    written = tokens;
    if (mark === '1h') writtenForHour = tokens;
  });
  for (const { mark, prefix } of parts) if (mark) cache.add(prefix);
  const hour = Math.max(0, writtenForHour - read);
  return {
    input_tokens: (parts.at(-1)?.tokens ?? 0) - Math.max(read, written),
    cache_read_input_tokens: read,
    cache_creation_input_tokens: Math.max(0, written - read),
    cache_creation: {
      ephemeral_1h_input_tokens: hour,
      ephemeral_5m_input_tokens: Math.max(0, written - read) - hour,
    },
    output_tokens: Math.max(1, tokensOf(output)),
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: 'standard',
    inference_geo: null,
    speed: null,
  };
}

/** Tools, system, messages: the order in which the API puts a prompt together. */
function partsOf({ model, tools = [], system = [], messages, thinking, tool_choice, cache_control }: Prompt): Part[] {
  let prefix = model;
  let tokens = 0;
  const add = (part: object): Part => {
    prefix = createHash('sha256').update(prefix).update(JSON.stringify(part, withoutMarks)).digest('hex');
    const length = JSON.stringify(part, withoutMedia).length;
    tokens += Math.ceil(length / CHARACTERS_PER_TOKEN) + mediaIn(part) * TOKENS_PER_MEDIA;
    return { prefix, tokens, mark: markOf(part) };
  };
  const head = [...tools, ...system].map(add);
  // Another way of thinking or of choosing tools makes what was cached of the messages useless, not what was before.
  prefix += JSON.stringify([thinking, tool_choice]);
  const blocks = messages.flatMap(({ role, content }) => content.map((block) => add({ role, ...block })));
  const parts = [...head, ...blocks];
  const last = parts.at(-1);
  if (last && cache_control) last.mark ??= cache_control.ttl ?? '5m';
  return parts;
}

interface Marked {
  cache_control?: Prompt['cache_control'];
  content?: unknown;
}

function markOf(part: Marked): Part['mark'] {
  if (part.cache_control) return part.cache_control.ttl ?? '5m';
  const nested = Array.isArray(part.content) ? (part.content as Marked[]) : [];
  return nested.map(markOf).find((mark) => mark !== undefined);
}

function mediaIn(part: { type?: unknown; content?: unknown }): number {
  if (part.type === 'image' || part.type === 'document') return 1;
  return Array.isArray(part.content) ? (part.content as object[]).reduce((sum, one) => sum + mediaIn(one), 0) : 0;
}

const withoutMarks = (key: string, value: unknown): unknown => (key === 'cache_control' ? undefined : value);
const withoutMedia = (key: string, value: unknown): unknown =>
  key === 'cache_control' || key === 'source' ? undefined : value;
