import type {
  ContentBlock,
  ContentBlockParam,
  MessageParam,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import { inShort, sinceCompaction, thinnedCalls } from './context';
import type { DurableEvent, FileChange, JournalEntry, Todo, Usage } from './events';

/** What a call that never ran to its end is answered with, so that the history stays one the API accepts. */
export const CUT_SHORT =
  'The call was cut short before it ended. Its effects are not known: look before you run it again.';
export const NOT_RUN = 'Not run: the turn ended before this call was allowed and begun.';
/** Told to the model after a turn that broke: what was shown of it stays, so that nothing is shown twice. */
export const GO_ON =
  '<note>\nYour answer broke off here. What came after this point is lost, and none of its calls was run. Go on exactly where the text breaks off: repeat nothing of it, and make again the calls you still need.\n</note>';
const GO_ON_PAUSED = '<note>\nGo on.\n</note>';

/** Kinds of blocks that a request may hold again. What a later API invents stays in the journal and is not sent. */
export const SENT_BACK: ReadonlySet<string> = new Set<ContentBlock['type']>([
  'text',
  'thinking',
  'redacted_thinking',
  'tool_use',
  'server_tool_use',
  'web_search_tool_result',
  'web_fetch_tool_result',
  'code_execution_tool_result',
  'bash_code_execution_tool_result',
  'text_editor_code_execution_tool_result',
  'tool_search_tool_result',
  'container_upload',
]);

/**
 * The messages of the next request. Every `tool_use` gets its `tool_result`; blocks of a turn that was cut stay where
 * they were finished, and a turn that was refused is left out, or it would be refused ever after. Thinking stays only in
 * turns that were asked of `model` (others refuse its signature), and never as the last of a message.
 */
export function messagesOf(branch: readonly JournalEntry[], model?: string): MessageParam[] {
  const messages: MessageParam[] = [];
  let blocks: ContentBlock[] = [];
  let results = new Map<string, ToolResultBlockParam>();
  let started = new Set<string>();
  const { text: earlier, rest } = sinceCompaction(branch);
  const thinned = thinnedCalls(branch);
  if (earlier !== undefined) messages.push({ role: 'user', content: [{ type: 'text', text: earlier }] });

  /** The last block of the message that was made of the turn, or `undefined` where nothing of it is left. */
  const closeTurn = (asked?: string): ContentBlock | undefined => {
    const keepsThinking = asked !== undefined && (model === undefined || asked === model);
    const whole = blocks.slice(0, blocks.findLastIndex((block) => !isThinking(block)) + 1);
    const kept = whole.filter((block) => keepsThinking || !isThinking(block));
    if (kept.length > 0) messages.push({ role: 'assistant', content: kept as ContentBlockParam[] });
    blocks = [];
    return kept.at(-1);
  };
  const answerCalls = (): ToolResultBlockParam[] => {
    const last = messages.at(-1);
    if (last?.role !== 'assistant' || typeof last.content === 'string') return [];
    const answers = last.content.flatMap((block) =>
      block.type === 'tool_use' ? [results.get(block.id) ?? missingResult(block.id, started.has(block.id))] : [],
    );
    results = new Map();
    started = new Set();
    return answers;
  };
  const pushUser = (content: ContentBlockParam[]): void => {
    const last = messages.at(-1);
    if (last?.role === 'user' && Array.isArray(last.content)) last.content.push(...content);
    else if (content.length > 0) messages.push({ role: 'user', content });
  };

  for (const { event } of rest) {
    switch (event.type) {
      case 'block-end':
        if (blocks.length === 0) pushUser(answerCalls());
        if (isSentBack(event.block)) blocks.push(event.block);
        break;
      case 'turn-end': {
        if (event.stopReason === 'refusal') blocks = [];
        const last = closeTurn(event.asked);
        // A request must not end with the assistant's words; what waits for a tool of the server's must.
        if (event.stopReason === 'pause_turn' && last?.type === 'text')
          pushUser([{ type: 'text', text: GO_ON_PAUSED }]);
        break;
      }
      case 'turn-cut':
        if (closeTurn() && !event.stopped) pushUser([...answerCalls(), { type: 'text', text: GO_ON }]);
        break;
      case 'steer':
        pushUser([...answerCalls(), { type: 'text', text: event.text }]);
        break;
      case 'tool-start':
        if (event.ran) started.add(event.call);
        break;
      case 'tool-run':
        started.add(event.call);
        break;
      case 'tool-end':
        results.set(event.call, toolResult(event, thinned.has(event.call)));
        break;
      case 'note':
        pushUser([...answerCalls(), noteBlock(event.text)]);
        break;
      case 'prompt':
        closeTurn();
        pushUser([...answerCalls(), ...promptContent(event)]);
        break;
      default:
        break;
    }
  }
  closeTurn();
  pushUser(answerCalls());
  return messages;
}

/** The API takes back no text without a letter in it. */
function isSentBack(block: ContentBlock): boolean {
  return SENT_BACK.has(block.type) && !(block.type === 'text' && block.text.trim() === '');
}

function isThinking(block: ContentBlock): boolean {
  return block.type === 'thinking' || block.type === 'redacted_thinking';
}

function missingResult(call: string, started: boolean): ToolResultBlockParam {
  return { type: 'tool_result', tool_use_id: call, content: started ? CUT_SHORT : NOT_RUN, is_error: true };
}

function toolResult(event: Extract<DurableEvent, { type: 'tool-end' }>, isThinned: boolean): ToolResultBlockParam {
  const given = isThinned ? inShort(event.content) : event.content;
  const content = given.length === 0 ? '(no output)' : given;
  return {
    type: 'tool_result',
    tool_use_id: event.call,
    content: content as Exclude<ToolResultBlockParam['content'], undefined>,
    ...(event.isError ? { is_error: true } : {}),
  };
}

/** Skills of strangers stand in notes, too: nothing in them may end the note. */
function noteBlock(note: string): ContentBlockParam {
  return { type: 'text', text: `<note>\n${note.replaceAll('</note', '<\\/note')}\n</note>` };
}

function promptContent(event: Extract<DurableEvent, { type: 'prompt' }>): ContentBlockParam[] {
  const { text, attachments, notes, skills = [] } = event;
  const noted = [...skills.flatMap((skill) => skill.text ?? []), ...notes].map(noteBlock);
  return [...attachments, ...noted, { type: 'text', text: text.trim() === '' ? '(no text)' : text }];
}

/** What the user wrote, in order. What a job's end says was written by nobody. */
export function promptsOf(branch: readonly JournalEntry[]): string[] {
  return branch.flatMap(({ event }) =>
    (event.type === 'prompt' && !event.woken) || event.type === 'steer' ? [event.text] : [],
  );
}

/** The todo list as it stands. */
export function todosOf(branch: readonly JournalEntry[]): Todo[] {
  const last = branch.findLast(({ event }) => event.type === 'todos')?.event;
  return last?.type === 'todos' ? last.todos : [];
}

export interface SessionChange extends FileChange {
  /** Entry ids of the changes that led here. */
  entries: string[];
}

/**
 * The files that differ from what they were before `branch`, each with its first and last image. A file that is back to
 * what it was is left out; undone and failed changes count as what they left behind.
 */
export function changesOf(branch: readonly JournalEntry[]): SessionChange[] {
  return touchedIn(branch).filter((file) => file.before !== file.after);
}

/** The same with the files that are back to what they were. */
export function touchedIn(branch: readonly JournalEntry[]): SessionChange[] {
  const files = new Map<string, SessionChange>();
  const note = (id: string, { path, before, after }: FileChange): void => {
    const known = files.get(path);
    files.set(
      path,
      known ? { ...known, after, entries: [...known.entries, id] } : { path, before, after, entries: [id] },
    );
  };
  for (const { id, event } of branch) {
    if (event.type === 'change') note(id, event.change);
    if (event.type === 'undo') for (const change of event.changes) note(id, change);
    if (event.type === 'change-failed') {
      const known = files.get(event.path);
      const failed = branch.findLast(
        (entry) =>
          entry.event.type === 'change' && entry.event.call === event.call && entry.event.change.path === event.path,
      )?.event;
      if (known && failed?.type === 'change') files.set(event.path, { ...known, after: failed.change.before });
    }
  }
  return [...files.values()];
}

/** What the model last saw of each file: resolved path to content hash, from reads and from its own changes, not its subagents'. */
export function seenOf(branch: readonly JournalEntry[]): Map<string, string> {
  const seen = new Map<string, string>();
  for (const { event } of branch) {
    if (event.type === 'tool-end' || event.type === 'prompt')
      for (const { path, hash } of event.reads ?? []) seen.set(path, hash);
    if (event.type === 'change' && !event.subagent && event.change.after !== null)
      seen.set(event.change.path, event.change.after);
  }
  return seen;
}

export interface SessionUsage extends Usage {
  turns: number;
  /** US dollars; `null` once a turn's price was not known. */
  costUsd: number | null;
}

export function usageOf(branch: readonly JournalEntry[]): SessionUsage {
  const total: SessionUsage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, turns: 0, costUsd: 0 };
  for (const { event } of branch) {
    if (!('usage' in event) || event.type === 'subagent-end') continue;
    if (event.type === 'turn-end') total.turns += 1;
    total.input += event.usage.input;
    total.output += event.usage.output;
    total.cacheRead += event.usage.cacheRead;
    total.cacheWrite += event.usage.cacheWrite;
    if (event.usage.searches) total.searches = (total.searches ?? 0) + event.usage.searches;
    total.costUsd = total.costUsd === null || event.costUsd === null ? null : total.costUsd + event.costUsd;
  }
  return total;
}

/** The text after the last call: what the model says at the end. */
export function finalText(run: readonly JournalEntry[]): string {
  const lastCall = run.findLastIndex(({ event }) => event.type === 'tool-end');
  return run
    .slice(lastCall + 1)
    .flatMap(({ event }) => (event.type === 'block-end' && event.block.type === 'text' ? [event.block.text] : []))
    .join('\n')
    .trim();
}

/** The calls that were refused, with the reasons given. */
export function deniedIn(run: readonly JournalEntry[]): { tool: string; input: unknown; reason: string }[] {
  return run.flatMap(({ event }) => {
    if (event.type === 'subagent-end') return event.denied;
    if (event.type !== 'tool-decision' || event.decision !== 'deny') return [];
    const start = run.find((entry) => entry.event.type === 'tool-start' && entry.event.call === event.call)?.event;
    return start?.type === 'tool-start' ? [{ tool: start.name, input: start.input, reason: event.reason }] : [];
  });
}

/** The head that was frozen when the session began, or `undefined` for a new one. */
export function startOf(branch: readonly JournalEntry[]): Extract<DurableEvent, { type: 'session-start' }> | undefined {
  const event = branch.find((entry) => entry.event.type === 'session-start')?.event;
  return event?.type === 'session-start' ? event : undefined;
}

/** The entries since the last prompt, that prompt included: one message of the user and all it led to. */
export function lastRun(branch: readonly JournalEntry[]): JournalEntry[] {
  const start = branch.findLastIndex(({ event }) => event.type === 'prompt');
  return start < 0 ? [] : branch.slice(start);
}
