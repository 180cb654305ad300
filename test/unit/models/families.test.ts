import assert from 'node:assert/strict';
import { ModelError, type Model, type ModelEvent } from '../../../src/agent/model';
import { createAnthropicModel } from '../../../src/models/anthropic';
import type { Effort } from '../../../src/models/capabilities';
import { Catalogue, type CatalogueModel } from '../../../src/models/catalogue';
import type { Credential } from '../../../src/models/credential';
import { knownModelOf, modelIdOf, workerModel, type Offer } from '../../../src/models/families';
import { createScriptedModel } from '../../../src/models/scripted';
import { DEFAULT_MODELS, startAnthropicServer, type AnthropicServer } from '../../support/anthropic-server';
import { turnsModel } from '../../support/turns';

const NOWHERE: Credential = { kind: 'apiKey', value: 'k', source: 'test', baseUrl: 'http://127.0.0.1:9' };
const request = { system: '', tools: [], messages: [{ role: 'user' as const, content: 'hi' }] };

async function answerOf(model: Model): Promise<{ text: string; events: ModelEvent[] }> {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(request, new AbortController().signal)) events.push(event);
  return { text: events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join(''), events };
}

describe('the model of a droid', () => {
  let server: AnthropicServer | undefined;
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  const offerOf = async (): Promise<Offer & { create: (id: string, effort?: Effort) => Promise<Model> }> => {
    const newer = {
      id: 'claude-sonnet-6',
      lifecycle: 'active',
      line: 'sonnet',
      created_at: '2026-11-20T00:00:00Z',
    } as const;
    const old = {
      id: 'claude-sonnet-9',
      lifecycle: 'deprecated',
      line: 'sonnet',
      created_at: '2026-11-30T00:00:00Z',
    } as const;
    server = await startAnthropicServer({
      turns: ({ model }) => ({ content: [{ type: 'text', text: `I am ${String(model)}` }] }),
      models: [...DEFAULT_MODELS, newer, old],
    });
    const credential: Credential = { kind: 'apiKey', value: 'test-key', source: 'test', baseUrl: server.url };
    const create = async (id: string, effort?: Effort): Promise<Model> =>
      createAnthropicModel({ model: id, credential, effort });
    return { catalogue: new Catalogue(), credential, create };
  };

  it('named by its family is the newest active one of the list', async () => {
    const offer = await offerOf();
    assert.equal(await modelIdOf('sonnet', offer), 'claude-sonnet-6');
    assert.equal(await modelIdOf('Haiku', offer), 'claude-haiku-5-5');
  });

  it('named by its family is a pinned one where there is no list, or none of that line in it', async () => {
    const offline = { catalogue: new Catalogue(), credential: NOWHERE };
    for (const [family, id] of [
      ['haiku', 'claude-haiku-5-5'],
      ['sonnet', 'claude-sonnet-5-5'],
      ['opus', 'claude-opus-5-5'],
      ['fable', 'claude-fable-5-2'],
    ] as const)
      assert.equal(await modelIdOf(family, offline), id);
    assert.equal(await modelIdOf('fable', await offerOf()), 'claude-fable-5-2');
  });

  it('named by an id is that one, and no list is asked for', async () => {
    assert.equal(
      await modelIdOf('claude-opus-4-6', { catalogue: new Catalogue(), credential: NOWHERE }),
      'claude-opus-4-6',
    );
  });

  it("is the session's own for inherit, and for another vendor's, which says so", async () => {
    const parent = turnsModel([], 'copilot/gpt');
    assert.deepEqual(await workerModel({ name: 'a', model: 'inherit' }, parent, undefined), {
      model: parent,
      remarks: [],
    });
    const { model, remarks } = await workerModel({ name: 'a', model: 'opus' }, parent, undefined);
    assert.equal(model, parent);
    assert.deepEqual(remarks, ['a names the model opus, which is not to be had here: it worked with copilot/gpt.']);
  });

  it('is asked over the real protocol where it can be had', async () => {
    const offer = await offerOf();
    const parent = await offer.create('claude-opus-5-5');
    const { model, remarks } = await workerModel({ name: 'a', model: 'haiku' }, parent, offer);
    assert.equal((await answerOf(model)).text, 'I am claude-haiku-5-5');
    assert.deepEqual(remarks, []);
  });

  it("tries as hard as the droid says, else as hard as the session's, and elsewhere says that it cannot be told", async () => {
    const offer = await offerOf();
    const parent = await offer.create('claude-opus-5-5', 'low');
    const effortOf = async (model: string, effort?: Effort): Promise<unknown> => {
      const worker = await workerModel({ name: 'a', model, effort }, parent, offer);
      await answerOf(worker.model);
      return server?.requests.at(-1)?.body.output_config?.effort;
    };
    assert.equal(await effortOf('inherit'), 'low');
    assert.equal(await effortOf('inherit', 'max'), 'max');
    assert.equal(await effortOf('haiku', 'medium'), 'medium');
    assert.equal(await effortOf('haiku'), 'low');
    const { remarks } = await workerModel(
      { name: 'a', model: 'inherit', effort: 'max' },
      turnsModel([], 'other'),
      undefined,
    );
    assert.deepEqual(remarks, ['a names the effort max, which other cannot be told.']);
  });

  it('is known from a list alone, as far as that tells', () => {
    const listed = (id: string, line: string, lifecycle: 'active' | 'retired', createdAt: string): CatalogueModel => ({
      ...{
        id,
        line,
        lifecycle,
        createdAt,
        maxInputTokens: null,
        maxTokens: null,
        adaptiveThinking: null,
        efforts: null,
      },
    });
    const list = [
      listed('claude-opus-6', 'opus', 'active', '2026-11-01'),
      listed('claude-opus-4-1', 'opus', 'retired', '2025-08-01'),
    ];
    for (const [name, id] of [
      ['opus', 'claude-opus-6'],
      ['claude-opus-4-1', 'claude-opus-6'],
      // Not listed, and of no line that is known: as it is.
      ['claude-nine', 'claude-nine'],
      ['haiku', 'claude-haiku-5-5'],
    ] as const)
      assert.equal(knownModelOf(name, list), id);
    assert.equal(knownModelOf('claude-opus-4-1', []), 'claude-opus-4-1');
  });

  it("falls back to the session's where the endpoint has it not, at once by the list or after its refusal", async () => {
    const offer = await offerOf();
    const parent = await offer.create('claude-opus-5-5');
    const refused = await workerModel({ name: 'a', model: 'claude-nine' }, parent, offer);
    const { text, events } = await answerOf(refused.model);
    assert.equal(text, 'I am claude-opus-5-5');
    assert.ok(events.some((event) => event.type === 'model-switch' && event.to === 'claude-opus-5-5'));
    assert.match(refused.remarks.join(), /names the model claude-nine, which is not to be had here/u);
    await modelIdOf('haiku', offer);
    const listed = await workerModel({ name: 'a', model: 'claude-nine' }, parent, offer);
    assert.equal(listed.model, parent);
    assert.equal(listed.remarks.length, 1);
  });

  it('does not fall back for other failures', async () => {
    const failing = turnsModel([{ error: new ModelError('overloaded') }]);
    const offer = { catalogue: new Catalogue(), credential: NOWHERE, create: async () => failing };
    const { model } = await workerModel({ name: 'a', model: 'claude-nine' }, turnsModel([], 'parent'), offer);
    await assert.rejects(answerOf(model), /overloaded/u);
  });

  it('of a script plays what the script holds for it', async () => {
    const turn = (text: string) => ({ content: [{ type: 'text' as const, text }] });
    const parent = createScriptedModel({ name: 's', turns: [turn('parent')], droids: { scout: [turn('scouted')] } });
    const { model } = await workerModel({ name: 'scout', model: 'opus' }, parent, undefined);
    assert.equal((await answerOf(model)).text, 'scouted');
    const { model: none } = await workerModel({ name: 'other', model: 'opus' }, parent, undefined);
    await assert.rejects(answerOf(none), /droid other" has ended after 0 turns/u);
  });
});
