import { createHmac } from 'node:crypto';
import { checkMedia } from './media';
import { invalid } from './refusal';
import type { Block, Message } from './schema';

/** The real signature is opaque; this one can be checked, so that a changed thinking block is seen. */
export function signatureOf(thinking: string): string {
  return createHmac('sha256', 'scripted').update(thinking).digest('base64');
}

interface Turn {
  role: Message['role'];
  /** Where it begins in the request. */
  index: number;
  blocks: { block: Block; path: string }[];
}

/** Throws the Refusal for messages that do not follow one another as the API wants them. */
export function checkHistory(messages: readonly Message[]): void {
  if (messages.length === 0) throw invalid('messages: at least one message is required');
  if (messages[0]?.role !== 'user') throw invalid('messages: first message must use the "user" role');
  const latest = messages.findLastIndex(({ role }) => role === 'assistant');
  messages.forEach(({ role, content }, index) => {
    const mayBeEmpty = index === messages.length - 1 && role === 'assistant';
    if (isEmpty(content) && !mayBeEmpty) {
      throw invalid(
        `messages.${index}: all messages must have non-empty content except for the optional final assistant message`,
      );
    }
    if (isEmpty(content)) return;
    content.forEach((block, at) => checkBlock(block, role, `messages.${index}.content.${at}`, index === latest));
  });
  const turns = merge(messages);
  const ids = new Set<string>();
  turns.forEach((turn, at) => {
    if (turn.role === 'assistant') checkCalls(turn, turns[at + 1], ids);
    else checkResults(turn, turns[at - 1]);
  });
  checkEnd(turns.at(-1));
}

/** A message of one empty string is an empty message, not one with an empty block. */
function isEmpty(content: readonly Block[]): boolean {
  const [only] = content;
  return (
    content.length === 0 ||
    (content.length === 1 && only?.type === 'text' && only.text === '' && !('cache_control' in only))
  );
}

/** Consecutive messages of one role are one turn. */
function merge(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  messages.forEach(({ role, content }, index) => {
    const blocks = content.map((block, at) => ({ block, path: `messages.${index}.content.${at}` }));
    const last = turns.at(-1);
    if (last?.role === role) last.blocks.push(...blocks);
    else turns.push({ role, index, blocks });
  });
  return turns;
}

const OF_ROLE: Readonly<Record<Block['type'], readonly Message['role'][]>> = {
  text: ['user', 'assistant', 'system'],
  image: ['user'],
  document: ['user'],
  tool_result: ['user'],
  tool_use: ['assistant'],
  thinking: ['assistant'],
  redacted_thinking: ['assistant'],
};

function checkBlock(block: Block, role: Message['role'], path: string, isLatest: boolean): void {
  const allowed = OF_ROLE[block.type];
  if (!allowed.includes(role))
    throw invalid(`${path}: \`${block.type}\` blocks can only be in \`${allowed.join('` or `')}\` messages`);
  switch (block.type) {
    case 'text':
      return checkText(block, path, 'messages');
    case 'image':
    case 'document':
      return checkMedia(block, path);
    case 'thinking':
      return checkThinking(block, path, isLatest);
    case 'tool_result':
      return checkResult(block, `${path}.tool_result`);
    default:
  }
}

type Text = Extract<Block, { type: 'text' }>;

/** `where` is what the real message begins with: it names no block when text is empty. */
export function checkText({ text, cache_control }: Text, path: string, where: string): void {
  if (text === '' && cache_control) throw invalid(`${path}.text: cache_control cannot be set for empty text blocks`);
  if (text === '') throw invalid(`${where}: text content blocks must be non-empty`);
  if (text.trim() === '') throw invalid(`${where}: text content blocks must contain non-whitespace text`);
}

/** A signature of ours over other text is a changed block; anything else was never given out. */
function checkThinking(block: Extract<Block, { type: 'thinking' }>, path: string, isLatest: boolean): void {
  if (block.signature === signatureOf(block.thinking)) return;
  const isOurs = Buffer.from(block.signature, 'base64').length === Buffer.from(signatureOf(''), 'base64').length;
  if (!isOurs || !isLatest) throw invalid(`${path}: Invalid \`signature\` in \`thinking\` block`);
  throw invalid(
    `${path}: \`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.`,
  );
}

function checkResult({ content = [], is_error }: Extract<Block, { type: 'tool_result' }>, path: string): void {
  if (is_error && content.length === 0) throw invalid(`${path}: content cannot be empty if \`is_error\` is true`);
  content.forEach((part, at) => {
    if (part.type !== 'text') return checkMedia(part, `${path}.content.${at}`);
    if (part.text === '') checkText(part, `${path}.content.${at}`, 'messages');
  });
}

function checkCalls({ blocks, index }: Turn, next: Turn | undefined, ids: Set<string>): void {
  const calls: string[] = [];
  for (const { block, path } of blocks) {
    if (block.type !== 'tool_use') continue;
    if (ids.has(block.id)) throw invalid(`${path}: \`tool_use\` ids must be unique`);
    ids.add(block.id);
    calls.push(block.id);
  }
  const last = blocks.at(-1)?.block.type;
  if (last === 'thinking' || last === 'redacted_thinking')
    throw invalid(`messages.${index}: The final block in an assistant message cannot be \`${last}\`.`);
  const answered = next?.role === 'user' ? leadingResults(next) : [];
  const missing = calls.filter((id) => !answered.includes(id));
  if (missing.length > 0) {
    throw invalid(
      `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
  }
}

/** Results count only before anything else: the API documents this refusal for text that comes first. */
function leadingResults({ blocks }: Turn): string[] {
  const others = blocks.findIndex(({ block }) => block.type !== 'tool_result');
  return blocks
    .slice(0, others < 0 ? undefined : others)
    .flatMap(({ block }) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
}

function checkResults({ blocks }: Turn, before: Turn | undefined): void {
  const calls =
    before?.role === 'assistant'
      ? before.blocks.flatMap(({ block }) => (block.type === 'tool_use' ? [block.id] : []))
      : [];
  const seen = new Set<string>();
  for (const { block, path } of blocks) {
    if (block.type !== 'tool_result') continue;
    const id = block.tool_use_id;
    if (!calls.includes(id)) {
      throw invalid(
        `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    if (seen.has(id)) {
      throw invalid(
        `${path}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
      );
    }
    seen.add(id);
  }
}

function checkEnd(last: Turn | undefined): void {
  const block = last?.blocks.at(-1)?.block;
  if (last?.role === 'assistant' && block?.type === 'text' && /\s$/u.test(block.text))
    throw invalid('messages: final assistant content cannot end with trailing whitespace');
}
