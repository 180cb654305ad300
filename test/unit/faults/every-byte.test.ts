import assert from 'node:assert/strict';
import { Stream } from '@anthropic-ai/sdk/core/streaming';
import type { MessageCreateParams, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { DurableEvent } from '../../../src/agent/events';
import { messagesOf } from '../../../src/agent/folds';
import type { Model } from '../../../src/agent/model';
import { Session } from '../../../src/agent/session';
import { toolSchema } from '../../../src/agent/tool';
import { modelErrorOf } from '../../../src/models/errors';
import { readStream } from '../../../src/models/message-stream';
import { validateRequest } from '../../support/anthropic/validate';
import { contentEvents, endEvents, messageOf, onWire } from '../../support/anthropic/stream';
import { actTool, tell, textKept } from '../../support/fault-run';

const usage = messageUsage();
/** Thought, text with letters of several bytes, a call: as the server sends them. */
const message = messageOf(
  {
    content: [
      { type: 'thinking', thinking: 'Let me see.' },
      { type: 'text', text: 'Ich prüfe das 🔬 jetzt.' },
      { type: 'tool_use', name: 'Act', input: { what: 'größer 🔬' } },
    ],
  },
  1,
  'claude-opus-5-5',
  usage,
);
const whole = Buffer.from([...contentEvents(message), ...endEvents(message)].map(onWire).join(''));
const after = messageOf({ content: [{ type: 'text', text: ' Done.' }] }, 2, 'claude-opus-5-5', usage);
const rest = Buffer.from([...contentEvents(after), ...endEvents(after)].map(onWire).join(''));

function messageUsage(): Parameters<typeof messageOf>[3] {
  return {
    input_tokens: 10,
    output_tokens: 5,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
  } as Parameters<typeof messageOf>[3];
}

/** The SDK's own reader over bytes that end where they end, the second time over a sound answer. */
function cutModel(at: number, check: (body: unknown) => void): Model {
  let requests = 0;
  return {
    id: 'claude-opus-5-5',
    contextWindow: 200_000,
    costOf: () => 0,
    async *stream(request) {
      check({ model: 'claude-opus-5-5', max_tokens: 100, stream: true, ...request } satisfies MessageCreateParams);
      const bytes = requests++ === 0 ? whole.subarray(0, at) : rest;
      const response = new Response(new Uint8Array(bytes));
      const events = Stream.fromSSEResponse<RawMessageStreamEvent>(response, new AbortController());
      try {
        yield* readStream(events, 'claude-opus-5-5');
      } catch (error) {
        throw modelErrorOf(error, { kind: 'apiKey', value: 'k', source: 'test' }, 'claude-opus-5-5');
      }
    },
  };
}

describe('a stream cut at any byte', function () {
  this.timeout(240_000);

  it(`shows nothing twice, runs no half call, and leaves a history the API accepts (${whole.length} offsets)`, async () => {
    for (let at = 0; at < whole.length; at++) {
      const ran: unknown[] = [];
      const tools = [actTool(ran)];
      const session = await Session.open('cut');
      const told = await tell(session, cutModel(at, validateRequest), 'do it', { tools });
      const where = `byte ${at}: ${JSON.stringify(whole.subarray(Math.max(0, at - 40), at).toString())}`;
      assert.equal(told.end.reason, 'done', `${where} ${told.told}`);
      const text = 'Ich prüfe das 🔬 jetzt.';
      const [first = ''] = told.shown.split(' Done.');
      assert.ok(text.startsWith(first) && told.shown === `${first} Done.`, `${where} ${told.shown}`);
      assert.equal(textKept(session), told.shown, where);
      const blocks = session.branch.flatMap(({ event }: { event: DurableEvent }) =>
        event.type === 'block-end' && event.block.type === 'tool_use' ? [event.block.input] : [],
      );
      for (const input of blocks) assert.deepEqual(input, { what: 'größer 🔬' }, where);
      // A turn that came to its end may have its call run; the last bytes are only a line's end.
      if (told.retries > 0) assert.deepEqual(ran, [], where);
      else assert.deepEqual(ran, [{ what: 'größer 🔬' }], where);
      const next = [...messagesOf(session.branch), { role: 'user' as const, content: 'go on' }];
      validateRequest({ model: 'claude-opus-5-5', max_tokens: 100, messages: next, tools: tools.map(toolSchema) });
    }
  });
});
