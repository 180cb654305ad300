import assert from 'node:assert/strict';
import type { ModelEvent, ModelRequest } from '../../../src/agent/model';
import { createAnthropicModel } from '../../../src/models/anthropic';
import { withCacheMarks } from '../../../src/models/cache-marks';
import { checkKey } from '../../../src/models/check-key';
import { findCredential, modelChoice, type Credential } from '../../../src/models/credential';
import { costOf } from '../../../src/models/prices';
import { createScriptedModel } from '../../../src/models/scripted';
import { startAnthropicServer, type AnthropicServer, type ServerOptions } from '../../support/anthropic-server';

const request: ModelRequest = {
  system: 'You are a test.',
  tools: [{ name: 'Look', description: 'looks', input_schema: { type: 'object' } }],
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
};

async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const all: ModelEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe('the Anthropic model', () => {
  let server: AnthropicServer;
  const credential = (): Credential => ({ kind: 'apiKey', value: 'test-key', source: 'test', baseUrl: server.url });
  const ask = (model = 'claude-opus-5-5', signal = new AbortController().signal): Promise<ModelEvent[]> =>
    collect(createAnthropicModel({ model, credential: credential() }).stream(request, signal));
  const start = async (turns: ServerOptions['turns'], more: Partial<ServerOptions> = {}): Promise<void> => {
    server = await startAnthropicServer({ turns, ...more });
  };
  afterEach(() => server.stop());

  it('streams text, thinking and calls, and gives each block whole', async () => {
    const input = { at: 'a long path '.repeat(10) };
    await start([
      {
        content: [
          { type: 'thinking', thinking: 'hm, let me see' },
          { type: 'text', text: 'I will look at it now.' },
          { type: 'tool_use', name: 'Look', input },
        ],
      },
    ]);
    const events = await ask();
    const blocks = events.flatMap((event) => (event.type === 'block-end' ? [event.block] : []));
    assert.deepEqual(
      blocks.map(({ type }) => type),
      ['thinking', 'text', 'tool_use'],
    );
    assert.ok(blocks[0]?.type === 'thinking' && blocks[0].signature !== '');
    assert.deepEqual(blocks[2]?.type === 'tool_use' && blocks[2].input, input);
    assert.ok(events.filter(({ type }) => type === 'text-delta').length > 0);
    const end = events.at(-1);
    assert.ok(end?.type === 'turn-end' && end.stopReason === 'tool_use' && end.usage.cacheWrite > 0);
  });

  it('asks for adaptive thinking, and sends no field the API refuses', async () => {
    await start([{ content: [{ type: 'text', text: 'ok' }] }]);
    await ask();
    const body = server.requests[0]?.body;
    assert.deepEqual(body?.thinking, { type: 'adaptive', display: 'summarized' });
    assert.deepEqual(server.refusals, []);
  });

  it('answers with the newest of the line when the pinned model is gone, and says so', async () => {
    await start([{ content: [{ type: 'text', text: 'ok' }] }]);
    const [first] = await ask('claude-opus-4-1-20250805');
    assert.ok(first?.type === 'model-switch' && first.to === 'claude-opus-5-5');
    assert.match(first.why, /is retired; claude-opus-5-5, the newest of its line/u);
  });

  it('fails with the model named when there is none of its line', async () => {
    await start([], { models: [] });
    await assert.rejects(
      ask('claude-opus-4-1-20250805'),
      /has no model claude-opus-4-1-20250805\. Choose another model/u,
    );
  });

  for (const [what, error, message, retryAfterMs] of [
    [
      '429 with retry-after',
      { status: 429, type: 'rate_limit_error', message: 'slow down', headers: { 'retry-after': '7' } },
      /busy \(429\): slow down/u,
      7000,
    ],
    ['529', { status: 529, type: 'overloaded_error', message: 'Overloaded' }, /busy \(529\)/u, 0],
    [
      '502 with an HTML page',
      { status: 502, type: '', message: '', body: '<html><body><h1>Bad gateway</h1></body></html>' },
      /busy \(502\)/u,
      0,
    ],
    [
      '400',
      { status: 400, type: 'invalid_request_error', message: 'max_tokens: too large' },
      /refused the request \(400\): max_tokens: too large/u,
      undefined,
    ],
    ['403', { status: 403, type: 'permission_error', message: 'no' }, /may not use claude-opus-5-5/u, undefined],
  ] as const) {
    it(`turns ${what} into a sentence, and says whether to try again`, async () => {
      await start([{ error: { ...error } }]);
      await assert.rejects(ask(), (failure: Error & { retryAfterMs?: number }) => {
        assert.match(failure.message, message);
        assert.equal(failure.retryAfterMs, retryAfterMs);
        return true;
      });
    });
  }

  it('calls a conversation that is too long by its name', async () => {
    await start([
      {
        error: {
          status: 400,
          type: 'invalid_request_error',
          message: 'prompt is too long: 210000 tokens > 200000 maximum',
        },
      },
    ]);
    await assert.rejects(
      ask(),
      (failure: Error & { code?: string }) =>
        failure.code === 'context-full' && /Start a new session/u.test(failure.message),
    );
  });

  it('gives no half block when the stream is cut, at any byte', async () => {
    const content = [{ type: 'tool_use' as const, name: 'Look', input: { at: 'somewhere far away' } }];
    await start(() => ({ content }));
    const whole = JSON.stringify(content[0]?.input);
    await server.stop();
    for (let cutAfter = 1; cutAfter < 1_400; cutAfter += 60) {
      await start([{ content, cutAfter }]);
      const events: ModelEvent[] = [];
      try {
        for await (const event of createAnthropicModel({ model: 'claude-opus-5-5', credential: credential() }).stream(
          request,
          new AbortController().signal,
        ))
          events.push(event);
      } catch (error) {
        assert.match(String(error), /middle of the answer|could not be reached/u);
      }
      for (const event of events)
        if (event.type === 'block-end') assert.equal(JSON.stringify((event.block as { input?: unknown }).input), whole);
      await server.stop();
    }
    await start([]);
  });

  it('says which endpoint could not be reached', async () => {
    await start([]);
    const { url } = server;
    await server.stop();
    await assert.rejects(
      ask(),
      (failure: Error) =>
        failure.message.includes(`${url} could not be reached`) && failure.message.includes('ECONNREFUSED'),
    );
    await start([]);
  });

  it('ends at once when it is stopped', async () => {
    await start([{ content: [{ type: 'text', text: 'x' }], hang: true }]);
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('stopped')), 100);
    const began = Date.now();
    await assert.rejects(ask('claude-opus-5-5', stop.signal));
    assert.ok(Date.now() - began < 1_000);
  });

  it('checks a key with one call that asks no model', async () => {
    await start([]);
    assert.equal(await checkKey(credential()), undefined);
    assert.match((await checkKey({ ...credential(), value: 'wrong' })) ?? '', /does not accept the key/u);
    assert.equal(server.requests.length, 0);
  });
});

describe('cache marks', () => {
  it('stand after tools, after system and on the last two messages of the user, and change nothing else', () => {
    const messages: ModelRequest['messages'] = [
      { role: 'user', content: [{ type: 'text', text: 'one' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'a' }] },
      { role: 'user', content: [{ type: 'text', text: 'two' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'b' }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'three' }] },
    ];
    const marked = withCacheMarks({ ...request, messages });
    const text = JSON.stringify(marked);
    assert.equal(text.match(/"cache_control"/gu)?.length, 4);
    assert.doesNotMatch(JSON.stringify(marked.messages[0]), /cache_control/u);
    const bare = JSON.parse(
      JSON.stringify(marked.messages, (key, value: unknown) => (key === 'cache_control' ? undefined : value)),
    ) as unknown;
    assert.deepEqual(bare, messages);
  });
});

describe('credentials', () => {
  const env = { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'https://proxy.example' };
  it('never send a key to another host than the one it was set for', () => {
    assert.equal(findCredential({ stored: undefined, baseUrl: 'https://evil.example', env }), undefined);
    assert.equal(findCredential({ stored: undefined, baseUrl: 'https://proxy.example/v1', env })?.value, 'k');
    assert.equal(
      findCredential({ stored: undefined, baseUrl: 'https://evil.example', env: { ANTHROPIC_API_KEY: 'k' } }),
      undefined,
    );
  });

  it('use exactly one, the stored first, and say where it is from', () => {
    const found = findCredential({ stored: 's', baseUrl: 'https://proxy.example', env });
    assert.deepEqual([found?.value, found?.source], ['s', 'Secret Storage']);
    const token = findCredential({
      stored: undefined,
      baseUrl: 'https://api.anthropic.com',
      env: { ANTHROPIC_AUTH_TOKEN: 't' },
    });
    assert.deepEqual([token?.kind, token?.source], ['authToken', 'environment variable ANTHROPIC_AUTH_TOKEN']);
  });

  it('the model is the flag, the environment, the setting, the droid, in this order', () => {
    assert.equal(modelChoice({ flag: 'f', environment: 'e', setting: 's', droid: 'd' }), 'f');
    assert.equal(modelChoice({ environment: 'e', setting: 's', droid: 'd' }), 'e');
    assert.equal(modelChoice({ setting: 's', droid: 'd' }), 's');
    assert.equal(modelChoice({ droid: 'd' }), 'd');
    assert.match(modelChoice({ droid: 'inherit' }), /^claude-/u);
  });
});

describe('prices', () => {
  const usage = { input: 1_000_000, output: 1_000_000, cacheRead: 1_000_000, cacheWrite: 1_000_000 };
  it('count input, output, cache reads and writes each at its own price', () => {
    assert.equal(costOf(usage, 'claude-opus-4-5'), 5 + 25 + 0.5 + 6.25);
    assert.equal(costOf(usage, 'claude-sonnet-5-5'), 2 + 10 + 0.1 + 2.5);
  });
  it('are those of the undated model for a dated id, and unknown for a stranger', () => {
    assert.equal(costOf(usage, 'claude-opus-4-1-20250805'), costOf(usage, 'claude-opus-4-1'));
    assert.equal(costOf(usage, 'llama3'), null);
  });
  it('are higher for a whole long prompt where the list says so', () => {
    const short = { input: 100_000, output: 1_000, cacheRead: 0, cacheWrite: 0 };
    assert.ok(
      (costOf({ ...short, input: 100_001 }, 'claude-haiku-5-5') ?? 0) > 4 * (costOf(short, 'claude-haiku-5-5') ?? 0),
    );
  });
});

describe('the scripted model', () => {
  const model = createScriptedModel({
    name: 'x',
    turns: [
      { content: [{ type: 'tool_use', name: 'Look', input: {} }] },
      { content: [{ type: 'text', text: 'done' }] },
    ],
  });
  const stream = (messages: ModelRequest['messages']): Promise<ModelEvent[]> =>
    collect(model.stream({ ...request, messages }, new AbortController().signal));

  it('finds its place from the history, also in a resumed session, and says when it has ended', async () => {
    const prompt = { role: 'user' as const, content: 'go' };
    const [first] = await stream([prompt]);
    assert.ok(first?.type === 'block-end' && first.block.type === 'tool_use');
    const called = [
      prompt,
      { role: 'assistant' as const, content: [first.block] },
      { role: 'user' as const, content: [{ type: 'tool_result' as const, tool_use_id: first.block.id, content: 'x' }] },
    ];
    const second = await stream(called);
    assert.ok(second.some((event) => event.type === 'text-delta' && event.text === 'done'));
    await assert.rejects(
      stream([
        ...called,
        { role: 'assistant', content: 'done' },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'y', content: 'x' }] },
      ]),
      /has ended after 2 turns/u,
    );
  });
});
