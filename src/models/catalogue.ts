import type Anthropic from '@anthropic-ai/sdk';
import type { ModelInfo } from '@anthropic-ai/sdk/resources/models';
import * as z from 'zod';
import { EFFORTS, type Effort } from './capabilities';

/** One model of the server's list, as far as we use it. `null` is "the list does not say". */
export interface CatalogueModel {
  id: string;
  lifecycle: 'active' | 'deprecated' | 'retired';
  line: string | null;
  createdAt: string;
  maxInputTokens: number | null;
  maxTokens: number | null;
  adaptiveThinking: boolean | null;
  efforts: Effort[] | null;
}

const LIST_TIMEOUT_MS = 20_000;
const KEPT_MS = 24 * 60 * 60 * 1_000;

/** The server's models, the retired ones asked for by name; empty where the server has no list, which is no error. */
export async function fetchCatalogue(client: Anthropic, signal?: AbortSignal): Promise<CatalogueModel[]> {
  const models: CatalogueModel[] = [];
  try {
    for await (const model of client.models.list(
      { limit: 1000, lifecycle: ['active', 'deprecated', 'retired'] },
      { timeout: LIST_TIMEOUT_MS, ...(signal ? { signal } : {}) },
    )) {
      models.push(catalogueModel(model));
    }
  } catch {
    signal?.throwIfAborted();
    return []; // Compatible servers may lack the list: the pinned id is tried as it is.
  }
  return models;
}

/** Compatible servers give as little as an id, whatever the SDK's type says. */
function catalogueModel(model: Partial<ModelInfo> & Pick<ModelInfo, 'id'>): CatalogueModel {
  const { thinking, effort } = model.capabilities ?? {};
  return {
    id: model.id,
    lifecycle: model.lifecycle ?? 'active',
    line: model.line ?? null,
    createdAt: model.created_at ?? '',
    maxInputTokens: model.max_input_tokens ?? null,
    maxTokens: model.max_tokens ?? null,
    adaptiveThinking: thinking?.types?.adaptive?.supported ?? null,
    efforts: effort ? EFFORTS.filter((level) => effort.supported && effort[level]?.supported) : null,
  };
}

/** Lines of models that the list may not hold any more. The API says not to infer a line from an id, so this is a table. */
const KNOWN_LINES: Readonly<Record<string, string>> = {
  'claude-opus-4-1-20250805': 'opus',
  'claude-opus-4-1': 'opus',
  'claude-opus-4-20250514': 'opus',
  'claude-opus-4-0': 'opus',
  'claude-3-opus-20240229': 'opus',
  'claude-sonnet-4-20250514': 'sonnet',
  'claude-sonnet-4-0': 'sonnet',
  'claude-sonnet-4-5': 'sonnet',
  'claude-sonnet-4-5-20250929': 'sonnet',
  'claude-3-7-sonnet-20250219': 'sonnet',
  'claude-3-5-sonnet-20241022': 'sonnet',
  'claude-3-5-haiku-20241022': 'haiku',
  'claude-3-haiku-20240307': 'haiku',
};

/** The newest active model of the line that a model gone belonged to, or `undefined`. */
export function successorOf(
  id: string,
  catalogue: readonly CatalogueModel[],
  gone: (id: string) => boolean = () => false,
): string | undefined {
  const line = catalogue.find((model) => model.id === id)?.line ?? KNOWN_LINES[id];
  if (!line) return undefined;
  return newestIn(catalogue, (model) => model.line === line && model.id !== id && !gone(model.id));
}

export function newestIn(
  catalogue: readonly CatalogueModel[],
  isWanted: (model: CatalogueModel) => boolean,
): string | undefined {
  return catalogue
    .filter((model) => model.lifecycle === 'active' && isWanted(model))
    .sort((a, b) => timeOf(b) - timeOf(a))[0]?.id;
}

function timeOf({ createdAt }: CatalogueModel): number {
  return Date.parse(createdAt) || 0;
}

/** Where lists outlive the process: an editor's memento, a file. What `get` gives is not trusted. */
export interface CatalogueCache {
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
}

/** A model of a list as it is kept. */
export const catalogueModelSchema = z.object({
  id: z.string(),
  lifecycle: z.enum(['active', 'deprecated', 'retired']),
  line: z.string().nullable(),
  createdAt: z.string(),
  maxInputTokens: z.number().nullable(),
  maxTokens: z.number().nullable(),
  adaptiveThinking: z.boolean().nullable(),
  efforts: z.array(z.enum(EFFORTS)).nullable(),
});

const storedSchema = z.object({ at: z.number(), models: z.array(catalogueModelSchema) });
type Stored = z.infer<typeof storedSchema>;

/** The lists of models of the endpoints in use, kept a day, and which models were found gone in the meantime. */
export class Catalogue {
  readonly #lists = new Map<string, Stored>();
  readonly #gone = new Set<string>();
  readonly #told = new Set<string>();
  readonly #refreshing = new Set<string>();

  constructor(
    private readonly cache?: CatalogueCache,
    private readonly now: () => number = Date.now,
  ) {}

  /** What the list last fetched says of a model. Never waits and never asks the server. */
  model(endpoint: string, id: string): CatalogueModel | undefined {
    return this.#stored(endpoint)?.models.find((model) => model.id === id);
  }

  /** True once there is a list of the endpoint's models. */
  knows(endpoint: string): boolean {
    return this.#stored(endpoint) !== undefined;
  }

  /** The newest active model of a line, by the list last fetched. */
  newestOf(endpoint: string, line: string): string | undefined {
    return newestIn(this.#stored(endpoint)?.models ?? [], (model) => model.line === line);
  }

  /** What answers for a model known to be gone, where that is known too. */
  successor(endpoint: string, id: string): string | undefined {
    const isGone = (one: string): boolean => this.#gone.has(keyOf(endpoint, one));
    if (this.model(endpoint, id)?.lifecycle !== 'retired' && !isGone(id)) return undefined;
    return successorOf(id, this.#stored(endpoint)?.models ?? [], isGone);
  }

  /** Remembers that the endpoint refused a model, whatever its list says, until the next list comes. */
  markGone(endpoint: string, id: string): void {
    this.#gone.add(keyOf(endpoint, id));
  }

  /** True the first time: a switch is told once a process, not with every message. */
  tell(endpoint: string, from: string, to: string): boolean {
    const key = keyOf(endpoint, from, to);
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    return true;
  }

  /** Fetches the list in the background where there is none of today. Never throws. */
  refresh(endpoint: string, client: Anthropic): void {
    const stored = this.#stored(endpoint);
    if (this.#refreshing.has(endpoint) || (stored && this.now() - stored.at < KEPT_MS)) return;
    this.#refreshing.add(endpoint);
    void this.fetch(endpoint, client).finally(() => this.#refreshing.delete(endpoint));
  }

  /** Fetches the list now. A server without one leaves what was known; throws only the signal's reason. */
  async fetch(endpoint: string, client: Anthropic, signal?: AbortSignal): Promise<void> {
    const models = await fetchCatalogue(client, signal);
    if (models.length === 0) return;
    const stored: Stored = { at: this.now(), models };
    this.#lists.set(endpoint, stored);
    for (const { id } of models) this.#gone.delete(keyOf(endpoint, id));
    // A cache that cannot be written costs one request tomorrow, nothing else.
    await Promise.resolve(this.cache?.set(cacheKey(endpoint), stored)).catch(() => undefined);
  }

  #stored(endpoint: string): Stored | undefined {
    const here = this.#lists.get(endpoint);
    if (here) return here;
    const kept = storedSchema.safeParse(this.cache?.get(cacheKey(endpoint))).data;
    if (kept) this.#lists.set(endpoint, kept);
    return kept;
  }
}

function cacheKey(endpoint: string): string {
  return `models:${endpoint}`;
}

function keyOf(...parts: string[]): string {
  return parts.join(' ');
}
