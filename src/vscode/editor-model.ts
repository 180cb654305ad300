import { randomBytes } from 'node:crypto';
import type { ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import * as vscode from 'vscode';
import { orAborted } from '../agent/abort';
import type { Usage } from '../agent/events';
import { ModelError, type Model, type ModelEvent, type ModelRequest } from '../agent/model';
import { editorModelError, emptyAnswer } from './editor-model-errors';
import { TokenCount, usageIn } from './editor-model-usage';
import { hasImages, lmMessages } from './lm-messages';

/** For a model that does not say what it takes: small enough for any. */
const SAFE_CONTEXT_WINDOW = 16_000;
const ID = /^[\w-]{1,64}$/u;

/** Not in the stable API yet: newer editors say what a model takes. */
interface Capable {
  capabilities?: { supportsImageToText?: boolean };
}

/**
 * A model of another vendor (Copilot, say) behind our port, over the language model API. That API tells no price and no
 * stop reason, and whether a model takes images only in newer editors: where one that was given images fails, it is
 * asked again without them.
 */
export function createEditorModel(model: vscode.LanguageModelChat & Capable): Model {
  let takesImages = model.capabilities?.supportsImageToText;
  return {
    id: idOf(model),
    contextWindow: model.maxInputTokens > 0 ? model.maxInputTokens : SAFE_CONTEXT_WINDOW,
    costOf: () => null,
    async *stream(request, signal) {
      const withImages = takesImages !== false;
      let shown = false;
      try {
        for await (const event of stream(model, request, withImages, signal)) {
          shown = true;
          yield event;
        }
      } catch (error) {
        signal.throwIfAborted();
        const failure = editorModelError(error, model);
        const mayBeImages = takesImages === undefined && !shown && !failure.code && hasImages(request.messages);
        if (!mayBeImages) throw failure;
        takesImages = false;
        throw new ModelError(failure.message, { retryAfterMs: 0, cause: error });
      }
    },
  };
}

function idOf({ vendor, id }: vscode.LanguageModelChat): string {
  return `${vendor}/${id}`;
}

async function* stream(
  model: vscode.LanguageModelChat,
  request: ModelRequest,
  withImages: boolean,
  signal: AbortSignal,
): AsyncIterable<ModelEvent> {
  signal.throwIfAborted();
  const cancel = new vscode.CancellationTokenSource();
  const stop = (): void => cancel.cancel();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const tools = request.tools.map(({ name, description, input_schema: inputSchema }) => ({
      ...{ name, description, inputSchema },
    }));
    const options = {
      justification: vscode.l10n.t('ML Engineer answers with the model that you chose in the picker.'),
      ...(tools.length > 0 ? { tools } : {}),
    };
    const count = new TokenCount(model, request);
    const messages = lmMessages(request.system, request.messages, withImages);
    const response = await orAborted(model.sendRequest(messages, options, cancel.token), signal);
    yield* eventsOf(response.stream, { model, count, taken: callIds(request), signal });
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    cancel.dispose();
  }
}

interface Reading {
  model: vscode.LanguageModelChat;
  count: TokenCount;
  /** Ids of calls that are in the conversation already. */
  taken: Set<string>;
  signal: AbortSignal;
}

/** Parts of kinds that are not known here (thinking, a vendor's own marks) are left out. */
async function* eventsOf(
  parts: AsyncIterable<unknown>,
  { model, count, taken, signal }: Reading,
): AsyncIterable<ModelEvent> {
  let text = '';
  let output = '';
  let calls = 0;
  let told: Usage | undefined;
  const endText = (): ModelEvent[] => {
    const events: ModelEvent[] =
      text === '' ? [] : [{ type: 'block-end', block: { type: 'text', text, citations: null } }];
    text = '';
    return events;
  };
  for await (const part of untilAborted(parts, signal)) {
    if (part instanceof vscode.LanguageModelTextPart && part.value !== '') {
      text += part.value;
      output += part.value;
      yield { type: 'text-delta', text: part.value };
    } else if (part instanceof vscode.LanguageModelToolCallPart) {
      yield* endText();
      calls += 1;
      const block = callOf(part, taken);
      output += JSON.stringify([block.name, block.input]);
      yield { type: 'block-end', block };
    } else if (part instanceof vscode.LanguageModelDataPart) told = usageIn(part) ?? told;
  }
  yield* endText();
  if (output === '') throw emptyAnswer(model);
  const usage = told ?? (await orAborted(count.usage(output), signal));
  yield { type: 'turn-end', stopReason: calls > 0 ? 'tool_use' : 'end_turn', usage, model: idOf(model) };
}

/** A vendor need not look at the token: the stream is left when the signal says so. */
async function* untilAborted(parts: AsyncIterable<unknown>, signal: AbortSignal): AsyncIterable<unknown> {
  const iterator = parts[Symbol.asyncIterator]();
  for (;;) {
    const next = await orAborted(iterator.next(), signal);
    if (next.done === true) return;
    yield next.value;
  }
}

/**
 * A call as the journal and every other model can take it: under an id of its own (results are found by it, and vendors
 * repeat theirs or leave them empty), with an object for its input.
 */
function callOf({ callId, name, input }: vscode.LanguageModelToolCallPart, taken: Set<string>): ToolUseBlock {
  const id = ID.test(callId) && !taken.has(callId) ? callId : `call_${randomBytes(9).toString('hex')}`;
  taken.add(id);
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  const plain = { type: 'tool_use', id, name: name.replaceAll(/[^\w-]/gu, '_') || '_', input: isObject ? input : {} };
  return plain as unknown as ToolUseBlock;
}

function callIds({ messages }: ModelRequest): Set<string> {
  const blocks = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  return new Set(blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : [])));
}
