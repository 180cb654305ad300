import type Anthropic from '@anthropic-ai/sdk';
import type { Model, ModelEvent, ModelRequest } from '../agent/model';
import { withCacheMarks } from './cache-marks';
import { capabilitiesOf, effortFor, effortRemark, type Capabilities, type Effort } from './capabilities';
import { Catalogue, type CatalogueModel } from './catalogue';
import { DEFAULT_BASE_URL, type Credential } from './credential';
import { modelErrorOf } from './errors';
import { costOf } from './prices';
import { readStream } from './message-stream';
import type { Fetch } from './watched';
import { fetchOf, type Wire } from './wire';

export interface AnthropicOptions {
  model: string;
  credential: Credential;
  /** How hard the model is to try; lowered to what the model takes, left out where it takes none. */
  effort?: Effort | undefined;
  /** The models of the endpoint. Without it what a process learns is kept, and no list is asked for but after a 404. */
  catalogue?: Catalogue | undefined;
  /** What is known of the models from elsewhere; the catalogue counts before it. */
  listed?: ((id: string) => CatalogueModel | undefined) | undefined;
  wire?: Wire | undefined;
  /** Warnings and errors of the SDK; never the text of a request. */
  log?: ((line: string) => void) | undefined;
}

/** Longest answer asked for: thinking counts, and yet a long file must fit into one call. */
const MAX_OUTPUT_TOKENS = 64_000;
const TIMEOUT_MS = 600_000;

/** What models were found gone, remembered while the process runs, so that none is tried twice. */
const processCatalogue = new Catalogue();

export interface AnthropicModel extends Model {
  /** As it is wanted, whatever the model takes. */
  readonly effort: Effort | undefined;
}

/** A model behind the Anthropic Messages API. The SDK is loaded with the first request. */
export function createAnthropicModel(options: AnthropicOptions): AnthropicModel {
  const { model: id, credential, effort, catalogue, listed, wire, log } = options;
  const endpoint = credential.baseUrl ?? DEFAULT_BASE_URL;
  const known = catalogue ?? processCatalogue;
  // One for all requests, so that its connections are used again.
  const fetch = fetchOf(wire);
  const capabilities = (model: string): Capabilities =>
    capabilitiesOf(model, known.model(endpoint, model) ?? listed?.(model));
  const tellSwitch = function* (to: string): Generator<ModelEvent> {
    if (to === id || !known.tell(endpoint, id, to)) return;
    const retired = known.model(endpoint, id)?.lifecycle === 'retired';
    yield { type: 'model-switch', from: id, to, why: whySwitched(id, to, retired) };
  };
  const untold = (model: string): boolean => known.tell(endpoint, model, `effort ${effort}`);
  return {
    id,
    effort,
    get contextWindow() {
      return capabilities(known.successor(endpoint, id) ?? id).contextWindow;
    },
    costOf,
    async *stream(request, signal) {
      const client = await createClient(credential, { fetch, log });
      catalogue?.refresh(endpoint, client);
      const first = known.successor(endpoint, id) ?? id;
      yield* tellSwitch(first);
      const turn = (model: string): AsyncGenerator<ModelEvent> =>
        streamTurn(client, { model, effort, capabilities: capabilities(model), untold }, request, signal);
      try {
        yield* turn(first);
      } catch (error) {
        signal.throwIfAborted();
        const failure = modelErrorOf(error, credential, first);
        if (failure.code !== 'model-gone') throw failure;
        await known.fetch(endpoint, client, signal);
        known.markGone(endpoint, id);
        known.markGone(endpoint, first);
        const next = known.successor(endpoint, id);
        if (next === undefined) throw failure;
        yield* tellSwitch(next);
        try {
          yield* turn(next);
        } catch (again) {
          signal.throwIfAborted();
          throw modelErrorOf(again, credential, next);
        }
      }
    },
  };
}

function whySwitched(id: string, successor: string, retired: boolean): string {
  return `${id} ${retired ? 'is retired' : 'is not offered any more'}; ${successor}, the newest of its line, answers instead.`;
}

/** A client with exactly one credential and endpoint, no retries of its own and nothing printed. */
export async function createClient(
  { kind, value, baseUrl = DEFAULT_BASE_URL }: Credential,
  { fetch = fetchOf(), log = () => undefined }: { fetch?: Fetch; log?: ((line: string) => void) | undefined } = {},
): Promise<Anthropic> {
  const { default: Client } = await import('@anthropic-ai/sdk');
  const line = (message: string): void => log(message);
  const silent = (): void => undefined;
  return new Client({
    // `null` keeps the SDK from looking into the environment and into profiles for another one.
    apiKey: kind === 'apiKey' ? value : null,
    authToken: kind === 'authToken' ? value : null,
    baseURL: baseUrl,
    maxRetries: 0,
    fetch,
    timeout: TIMEOUT_MS,
    // ANTHROPIC_LOG would print bodies to the standard output.
    logger: { error: line, warn: line, info: silent, debug: silent },
    logLevel: 'warn',
    // What a session holds goes to the endpoint it was meant for, not to where that sends it on.
    fetchOptions: { redirect: 'manual' },
  });
}

interface Asked {
  model: string;
  effort: Effort | undefined;
  capabilities: Capabilities;
  /** True the first time that this effort of the model is spoken of. */
  untold: (model: string) => boolean;
}

async function* streamTurn(
  client: Anthropic,
  { model, effort: wanted, capabilities, untold }: Asked,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const { system, tools, messages } = withCacheMarks(request);
  const effort = effortFor(wanted, capabilities.efforts);
  const stream = await client.messages.create(
    {
      model,
      max_tokens: Math.min(capabilities.maxOutput, MAX_OUTPUT_TOKENS),
      messages,
      ...(system.length > 0 ? { system } : {}),
      ...(tools.length > 0 ? { tools } : {}),
      ...(capabilities.adaptiveThinking
        ? { thinking: { type: 'adaptive' as const, display: 'summarized' as const } }
        : {}),
      ...(effort ? { output_config: { effort } } : {}),
      stream: true,
    },
    { signal },
  );
  // Only now: a model that is gone is asked for nothing.
  const message = effortRemark(model, wanted, capabilities.efforts);
  if (message !== undefined && untold(model)) yield { type: 'warning', message };
  yield* readStream(stream, model);
}
