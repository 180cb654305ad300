import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { startAnthropicServer, type AnthropicServer } from '../../support/anthropic-server';
import { signatureOf } from '../../support/anthropic/validate';

const hello = { role: 'user', content: 'hello' };
const tools = [{ name: 'look', input_schema: { type: 'object' } }];
const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'look', input: {} }] };
const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'seen' }] };
const mark = { cache_control: { type: 'ephemeral' } };
const base = { model: 'claude-opus-5-5', max_tokens: 100, messages: [hello] };
const thought = (text: string, signature: string): object => ({
  role: 'assistant',
  content: [
    { type: 'thinking', thinking: text, signature },
    { type: 'text', text: 'so' },
  ],
});

const refused: [string, object, RegExp][] = [
  [
    'a tool_use without its result',
    { ...base, tools, messages: [hello, call, hello] },
    /without `tool_result` blocks immediately after: a/u,
  ],
  ['a result without its tool_use', { ...base, tools, messages: [hello, result] }, /unexpected `tool_use_id`/u],
  [
    'two results for one call',
    { ...base, tools, messages: [hello, call, { role: 'user', content: [...result.content, ...result.content] }] },
    /single result/u,
  ],
  [
    'a result after other content',
    {
      ...base,
      tools,
      messages: [hello, call, { role: 'user', content: [{ type: 'text', text: 'x' }, ...result.content] }],
    },
    /must come before/u,
  ],
  ['one id used twice', { ...base, tools, messages: [hello, call, result, call, result] }, /ids must be unique/u],
  [
    'a changed thinking block',
    { ...base, messages: [hello, thought('other', signatureOf('one')), hello] },
    /cannot be modified/u,
  ],
  [
    'more than four cache marks',
    { ...base, system: Array.from({ length: 5 }, (_, n) => ({ type: 'text', text: `s${n}`, ...mark })) },
    /maximum of 4 blocks.*Found 5/u,
  ],
  [
    'a first message of the assistant',
    { ...base, messages: [{ role: 'assistant', content: 'hi' }] },
    /first message must use the "user" role/u,
  ],
  ['an unknown role', { ...base, messages: [{ role: 'tool', content: 'hi' }] }, /messages\.0\.role/u],
  ['no messages', { ...base, messages: [] }, /at least one message/u],
  ['an empty message', { ...base, messages: [hello, { role: 'assistant', content: [] }, hello] }, /non-empty content/u],
  [
    'an empty text block',
    { ...base, messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
    /must be non-empty/u,
  ],
  ['an unknown field', { ...base, seed: 1 }, /seed: Extra inputs are not permitted/u],
  [
    'an unknown field of a block',
    { ...base, messages: [{ role: 'user', content: [{ type: 'text', text: 'x', id: 1 }] }] },
    /Extra inputs are not permitted/u,
  ],
  ['no max_tokens', { model: base.model, messages: [hello] }, /max_tokens/u],
  ['a bad tool name', { ...base, tools: [{ name: 'look here', input_schema: { type: 'object' } }] }, /tools\.0\.name/u],
  ['two tools of one name', { ...base, tools: [...tools, ...tools] }, /must be unique/u],
  [
    'a schema that is no object',
    { ...base, tools: [{ name: 'look', input_schema: { type: 'string' } }] },
    /input_schema/u,
  ],
  ['calls without tools', { ...base, messages: [hello, call, result] }, /must define tools/u],
  [
    'an answer begun with trailing blanks',
    { ...base, messages: [hello, { role: 'assistant', content: 'so ' }] },
    /trailing whitespace/u,
  ],
  [
    'a budget as large as the answer',
    { ...base, max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 2000 } },
    /must be greater/u,
  ],
  [
    'thinking of the user',
    {
      ...base,
      messages: [{ role: 'user', content: [{ type: 'thinking', thinking: 'x', signature: signatureOf('x') }] }],
    },
    /only be in `assistant`/u,
  ],
  [
    'an image that is not base64',
    {
      ...base,
      messages: [
        { role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: '!' } }] },
      ],
    },
    /base64/u,
  ],
];

describe('the scripted Anthropic server', () => {
  let server: AnthropicServer;
  const post = (body: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}/v1/messages`, {
      method: 'POST',
      headers: {
        'x-api-key': 'test-key',
        'anthropic-version': '2023-06-01',
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify(body),
    });

  beforeEach(async () => {
    server = await startAnthropicServer({ turns: () => ({ content: [{ type: 'text', text: 'hi' }] }) });
  });
  afterEach(() => server.stop());

  for (const [what, body, message] of refused) {
    it(`refuses ${what}`, async () => {
      const response = await post(body);
      assert.equal(response.status, 400);
      const { error } = (await response.json()) as { error: { type: string; message: string } };
      assert.equal(error.type, 'invalid_request_error');
      assert.match(error.message, message);
      assert.equal(server.requests.length, 0);
    });
  }

  it('refuses a wrong key, a missing version and a model that is gone', async () => {
    assert.equal((await post(base, { 'x-api-key': 'wrong' })).status, 401);
    assert.equal((await post({ ...base, model: 'claude-opus-4-1-20250805' })).status, 404);
    const bare = await fetch(`${server.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': 'test-key' },
      body: '{}',
    });
    assert.equal(bare.status, 400);
  });

  it('takes consecutive messages of the user, and thinking as it was given', async () => {
    assert.equal(
      (await post({ ...base, messages: [hello, hello, thought('one', signatureOf('one')), hello] })).status,
      200,
    );
  });

  it('answers the real SDK in a tool loop, and counts what the cache saves', async () => {
    await server.stop();
    server = await startAnthropicServer({
      turns: [
        {
          content: [
            { type: 'thinking', thinking: 'let me look' },
            { type: 'tool_use', name: 'look', input: { at: 'a'.repeat(60) } },
          ],
        },
        { content: [{ type: 'text', text: 'It is there.' }] },
      ],
    });
    const client = new Anthropic({ apiKey: 'test-key', baseURL: server.url, maxRetries: 0 });
    const first = [
      {
        role: 'user' as const,
        content: [{ type: 'text' as const, text: 'look '.repeat(100), cache_control: { type: 'ephemeral' as const } }],
      },
    ];
    const head = {
      model: 'claude-opus-5-5',
      max_tokens: 1000,
      tools: [{ name: 'look', input_schema: { type: 'object' as const } }],
    };
    const one = await client.messages.stream({ ...head, messages: first }).finalMessage();
    assert.equal(one.stop_reason, 'tool_use');
    const use = one.content.find((block) => block.type === 'tool_use');
    assert.deepEqual(use?.input, { at: 'a'.repeat(60) });
    assert.ok((one.usage.cache_creation_input_tokens ?? 0) > 0);
    const two = await client.messages
      .stream({
        ...head,
        messages: [
          ...first,
          { role: 'assistant', content: one.content },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: use?.id ?? '', content: 'seen' }] },
        ],
      })
      .finalMessage();
    assert.equal(two.content[0]?.type === 'text' && two.content[0].text, 'It is there.');
    assert.ok((two.usage.cache_read_input_tokens ?? 0) > 0);
    assert.deepEqual(server.refusals, []);
  });

  it('lists its models to the real SDK', async () => {
    const ids: string[] = [];
    for await (const { id } of new Anthropic({ apiKey: 'test-key', baseURL: server.url }).models.list()) ids.push(id);
    assert.ok(ids.includes('claude-opus-5-5'));
  });
});
