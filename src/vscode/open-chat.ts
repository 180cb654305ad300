import * as vscode from 'vscode';

const OPEN_CHAT = 'workbench.action.chat.open';

/** A file, or a part of it, that goes along with a message. */
export interface Attachment {
  uri: vscode.Uri;
  range?: vscode.Range;
}

export interface ChatMessage {
  /** What follows `@ml-engineer `. */
  text: string;
  /** Sent at once; else it stands in the input, for the person to go on with. */
  send: boolean;
  attach?: readonly Attachment[];
}

/** Puts a message to the participant into the chat. An editor without one says so, and offers the panel. */
export async function openChat({ text, send, attach = [] }: ChatMessage): Promise<void> {
  if (!(await vscode.commands.getCommands(true)).includes(OPEN_CHAT)) return offerPanel();
  await vscode.commands.executeCommand(OPEN_CHAT, {
    query: `@ml-engineer ${text}`,
    isPartialQuery: !send,
    attachFiles: attach.map(({ uri, range }) => (range ? { uri, range: monacoRange(range) } : uri)),
  });
}

/** The chat counts lines and columns from 1. */
function monacoRange({ start, end }: vscode.Range): object {
  return {
    startLineNumber: start.line + 1,
    startColumn: start.character + 1,
    endLineNumber: end.line + 1,
    endColumn: end.character + 1,
  };
}

async function offerPanel(): Promise<void> {
  const open = vscode.l10n.t('Open the Panel');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('This editor has no chat, or it is turned off (setting "chat.disableAIFeatures").'),
    open,
  );
  if (picked === open) await vscode.commands.executeCommand('mlEngineer.panel.focus');
}
