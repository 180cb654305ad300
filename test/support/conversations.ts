import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages';
import type { ScriptedTurn } from './anthropic-server';

/**
 * Turns for conversations that run side by side: each script is chosen by what its first message ends with, and played
 * by how often the model has answered in it.
 */
export function conversations(
  scripts: Readonly<Record<string, readonly ScriptedTurn[]>>,
): (request: MessageCreateParams) => ScriptedTurn {
  return (request) => {
    const first = promptOf(request);
    const name = Object.keys(scripts).find((ending) => first.endsWith(ending));
    const turn = scripts[name ?? '']?.[request.messages.filter(({ role }) => role === 'assistant').length];
    // Not retried by the client, and named in the test's output.
    return (
      turn ?? { error: { status: 400, type: 'invalid_request_error', message: `no turn for "${first.slice(-200)}"` } }
    );
  };
}

function promptOf({ messages }: MessageCreateParams): string {
  const content = messages.find(({ role }) => role === 'user')?.content ?? '';
  if (typeof content === 'string') return content;
  const last = content.findLast(({ type }) => type === 'text');
  return last?.type === 'text' ? last.text : '';
}

export const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });

/** One turn with these calls. */
export const calls = (...all: [name: string, input: Record<string, unknown>][]): ScriptedTurn => ({
  content: all.map(([name, input]) => ({ type: 'tool_use', name, input })),
});
