import type { ContentBlockParam, MessageParam, TextBlockParam, Tool } from '@anthropic-ai/sdk/resources/messages';
import type { ModelRequest } from '../agent/model';

const MARK = { type: 'ephemeral' } as const;

export interface MarkedRequest {
  system: TextBlockParam[];
  tools: Tool[];
  messages: MessageParam[];
}

/**
 * The request with its four cache breakpoints: after the tools, after the system prompt, and on the last two user
 * messages. Apart from the marks it is the request unchanged, so that each prefix is the one of the request before.
 */
export function withCacheMarks({ system, tools, messages }: ModelRequest): MarkedRequest {
  const users = messages.flatMap(({ role }, index) => (role === 'user' ? [index] : [])).slice(-2);
  return {
    system: system === '' ? [] : [{ type: 'text', text: system, cache_control: MARK }],
    tools: tools.map((tool, index) => (index === tools.length - 1 ? { ...tool, cache_control: MARK } : tool)),
    messages: messages.map((message, index) => (users.includes(index) ? markLast(message) : message)),
  };
}

/** The API refuses a mark on empty text and on thinking, so the last block that can carry one gets it. */
function markLast(message: MessageParam): MessageParam {
  const blocks: ContentBlockParam[] =
    typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : [...message.content];
  const at = blocks.findLastIndex(
    (block) =>
      block.type !== 'thinking' && block.type !== 'redacted_thinking' && !(block.type === 'text' && block.text === ''),
  );
  const block = blocks[at];
  if (!block) return message;
  blocks[at] = { ...block, cache_control: MARK } as ContentBlockParam;
  return { role: 'user', content: blocks };
}
