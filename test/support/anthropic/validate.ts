import { createHmac } from 'node:crypto';
import { z } from 'zod';

/** What the API answers to a request it does not take. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

export const invalid = (message: string): Refusal => new Refusal(400, 'invalid_request_error', message);

/** The real signature is opaque; this one can be checked, so that a changed thinking block is seen. */
export function signatureOf(thinking: string): string {
  return createHmac('sha256', 'scripted').update(thinking).digest('base64');
}

const cacheControl = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish();
const MEDIA = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;
const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/u, 'invalid base64 data');
const text = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  cache_control: cacheControl,
  citations: z.unknown().optional(),
});
const image = z.strictObject({
  type: z.literal('image'),
  source: z.strictObject({ type: z.literal('base64'), media_type: z.enum(MEDIA), data: base64 }),
  cache_control: cacheControl,
});
const document = z.strictObject({
  type: z.literal('document'),
  source: z.strictObject({ type: z.literal('base64'), media_type: z.literal('application/pdf'), data: base64 }),
  cache_control: cacheControl,
});
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [text, image, document]))]).optional(),
  is_error: z.boolean().optional(),
  cache_control: cacheControl,
});
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/u),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  cache_control: cacheControl,
  caller: z.unknown().optional(),
});
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });
const redacted = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() });
const block = z.discriminatedUnion('type', [text, image, document, toolResult, toolUse, thinking, redacted]);

const requestSchema = z.strictObject({
  model: z.string(),
  max_tokens: z.int().min(1),
  messages: z.array(
    z.strictObject({ role: z.enum(['user', 'assistant']), content: z.union([z.string(), z.array(block)]) }),
  ),
  system: z.union([z.string(), z.array(text)]).optional(),
  tools: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/u),
        description: z.string().optional(),
        input_schema: z.looseObject({ type: z.literal('object') }),
        cache_control: cacheControl,
      }),
    )
    .optional(),
  tool_choice: z.unknown().optional(),
  thinking: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('adaptive'), display: z.enum(['summarized', 'omitted']).nullish() }),
      z.strictObject({ type: z.literal('enabled'), budget_tokens: z.int().min(1024), display: z.string().optional() }),
      z.strictObject({ type: z.literal('disabled') }),
    ])
    .optional(),
  output_config: z.strictObject({ effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish() }).optional(),
  stop_sequences: z.array(z.string()).optional(),
  temperature: z.number().optional(),
  metadata: z.unknown().optional(),
  stream: z.boolean().optional(),
});

export type MessagesRequest = z.infer<typeof requestSchema>;
type Message = MessagesRequest['messages'][number];
type Block = z.infer<typeof block>;

/** Parses a body as the Messages API would, or throws the Refusal it would answer. */
export function validateRequest(body: unknown): MessagesRequest {
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) throw invalid(firstIssue(parsed.error));
  const request = parsed.data;
  checkMessages(request.messages);
  checkTools(request);
  checkMarks(request);
  if (request.thinking?.type === 'enabled' && request.thinking.budget_tokens >= request.max_tokens) {
    throw invalid('`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
  return request;
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return 'invalid request';
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys')
    return `${[path, ...issue.keys.slice(0, 1)].filter((part) => part !== '').join('.')}: Extra inputs are not permitted`;
  if (issue.code === 'invalid_type' && issue.message.includes('received undefined')) return `${path}: Field required`;
  return `${path}: ${issue.message}`;
}

function blocksOf({ content }: Message): Block[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

function checkMessages(messages: readonly Message[]): void {
  if (messages.length === 0) throw invalid('messages: at least one message is required');
  if (messages[0]?.role !== 'user') throw invalid('messages: first message must use the "user" role');
  const ids = new Set<string>();
  messages.forEach((message, index) => {
    const blocks = blocksOf(message);
    const isLast = index === messages.length - 1;
    if ((blocks.length === 0 || message.content === '') && !(isLast && message.role === 'assistant')) {
      throw invalid(
        `messages.${index}: all messages must have non-empty content except for the optional final assistant message`,
      );
    }
    blocks.forEach((one, at) => checkBlock(one, message.role, `messages.${index}.content.${at}`));
    if (message.role === 'assistant') checkCalls(blocks, messages[index + 1], index, ids);
    else checkResults(blocks, messages[index - 1], index);
  });
  const last = messages.at(-1);
  if (
    last?.role === 'assistant' &&
    /\s$/u.test(
      blocksOf(last)
        .map((one) => (one.type === 'text' ? one.text : ''))
        .join(''),
    )
  ) {
    throw invalid('messages: final assistant content cannot end with trailing whitespace');
  }
}

function checkBlock(one: Block, role: string, path: string): void {
  if (one.type === 'text' && one.text === '') throw invalid(`${path}: text content blocks must be non-empty`);
  if (one.type === 'text' && one.text.trim() === '')
    throw invalid(`${path}: text content blocks must contain non-whitespace text`);
  if (role === 'user' && (one.type === 'tool_use' || one.type === 'thinking' || one.type === 'redacted_thinking')) {
    throw invalid(`${path}: \`${one.type}\` blocks can only be in \`assistant\` messages`);
  }
  if (role === 'assistant' && one.type === 'tool_result')
    throw invalid(`${path}: \`tool_result\` blocks can only be in \`user\` messages`);
  if (one.type === 'thinking' && one.signature !== signatureOf(one.thinking)) {
    throw invalid(
      `${path}: Invalid \`signature\` in \`thinking\` block: blocks in an assistant message cannot be modified`,
    );
  }
  if (
    one.type === 'tool_result' &&
    Array.isArray(one.content) &&
    one.content.some((part) => part.type === 'text' && part.text === '')
  ) {
    throw invalid(`${path}: text content blocks must be non-empty`);
  }
}

function checkCalls(blocks: readonly Block[], next: Message | undefined, index: number, ids: Set<string>): void {
  const calls = blocks.flatMap((one) => (one.type === 'tool_use' ? [one.id] : []));
  for (const id of calls) {
    if (ids.has(id)) throw invalid(`messages.${index}: \`tool_use\` ids must be unique`);
    ids.add(id);
  }
  const answered =
    next?.role === 'user' ? blocksOf(next).flatMap((one) => (one.type === 'tool_result' ? [one.tool_use_id] : [])) : [];
  const missing = calls.filter((id) => !answered.includes(id));
  if (missing.length > 0) {
    throw invalid(
      `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
  }
  if (calls.length === 0 && blocks.at(-1)?.type === 'thinking')
    throw invalid(`messages.${index}: The final block in an assistant message cannot be \`thinking\`.`);
}

function checkResults(blocks: readonly Block[], before: Message | undefined, index: number): void {
  const calls =
    before?.role === 'assistant' ? blocksOf(before).flatMap((one) => (one.type === 'tool_use' ? [one.id] : [])) : [];
  const seen = new Set<string>();
  for (const [at, one] of blocks.entries()) {
    if (one.type !== 'tool_result') continue;
    const path = `messages.${index}.content.${at}`;
    if (!calls.includes(one.tool_use_id)) {
      throw invalid(
        `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${one.tool_use_id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    if (seen.has(one.tool_use_id))
      throw invalid(
        `${path}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${one.tool_use_id}`,
      );
    seen.add(one.tool_use_id);
  }
  const firstOther = blocks.findIndex((one) => one.type !== 'tool_result');
  if (seen.size > 0 && firstOther >= 0 && blocks.slice(firstOther).some((one) => one.type === 'tool_result')) {
    throw invalid(`messages.${index}: \`tool_result\` blocks must come before other content`);
  }
}

function checkTools({ tools = [], messages }: MessagesRequest): void {
  const names = new Set<string>();
  for (const { name } of tools) {
    if (names.has(name)) throw invalid(`tools: Tool names must be unique.`);
    names.add(name);
  }
  const used = messages.some((message) =>
    blocksOf(message).some(({ type }) => type === 'tool_use' || type === 'tool_result'),
  );
  if (used && tools.length === 0)
    throw invalid('Requests which include `tool_use` or `tool_result` blocks must define tools.');
}

const MAX_MARKS = 4;

function checkMarks(request: MessagesRequest): void {
  const system = typeof request.system === 'string' ? [] : (request.system ?? []);
  const blocks = request.messages.flatMap(blocksOf);
  const marked = [...(request.tools ?? []), ...system, ...blocks].filter(
    (one) => 'cache_control' in one && one.cache_control,
  );
  if (marked.length > MAX_MARKS)
    throw invalid(`A maximum of ${MAX_MARKS} blocks with cache_control may be provided. Found ${marked.length}.`);
}
