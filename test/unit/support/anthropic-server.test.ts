import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import {
  DEFAULT_MODELS,
  startAnthropicServer,
  type AnthropicServer,
  type ScriptedTurn,
  type ServerModel,
  type ServerOptions,
} from '../../support/anthropic-server';
import { signatureOf } from '../../support/anthropic/validate';

const hello = { role: 'user', content: 'hello' };
const tools = [{ name: 'look', input_schema: { type: 'object' } }];
const use = (...ids: string[]): object[] => ids.map((id) => ({ type: 'tool_use', id, name: 'look', input: {} }));
const call = { role: 'assistant', content: use('a') };
const seen = { type: 'tool_result', tool_use_id: 'a', content: 'seen' };
const result = { role: 'user', content: [seen] };
const mark = { cache_control: { type: 'ephemeral' } };
const hour = { cache_control: { type: 'ephemeral', ttl: '1h' } };
const base = { model: 'claude-opus-5-5', max_tokens: 100, messages: [hello] };
const older: ServerModel = {
  id: 'claude-haiku-4-5-20251001',
  lifecycle: 'active',
  line: 'haiku',
  created_at: '2025-10-01T00:00:00Z',
  takesBudgets: true,
};
const onOlder = { ...base, model: older.id };
const said = (...content: object[]): object => ({ ...base, messages: [{ role: 'user', content }] });
const answered = (...content: object[]): object => ({
  ...base,
  messages: [hello, { role: 'assistant', content }, hello],
});
const thought = (text: string, signature = signatureOf(text)): object => ({
  type: 'thinking',
  thinking: text,
  signature,
});
const image = (media_type: string, data: string): object => ({
  type: 'image',
  source: { type: 'base64', media_type, data },
});
const so = { type: 'text', text: 'so' };
const PNG = Buffer.from('\x89PNG\r\n\x1a\n and more', 'latin1').toString('base64');

const refused: [string, object, RegExp][] = [
  [
    'a tool_use without its tool_result',
    { ...base, tools, messages: [hello, call, hello] },
    /^messages\.1: `tool_use` ids were found without `tool_result` blocks immediately after: a\. Each/u,
  ],
  [
    'a tool_use at the end',
    { ...base, tools, messages: [hello, call] },
    /without `tool_result` blocks immediately after: a/u,
  ],
  [
    'two calls with one result',
    { ...base, tools, messages: [hello, { role: 'assistant', content: use('a', 'b') }, result] },
    /immediately after: b\./u,
  ],
  [
    'a tool_result after other content',
    { ...base, tools, messages: [hello, call, { role: 'user', content: [so, seen] }] },
    /immediately after: a\./u,
  ],
  [
    'a tool_result without its tool_use',
    { ...base, tools, messages: [hello, result] },
    /^messages\.1\.content\.0: unexpected `tool_use_id` found in `tool_result` blocks: a\./u,
  ],
  [
    'two results of one call',
    { ...base, tools, messages: [hello, call, { role: 'user', content: [seen, seen] }] },
    /each tool_use must have a single result/u,
  ],
  [
    'a failed result that says nothing',
    { ...base, tools, messages: [hello, call, { role: 'user', content: [{ ...seen, content: '', is_error: true }] }] },
    /^messages\.2\.content\.0\.tool_result: content cannot be empty if `is_error` is true$/u,
  ],
  [
    'a tool_use id used twice',
    { ...base, tools, messages: [hello, call, result, call, result] },
    /^messages\.3\.content\.0: `tool_use` ids must be unique$/u,
  ],
  [
    'a tool_use id of other characters',
    { ...base, tools, messages: [hello, { role: 'assistant', content: use('a:b') }, result] },
    /^messages\.1\.content\.0\.tool_use\.id: String should match pattern '\^\[a-zA-Z0-9_-\]\+\$'$/u,
  ],
  [
    'a tool_use input that is no object',
    { ...base, tools, messages: [hello, { role: 'assistant', content: [{ ...use('a')[0], input: '{}' }] }, result] },
    /^messages\.1\.content\.0\.tool_use\.input: Input should be a valid dictionary$/u,
  ],
  [
    'changed thinking in the latest answer',
    answered(thought('other', signatureOf('one')), so),
    /^messages\.1\.content\.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified/u,
  ],
  [
    'changed thinking in an earlier answer',
    {
      ...base,
      messages: [
        hello,
        { role: 'assistant', content: [thought('other', signatureOf('one')), so] },
        hello,
        { role: 'assistant', content: 'yes' },
        hello,
      ],
    },
    /^messages\.1\.content\.0: Invalid `signature` in `thinking` block$/u,
  ],
  ['thinking with a made-up signature', answered(thought('one', 'signed'), so), /Invalid `signature` in `thinking`/u],
  [
    'unsigned thinking',
    answered({ type: 'thinking', thinking: 'one' }, so),
    /^messages\.1\.content\.0\.thinking\.signature: Field required$/u,
  ],
  [
    'thinking at the end of an answer',
    answered(so, thought('one')),
    /^messages\.1: The final block in an assistant message cannot be `thinking`\.$/u,
  ],
  ['thinking of the user', said(thought('x')), /`thinking` blocks can only be in `assistant` messages/u],
  [
    'a tool_result of the assistant',
    { ...base, tools, messages: [hello, { role: 'assistant', content: [seen] }, hello] },
    /`tool_result` blocks can only be in `user` messages/u,
  ],
  [
    'more than four cache marks',
    { ...base, system: Array.from({ length: 5 }, (_, n) => ({ type: 'text', text: `s${n}`, ...mark })) },
    /^A maximum of 4 blocks with cache_control may be provided\. Found 5\.$/u,
  ],
  [
    'a fifth mark inside a result',
    {
      ...base,
      tools: [{ ...tools[0], ...mark }],
      system: [{ ...so, ...mark }],
      messages: [
        { role: 'user', content: [{ ...so, ...mark }] },
        call,
        { role: 'user', content: [{ ...seen, content: [{ ...so, ...mark }], ...mark }] },
      ],
    },
    /Found 5\./u,
  ],
  [
    'a mark for an hour after one for five minutes',
    { ...base, system: [{ ...so, ...mark }], messages: [{ role: 'user', content: [{ ...so, ...hour }] }] },
    /^messages\.0\.content\.0\.cache_control\.ttl: a ttl='1h' cache_control block must not come after a ttl='5m'/u,
  ],
  [
    'a mark on empty text',
    said(so, { type: 'text', text: '', ...mark }),
    /^messages\.0\.content\.1\.text: cache_control cannot be set for empty text blocks$/u,
  ],
  [
    'a mark on thinking',
    answered({ ...thought('one'), ...mark }, so),
    /^messages\.1\.content\.0\.thinking\.cache_control: Extra inputs are not permitted$/u,
  ],
  [
    'a mark of another lifetime',
    said({ ...so, cache_control: { type: 'ephemeral', ttl: '2h' } }),
    /^messages\.0\.content\.0\.text\.cache_control\.ephemeral\.ttl: Input should be '5m' or '1h'$/u,
  ],
  [
    'a first message of the assistant',
    { ...base, messages: [{ role: 'assistant', content: 'hi' }, hello] },
    /first message must use the "user" role/u,
  ],
  [
    'an unknown role',
    { ...base, messages: [{ role: 'tool', content: 'hi' }] },
    /^messages\.0\.role: Input should be 'user', 'assistant' or 'system'$/u,
  ],
  ['no messages', { ...base, messages: [] }, /^messages: at least one message is required$/u],
  [
    'an empty message of the user',
    { ...base, messages: [{ role: 'user', content: '' }] },
    /^messages\.0: all messages/u,
  ],
  [
    'an empty message of the assistant before the end',
    answered(),
    /^messages\.1: all messages must have non-empty content except for the optional final assistant message$/u,
  ],
  ['an empty text block', said(so, { type: 'text', text: '' }), /^messages: text content blocks must be non-empty$/u],
  ['a blank text block', said({ type: 'text', text: ' \n' }), /text content blocks must contain non-whitespace text/u],
  [
    'an empty block of the system prompt',
    { ...base, system: [{ type: 'text', text: '' }] },
    /^system: text content blocks must be non-empty$/u,
  ],
  ['an unknown field', { ...base, seed: 1 }, /^seed: Extra inputs are not permitted$/u],
  [
    'an unknown field of a message',
    { ...base, messages: [{ ...hello, name: 'me' }] },
    /^messages\.0\.name: Extra inputs are not permitted$/u,
  ],
  [
    'an unknown field of a block',
    said({ ...so, id: 1 }),
    /^messages\.0\.content\.0\.text\.id: Extra inputs are not permitted$/u,
  ],
  [
    'an unknown kind of block',
    said({ type: 'video' }),
    /^messages\.0\.content\.0: Input tag 'video' found using 'type' does not match any of the expected tags: 'text', /u,
  ],
  ['no max_tokens', { model: base.model, messages: [hello] }, /^max_tokens: Field required$/u],
  [
    'more output than the model gives',
    { ...base, max_tokens: 64_001 },
    /^max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for claude-opus-5-5$/u,
  ],
  [
    'a prompt longer than the window',
    { ...base, messages: [{ role: 'user', content: 'long '.repeat(170_000) }] },
    /^prompt is too long: \d+ tokens > 200000 maximum$/u,
  ],
  [
    'a tool name of other characters',
    { ...base, tools: [{ ...tools[0], name: 'look here' }] },
    /^tools\.0\.custom\.name: String should match pattern '\^\[a-zA-Z0-9_-\]\{1,128\}\$'$/u,
  ],
  [
    'a tool name of more than 128 characters',
    { ...base, tools: [{ ...tools[0], name: 'a'.repeat(129) }] },
    /^tools\.0\.custom\.name: String should match/u,
  ],
  ['two tools of one name', { ...base, tools: [...tools, ...tools] }, /^tools: Tool names must be unique\.$/u],
  [
    'a tool schema that is no object',
    { ...base, tools: [{ name: 'look', input_schema: { type: 'string' } }] },
    /^tools\.0\.custom\.input_schema\.type: Input should be 'object'$/u,
  ],
  [
    'a tool schema without a type',
    { ...base, tools: [{ name: 'look', input_schema: {} }] },
    /^tools\.0\.custom\.input_schema\.type: Field required$/u,
  ],
  [
    'an unknown field of a tool',
    { ...base, tools: [{ ...tools[0], parameters: {} }] },
    /^tools\.0\.custom\.parameters: Extra inputs are not permitted$/u,
  ],
  ['calls without tools', { ...base, messages: [hello, call, result] }, /must define tools/u],
  ['a choice without tools', { ...base, tool_choice: { type: 'auto' } }, /only be specified while providing tools/u],
  [
    'a choice of a tool that is not there',
    { ...base, tools, tool_choice: { type: 'tool', name: 'hear' } },
    /^Tool 'hear' not found in provided tools$/u,
  ],
  [
    'forced tools with thinking',
    { ...base, tools, tool_choice: { type: 'any' }, thinking: { type: 'adaptive' } },
    /^Thinking may not be enabled when tool_choice forces tool use\.$/u,
  ],
  [
    'another temperature with thinking',
    { ...base, temperature: 0, thinking: { type: 'adaptive' } },
    /`temperature` may only be set to 1 when thinking is enabled or in adaptive mode/u,
  ],
  ['a temperature on a newer model', { ...base, temperature: 0 }, /^`temperature` is deprecated for this model\.$/u],
  [
    'an answer begun by the caller on a newer model',
    { ...base, messages: [hello, { role: 'assistant', content: 'so' }] },
    /does not support assistant message prefill/u,
  ],
  [
    'a budget on a newer model',
    { ...base, max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 } },
    /^"thinking\.type\.enabled" is not supported for this model/u,
  ],
  [
    'adaptive thinking on an older model',
    { ...onOlder, thinking: { type: 'adaptive' } },
    /^adaptive thinking is not supported on this model$/u,
  ],
  [
    'a begun answer that ends in a blank',
    { ...onOlder, messages: [hello, { role: 'assistant', content: 'so ' }] },
    /^messages: final assistant content cannot end with trailing whitespace$/u,
  ],
  [
    'a budget below 1024',
    { ...onOlder, max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1000 } },
    /^thinking\.enabled\.budget_tokens: Input should be greater than or equal to 1024$/u,
  ],
  [
    'a budget as large as the answer',
    { ...onOlder, max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 2000 } },
    /^`max_tokens` must be greater than `thinking\.budget_tokens`/u,
  ],
  [
    'a tool loop with a budget whose thinking is gone',
    {
      ...onOlder,
      tools,
      max_tokens: 4000,
      thinking: { type: 'enabled', budget_tokens: 2000 },
      messages: [hello, call, result],
    },
    /^messages\.1\.content\.0\.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`/u,
  ],
  ['an image that is not base64', said(image('image/png', '!')), /base64\.data: Invalid base64 data$/u],
  ['an empty image', said(image('image/png', '')), /image cannot be empty$/u],
  ['an image of no known format', said(image('image/png', 'AAAA')), /^Could not process image$/u],
  [
    'an image of another format than it says',
    said(image('image/jpeg', PNG)),
    /source\.base64: The image was specified using the image\/jpeg media type, but the image appears to be a image\/png image$/u,
  ],
  [
    'an image of a kind that is not taken',
    said(image('image/bmp', PNG)),
    /^messages\.0\.content\.0\.image\.source\.base64\.media_type: Input should be 'image\/jpeg', 'image\/png', 'image\/gif' or 'image\/webp'$/u,
  ],
  [
    'an image of more than 5 MB',
    said(image('image/png', Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.alloc(5_242_880)]).toString('base64'))),
    /image exceeds 5 MB maximum: \d+ bytes > 5242880 bytes$/u,
  ],
  [
    'a bad image inside a result',
    {
      ...base,
      tools,
      messages: [hello, call, { role: 'user', content: [{ ...seen, content: [image('image/png', 'AAAA')] }] }],
    },
    /^Could not process image$/u,
  ],
  [
    'a document that is no PDF',
    said({ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PNG } }),
    /^The PDF specified was not valid\.$/u,
  ],
];

describe('the scripted Anthropic server', () => {
  let server: AnthropicServer;
  const start = async (turns: ServerOptions['turns']): Promise<void> => {
    server = await startAnthropicServer({ turns, models: [...DEFAULT_MODELS, older], listsRetired: false });
  };
  const headers = { 'x-api-key': 'test-key', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };
  const post = (body: unknown, more: Record<string, string> = headers, path = '/v1/messages'): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: more,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const client = (): Anthropic => new Anthropic({ apiKey: 'test-key', baseURL: server.url, maxRetries: 0 });
  const ok: ScriptedTurn = { content: [{ type: 'text', text: 'hi' }] };

  /** Sends a body that must be refused, and gives what the answer says. */
  async function refusalOf(response: Promise<Response>, status: number, type: string): Promise<string> {
    const taken = await response;
    const body = (await taken.json()) as { type: string; error: { type: string; message: string }; request_id: string };
    assert.deepEqual([taken.status, body.type, body.error.type], [status, 'error', type], body.error?.message);
    assert.equal(body.request_id, taken.headers.get('request-id'));
    assert.equal(server.requests.length, 0);
    return body.error.message;
  }

  beforeEach(() => start(() => ok));
  afterEach(() => server.stop());

  for (const [what, body, message] of refused) {
    it(`refuses ${what}`, async () => {
      assert.match(await refusalOf(post(body), 400, 'invalid_request_error'), message);
    });
  }

  it('refuses a body that is not JSON', async () => {
    assert.match(await refusalOf(post('{'), 400, 'invalid_request_error'), /not valid JSON/u);
  });

  it('refuses a body of more than 32 MB, and still answers', async () => {
    const huge = post({ ...base, messages: [{ role: 'user', content: 'x'.repeat(32_000_000) }] });
    assert.equal(await refusalOf(huge, 413, 'request_too_large'), 'Request exceeds the maximum size');
  });

  it('refuses a request without a version', async () => {
    const { 'anthropic-version': _, ...rest } = headers;
    assert.equal(
      await refusalOf(post(base, rest), 400, 'invalid_request_error'),
      'anthropic-version: header is required',
    );
  });

  it('refuses a wrong key, a wrong token and none', async () => {
    const { 'x-api-key': _, ...rest } = headers;
    const type = 'authentication_error';
    assert.equal(await refusalOf(post(base, { ...headers, 'x-api-key': 'no' }), 401, type), 'invalid x-api-key');
    assert.equal(
      await refusalOf(post(base, { ...rest, authorization: 'Bearer no' }), 401, type),
      'Invalid bearer token',
    );
    assert.equal(await refusalOf(post(base, rest), 401, type), 'x-api-key header is required');
  });

  it('takes the key as a bearer token too', async () => {
    const { 'x-api-key': _, ...rest } = headers;
    assert.equal((await post(base, { ...rest, authorization: 'Bearer test-key' })).status, 200);
  });

  it('refuses a model that is not in the list, or is retired', async () => {
    for (const model of ['claude-nobody', 'claude-opus-4-1-20250805'])
      assert.equal(await refusalOf(post({ ...base, model }), 404, 'not_found_error'), `model: ${model}`);
  });

  it('refuses a path and a method it does not have', async () => {
    await refusalOf(post(base, headers, '/v1/complete'), 404, 'not_found_error');
    await refusalOf(fetch(`${server.url}/v1/messages`, { headers }), 405, 'invalid_request_error');
  });

  const accepted: [string, object][] = [
    [
      'consecutive messages of the user',
      { ...base, messages: [hello, hello, { role: 'assistant', content: 'a' }, hello] },
    ],
    ['thinking as it was given', answered(thought('one'), so)],
    [
      'calls without thinking in adaptive mode',
      { ...base, tools, thinking: { type: 'adaptive' }, messages: [hello, call, result] },
    ],
    [
      'results of one turn in two messages, then text',
      {
        ...base,
        tools,
        messages: [
          hello,
          { role: 'assistant', content: use('a', 'b') },
          result,
          { role: 'user', content: [{ ...seen, tool_use_id: 'b' }, so] },
        ],
      },
    ],
    [
      'a result that says nothing',
      {
        ...base,
        tools,
        messages: [hello, call, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a' }] }],
      },
    ],
    ['a begun answer on an older model', { ...onOlder, messages: [hello, { role: 'assistant', content: 'so' }] }],
    ['an image', said(image('image/png', PNG))],
    [
      'four marks',
      { ...base, system: Array.from({ length: 4 }, (_, n) => ({ type: 'text', text: `s${n}`, ...hour })) },
    ],
  ];
  for (const [what, body] of accepted) {
    it(`takes ${what}`, async () => {
      const response = await post(body);
      assert.equal(response.status, 200, await response.text());
    });
  }

  it('answers the real SDK in a tool loop, and counts what the cache saves', async () => {
    await server.stop();
    const input = { at: 'größe 🐙 '.repeat(9) };
    await start([
      {
        content: [
          { type: 'thinking', thinking: 'let me look' },
          { type: 'text', text: 'I look at it now. '.repeat(4) },
          { type: 'tool_use', name: 'look', input },
        ],
      },
      { content: [{ type: 'tool_use', name: 'look', input: {} }] },
      { content: [{ type: 'text', text: 'It is there.' }] },
    ]);
    const ephemeral = { type: 'ephemeral' as const };
    const system = [{ type: 'text' as const, text: 'You look. '.repeat(50), cache_control: ephemeral }];
    const messages: MessageParam[] = [{ role: 'user', content: 'Where is it?' }];
    const usages: Anthropic.Usage[] = [];
    let deltas = 0;
    for (;;) {
      const stream = client().messages.stream({
        model: 'claude-opus-5-5',
        max_tokens: 1000,
        thinking: { type: 'adaptive' },
        tools: [{ name: 'look', input_schema: { type: 'object' } }],
        system,
        messages: messages.map((message, at) =>
          at < messages.length - 1 || typeof message.content === 'string'
            ? message
            : {
                ...message,
                content: message.content.map((block) => ({ ...block, cache_control: ephemeral })) as never,
              },
        ),
      });
      stream.on('text', () => (deltas += 1));
      const answer = await stream.finalMessage();
      usages.push(answer.usage);
      messages.push({ role: 'assistant', content: answer.content });
      const calls = answer.content.flatMap((block) => (block.type === 'tool_use' ? [block] : []));
      if (usages.length === 1) assert.deepEqual(calls[0]?.input, input);
      if (answer.stop_reason !== 'tool_use') break;
      messages.push({
        role: 'user',
        content: calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'seen' })),
      });
    }
    assert.deepEqual(server.refusals, []);
    assert.equal(server.requests.length, 3);
    assert.ok(deltas > 3);
    const [first, second, third] = usages;
    assert.ok(first && second && third);
    assert.deepEqual([first.cache_read_input_tokens, first.cache_creation_input_tokens! > 100], [0, true]);
    assert.equal(second.cache_read_input_tokens, first.cache_creation_input_tokens);
    assert.ok(second.cache_creation_input_tokens! > 0);
    // The mark moved on to the next result; the one before is found by looking back.
    assert.equal(third.cache_read_input_tokens, second.cache_read_input_tokens! + second.cache_creation_input_tokens!);
  });

  it('streams its events in the order of the API', async () => {
    await server.stop();
    await start([
      {
        content: [
          { type: 'thinking', thinking: 'hm' },
          { type: 'tool_use', name: 'look', input: { a: 1 } },
        ],
      },
    ]);
    const text = await (await post({ ...base, tools, stream: true })).text();
    const names = [...text.matchAll(/^event: (.*)$/gmu)].map(([, name]) => name);
    assert.deepEqual(names, [
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    assert.match(text, /"type":"signature_delta","signature":"/u);
  });

  it('gives the same answer in one piece, with the counts a turn replaces', async () => {
    await server.stop();
    await start([{ content: [{ type: 'text', text: 'hi' }], stopReason: 'max_tokens', usage: { output_tokens: 77 } }]);
    const answer = await client().messages.create({
      model: 'claude-opus-5-5',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'x' }],
    });
    assert.deepEqual(answer.content, [{ type: 'text', text: 'hi', citations: null }]);
    assert.deepEqual([answer.stop_reason, answer.usage.output_tokens], ['max_tokens', 77]);
    assert.ok(answer.usage.input_tokens > 0);
  });

  it('reads nothing from the cache when the prefix or the model differs', async () => {
    const ask = async (model: string, text: string): Promise<number> => {
      const body = { ...base, model, system: [{ type: 'text', text, ...mark }] };
      const { usage } = (await (await post(body)).json()) as { usage: { cache_read_input_tokens: number } };
      return usage.cache_read_input_tokens;
    };
    assert.equal(await ask('claude-opus-5-5', 'one'), 0);
    assert.ok((await ask('claude-opus-5-5', 'one')) > 0);
    assert.equal(await ask('claude-opus-5-5', 'two'), 0);
    assert.equal(await ask('claude-sonnet-5-5', 'one'), 0);
  });

  it('answers with scripted errors and their headers', async () => {
    await server.stop();
    await start([
      { error: { status: 429, type: 'rate_limit_error', message: 'slow down', headers: { 'retry-after': '7' } } },
      { error: { status: 502, type: '', message: '', body: '<h1>Bad gateway</h1>' } },
    ]);
    const first = await post(base);
    assert.deepEqual([first.status, first.headers.get('retry-after')], [429, '7']);
    assert.match(await first.text(), /"rate_limit_error","message":"slow down"/u);
    assert.equal(await (await post(base)).text(), '<h1>Bad gateway</h1>');
    assert.deepEqual(server.refusals, []);
  });

  it('fails in the middle of a stream when an error has the status 200', async () => {
    await server.stop();
    await start([{ ...ok, error: { status: 200, type: 'overloaded_error', message: 'Overloaded' } }]);
    const stream = client().messages.stream({
      model: 'claude-opus-5-5',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'x' }],
    });
    let text = '';
    stream.on('text', (delta) => (text += delta));
    await assert.rejects(stream.finalMessage(), /overloaded_error/u);
    assert.equal(text, 'hi');
  });

  it('cuts a body at the byte it is told', async () => {
    await server.stop();
    await start([{ ...ok, cut: 100 }]);
    const response = await post({ ...base, stream: true });
    let bytes = 0;
    await assert.rejects(async () => {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) bytes += chunk.length;
    });
    assert.equal(bytes, 100);
  });

  it('hangs until the client goes, and stops all the same', async () => {
    await server.stop();
    await start([{ ...ok, hang: true }]);
    const leave = new AbortController();
    const response = await fetch(`${server.url}/v1/messages`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...base, stream: true }),
      signal: leave.signal,
    });
    const end = response.text().then(
      () => 'ended',
      () => 'left',
    );
    assert.equal(await Promise.race([end, delay(100).then(() => 'open')]), 'open');
    leave.abort();
    assert.equal(await end, 'left');
  });

  it('refuses what the script has no turn for', async () => {
    await server.stop();
    await start([]);
    assert.equal((await post(base)).status, 400);
    assert.deepEqual(server.refusals, ['the script has no turn 1']);
  });

  it('records what was sent, when and how', async () => {
    const before = Date.now();
    await post({ ...base, system: 'Be brief.' });
    const [recorded] = server.requests;
    assert.ok(recorded && recorded.receivedAt >= before);
    assert.deepEqual([recorded.path, recorded.headers['x-api-key']], ['/v1/messages', 'test-key']);
    assert.deepEqual(recorded.body, { ...base, system: 'Be brief.' });
  });

  it('lists its models newest first, in pages, and the retired ones on request', async () => {
    const ids: string[] = [];
    for await (const { id } of client().models.list({ limit: 2 })) ids.push(id);
    assert.deepEqual(ids, ['claude-haiku-5-5', 'claude-opus-5-5', 'claude-sonnet-5-5', older.id]);
    const retired = await client().models.list({ lifecycle: ['retired'] });
    assert.deepEqual(
      retired.data.map(({ id, line }) => [id, line]),
      [['claude-opus-4-1-20250805', 'opus']],
    );
  });

  it('tells a model and what it can do', async () => {
    const { capabilities, max_tokens } = await client().models.retrieve(older.id);
    assert.deepEqual([capabilities?.thinking.types.enabled, max_tokens], [{ supported: true }, 64_000]);
    await assert.rejects(client().models.retrieve('claude-nobody'), /model: claude-nobody/u);
  });

  it('counts the tokens of a prompt, whose answer has no length', async () => {
    const messages = [{ role: 'user' as const, content: 'word '.repeat(400) }];
    const { input_tokens } = await client().messages.countTokens({ model: 'claude-opus-5-5', messages });
    assert.ok(input_tokens > 480 && input_tokens < 540);
    const response = await post(base, headers, '/v1/messages/count_tokens');
    assert.match(await response.text(), /max_tokens: Extra inputs are not permitted/u);
  });

  it('runs as a process, and writes down each request', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'anthropic-server-'));
    try {
      const script = join(folder, 'script.json');
      const log = join(folder, 'requests.jsonl');
      await writeFile(script, JSON.stringify([ok]));
      const main = resolve(__dirname, '..', '..', 'support', 'anthropic-server-main.ts');
      const child = spawn(process.execPath, ['--import', 'tsx', main, script, '--requests', log], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let printed = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
      while (!printed.includes('\n')) await once(child.stdout, 'data');
      const { url } = JSON.parse(printed) as { url: string };
      const remote = new Anthropic({ apiKey: 'test-key', baseURL: url, maxRetries: 0 });
      const ask = { model: 'claude-opus-5-5', max_tokens: 9, messages: [{ role: 'user' as const, content: 'x' }] };
      await remote.messages.create(ask);
      await assert.rejects(remote.messages.create({ ...ask, messages: [] }), /at least one message/u);
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      assert.deepEqual(await exited, [0, null]);
      assert.equal(printed, `{"url":"${url}"}\n`);
      const lines = (await readFile(log, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.deepEqual(lines[0]?.['body'], ask);
      assert.equal((lines[1]?.['refusal'] as { status: number }).status, 400);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
