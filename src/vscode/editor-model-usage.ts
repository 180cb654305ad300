import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { Usage } from '../agent/events';
import type { ModelRequest } from '../agent/model';

/** Counting is the vendor's own code: an answer is never held up longer than this for it. */
const COUNT_BUDGET_MS = 1_000;
/** Of a longer text this much is counted, and the rest by the same measure. */
const MAX_COUNTED_CHARACTERS = 20_000;

const tokens = z.int().nonnegative();
/** The names that vendors give the two numbers. */
const reported = z.union([
  z.object({ prompt_tokens: tokens, completion_tokens: tokens }).transform((told) => ({
    input: told.prompt_tokens,
    output: told.completion_tokens,
  })),
  z.object({ input_tokens: tokens, output_tokens: tokens }).transform((told) => ({
    input: told.input_tokens,
    output: told.output_tokens,
  })),
  z.object({ inputTokens: tokens, outputTokens: tokens }).transform((told) => ({
    input: told.inputTokens,
    output: told.outputTokens,
  })),
]);

/** What a vendor says of the tokens in a data part of its answer; `undefined` where the part is about something else. */
export function usageIn({ data, mimeType }: vscode.LanguageModelDataPart): Usage | undefined {
  if (!/json|usage/iu.test(mimeType)) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(data));
    const told = reported.safeParse((value as { usage?: unknown } | null)?.usage ?? value).data;
    return told && { ...told, cacheRead: 0, cacheWrite: 0 };
  } catch {
    return undefined; // No JSON, whatever its type says: then it tells no tokens.
  }
}

/** Counts with the vendor's own tokenizer. 0 stands for a count that could not be had in time. */
export class TokenCount {
  readonly #input: Promise<number>;

  /** Counting the input begins at once, beside the request. */
  constructor(
    private readonly model: Pick<vscode.LanguageModelChat, 'countTokens'>,
    { system, tools, messages }: ModelRequest,
  ) {
    this.#input = this.#count(`${system}\n${JSON.stringify(tools)}\n${JSON.stringify(messages, withoutImages)}`);
  }

  async usage(output: string): Promise<Usage> {
    const [input, written] = await Promise.all([this.#input, this.#count(output)]);
    return { input, output: written, cacheRead: 0, cacheWrite: 0 };
  }

  async #count(text: string): Promise<number> {
    if (text === '') return 0;
    // From the end, where the newest text stands: the head of every request is the same.
    const part = text.slice(-MAX_COUNTED_CHARACTERS);
    const cancel = new vscode.CancellationTokenSource();
    const counted = (async () => this.model.countTokens(part, cancel.token))().catch(() => 0);
    try {
      const count = await Promise.race([counted, setTimeout(COUNT_BUDGET_MS, 0, { ref: false })]);
      return Number.isFinite(count) && count > 0 ? Math.round((count * text.length) / part.length) : 0;
    } finally {
      cancel.cancel();
      cancel.dispose();
    }
  }
}

/** An image is no text: its base64 would count as a book. */
function withoutImages(_key: string, value: unknown): unknown {
  return (value as { type?: unknown } | null)?.type === 'base64' ? '' : value;
}
