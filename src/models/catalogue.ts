import type Anthropic from '@anthropic-ai/sdk';

/** One model of the server's list, as far as we use it. */
export interface CatalogueModel {
  id: string;
  lifecycle: 'active' | 'deprecated' | 'retired';
  line: string | null;
  createdAt: string;
  maxInputTokens: number | null;
  maxTokens: number | null;
  adaptiveThinking: boolean;
}

/** The server's models, the retired ones asked for by name; empty where the server has no list, which is no error. */
export async function fetchCatalogue(client: Anthropic, signal?: AbortSignal): Promise<CatalogueModel[]> {
  const models: CatalogueModel[] = [];
  try {
    for await (const model of client.models.list(
      { limit: 1000, lifecycle: ['active', 'deprecated', 'retired'] },
      signal ? { signal } : {},
    )) {
      models.push({
        id: model.id,
        lifecycle: model.lifecycle ?? 'active',
        line: model.line ?? null,
        createdAt: model.created_at ?? '',
        maxInputTokens: model.max_input_tokens ?? null,
        maxTokens: model.max_tokens ?? null,
        adaptiveThinking: model.capabilities?.thinking?.types?.adaptive?.supported ?? false,
      });
    }
  } catch {
    signal?.throwIfAborted();
    return []; // Compatible servers may lack the list: the pinned id is tried as it is.
  }
  return models;
}

/** Lines of models that the list may not hold any more. The API says not to infer a line from an id, so this is a table. */
const KNOWN_LINES: Readonly<Record<string, string>> = {
  'claude-opus-4-1-20250805': 'opus',
  'claude-opus-4-1': 'opus',
  'claude-opus-4-20250514': 'opus',
  'claude-opus-4-0': 'opus',
  'claude-sonnet-4-20250514': 'sonnet',
  'claude-sonnet-4-5': 'sonnet',
  'claude-sonnet-4-5-20250929': 'sonnet',
  'claude-3-5-haiku-20241022': 'haiku',
};

/** The newest active model of the line that a model gone belonged to, or `undefined`. */
export function successorOf(id: string, catalogue: readonly CatalogueModel[]): string | undefined {
  const line = catalogue.find((model) => model.id === id)?.line ?? KNOWN_LINES[id];
  if (!line) return undefined;
  return catalogue
    .filter((model) => model.lifecycle === 'active' && model.line === line && model.id !== id)
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0]?.id;
}
