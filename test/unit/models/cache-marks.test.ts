import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ContentBlockParam, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { withCacheMarks } from '../../../src/models/cache-marks';

const block: fc.Arbitrary<ContentBlockParam> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text: fc.constantFrom('', 'a', 'b') }),
  fc.record({ type: fc.constant('thinking' as const), thinking: fc.constant('hm'), signature: fc.constant('s') }),
  fc.record({ type: fc.constant('tool_result' as const), tool_use_id: fc.constant('c'), content: fc.constant('x') }),
);
const message: fc.Arbitrary<MessageParam> = fc.record({
  role: fc.constantFrom('user' as const, 'assistant' as const),
  content: fc.oneof(fc.constantFrom('', 'text'), fc.array(block, { maxLength: 4 })),
});
const tool = { name: 'Look', description: 'looks', input_schema: { type: 'object' as const } };
const requests = fc.record({
  system: fc.constantFrom('', 'You are a test.'),
  tools: fc.array(fc.constant(tool), { maxLength: 3 }),
  messages: fc.array(message, { maxLength: 6 }),
});

describe('cache marks, for any request', () => {
  it('are four at most, and on nothing that the API refuses to mark', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const marked = withCacheMarks(request);
        const blocks = marked.messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
        const all = [...marked.system, ...marked.tools, ...blocks].filter((one) => 'cache_control' in one);
        assert.ok(all.length <= 4);
        for (const one of all) {
          assert.ok(!('thinking' in one));
          assert.ok(!('text' in one) || one.text !== '');
        }
      }),
    );
  });

  it('are not left in the request they were made from', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const before = JSON.stringify(request);
        withCacheMarks(request);
        assert.equal(JSON.stringify(request), before);
      }),
    );
  });
});
