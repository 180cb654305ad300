import type Anthropic from '@anthropic-ai/sdk';
import type { ContentBlock, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { StopReason, Usage } from '../agent/events';
import { ModelError, type Model, type ModelEvent, type ModelRequest } from '../agent/model';
import { withCacheMarks } from './cache-marks';
import { fetchCatalogue, successorOf, type CatalogueModel } from './catalogue';
import type { Credential } from './credential';
import { modelErrorOf } from './errors';
import { costOf } from './prices';

export interface AnthropicOptions {
  model: string;
  credential: Credential;
}

/** Longest answer asked for; every current model allows as much. Strangers' servers often allow less. */
const MAX_OUTPUT_TOKENS = 32_000;
const MAX_OUTPUT_TOKENS_ELSEWHERE = 8_192;
const CONTEXT_WINDOW = 200_000;

/** Models that take `thinking: adaptive`, where the server's list does not say: they postdate it. */
const ADAPTIVE = /^claude-(?:(?:fable|mythos|opus|sonnet|haiku)-5(?:-\d)?|opus-4-[678]|sonnet-4-6)(?:-\d{8})?$/u;

/** The models of servers, remembered while the process runs, so that a model known to be gone is not tried again. */
const successors = new Map<string, string>();

/** A model behind the Anthropic Messages API. The SDK is loaded with the first request. */
export function createAnthropicModel({ model: id, credential }: AnthropicOptions): Model {
  return {
    id,
    contextWindow: CONTEXT_WINDOW,
    costOf,
    async *stream(request, signal) {
      const client = await createClient(credential);
      const key = `${client.baseURL} ${id}`;
      const known = successors.get(key);
      try {
        yield* streamTurn(client, known ?? id, request, signal);
      } catch (error) {
        signal.throwIfAborted();
        const failure = modelErrorOf(error, credential, known ?? id);
        if (failure.code !== 'model-gone' || known) throw failure;
        const catalogue = await fetchCatalogue(client, signal);
        const successor = successorOf(id, catalogue);
        if (!successor) throw failure;
        successors.set(key, successor);
        yield { type: 'model-switch', from: id, to: successor, why: whySwitched(id, successor, catalogue) };
        try {
          yield* streamTurn(client, successor, request, signal);
        } catch (again) {
          signal.throwIfAborted();
          throw modelErrorOf(again, credential, successor);
        }
      }
    },
  };
}

function whySwitched(id: string, successor: string, catalogue: readonly CatalogueModel[]): string {
  const retired = catalogue.some((model) => model.id === id && model.lifecycle === 'retired');
  return `${id} ${retired ? 'is retired' : 'is not offered any more'}; ${successor}, the newest of its line, answers instead.`;
}

/** A client with exactly one credential, no retries of its own and nothing printed. */
export async function createClient({ kind, value, baseUrl }: Credential): Promise<Anthropic> {
  const { default: Client } = await import('@anthropic-ai/sdk');
  const silent = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };
  return new Client({
    ...(kind === 'apiKey' ? { apiKey: value } : { authToken: value }),
    ...(baseUrl ? { baseURL: baseUrl } : {}),
    maxRetries: 0,
    logger: silent,
    logLevel: 'off',
  });
}

async function* streamTurn(
  client: Anthropic,
  model: string,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const ours = model.startsWith('claude-');
  const { system, tools, messages } = withCacheMarks(request);
  const stream = await client.messages.create(
    {
      model,
      max_tokens: ours ? MAX_OUTPUT_TOKENS : MAX_OUTPUT_TOKENS_ELSEWHERE,
      messages,
      ...(system.length > 0 ? { system } : {}),
      ...(tools.length > 0 ? { tools } : {}),
      ...(ADAPTIVE.test(model) ? { thinking: { type: 'adaptive' as const, display: 'summarized' as const } } : {}),
      stream: true,
    },
    { signal },
  );
  yield* readStream(stream, model);
}

interface OpenBlock {
  block: ContentBlock;
  json: string;
}

/** Turns the raw stream into our events: deltas as they come, blocks when they are whole, the end when it is said. */
export async function* readStream(
  stream: AsyncIterable<RawMessageStreamEvent>,
  asked: string,
): AsyncGenerator<ModelEvent> {
  const open = new Map<number, OpenBlock>();
  let model = asked;
  let usage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  let stopReason: StopReason = 'unknown';
  for await (const event of stream) {
    switch (event.type) {
      case 'message_start':
        model = event.message.model;
        usage = usageOf(event.message.usage, usage);
        break;
      case 'content_block_start':
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
        if (done) yield { type: 'block-end', block: finish(done) };
        break;
      }
      case 'message_delta':
        stopReason = stopReasonOf(event.delta.stop_reason);
        usage = usageOf(event.usage, usage);
        break;
      case 'message_stop':
        yield { type: 'turn-end', stopReason, usage, model };
        return;
    }
  }
  throw new ModelError('The connection ended in the middle of the answer. Send "go on" to continue.', {
    code: 'offline',
    retryAfterMs: 0,
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
  if (delta.type === 'input_json_delta') {
    open.json += delta.partial_json;
    if (block.type === 'tool_use')
      return { type: 'tool-input-delta', call: block.id, name: block.name, json: delta.partial_json };
  }
  return undefined;
}

function finish({ block, json }: OpenBlock): ContentBlock {
  if (json === '' || !('input' in block)) return block;
  try {
    return { ...block, input: JSON.parse(json) as unknown };
  } catch (error) {
    const name = 'name' in block ? String(block.name) : 'a tool';
    throw new ModelError(
      `The model's call of ${name} was not readable (its input is not JSON). Send "go on" to have it repeated.`,
      { cause: error },
    );
  }
}

interface RawUsage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
}

/** Counts in `message_delta` are totals so far: those that are given replace the earlier ones. */
function usageOf(raw: RawUsage | undefined, before: Usage): Usage {
  return {
    input: raw?.input_tokens ?? before.input,
    output: raw?.output_tokens ?? before.output,
    cacheRead: raw?.cache_read_input_tokens ?? before.cacheRead,
    cacheWrite: raw?.cache_creation_input_tokens ?? before.cacheWrite,
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
