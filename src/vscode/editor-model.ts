import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import * as vscode from 'vscode';
import { ModelError, type Model, type ModelEvent, type ModelRequest } from '../agent/model';
import { lmMessages } from './lm-messages';

/**
 * A model of another vendor (Copilot, say) behind our port, over the language model API: text and tool calls. That API
 * tells no usage and no stop reason, so tokens are counted as 0 and the price is unknown.
 */
export function createEditorModel(model: vscode.LanguageModelChat): Model {
  return {
    id: `${model.vendor}/${model.id}`,
    contextWindow: model.maxInputTokens,
    costOf: () => null,
    stream: (request, signal) => stream(model, request, signal),
  };
}

async function* stream(
  model: vscode.LanguageModelChat,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncIterable<ModelEvent> {
  const cancel = new vscode.CancellationTokenSource();
  const stop = (): void => cancel.cancel();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const tools = request.tools.map(({ name, description, input_schema }) => ({
      name,
      description,
      inputSchema: input_schema,
    }));
    const response = await model.sendRequest(lmMessages(request.system, request.messages), { tools }, cancel.token);
    yield* blocksOf(response.stream, model, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw modelError(error, model);
  } finally {
    signal.removeEventListener('abort', stop);
    cancel.dispose();
  }
}

async function* blocksOf(
  parts: AsyncIterable<unknown>,
  model: vscode.LanguageModelChat,
  signal: AbortSignal,
): AsyncIterable<ModelEvent> {
  let text = '';
  let calls = 0;
  const endText = (): ModelEvent[] => {
    const block: ContentBlock = { type: 'text', text, citations: null };
    const events: ModelEvent[] = text === '' ? [] : [{ type: 'block-end', block }];
    text = '';
    return events;
  };
  for await (const part of parts) {
    signal.throwIfAborted();
    if (part instanceof vscode.LanguageModelTextPart) {
      text += part.value;
      yield { type: 'text-delta', text: part.value };
    } else if (part instanceof vscode.LanguageModelToolCallPart) {
      yield* endText();
      calls += 1;
      yield {
        type: 'block-end',
        block: { type: 'tool_use', id: part.callId, name: part.name, input: part.input } as ContentBlock,
      };
    }
  }
  yield* endText();
  const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  yield {
    type: 'turn-end',
    stopReason: calls > 0 ? 'tool_use' : 'end_turn',
    usage,
    model: `${model.vendor}/${model.id}`,
  };
}

function modelError(error: unknown, { name, vendor }: vscode.LanguageModelChat): unknown {
  if (error instanceof ModelError || !(error instanceof vscode.LanguageModelError)) return error;
  const what = { name, vendor, reason: error.message };
  switch (error.code) {
    case vscode.LanguageModelError.NoPermissions.name:
      return new ModelError(
        vscode.l10n.t('{name} ({vendor}) may not be used here: {reason} Choose another model in the picker.', what),
        { cause: error },
      );
    case vscode.LanguageModelError.NotFound.name:
      return new ModelError(vscode.l10n.t('{name} ({vendor}) is gone. Choose another model in the picker.', what), {
        code: 'model-gone',
        cause: error,
      });
    case vscode.LanguageModelError.Blocked.name:
      return new ModelError(vscode.l10n.t('{name} ({vendor}) refused to answer: {reason}', what), {
        code: 'refused',
        cause: error,
      });
    default:
      return new ModelError(vscode.l10n.t('{name} ({vendor}) failed: {reason} Send "go on" to try again.', what), {
        cause: error,
      });
  }
}
