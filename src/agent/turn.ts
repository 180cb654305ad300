import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import { untilAborted } from './abort';
import type { StopReason, Usage } from './events';
import { messagesOf, startOf } from './folds';
import type { RunOptions, Telling } from './loop';
import { ModelError, type Model } from './model';
import { waitToRetry } from './retry';

export interface Answer {
  stopReason: StopReason;
  blocks: ContentBlock[];
}

/** What there is of a turn while it comes. */
interface Progress {
  /** Text of the block that is not finished yet. */
  text: string;
  blocks: ContentBlock[];
  /** Characters that were shown, thoughts and inputs included. */
  characters: number;
  usage: { usage: Usage; model: string } | undefined;
}

/**
 * One model turn, tried again while the failure says that may help. What was shown is never asked for again: the text so
 * far is kept, half a thought or a call is not, and the next request goes on from there.
 */
export async function modelTurn<Host>(options: RunOptions<Host>, telling: Telling): Promise<Answer> {
  const troubleSince = { ms: 0 };
  for (let attempt = 1; ; attempt++) {
    const progress: Progress = { text: '', blocks: [], characters: 0, usage: undefined };
    try {
      return await streamTurn(options, telling, progress);
    } catch (error) {
      const stopped = options.signal.aborted;
      if (!stopped && !(error instanceof ModelError)) throw error;
      await recordCut(
        progress,
        { why: stopped ? 'stopped' : (error as Error).message, stopped },
        options.model,
        telling,
      );
      if (stopped) throw error;
      await waitToRetry(error as ModelError, { attempt, troubleSince }, options, telling);
    }
  }
}

async function streamTurn<Host>(
  { session, model, signal }: RunOptions<Host>,
  telling: Telling,
  progress: Progress,
): Promise<Answer> {
  const start = startOf(session.branch);
  if (!start) throw new Error('a session without its start');
  const { blocks } = progress;
  const messages = messagesOf(session.branch, model.id);
  const ids = new Set(session.branch.flatMap(({ event }) => (event.type === 'block-end' ? callOf(event.block) : [])));
  const request = { system: start.system, tools: start.tools, messages };
  for await (const event of untilAborted(model.stream(request, signal), signal)) {
    switch (event.type) {
      case 'block-end': {
        progress.text = '';
        const block = withOwnId(event.block, ids);
        blocks.push(block);
        await telling.record({ type: 'block-end', block });
        break;
      }
      case 'model-switch':
        await telling.record(event);
        break;
      case 'usage':
        progress.usage = event;
        break;
      case 'warning':
        telling.show(event);
        break;
      case 'turn-end':
        await telling.record({ ...event, asked: model.id, costUsd: model.costOf(event.usage, event.model) });
        return { stopReason: event.stopReason, blocks };
      default:
        if (event.type === 'text-delta') progress.text += event.text;
        progress.characters += 'text' in event ? event.text.length : event.json.length;
        telling.show(event);
    }
  }
  throw new ModelError('The model\'s answer ended before it was complete. Send "go on" to continue.', {
    code: 'unfinished',
    retryAfterMs: 0,
  });
}

function callOf(block: ContentBlock): string[] {
  return block.type === 'tool_use' ? [block.id] : [];
}

/** The API wants each call's id once in a history, of these characters; not every server keeps to that. */
function withOwnId(block: ContentBlock, ids: Set<string>): ContentBlock {
  if (block.type !== 'tool_use') return block;
  const plain = block.id.replaceAll(/[^\w-]/gu, '_') || 'call';
  let id = plain;
  for (let count = 2; ids.has(id); count++) id = `${plain}_${count}`;
  ids.add(id);
  return id === block.id ? block : { ...block, id };
}

const CHARACTERS_A_TOKEN = 4;
const NOTHING: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** Journals that the turn broke, where anything of it is there or was paid for. */
async function recordCut(
  { text, blocks, characters, usage }: Progress,
  { why, stopped }: { why: string; stopped: boolean },
  model: Model,
  telling: Telling,
): Promise<void> {
  if (blocks.length === 0 && text === '' && !usage) return;
  if (text.trim() !== '') await telling.record({ type: 'block-end', block: { type: 'text', text, citations: null } });
  const asked = model.id;
  if (!usage) {
    await telling.record({ type: 'turn-cut', why, stopped, usage: NOTHING, asked, model: asked, costUsd: null });
    return;
  }
  // The server counts what was written only at the end, and it is paid for all the same.
  const output = Math.max(usage.usage.output, Math.ceil(characters / CHARACTERS_A_TOKEN));
  const known = { ...usage.usage, output };
  const costUsd = model.costOf(known, usage.model);
  await telling.record({ type: 'turn-cut', why, stopped, usage: known, asked, model: usage.model, costUsd });
}
