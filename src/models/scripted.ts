import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContentBlock, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import * as z from 'zod';
import { ModelError, type Model, type ModelEvent } from '../agent/model';
import { UserError } from '../agent/tool';

const turnSchema = z.object({
  content: z
    .array(
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('text'), text: z.string() }),
        z.object({ type: z.literal('tool_use'), name: z.string(), input: z.record(z.string(), z.unknown()) }),
      ]),
    )
    .min(1),
  /** By default `tool_use` where the content calls a tool, else `end_turn`. */
  stopReason: z.enum(['end_turn', 'tool_use', 'max_tokens', 'stop_sequence', 'pause_turn', 'refusal']).optional(),
});
const scriptSchema = z.object({
  name: z.string(),
  prompt: z.string().optional(),
  turns: z.array(turnSchema),
  /** What droids play that are started as subagents, by name. */
  droids: z.record(z.string(), z.array(turnSchema)).optional(),
});
export type Script = z.infer<typeof scriptSchema>;

export interface ScriptedOptions {
  id?: string;
  /** Wait before each word, so that an answer grows as a real one does. */
  wordDelayMs?: number;
}

/** A model that plays another script for each droid that works under its session. */
export interface ScriptedModel extends Model {
  forDroid(name: string): Model;
}

/** Loads a script of recorded model turns and the model that plays it. Throws UserError for a file that is none. */
export async function loadScriptedModel(path: string, options?: ScriptedOptions): Promise<ScriptedModel> {
  let read: unknown;
  try {
    read = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UserError(
      `${path} could not be read as a script: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const parsed = scriptSchema.safeParse(read);
  if (!parsed.success) throw new UserError(`${path} is not a script of model turns: ${z.prettifyError(parsed.error)}`);
  return createScriptedModel(parsed.data, options);
}

/** Plays recorded turns while all tools really run. Which turn comes next is read from the request, so a resumed session goes on. */
export function createScriptedModel(
  script: Script,
  { id = `demo (${script.name})`, wordDelayMs = 0 }: ScriptedOptions = {},
): ScriptedModel {
  return {
    id,
    forDroid: (name) =>
      createScriptedModel(
        { name: `${script.name}, droid ${name}`, turns: script.droids?.[name] ?? [] },
        { id, wordDelayMs },
      ),
    contextWindow: 200_000,
    costOf: () => 0,
    async *stream({ messages }, signal) {
      const index = turnsSincePrompt(messages);
      const turn = script.turns[index];
      if (!turn) throw new ModelError(`The script "${script.name}" has ended after ${script.turns.length} turns.`);
      yield* play(turn.content, { call: `call_${messages.length}_${index}`, wordDelayMs, signal });
      yield {
        type: 'turn-end',
        stopReason: turn.stopReason ?? (turn.content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn'),
        usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
        model: id,
      };
    },
  };
}

/** Assistant messages since the last message that a person wrote, which may begin with results of calls that were cut. */
function turnsSincePrompt(messages: readonly MessageParam[]): number {
  const byPerson = ({ role, content }: MessageParam): boolean =>
    role === 'user' && (typeof content === 'string' || content.some(({ type }) => type !== 'tool_result'));
  const start = messages.findLastIndex(byPerson);
  return messages.slice(start + 1).filter(({ role }) => role === 'assistant').length;
}

async function* play(
  content: Script['turns'][number]['content'],
  { call, wordDelayMs, signal }: { call: string; wordDelayMs: number; signal: AbortSignal },
): AsyncGenerator<ModelEvent> {
  for (const [index, part] of content.entries()) {
    signal.throwIfAborted();
    if (part.type === 'tool_use') {
      const block = { type: 'tool_use', id: `${call}_${index}`, name: part.name, input: part.input } as ContentBlock;
      yield { type: 'block-end', block };
      continue;
    }
    for (const word of part.text.match(/\s*\S+\s*/gu) ?? []) {
      if (wordDelayMs > 0) await pause(wordDelayMs, signal);
      yield { type: 'text-delta', text: word };
    }
    yield { type: 'block-end', block: { type: 'text', text: part.text, citations: null } };
  }
}

/** Throws the signal's own reason, where Node's timer would throw an AbortError around it. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
