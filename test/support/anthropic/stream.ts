import { createHash } from 'node:crypto';
import { signatureOf, type MessagesRequest } from './validate';

export type ScriptedBlock =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string }
  | { type: 'tool_use'; name: string; input: Record<string, unknown>; id?: string };

export interface ScriptedTurn {
  content?: ScriptedBlock[];
  stopReason?: string;
  /** Answer with this error instead. */
  error?: { status: number; type: string; message: string; headers?: Record<string, string>; body?: string };
  /** Wait before the first byte, and before each event. */
  delayMs?: number;
  eventDelayMs?: number;
  /** Cut the connection after this many bytes of the body. */
  cutAfter?: number;
  /** Send nothing more after the first event, until the client goes. */
  hang?: boolean;
}

export interface CountedUsage {
  input_tokens: number;
  output_tokens: number;
  cache_read_input_tokens: number;
  cache_creation_input_tokens: number;
}

const tokens = (text: string): number => Math.ceil(text.length / 4);

/**
 * Counts as the API does: up to the longest marked prefix that was seen before it is read from the cache, up to the last
 * mark it is written, the rest is input. `seen` is the cache. About four characters a token.
 */
export function countUsage(
  { tools = [], system, messages }: MessagesRequest,
  output: string,
  seen: Map<string, number>,
): CountedUsage {
  const parts = [
    ...tools,
    ...(typeof system === 'string' ? [{ text: system }] : (system ?? [])),
    ...messages.flatMap(flat),
  ];
  let prefix = '';
  let read = 0;
  let marked = 0;
  for (const part of parts) {
    const { cache_control, ...plain } = part as { cache_control?: unknown };
    prefix += JSON.stringify(plain);
    if (!cache_control) continue;
    marked = tokens(prefix);
    const key = createHash('sha256').update(prefix).digest('hex');
    if (seen.has(key)) read = marked;
    seen.set(key, marked);
  }
  const all = tokens(prefix);
  return {
    input_tokens: all - marked,
    output_tokens: tokens(output),
    cache_read_input_tokens: read,
    cache_creation_input_tokens: marked - read,
  };
}

function flat({ role, content }: MessagesRequest['messages'][number]): object[] {
  return typeof content === 'string' ? [{ role, text: content }] : content.map((one) => ({ role, ...one }));
}

export interface Answer {
  id: string;
  model: string;
  usage: CountedUsage;
}

/** The blocks of a turn as the API gives them: ids, signatures. */
export function blocksOf(content: readonly ScriptedBlock[], id: string): Record<string, unknown>[] {
  return content.map((block, index) => {
    if (block.type === 'text') return { type: 'text', text: block.text, citations: null };
    if (block.type === 'thinking')
      return { type: 'thinking', thinking: block.thinking, signature: signatureOf(block.thinking) };
    return { type: 'tool_use', id: block.id ?? `toolu_${id}_${index}`, name: block.name, input: block.input };
  });
}

export function stopReasonOf({ stopReason, content = [] }: ScriptedTurn): string {
  return stopReason ?? (content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn');
}

/** The events of a streamed answer, each as its text on the wire. */
export function* eventsOf(turn: ScriptedTurn, { id, model, usage }: Answer): Generator<string> {
  const message = {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 1 },
  };
  yield event({ type: 'message_start', message });
  yield event({ type: 'ping' });
  for (const [index, block] of blocksOf(turn.content ?? [], id).entries()) {
    yield event({ type: 'content_block_start', index, content_block: emptied(block) });
    for (const delta of deltasOf(block)) yield event({ type: 'content_block_delta', index, delta });
    yield event({ type: 'content_block_stop', index });
  }
  yield event({
    type: 'message_delta',
    delta: { stop_reason: stopReasonOf(turn), stop_sequence: null },
    usage: { output_tokens: usage.output_tokens },
  });
  yield event({ type: 'message_stop' });
}

export function event(data: { type: string; [key: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function emptied(block: Record<string, unknown>): Record<string, unknown> {
  if (block['type'] === 'text') return { ...block, text: '' };
  if (block['type'] === 'thinking') return { ...block, thinking: '', signature: '' };
  return { ...block, input: {} };
}

function deltasOf(block: Record<string, unknown>): object[] {
  if (block['type'] === 'text') return pieces(block['text'] as string).map((text) => ({ type: 'text_delta', text }));
  if (block['type'] === 'thinking') {
    const parts = pieces(block['thinking'] as string).map((thinking) => ({ type: 'thinking_delta', thinking }));
    return [...parts, { type: 'signature_delta', signature: block['signature'] }];
  }
  return ['', ...pieces(JSON.stringify(block['input']))].map((partial_json) => ({
    type: 'input_json_delta',
    partial_json,
  }));
}

const PIECE = 24;

function pieces(text: string): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${PIECE}}`, 'gu')) ?? [];
}
