/** Pieces of a streamed answer as they are on the wire, sound ones and others. */
const event = (type: string, data: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

export const start = (more: object = {}): string =>
  event('message_start', {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-5-5',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 100, output_tokens: 1, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
      ...more,
    },
  });
export const open = (index: number, content_block: object): string =>
  event('content_block_start', { index, content_block });
export const delta = (index: number, what: object): string => event('content_block_delta', { index, delta: what });
export const close = (index: number): string => event('content_block_stop', { index });
export const halfText = (text: string, index = 0): string =>
  open(index, { type: 'text', text: '' }) + delta(index, { type: 'text_delta', text });
export const text = (words: string, index = 0): string => halfText(words, index) + close(index);
export const halfThought = (thinking: string, index = 0): string =>
  open(index, { type: 'thinking', thinking: '', signature: '' }) + delta(index, { type: 'thinking_delta', thinking });
export const halfCall = (json: string, index = 0, id = 'toolu_1', name = 'Act'): string =>
  open(index, { type: 'tool_use', id, name, input: {} }) +
  delta(index, { type: 'input_json_delta', partial_json: json });
export const call = (json = '{"what":"it"}', index = 0, id = 'toolu_1', name = 'Act'): string =>
  halfCall(json, index, id, name) + close(index);
export const end = (stop_reason: string | null): string =>
  event('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 7 } }) +
  event('message_stop');
export const ping = event('ping');
export const error = (type: string, message: string): string => event('error', { error: { type, message } });
export const raw = event;
