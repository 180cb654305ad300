import { z } from 'zod';
import { invalid, type Refusal } from './refusal';

/** A string is shorthand for one text block, as the API documents it. */
const orText = <T extends z.ZodType>(blocks: T): z.ZodPreprocess<T> =>
  z.preprocess((given) => (typeof given === 'string' ? [{ type: 'text', text: given }] : given), blocks);

const cacheControl = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish();
const text = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  cache_control: cacheControl,
  citations: z.array(z.unknown()).nullish(),
});
const url = z.strictObject({ type: z.literal('url'), url: z.string() });
const image = z.strictObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('base64'),
      media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
      data: z.string(),
    }),
    url,
  ]),
  cache_control: cacheControl,
});
const document = z.strictObject({
  type: z.literal('document'),
  source: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('base64'), media_type: z.literal('application/pdf'), data: z.string() }),
    z.strictObject({ type: z.literal('text'), media_type: z.literal('text/plain'), data: z.string() }),
    url,
  ]),
  title: z.string().nullish(),
  context: z.string().nullish(),
  citations: z.strictObject({ enabled: z.boolean().optional() }).nullish(),
  cache_control: cacheControl,
});
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string().regex(/^[a-zA-Z0-9_-]+$/u),
  content: z
    .preprocess(
      (given) => (typeof given === 'string' ? (given === '' ? [] : [{ type: 'text', text: given }]) : given),
      z.array(z.discriminatedUnion('type', [text, image, document])),
    )
    .optional(),
  is_error: z.boolean().optional(),
  cache_control: cacheControl,
});
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/u),
  name: z.string().min(1).max(200),
  input: z.record(z.string(), z.unknown()),
  cache_control: cacheControl,
  caller: z.looseObject({ type: z.string() }).optional(),
  toolset_name: z.string().nullish(),
});
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });
const redacted = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string().min(1) });
const block = z.discriminatedUnion('type', [text, image, document, toolResult, toolUse, thinking, redacted]);

const parallel = { disable_parallel_tool_use: z.boolean().optional() };
const display = z.enum(['summarized', 'omitted']).nullish();

/** What counting tokens and making a message have in common. */
const prompt = {
  model: z.string().min(1),
  messages: z.array(z.strictObject({ role: z.enum(['user', 'assistant', 'system']), content: orText(z.array(block)) })),
  system: z
    .preprocess(
      (given) => (typeof given === 'string' ? (given === '' ? [] : [{ type: 'text', text: given }]) : given),
      z.array(text),
    )
    .optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('custom').nullish(),
        name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/u),
        description: z.string().optional(),
        input_schema: z.looseObject({
          type: z.literal('object'),
          properties: z.record(z.string(), z.unknown()).nullish(),
          required: z.array(z.string()).nullish(),
        }),
        cache_control: cacheControl,
        strict: z.boolean().optional(),
        defer_loading: z.boolean().optional(),
        eager_input_streaming: z.boolean().nullish(),
        input_examples: z.array(z.record(z.string(), z.unknown())).optional(),
      }),
    )
    .optional(),
  tool_choice: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('auto'), ...parallel }),
      z.strictObject({ type: z.literal('any'), ...parallel }),
      z.strictObject({ type: z.literal('tool'), name: z.string(), ...parallel }),
      z.strictObject({ type: z.literal('none') }),
    ])
    .optional(),
  thinking: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('adaptive'), display }),
      z.strictObject({ type: z.literal('enabled'), budget_tokens: z.int().min(1024), display }),
      z.strictObject({ type: z.literal('disabled') }),
      z.strictObject({ type: z.literal('between_tools') }),
    ])
    .optional(),
  output_config: z
    .strictObject({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      format: z.strictObject({ type: z.literal('json_schema'), schema: z.looseObject({}) }).nullish(),
    })
    .optional(),
  cache_control: cacheControl,
};

const countRequest = z.strictObject(prompt);
const messagesRequest = z.strictObject({
  ...prompt,
  max_tokens: z.int().min(1),
  stop_sequences: z.array(z.string()).optional(),
  temperature: z.number().min(0).max(1).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).nullish(),
  metadata: z.strictObject({ user_id: z.string().nullish() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  inference_geo: z.string().nullish(),
  speed: z.enum(['standard', 'fast']).nullish(),
  stream: z.boolean().optional(),
});

/** A request whose shape is right, with every shorthand written out as blocks. */
export type Prompt = z.infer<typeof countRequest>;
export type MessagesRequest = z.infer<typeof messagesRequest>;
export type Message = Prompt['messages'][number];
export type Block = z.infer<typeof block>;

export function parseMessagesRequest(body: unknown): MessagesRequest {
  return parse(messagesRequest, body);
}

export function parseCountRequest(body: unknown): Prompt {
  return parse(countRequest, body);
}

function parse<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw refusalOf(parsed.error, body);
}

/** The first issue in the words of the real API, which validates with pydantic. */
function refusalOf({ issues: [issue] }: z.ZodError, body: unknown): Refusal {
  if (!issue) return invalid('Input should be a valid dictionary');
  const { names, value } = follow(issue.path, body);
  const at = (...more: string[]): string => [...names, ...more].join('.');
  switch (issue.code) {
    case 'unrecognized_keys':
      return invalid(`${at(...tagOf(value, issue.path), issue.keys[0] ?? '')}: Extra inputs are not permitted`);
    case 'invalid_union': {
      const tags = 'options' in issue ? issue.options?.map(String).join("', '") : '';
      if (typeof value !== 'string') return invalid(`${at()}: Field required`);
      names.pop();
      return invalid(
        `${at()}: Input tag '${value}' found using 'type' does not match any of the expected tags: '${tags}'`,
      );
    }
    case 'invalid_value':
      if (value === undefined) return invalid(`${at()}: Field required`);
      return invalid(`${at()}: Input should be ${either(issue.values.map((one) => `'${String(one)}'`))}`);
    case 'invalid_type':
      if (value === undefined) return invalid(`${at()}: Field required`);
      return invalid(`${at()}: Input should be a valid ${PYDANTIC_NAMES[issue.expected] ?? issue.expected}`);
    case 'too_small':
      if (issue.origin === 'string') return invalid(`${at()}: String should have at least ${issue.minimum} character`);
      return invalid(`${at()}: Input should be greater than or equal to ${issue.minimum}`);
    case 'too_big':
      if (issue.origin === 'string') return invalid(`${at()}: String should have at most ${issue.maximum} characters`);
      return invalid(`${at()}: Input should be less than or equal to ${issue.maximum}`);
    case 'invalid_format':
      return invalid(`${at()}: String should match pattern '${issue.pattern?.replaceAll(/^\/|\/u$/gu, '')}'`);
    default:
      return invalid(`${at()}: ${issue.message}`);
  }
}

const PYDANTIC_NAMES: Readonly<Record<string, string>> = {
  object: 'dictionary',
  record: 'dictionary',
  array: 'list',
  int: 'integer',
};

/** Walks a path through the body. Names carry the tags of unions, as in `messages.0.content.1.text.citations`. */
function follow(path: readonly PropertyKey[], body: unknown): { names: string[]; value: unknown } {
  const names: string[] = [];
  let value = body;
  path.forEach((key, index) => {
    names.push(...(key === 'type' ? [] : tagOf(value, path.slice(0, index))), String(key));
    value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  });
  return { names, value };
}

/** The tag by which the API's unions are told apart; only some objects with a `type` are in a union. */
function tagOf(value: unknown, path: readonly PropertyKey[]): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  if (path.at(-2) === 'tools') return ['custom'];
  const inUnion =
    path.at(-2) === 'content' || ['source', 'thinking', 'tool_choice', 'cache_control'].includes(String(path.at(-1)));
  const { type } = value as { type?: unknown };
  return inUnion && typeof type === 'string' ? [type] : [];
}

function either(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
