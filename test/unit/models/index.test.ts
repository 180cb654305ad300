import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { ModelEvent } from '../../../src/agent/model';
import { resolveModel } from '../../../src/models/index';
import { createScriptedModel, loadScriptedModel, type Script } from '../../../src/models/scripted';

const script: Script = {
  name: 'x',
  turns: [
    { content: [{ type: 'tool_use', name: 'Look', input: {} }] },
    { content: [{ type: 'text', text: 'one two three' }], stopReason: 'max_tokens' },
  ],
};

describe('the providers', () => {
  const credential = { kind: 'apiKey', value: 'k', source: 'test' } as const;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'models-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('play a script rather than ask a model, with or without a key', async () => {
    const path = join(folder, 'script.json');
    await writeFile(path, JSON.stringify(script));
    assert.equal((await resolveModel({ id: 'any', script: path })).id, 'demo (x)');
    assert.equal((await resolveModel({ id: 'any', script: path, credential })).id, 'demo (x)');
  });

  it('ask the model that is wanted where there is a key, and name the remedy where there is none', async () => {
    assert.equal((await resolveModel({ id: 'claude-x', credential })).id, 'claude-x');
    await assert.rejects(resolveModel({ id: 'claude-x' }), { code: 'no-key' });
  });

  it('say what is wrong with a file that is no script', async () => {
    const path = join(folder, 'script.json');
    await writeFile(path, JSON.stringify({ name: 'x', turns: [{ content: [{ type: 'image' }] }] }));
    await assert.rejects(loadScriptedModel(path), { name: 'UserError', message: /is not a script of model turns/u });
    await assert.rejects(loadScriptedModel(join(folder, 'none.json')), { name: 'UserError' });
  });
});

describe('a script', () => {
  const play = async (
    messages: MessageParam[],
    { wordDelayMs = 0, signal = new AbortController().signal } = {},
  ): Promise<ModelEvent[]> => {
    const events: ModelEvent[] = [];
    const model = createScriptedModel(script, { id: 'named', wordDelayMs });
    for await (const event of model.stream({ system: '', tools: [], messages }, signal)) events.push(event);
    return events;
  };
  const go: MessageParam = { role: 'user', content: [{ type: 'text', text: 'go' }] };
  const called: MessageParam = {
    role: 'assistant',
    content: [{ type: 'tool_use', id: 'c', name: 'Look', input: {} }],
  };
  const result = { type: 'tool_result' as const, tool_use_id: 'c', content: 'x' };

  it('begins anew with a prompt that follows results of calls that were cut', async () => {
    const [first] = await play([go, called, { role: 'user', content: [result, { type: 'text', text: 'again' }] }]);
    assert.ok(first?.type === 'block-end' && first.block.type === 'tool_use');
  });

  it('gives the same ids for the same history, and others later', async () => {
    const id = async (messages: MessageParam[]): Promise<string> => {
      const [first] = await play(messages);
      return first?.type === 'block-end' && first.block.type === 'tool_use' ? first.block.id : '';
    };
    assert.equal(await id([go]), await id([go]));
    const again = [
      go,
      called,
      { role: 'user' as const, content: [result] },
      { role: 'assistant' as const, content: 'x' },
      go,
    ];
    assert.notEqual(await id([go]), await id(again));
  });

  it('ends as it was recorded, word by word, and answers under the name it was given', async () => {
    const events = await play([go, called, { role: 'user', content: [result] }], { wordDelayMs: 1 });
    assert.equal(events.filter(({ type }) => type === 'text-delta').length, 3);
    const end = events.at(-1);
    assert.ok(end?.type === 'turn-end' && end.stopReason === 'max_tokens' && end.model === 'named');
  });

  it('stops between two words with the reason of who stopped it', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => stop.abort(reason), 20);
    const messages = [go, called, { role: 'user' as const, content: [result] }];
    await assert.rejects(play(messages, { wordDelayMs: 10_000, signal: stop.signal }), reason);
  });
});
