import type {
  ContentBlockParam,
  ImageBlockParam,
  MessageParam,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import * as vscode from 'vscode';
import type { ToolSchema } from '../agent/tool';

/** The role of instructions; the stable API names only user and assistant, and callers send it all the same. */
const SYSTEM_ROLE = 3;
const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;

export interface Conversation {
  system: string;
  messages: MessageParam[];
}

/** What any caller of the language model API sends, as the messages of our Model port: roles alternate, none is empty. */
export function conversationOf(messages: readonly vscode.LanguageModelChatRequestMessage[]): Conversation {
  const system: string[] = [];
  const converted: MessageParam[] = [];
  for (const { role, content } of messages) {
    if ((role as number) === SYSTEM_ROLE) {
      system.push(...content.flatMap((part) => (part instanceof vscode.LanguageModelTextPart ? [part.value] : [])));
      continue;
    }
    const name = role === vscode.LanguageModelChatMessageRole.Assistant ? 'assistant' : 'user';
    const blocks = content.flatMap((part) => blockOf(part));
    const last = converted.at(-1);
    if (blocks.length === 0) continue;
    if (last?.role === name && Array.isArray(last.content)) last.content.push(...blocks);
    else converted.push({ role: name, content: blocks });
  }
  if (converted[0]?.role !== 'user') converted.unshift({ role: 'user', content: [{ type: 'text', text: '(go on)' }] });
  for (const message of converted) if (message.role === 'user') resultsFirst(message);
  return { system: system.join('\n\n'), messages: converted };
}

/** The API wants the results of calls before anything else in their message. */
function resultsFirst(message: MessageParam): void {
  if (typeof message.content === 'string') return;
  message.content.sort((a, b) => Number(b.type === 'tool_result') - Number(a.type === 'tool_result'));
}

function blockOf(part: unknown): ContentBlockParam[] {
  if (part instanceof vscode.LanguageModelTextPart)
    return part.value === '' ? [] : [{ type: 'text', text: part.value }];
  if (part instanceof vscode.LanguageModelDataPart) return dataBlock(part);
  if (part instanceof vscode.LanguageModelToolCallPart) {
    return [{ type: 'tool_use', id: part.callId, name: part.name, input: part.input }];
  }
  if (part instanceof vscode.LanguageModelToolResultPart) {
    const content = part.content.flatMap((inner) => blockOf(inner)) as Exclude<
      ToolResultBlockParam['content'],
      string | undefined
    >;
    return [{ type: 'tool_result', tool_use_id: part.callId, content: content.length > 0 ? content : '(no output)' }];
  }
  return [];
}

function dataBlock(part: vscode.LanguageModelDataPart): ContentBlockParam[] {
  const mediaType = IMAGE_TYPES.find((type) => type === part.mimeType);
  if (mediaType) return [imageBlock(part.data, mediaType)];
  const isText = part.mimeType.startsWith('text/') || part.mimeType.endsWith('json');
  return isText && part.data.length > 0 ? [{ type: 'text', text: new TextDecoder().decode(part.data) }] : [];
}

/** Undefined for a type that no model takes. */
export function imageOf(data: Uint8Array, mimeType: string): ImageBlockParam | undefined {
  const mediaType = IMAGE_TYPES.find((type) => type === mimeType);
  return mediaType && imageBlock(data, mediaType);
}

function imageBlock(data: Uint8Array, mediaType: (typeof IMAGE_TYPES)[number]): ImageBlockParam {
  return {
    type: 'image',
    source: { type: 'base64', media_type: mediaType, data: Buffer.from(data).toString('base64') },
  };
}

export function toolsOf(tools: readonly vscode.LanguageModelChatTool[] | undefined): ToolSchema[] {
  return (tools ?? []).map(({ name, description, inputSchema }) => ({
    name,
    description,
    input_schema: { ...(inputSchema as Record<string, unknown> | undefined), type: 'object' },
  }));
}

/** Whether any message or result of a call holds an image. */
export function hasImages(messages: readonly MessageParam[]): boolean {
  const within = (content: unknown): boolean =>
    Array.isArray(content) &&
    content.some((block: ContentBlockParam) => block.type === 'image' || ('content' in block && within(block.content)));
  return messages.some(({ content }) => within(content));
}

/**
 * Our messages for a model of another vendor: thinking stays behind, and what the model cannot be given is named in
 * words, so that it does not speak of what it never saw.
 */
export function lmMessages(
  system: string,
  messages: readonly MessageParam[],
  withImages = true,
): vscode.LanguageModelChatMessage[] {
  const head = vscode.LanguageModelChatMessage.User(system);
  const rest = messages.flatMap(({ role, content }) => {
    const blocks: ContentBlockParam[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const parts = blocks.flatMap((block) => partOf(block, withImages)) as vscode.LanguageModelTextPart[];
    if (parts.length === 0) return [];
    const isAssistant = role === 'assistant';
    return [
      isAssistant ? vscode.LanguageModelChatMessage.Assistant(parts) : vscode.LanguageModelChatMessage.User(parts),
    ];
  });
  return [head, ...rest];
}

type LmPart =
  | vscode.LanguageModelTextPart
  | vscode.LanguageModelDataPart
  | vscode.LanguageModelToolCallPart
  | vscode.LanguageModelToolResultPart;

const textPart = (text: string): LmPart[] => [new vscode.LanguageModelTextPart(text)];

function partOf(block: ContentBlockParam, withImages: boolean): LmPart[] {
  switch (block.type) {
    case 'text':
      return textPart(block.text);
    case 'image':
      if (!withImages || block.source.type !== 'base64') return textPart('(an image, which this model is not given)');
      return [vscode.LanguageModelDataPart.image(Buffer.from(block.source.data, 'base64'), block.source.media_type)];
    case 'document':
      return textPart('(a PDF document, which this model is not given)');
    case 'tool_use':
      return [new vscode.LanguageModelToolCallPart(block.id, block.name, block.input as object)];
    case 'tool_result': {
      const { content = [], is_error: failed } = block;
      const inner = (typeof content === 'string' ? [{ type: 'text', text: content }] : content) as ContentBlockParam[];
      // The API has no mark for a failed call.
      const parts = [
        ...(failed ? textPart('(the call failed)') : []),
        ...inner.flatMap((one) => partOf(one, withImages)),
      ];
      return [new vscode.LanguageModelToolResultPart(block.tool_use_id, parts)];
    }
    default:
      return [];
  }
}
