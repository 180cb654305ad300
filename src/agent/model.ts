import type { ContentBlock, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { FailureCode, StopReason, Usage } from './events';
import type { ToolSchema } from './tool';

/** One request: the frozen head (system, tools) and the history so far, ending with a user message. */
export interface ModelRequest {
  system: string;
  tools: ToolSchema[];
  messages: MessageParam[];
}

export type ModelEvent =
  | { type: 'text-delta'; text: string }
  | { type: 'thinking-delta'; text: string }
  | { type: 'tool-input-delta'; call: string; name: string; json: string }
  /** A finished block. Order is the order in the message. A half block is never yielded. */
  | { type: 'block-end'; block: ContentBlock }
  /** What the turn has come to so far; each replaces the one before. */
  | { type: 'usage'; usage: Usage; model: string }
  /** For the user: something odd that stops nothing. */
  | { type: 'warning'; message: string }
  /** The model asked for is gone and another one answers. Comes before any delta. */
  | { type: 'model-switch'; from: string; to: string; why: string }
  /** Last, exactly once, when the turn ended well. */
  | { type: 'turn-end'; stopReason: StopReason; usage: Usage; model: string };

/**
 * What a provider must do: stream one turn. Throws ModelError; on abort it throws whatever the signal's reason is.
 * Never retries by itself: the one retry loop is the agent's.
 */
export interface Model {
  /** The id asked for; `turn-end` names the one that answered. */
  readonly id: string;
  /** Tokens the model can take; unknown models give a safe guess. */
  readonly contextWindow: number;
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
  /** US dollars of a turn by this provider's dated price list, `null` where the price is unknown. */
  costOf(usage: Usage, model: string): number | null;
}

/** A turn that could not be had. `message` is shown to the user as it is and says what to do next. */
export class ModelError extends Error {
  readonly code: FailureCode | undefined;
  /** Set when the same request may succeed later: how long to wait, in ms (0: as the caller sees fit). */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: { code?: FailureCode; retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.name = 'ModelError';
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
  }
}
