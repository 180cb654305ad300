import { checkHistory, checkText } from './history';
import type { ServerModel } from './models';
import { invalid } from './refusal';
import { parseCountRequest, parseMessagesRequest, type Block, type MessagesRequest, type Prompt } from './schema';

export { signatureOf } from './history';

const MAX_MARKS = 4;

/** Parses the body of a request for a message, or throws the Refusal the API would answer. */
export function validateRequest(body: unknown): MessagesRequest {
  const request = parseMessagesRequest(body);
  checkPrompt(request);
  checkThinking(request);
  return request;
}

/** The same for a request to count tokens. */
export function validateCount(body: unknown): Prompt {
  const prompt = parseCountRequest(body);
  checkPrompt(prompt);
  return prompt;
}

/** What depends on the model that was asked for. */
export function checkForModel(request: MessagesRequest, model: ServerModel): void {
  const { thinking, max_tokens, messages, temperature, top_p, top_k, output_config } = request;
  const limit = model.max_tokens ?? Infinity;
  if (max_tokens > limit) {
    throw invalid(
      `max_tokens: ${max_tokens} > ${limit}, which is the maximum allowed number of output tokens for ${model.id}`,
    );
  }
  if (model.takesBudgets) {
    if (thinking?.type === 'adaptive') throw invalid('adaptive thinking is not supported on this model');
    if (output_config?.effort) throw invalid('This model does not support the effort parameter.');
    return;
  }
  if (thinking?.type === 'enabled') {
    throw invalid(
      '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
    );
  }
  if (messages.at(-1)?.role === 'assistant')
    throw invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  const given = Object.entries({ temperature, top_p, top_k }).find(
    ([name, value]) => value !== undefined && value !== null && !(value === 1 && name !== 'top_k'),
  );
  if (given) throw invalid(`\`${given[0]}\` is deprecated for this model.`);
}

function checkPrompt(prompt: Prompt): void {
  checkTools(prompt);
  prompt.system?.forEach((block, at) => checkText(block, `system.${at}`, 'system'));
  checkHistory(prompt.messages);
  checkMarks(prompt);
}

function checkThinking({ thinking, max_tokens, temperature, tool_choice, messages }: MessagesRequest): void {
  if (thinking?.type !== 'enabled' && thinking?.type !== 'adaptive') return;
  if (tool_choice?.type === 'any' || tool_choice?.type === 'tool')
    throw invalid('Thinking may not be enabled when tool_choice forces tool use.');
  if (temperature !== undefined && temperature !== null && temperature !== 1)
    throw invalid('`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.');
  if (thinking.type === 'adaptive') return;
  if (thinking.budget_tokens >= max_tokens)
    throw invalid('`max_tokens` must be greater than `thinking.budget_tokens`.');
  // Only in the middle of a tool loop must the thinking that led to the call be there.
  const index = messages.findLastIndex(({ role }) => role === 'assistant');
  const content = messages[index]?.content ?? [];
  const first = content[0]?.type;
  if (!content.some(({ type }) => type === 'tool_use') || first === 'thinking' || first === 'redacted_thinking') return;
  throw invalid(
    `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable \`thinking\`.`,
  );
}

function checkTools({ tools = [], tool_choice, messages }: Prompt): void {
  const names = new Set<string>();
  for (const { name } of tools) {
    if (names.has(name)) throw invalid('tools: Tool names must be unique.');
    names.add(name);
  }
  if (tool_choice && tools.length === 0)
    throw invalid('tool_choice: tool_choice may only be specified while providing tools');
  if (tool_choice?.type === 'tool' && !names.has(tool_choice.name))
    throw invalid(`Tool '${tool_choice.name}' not found in provided tools`);
  const used = messages.some(({ content }) =>
    content.some(({ type }) => type === 'tool_use' || type === 'tool_result'),
  );
  if (used && tools.length === 0)
    throw invalid('Requests which include `tool_use` or `tool_result` blocks must define tools.');
}

/** Marks in the order in which the prompt is put together: tools, system, messages. */
function checkMarks({ tools = [], system = [], messages, cache_control }: Prompt): void {
  const places: { path: string; part: object }[] = [
    ...tools.map((part, at) => ({ path: `tools.${at}`, part })),
    ...system.map((part, at) => ({ path: `system.${at}`, part })),
    ...messages.flatMap(({ content }, index) =>
      content.flatMap((block, at) => withNested(block, `messages.${index}.content.${at}`)),
    ),
  ];
  const marks = places.flatMap(({ path, part }) => {
    const mark = (part as { cache_control?: Prompt['cache_control'] }).cache_control;
    return mark ? [{ path, ttl: mark.ttl ?? '5m' }] : [];
  });
  const count = marks.length + (cache_control ? 1 : 0);
  if (count > MAX_MARKS)
    throw invalid(`A maximum of ${MAX_MARKS} blocks with cache_control may be provided. Found ${count}.`);
  const late = marks.find(({ ttl }, at) => ttl === '1h' && marks.slice(0, at).some((before) => before.ttl === '5m'));
  if (late) {
    throw invalid(
      `${late.path}.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: \`tools\`, \`system\`, \`messages\`.`,
    );
  }
}

function withNested(block: Block, path: string): { path: string; part: object }[] {
  const nested = block.type === 'tool_result' ? (block.content ?? []) : [];
  return [...nested.map((part, at) => ({ path: `${path}.content.${at}`, part })), { path, part: block }];
}
