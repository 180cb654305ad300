import type { ContentBlock, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { StopReason, Usage } from '../agent/events';
import { SENT_BACK } from '../agent/folds';
import { ModelError, type ModelEvent } from '../agent/model';
import { innermostReason } from '../text/http-failure';
import { isConnectionFailure, modelErrorIn } from './errors';

interface OpenBlock {
  block: ContentBlock;
  json: string;
}

/**
 * Turns the raw stream into our events: deltas as they come, blocks when they are whole, the end when it is said.
 * A call whose input the model had no room to finish is left out; one that is whole and not readable is a ModelError.
 */
export async function* readStream(
  stream: AsyncIterable<RawMessageStreamEvent>,
  asked: string,
): AsyncGenerator<ModelEvent> {
  const open = new Map<number, OpenBlock>();
  let model = asked;
  let usage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  let stopReason: StopReason = 'unknown';
  let unreadable: ModelError | undefined;
  for await (const event of untilCut(stream)) {
    switch (event.type) {
      case 'message_start':
        model = event.message.model;
        usage = usageOf(event.message.usage, usage);
        yield { type: 'usage', usage, model };
        break;
      case 'content_block_start':
        if (!SENT_BACK.has(event.content_block.type))
          yield {
            type: 'warning',
            message: `The model sent a ${event.content_block.type} block, which this version cannot show. The journal has it.`,
          };
        open.set(event.index, { block: { ...event.content_block }, json: '' });
        break;
      case 'content_block_delta': {
        const delta = deltaOf(open.get(event.index), event.delta);
        if (delta) yield delta;
        break;
      }
      case 'content_block_stop': {
        const done = open.get(event.index);
        open.delete(event.index);
        const block = done && finish(done);
        if (block instanceof ModelError) unreadable ??= block;
        // A call that comes after an unreadable one may build on it, so it is not given either.
        else if (block && !unreadable) yield { type: 'block-end', block };
        break;
      }
      case 'message_delta':
        stopReason = stopReasonOf(event.delta.stop_reason);
        usage = usageOf(event.usage, usage);
        yield { type: 'usage', usage, model };
        break;
      case 'message_stop':
        if (unreadable && !CUT_SHORT.has(stopReason)) throw unreadable;
        yield { type: 'turn-end', stopReason, usage, model };
        return;
    }
  }
  throw cutError('');
}

/** Ends in which the last block may be half a block. */
const CUT_SHORT: ReadonlySet<StopReason> = new Set(['max_tokens', 'model_context_window_exceeded', 'refusal']);

/** Names a connection that broke for what it is; what the server itself says in the stream is passed on. */
async function* untilCut(stream: AsyncIterable<RawMessageStreamEvent>): AsyncGenerator<RawMessageStreamEvent> {
  try {
    for await (const event of stream) {
      if (!isWhole(event)) throw brokenError(event);
      yield event;
    }
  } catch (error) {
    throw modelErrorIn(error) ?? (isConnectionFailure(error) ? cutError(` (${innermostReason(error)})`, error) : error);
  }
}

/** The parts without which an event says nothing. A proxy in between may answer with JSON of its own. */
const PARTS: Readonly<Partial<Record<RawMessageStreamEvent['type'], readonly string[]>>> = {
  message_start: ['message'],
  content_block_start: ['content_block'],
  content_block_delta: ['delta'],
  message_delta: ['delta'],
};

function isWhole(event: unknown): boolean {
  const { type } = recordOf(event);
  const parts = PARTS[type as RawMessageStreamEvent['type']] ?? [];
  return typeof type === 'string' && parts.every((part) => isRecord(recordOf(event)[part]));
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function brokenError(event: unknown): ModelError {
  const said = JSON.stringify(event)?.slice(0, 200);
  return new ModelError(`The server sent an event that is no part of an answer: ${said}. Send "go on" to continue.`, {
    code: 'offline',
    retryAfterMs: 0,
  });
}

function cutError(reason: string, cause?: unknown): ModelError {
  return new ModelError(`The connection ended in the middle of the answer${reason}. Send "go on" to continue.`, {
    code: 'offline',
    retryAfterMs: 0,
    cause,
  });
}

type Delta = Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>['delta'];

/** Adds a delta to its block and gives what to show of it. */
function deltaOf(open: OpenBlock | undefined, delta: Delta): ModelEvent | undefined {
  if (!open) return undefined;
  const { block } = open;
  if (delta.type === 'text_delta' && block.type === 'text') {
    block.text += delta.text;
    return { type: 'text-delta', text: delta.text };
  }
  if (delta.type === 'thinking_delta' && block.type === 'thinking') {
    block.thinking += delta.thinking;
    return { type: 'thinking-delta', text: delta.thinking };
  }
  if (delta.type === 'signature_delta' && block.type === 'thinking') block.signature = delta.signature;
  if (delta.type === 'citations_delta' && block.type === 'text')
    block.citations = [...(block.citations ?? []), delta.citation];
  if (delta.type === 'input_json_delta') {
    open.json += delta.partial_json;
    if (block.type === 'tool_use')
      return { type: 'tool-input-delta', call: block.id, name: block.name, json: delta.partial_json };
  }
  return undefined;
}

/** The whole block. The API takes back only objects as inputs, so anything else would spoil the history. */
function finish({ block, json }: OpenBlock): ContentBlock | ModelError {
  if (json === '' || !('input' in block)) return block;
  let cause: unknown;
  try {
    const input: unknown = JSON.parse(json);
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return { ...block, input };
  } catch (error) {
    cause = error;
  }
  const name = 'name' in block ? String(block.name) : 'a tool';
  return new ModelError(
    `The model's call of ${name} was not readable (its input is not a JSON object). Send "go on" to have it repeated.`,
    { code: 'unfinished', retryAfterMs: 0, cause },
  );
}

interface RawUsage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  server_tool_use?: { web_search_requests?: number | null } | null;
}

/** Counts in `message_delta` are totals so far: those that are given replace the earlier ones. */
function usageOf(raw: RawUsage | undefined, before: Usage): Usage {
  const searches = raw?.server_tool_use?.web_search_requests ?? before.searches;
  return {
    input: raw?.input_tokens ?? before.input,
    output: raw?.output_tokens ?? before.output,
    cacheRead: raw?.cache_read_input_tokens ?? before.cacheRead,
    cacheWrite: raw?.cache_creation_input_tokens ?? before.cacheWrite,
    ...(searches ? { searches } : {}),
  };
}

const STOP_REASONS: readonly StopReason[] = [
  'end_turn',
  'tool_use',
  'max_tokens',
  'stop_sequence',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
];

function stopReasonOf(reason: string | null): StopReason {
  return STOP_REASONS.find((known) => known === reason) ?? 'unknown';
}
