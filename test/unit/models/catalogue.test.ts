import assert from 'node:assert/strict';
import type { ModelEvent, ModelRequest } from '../../../src/agent/model';
import { createAnthropicModel, createClient, type AnthropicOptions } from '../../../src/models/anthropic';
import { capabilitiesOf, effortFor, type Effort } from '../../../src/models/capabilities';
import { Catalogue, fetchCatalogue, successorOf, type CatalogueModel } from '../../../src/models/catalogue';
import {
  DEFAULT_MODELS,
  startAnthropicServer,
  type AnthropicServer,
  type ServerOptions,
} from '../../support/anthropic-server';

const request: ModelRequest = { system: '', tools: [], messages: [{ role: 'user', content: 'hello' }] };
const OLD = 'claude-opus-4-1-20250805';
const DAY_MS = 24 * 60 * 60 * 1_000;

const listed = (id: string, more: Partial<CatalogueModel> = {}): CatalogueModel => ({
  id,
  lifecycle: 'active',
  line: null,
  createdAt: '',
  maxInputTokens: null,
  maxTokens: null,
  adaptiveThinking: null,
  efforts: null,
  ...more,
});

describe('the successor of a model', () => {
  const opus = (id: string, createdAt: string, more: Partial<CatalogueModel> = {}): CatalogueModel =>
    listed(id, { line: 'opus', createdAt, ...more });

  it('is the newest active one of its line, whatever the order of the list and the zone of its dates', () => {
    const list = [
      opus('gone', '2025-01-01T00:00:00Z', { lifecycle: 'retired' }),
      opus('earlier', '2026-06-01T23:00:00Z'),
      opus('newest', '2026-06-01T23:30:00+00:00'),
      opus('going', '2026-09-01T00:00:00Z', { lifecycle: 'deprecated' }),
      listed('other-line', { line: 'sonnet', createdAt: '2026-10-01T00:00:00Z' }),
    ];
    assert.equal(successorOf('gone', list), 'newest');
    assert.equal(successorOf('gone', list.reverse()), 'newest');
    assert.equal(
      successorOf('gone', list, (id) => id === 'newest'),
      'earlier',
    );
  });

  it('is known by a table for ids the list has forgotten, and never read out of an id', () => {
    const list = [opus('newest', '2026-06-01T00:00:00Z')];
    assert.equal(successorOf(OLD, list), 'newest');
    assert.equal(successorOf('claude-opus-9-9-20300101', list), undefined);
    assert.equal(successorOf('my-opus', list), undefined);
  });
});

describe('what a model can be asked for', () => {
  it('never includes adaptive thinking or effort for models that predate them', () => {
    for (const id of [OLD, 'claude-opus-4-1', 'claude-sonnet-4-5', 'claude-haiku-4-5-20251001', 'llama3']) {
      const { adaptiveThinking, efforts } = capabilitiesOf(id);
      assert.deepEqual([id, adaptiveThinking, efforts], [id, false, []]);
    }
    assert.deepEqual(capabilitiesOf('claude-opus-4-5-20251101').adaptiveThinking, false);
    assert.deepEqual(capabilitiesOf('claude-opus-5-5').adaptiveThinking, true);
  });

  it('is what the list says, and the table where the list says nothing', () => {
    const told = listed('claude-opus-5-5', { adaptiveThinking: false, efforts: ['low'], maxTokens: 1_000 });
    assert.deepEqual(capabilitiesOf('claude-opus-5-5', told), {
      adaptiveThinking: false,
      efforts: ['low'],
      contextWindow: 1_000_000,
      maxOutput: 1_000,
    });
  });

  it('lowers an effort to what the model takes, and never raises it', () => {
    assert.equal(effortFor('max', ['low', 'medium', 'high']), 'high');
    assert.equal(effortFor('xhigh', ['low', 'medium', 'high', 'max']), 'high');
    assert.equal(effortFor('low', ['medium', 'high']), undefined);
    assert.equal(effortFor(undefined, ['low']), undefined);
  });
});

describe('the catalogue', () => {
  let server: AnthropicServer;
  const answers = { content: [{ type: 'text' as const, text: 'ok' }] };
  const start = async (more: Partial<ServerOptions> = {}): Promise<void> => {
    server = await startAnthropicServer({ turns: () => answers, ...more });
  };
  const credential = (): AnthropicOptions['credential'] => ({
    kind: 'apiKey',
    value: 'test-key',
    source: 'test',
    baseUrl: server.url,
  });
  const ask = async (options: Partial<AnthropicOptions>): Promise<ModelEvent[]> => {
    const model = createAnthropicModel({ model: OLD, credential: credential(), ...options });
    const events: ModelEvent[] = [];
    for await (const event of model.stream(request, new AbortController().signal)) events.push(event);
    return events;
  };
  const memory = (): {
    kept: Map<string, unknown>;
    get(key: string): unknown;
    set(key: string, value: unknown): void;
  } => {
    const kept = new Map<string, unknown>();
    return { kept, get: (key) => kept.get(key), set: (key, value) => void kept.set(key, value) };
  };
  const client = (): ReturnType<typeof createClient> => createClient(credential());
  afterEach(() => server.stop());

  it('spares the refused request where the list already calls the model retired, and tells it once', async () => {
    await start();
    const catalogue = new Catalogue();
    await catalogue.fetch(server.url, await client());
    const [first] = await ask({ catalogue });
    assert.ok(first?.type === 'model-switch' && first.from === OLD && first.to === 'claude-opus-5-5');
    assert.deepEqual(server.refusals, []);
    assert.ok((await ask({ catalogue })).every(({ type }) => type !== 'model-switch'));
  });

  it('refuses once, and not again, where the model is in no list at all', async () => {
    await start({ models: DEFAULT_MODELS.filter(({ id }) => id !== OLD) });
    const catalogue = new Catalogue();
    assert.ok((await ask({ catalogue })).some(({ type }) => type === 'model-switch'));
    assert.equal(server.refusals.length, 1);
    const events = await ask({ catalogue });
    assert.equal(server.refusals.length, 1);
    const end = events.at(-1);
    assert.ok(end?.type === 'turn-end' && end.model === 'claude-opus-5-5');
  });

  it('goes on to the next of the line when the successor it knows is gone as well', async () => {
    await start();
    const cache = memory();
    const catalogue = new Catalogue(cache);
    await catalogue.fetch(server.url, await client());
    await server.stop();
    const old = [...cache.kept.values()][0];
    const models = DEFAULT_MODELS.filter(({ id }) => id !== 'claude-opus-5-5');
    await start({ models: [...models, { ...DEFAULT_MODELS[0]!, id: 'claude-opus-6' }] });
    cache.set(`models:${server.url}`, old);
    const events = await ask({ catalogue: new Catalogue(cache) });
    const switches = events.flatMap((event) => (event.type === 'model-switch' ? [event.to] : []));
    assert.deepEqual(switches, ['claude-opus-5-5', 'claude-opus-6']);
  });

  it('is kept a day, and what the cache gives back broken counts as nothing', async () => {
    await start();
    const cache = memory();
    let now = 1_000_000;
    let fetched = 0;
    const counting = {
      get: (key: string) => cache.get(key),
      set: (key: string, value: unknown) => (fetched++, cache.set(key, value)),
    };
    const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));
    const catalogue = (): Catalogue => new Catalogue(counting, () => now);
    catalogue().refresh(server.url, await client());
    await settle();
    now += DAY_MS - 1;
    catalogue().refresh(server.url, await client());
    await settle();
    assert.equal(fetched, 1);
    now += 2;
    catalogue().refresh(server.url, await client());
    await settle();
    assert.equal(fetched, 2);
    cache.set(`models:${server.url}`, { at: now, models: 'broken' });
    assert.equal(catalogue().model(server.url, OLD), undefined);
  });

  it('is no error where the server has none, and leaves what was known', async () => {
    await start();
    const catalogue = new Catalogue();
    await catalogue.fetch(server.url, await client());
    const { url } = server;
    const closed = await client();
    await server.stop();
    assert.deepEqual(await fetchCatalogue(closed), []);
    await catalogue.fetch(url, closed);
    assert.equal(catalogue.model(url, OLD)?.lifecycle, 'retired');
    await start();
  });

  it('is no reason to ask an old model for what it refuses', async () => {
    const old = { ...DEFAULT_MODELS[3]!, lifecycle: 'active' as const, takesBudgets: true, max_tokens: 32_000 };
    await start({ models: [old] });
    await ask({ effort: 'max' });
    const body = server.requests[0]?.body;
    assert.deepEqual([body?.thinking, body?.output_config, body?.max_tokens], [undefined, undefined, 32_000]);
    assert.deepEqual(server.refusals, []);
  });

  it('gives the effort that was asked for to a model that takes it', async () => {
    await start();
    await ask({ model: 'claude-opus-5-5', effort: 'low' });
    assert.deepEqual(server.requests[0]?.body.output_config, { effort: 'low' });
    assert.deepEqual(server.refusals, []);
  });

  it('says once that a model takes no effort or a lower one, and not of one that is gone', async () => {
    await start({ models: [...DEFAULT_MODELS, { ...DEFAULT_MODELS[3]!, lifecycle: 'active', takesBudgets: true }] });
    const catalogue = new Catalogue();
    const said = async (model: string, effort: Effort): Promise<string[]> =>
      (await ask({ model, effort, catalogue })).flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    assert.deepEqual(await said('claude-haiku-5-5', 'max'), [
      'claude-haiku-5-5 takes the efforts low, medium, high, so it is asked for high in place of max.',
    ]);
    assert.deepEqual(server.requests.at(-1)?.body.output_config, { effort: 'high' });
    assert.deepEqual(await said('claude-haiku-5-5', 'max'), []);
    assert.deepEqual(await said('claude-opus-5-5', 'max'), []);
    // The old one is refused before it says a word, and what answers takes it.
    assert.deepEqual(await said(OLD, 'max'), []);
    assert.deepEqual(server.requests.at(-1)?.body.output_config, { effort: 'max' });
  });

  it('counts what another list says of a model that it does not know itself', async () => {
    await start({ models: [...DEFAULT_MODELS, { ...DEFAULT_MODELS[0]!, id: 'claude-next' }] });
    const listed = (await fetchCatalogue(await client())).find(({ id }) => id === 'claude-next');
    await ask({ model: 'claude-next', effort: 'xhigh', catalogue: new Catalogue(), listed: () => listed });
    assert.deepEqual(server.requests.at(-1)?.body.output_config, { effort: 'xhigh' });
    assert.deepEqual(server.requests.at(-1)?.body.thinking, { type: 'adaptive', display: 'summarized' });
  });
});
