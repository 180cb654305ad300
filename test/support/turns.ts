import type { ContentBlock, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { StopReason, Usage } from '../../src/agent/events';
import type { ModelError } from '../../src/agent/model';
import { type Model, type ModelRequest } from '../../src/agent/model';

export type Block = { text: string } | { call: string; input?: unknown; id?: string } | { thinking: string };
export type Turn =
  { blocks: Block[]; stopReason?: StopReason; costUsd?: number } | { error: ModelError } | { hang: true };

export interface TurnsModel extends Model {
  requests: ModelRequest[];
}

/** A model that answers with the given turns in order, or with what is made for each request; keeps the requests it got. */
export function turnsModel(
  turns: Turn[] | ((request: ModelRequest, index: number) => Turn | undefined),
  id = 'test-model',
): TurnsModel {
  const requests: ModelRequest[] = [];
  const costs = new WeakMap<Usage, number>();
  return {
    id,
    contextWindow: 200_000,
    requests,
    costOf: (usage) => costs.get(usage) ?? 0,
    async *stream(request, signal) {
      const number = requests.push(structuredClone(request));
      const turn = typeof turns === 'function' ? turns(request, number - 1) : turns[number - 1];
      if (!turn) throw new Error(`no turn ${number}`);
      if ('error' in turn) throw turn.error;
      if ('hang' in turn) {
        yield { type: 'text-delta', text: 'thinking about it' };
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
        return;
      }
      const usage = { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 };
      costs.set(usage, turn.costUsd ?? 0);
      for (const [index, block] of turn.blocks.entries()) {
        const finished = finish(block, `call_${number}_${index}`);
        if ('text' in block) yield { type: 'text-delta', text: block.text };
        yield { type: 'block-end', block: finished };
      }
      const calls = turn.blocks.some((block) => 'call' in block);
      yield {
        type: 'turn-end',
        stopReason: turn.stopReason ?? (calls ? 'tool_use' : 'end_turn'),
        usage,
        model: id,
      };
    },
  };
}

function finish(block: Block, id: string): ContentBlock {
  if ('text' in block) return { type: 'text', text: block.text, citations: null };
  if ('thinking' in block) return { type: 'thinking', thinking: block.thinking, signature: 'signed' };
  return { type: 'tool_use', id: block.id ?? id, name: block.call, input: block.input ?? {} } as ContentBlock;
}

/** What the API would refuse in a history, as a list of faults: empty when it would be accepted. */
export function historyFaults(messages: readonly MessageParam[]): string[] {
  const faults: string[] = [];
  if (messages[0]?.role !== 'user') faults.push("the first message is not the user's");
  messages.forEach((message, index) => {
    const blocks = typeof message.content === 'string' ? [] : message.content;
    if (message.content.length === 0) faults.push(`message ${index} is empty`);
    if (message.role === 'assistant') {
      const next = messages[index + 1];
      const answered = typeof next?.content === 'string' || !next ? [] : next.content;
      for (const block of blocks) {
        if (block.type !== 'tool_use') continue;
        const answers = answered.filter((other) => other.type === 'tool_result' && other.tool_use_id === block.id);
        if (answers.length !== 1) faults.push(`call ${block.id} has ${answers.length} results`);
      }
      if (blocks.every((block) => block.type === 'thinking')) faults.push(`message ${index} is thinking alone`);
    }
    if (messages[index - 1]?.role === message.role)
      faults.push(`messages ${index - 1} and ${index} have the same role`);
  });
  return faults;
}
