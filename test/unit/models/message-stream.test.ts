import assert from 'node:assert/strict';
import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { ModelEvent } from '../../../src/agent/model';
import { readStream } from '../../../src/models/message-stream';

/** Events by their shape alone: some are ones that the SDK's types do not know. */
type Raw = Record<string, unknown> & { type: string };

async function* streamOf(events: Raw[], failure?: Error): AsyncGenerator<RawMessageStreamEvent> {
  for (const event of events) yield event as unknown as RawMessageStreamEvent;
  if (failure) throw failure;
}

async function read(events: Raw[], failure?: Error): Promise<{ events: ModelEvent[]; error?: unknown }> {
  const seen: ModelEvent[] = [];
  try {
    for await (const event of readStream(streamOf(events, failure), 'asked')) seen.push(event);
    return { events: seen };
  } catch (error) {
    return { events: seen, error };
  }
}

const call = (json: string, index = 0): Raw[] => [
  {
    type: 'content_block_start',
    index,
    content_block: { type: 'tool_use', id: `call_${index}`, name: 'Create', input: {} },
  },
  { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: json } },
  { type: 'content_block_stop', index },
];
const end = (stop_reason: string): Raw[] => [
  { type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: 7 } },
  { type: 'message_stop' },
];
const blocksOf = (events: ModelEvent[]): unknown[] =>
  events.flatMap((event) => (event.type === 'block-end' ? [event.block] : []));

describe('the stream of a message', () => {
  for (const json of ['{"a": ', '[1]', '"text"', 'null', '7']) {
    it(`gives no call whose input is ${json}: the API would refuse it ever after`, async () => {
      const { events, error } = await read([...call(json), ...end('tool_use')]);
      assert.match(String(error), /call of Create was not readable/u);
      assert.deepEqual(blocksOf(events), []);
    });
  }

  it('gives no call after one that could not be read', async () => {
    const { events } = await read([...call('{"a": ', 0), ...call('{"b": 1}', 1), ...end('tool_use')]);
    assert.deepEqual(blocksOf(events), []);
  });

  for (const reason of ['max_tokens', 'model_context_window_exceeded', 'refusal'] as const) {
    it(`ends with ${reason}, not with an unreadable call, when that cut the call`, async () => {
      const { events, error } = await read([...call('{"a": "half of'), ...end(reason)]);
      assert.equal(error, undefined);
      assert.deepEqual(blocksOf(events), []);
      const last = events.at(-1);
      assert.ok(last?.type === 'turn-end' && last.stopReason === reason && last.usage.output === 7);
    });
  }

  it('passes on a block of a kind that does not exist yet, as it is', async () => {
    const block = { type: 'hologram', shape: { sides: 6 } };
    const { events } = await read([
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_delta', index: 0, delta: { type: 'hologram_delta', light: 1 } },
      { type: 'content_block_stop', index: 0 },
      ...end('end_turn'),
    ]);
    assert.deepEqual(blocksOf(events), [block]);
  });

  it('calls a stop reason that does not exist yet unknown', async () => {
    const last = (await read(end('bored'))).events.at(-1);
    assert.ok(last?.type === 'turn-end' && last.stopReason === 'unknown' && last.model === 'asked');
  });

  it('may be tried again when it ends without its end', async () => {
    const { error } = await read([
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ]);
    assert.ok((error as { retryAfterMs?: number }).retryAfterMs === 0);
    assert.match(String(error), /middle of the answer\. Send/u);
  });

  it('may be tried again when an event is JSON of somebody else, and says what came', async () => {
    for (const event of [
      null,
      1,
      {},
      { type: 'message_start' },
      { type: 'content_block_start', index: 0 },
      { type: 'message_delta' },
    ]) {
      const { error } = await read([event as never]);
      assert.ok((error as { retryAfterMs?: number }).retryAfterMs === 0, JSON.stringify(event));
      assert.match(String(error), /an event that is no part of an answer: /u);
    }
  });

  it('says why the connection broke', async () => {
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const { error } = await read([], new TypeError('terminated', { cause }));
    assert.match(String(error), /middle of the answer \(read ECONNRESET\)/u);
  });

  it('keeps citations with their text', async () => {
    const citation = { type: 'char_location', cited_text: 'x' };
    const { events } = await read([
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '', citations: null } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'so' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'citations_delta', citation } },
      { type: 'content_block_stop', index: 0 },
      ...end('end_turn'),
    ]);
    assert.deepEqual(blocksOf(events), [{ type: 'text', text: 'so', citations: [citation] }]);
  });
});
