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

/** Our messages for a model of another vendor: thinking stays behind, images go where the API has them. */
export function lmMessages(system: string, messages: readonly MessageParam[]): vscode.LanguageModelChatMessage[] {
  const head = vscode.LanguageModelChatMessage.User(system);
  return [
    head,
    ...messages.map(({ role, content }) => {
      const blocks: ContentBlockParam[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
      const parts = blocks.flatMap((block) => partOf(block));
      return role === 'assistant'
        ? vscode.LanguageModelChatMessage.Assistant(parts as vscode.LanguageModelTextPart[])
        : vscode.LanguageModelChatMessage.User(parts as vscode.LanguageModelTextPart[]);
    }),
  ];
}

type LmPart =
  | vscode.LanguageModelTextPart
  | vscode.LanguageModelDataPart
  | vscode.LanguageModelToolCallPart
  | vscode.LanguageModelToolResultPart;

function partOf(block: ContentBlockParam): LmPart[] {
  switch (block.type) {
    case 'text':
      return [new vscode.LanguageModelTextPart(block.text)];
    case 'image':
      return block.source.type === 'base64'
        ? [vscode.LanguageModelDataPart.image(Buffer.from(block.source.data, 'base64'), block.source.media_type)]
        : [];
    case 'tool_use':
      return [new vscode.LanguageModelToolCallPart(block.id, block.name, block.input as object)];
    case 'tool_result': {
      const inner =
        typeof block.content === 'string' ? [{ type: 'text' as const, text: block.content }] : (block.content ?? []);
      return [
        new vscode.LanguageModelToolResultPart(
          block.tool_use_id,
          inner.flatMap((one) => partOf(one as ContentBlockParam)),
        ),
      ];
    }
    default:
      return [];
  }
}
