import type { CapabilitySupport, ModelInfo } from '@anthropic-ai/sdk/resources/models';
import { invalid, Refusal } from './refusal';

export interface ServerModel {
  id: string;
  lifecycle: 'active' | 'deprecated' | 'retired';
  line: ModelInfo['line'];
  created_at: string;
  display_name?: string;
  max_input_tokens?: number;
  max_tokens?: number;
  /** As models up to Claude 4.5: thinking by a budget and not adaptive, an answer begun by the caller, a temperature. */
  takesBudgets?: boolean;
}

export const DEFAULT_MODELS: ServerModel[] = [
  { id: 'claude-opus-5-5', lifecycle: 'active', line: 'opus', created_at: '2026-09-01T00:00:00Z' },
  { id: 'claude-sonnet-5-5', lifecycle: 'active', line: 'sonnet', created_at: '2026-08-01T00:00:00Z' },
  { id: 'claude-haiku-5-5', lifecycle: 'active', line: 'haiku', created_at: '2026-10-01T00:00:00Z' },
  { id: 'claude-opus-4-1-20250805', lifecycle: 'retired', line: 'opus', created_at: '2025-08-05T00:00:00Z' },
];
const MAX_INPUT_TOKENS = 200_000;
const MAX_OUTPUT_TOKENS = 64_000;

/** The model with its limits written out, or the Refusal for one that is not there. */
export function modelNamed(id: string, models: readonly ServerModel[]): ServerModel {
  const model = models.find((one) => one.id === id);
  if (!model || model.lifecycle === 'retired') throw new Refusal(404, 'not_found_error', `model: ${id}`);
  return { max_input_tokens: MAX_INPUT_TOKENS, max_tokens: MAX_OUTPUT_TOKENS, ...model };
}

export interface ModelPage {
  data: ModelInfo[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
}

/** One page, newest first. Retired models are in it where they are asked for, or `listsRetired`. */
export function modelPage(models: readonly ServerModel[], query: URLSearchParams, listsRetired: boolean): ModelPage {
  const limit = Number(query.get('limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1) throw invalid('limit: Input should be greater than or equal to 1');
  if (limit > 1000) throw invalid('limit: Input should be less than or equal to 1000');
  const asked = query.getAll('lifecycle[]');
  const stages = asked.length > 0 ? asked : ['active', 'deprecated', ...(listsRetired ? ['retired'] : [])];
  const all = models
    .filter(({ lifecycle }) => stages.includes(lifecycle))
    .sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  const after = query.get('after_id');
  const before = query.get('before_id');
  const rest = all.slice(
    after === null ? 0 : all.findIndex(({ id }) => id === after) + 1,
    before === null ? undefined : all.findIndex(({ id }) => id === before),
  );
  const data = (before === null ? rest.slice(0, limit) : rest.slice(-limit)).map(modelInfo);
  return {
    data,
    has_more: rest.length > data.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

/** Any model of the list, retired ones too. */
export function modelInfoOf(id: string, models: readonly ServerModel[]): ModelInfo {
  const model = models.find((one) => one.id === id);
  if (!model) throw new Refusal(404, 'not_found_error', `model: ${id}`);
  return modelInfo(model);
}

function modelInfo({ takesBudgets = false, ...model }: ServerModel): ModelInfo {
  return {
    type: 'model',
    display_name: model.id,
    deprecated_at: model.lifecycle === 'active' ? null : model.created_at,
    retires_at: null,
    max_input_tokens: MAX_INPUT_TOKENS,
    max_tokens: MAX_OUTPUT_TOKENS,
    capabilities: capabilities(takesBudgets),
    ...model,
  };
}

function capabilities(takesBudgets: boolean): ModelInfo['capabilities'] {
  const yes: CapabilitySupport = { supported: true };
  const no: CapabilitySupport = { supported: false };
  const isNew: CapabilitySupport = { supported: !takesBudgets };
  return {
    batch: yes,
    citations: yes,
    code_execution: yes,
    context_management: {
      supported: true,
      clear_thinking_20251015: yes,
      clear_tool_uses_20250919: yes,
      compact_20260112: isNew,
    },
    effort: { ...isNew, low: isNew, medium: isNew, high: isNew, xhigh: isNew, max: isNew },
    image_input: yes,
    pdf_input: yes,
    server_tools: { supported: true, code_execution: yes, web_search: yes },
    structured_outputs: yes,
    thinking: {
      supported: true,
      types: { adaptive: isNew, between_tools: no, disabled: yes, enabled: { supported: takesBudgets } },
    },
  };
}
