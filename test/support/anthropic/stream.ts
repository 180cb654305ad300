import type { ContentBlock, Message, RawMessageStreamEvent, Usage } from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
import { signatureOf } from './history';

const scriptedBlock = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({ type: z.literal('thinking'), thinking: z.string() }),
  z.strictObject({
    type: z.literal('tool_use'),
    name: z.string(),
    input: z.record(z.string(), z.unknown()),
    id: z.string().optional(),
  }),
]);

export const scriptedTurn = z.strictObject({
  content: z.array(scriptedBlock).optional(),
  /** By default `tool_use` where the content calls a tool, else `end_turn`. */
  stopReason: z
    .enum([
      'end_turn',
      'max_tokens',
      'stop_sequence',
      'tool_use',
      'pause_turn',
      'refusal',
      'model_context_window_exceeded',
    ])
    .optional(),
  /** Replaces single counts of what was counted. */
  usage: z
    .strictObject({
      input_tokens: z.number(),
      output_tokens: z.number(),
      cache_read_input_tokens: z.number(),
      cache_creation_input_tokens: z.number(),
    })
    .partial()
    .optional(),
  /** Answers with this instead. With the status 200 it comes as an event in the stream, after the content. */
  error: z
    .strictObject({
      status: z.int(),
      type: z.string(),
      message: z.string(),
      headers: z.record(z.string(), z.string()).optional(),
      /** Sent as an HTML page, as proxies do, in place of the API's JSON. */
      body: z.string().optional(),
    })
    .optional(),
  /** Wait before the first byte, and before each event. */
  delayMs: z.number().optional(),
  chunkDelayMs: z.number().optional(),
  /** Cut the connection after this many bytes of the body. */
  cut: z.int().min(0).optional(),
  /** Other names of `cut` and `chunkDelayMs`. */
  cutAfter: z.int().min(0).optional(),
  eventDelayMs: z.number().optional(),
  /** Send nothing more after the first event, until the client goes. */
  hang: z.boolean().optional(),
});

export type ScriptedBlock = z.infer<typeof scriptedBlock>;
export type ScriptedTurn = z.infer<typeof scriptedTurn>;

/** The whole answer of a turn; `number` makes its ids, `counted` is what its request came to. */
export function messageOf(turn: ScriptedTurn, number: number, model: string, counted: Usage): Message {
  const content = (turn.content ?? []).map((block, index) => blockOf(block, `${number}_${index}`));
  const calls = content.some(({ type }) => type === 'tool_use');
  const given = Object.entries(turn.usage ?? {}).filter(([, count]) => count !== undefined);
  return {
    id: `msg_${number}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: turn.stopReason ?? (calls ? 'tool_use' : 'end_turn'),
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: { ...counted, ...Object.fromEntries(given) },
  };
}

function blockOf(block: ScriptedBlock, id: string): ContentBlock {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text, citations: null };
    case 'thinking':
      return { type: 'thinking', thinking: block.thinking, signature: signatureOf(block.thinking) };
    case 'tool_use':
      return {
        type: 'tool_use',
        id: block.id ?? `toolu_${id}`,
        name: block.name,
        input: block.input,
        caller: { type: 'direct' },
      };
  }
}

type Event = RawMessageStreamEvent | { type: 'ping' };

/** The events of a streamed answer up to the last of its content. */
export function* contentEvents(message: Message): Generator<Event> {
  yield {
    type: 'message_start',
    message: { ...message, content: [], stop_reason: null, usage: { ...message.usage, output_tokens: 1 } },
  };
  for (const [index, block] of message.content.entries()) {
    yield { type: 'content_block_start', index, content_block: emptied(block) };
    // The real stream has a ping here, in the middle of the first block.
    if (index === 0) yield { type: 'ping' };
    for (const delta of deltasOf(block)) yield { type: 'content_block_delta', index, delta };
    yield { type: 'content_block_stop', index };
  }
}

export function* endEvents({ stop_reason, stop_sequence, usage }: Message): Generator<Event> {
  yield {
    type: 'message_delta',
    delta: { stop_reason, stop_sequence, stop_details: null, container: null },
    usage: {
      input_tokens: usage.input_tokens,
      cache_creation_input_tokens: usage.cache_creation_input_tokens,
      cache_read_input_tokens: usage.cache_read_input_tokens,
      output_tokens: usage.output_tokens,
      output_tokens_details: null,
      server_tool_use: null,
    },
  };
  yield { type: 'message_stop' };
}

/** An event as its text on the wire. */
export function onWire(event: { type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function emptied(block: ContentBlock): ContentBlock {
  if (block.type === 'text') return { ...block, text: '' };
  if (block.type === 'thinking') return { ...block, thinking: '', signature: '' };
  return { ...block, input: {} } as ContentBlock;
}

type Delta = Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>['delta'];

function deltasOf(block: ContentBlock): Delta[] {
  if (block.type === 'text') return pieces(block.text).map((text) => ({ type: 'text_delta', text }));
  if (block.type === 'thinking') {
    const thoughts = pieces(block.thinking).map((thinking): Delta => ({ type: 'thinking_delta', thinking }));
    return [...thoughts, { type: 'signature_delta', signature: block.signature }];
  }
  const json = 'input' in block ? JSON.stringify(block.input) : '';
  return ['', ...pieces(json)].map((partial_json) => ({ type: 'input_json_delta', partial_json }));
}

const CHARACTERS_PER_PIECE = 24;

/** Whole characters only: half of a surrogate pair would not survive the wire. */
function pieces(text: string): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${CHARACTERS_PER_PIECE}}`, 'gu')) ?? [];
}
