import type { CallOptions } from './calls';
import { ModelError } from './model';
import { ToolError, type ToolContext } from './tool';

/** One request to the session's model apart from its conversation. Throws ToolError where there is no whole answer. */
export async function complete<Host>(
  { system, prompt }: { system: string; prompt: string },
  { model, signal }: Pick<CallOptions<Host>, 'model' | 'signal'>,
  spent: ToolContext<Host>['spent'],
): Promise<string> {
  const request = { system, tools: [], messages: [{ role: 'user' as const, content: prompt }] };
  const texts: string[] = [];
  try {
    for await (const event of model.stream(request, signal)) {
      signal.throwIfAborted();
      if (event.type === 'block-end' && event.block.type === 'text') texts.push(event.block.text);
      if (event.type !== 'turn-end') continue;
      await spent({ usage: event.usage, model: event.model, costUsd: model.costOf(event.usage, event.model) });
      if (event.stopReason === 'end_turn' || event.stopReason === 'stop_sequence') return texts.join('');
      throw new ToolError(`The model gave no whole answer (${event.stopReason}).`);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ModelError ? new ToolError(error.message) : error;
  }
  throw new ToolError("The model's answer ended before it was complete.");
}
