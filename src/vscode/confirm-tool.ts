import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';

export const CONFIRM_TOOL = 'ml-engineer_confirm';

interface Waiting {
  title: string;
  body: string;
  allowed: boolean;
}

/**
 * Asks through a tool of our own, for an editor without the built-in question. package.json makes it ineligible for
 * automatic approval, so its buttons are Allow Once and Skip, each time.
 */
export class ConfirmTool {
  readonly #waiting = new Map<string, Waiting>();

  register(): vscode.Disposable {
    return vscode.lm.registerTool<{ id?: unknown }>(CONFIRM_TOOL, {
      prepareInvocation: ({ input }) => {
        const waiting = this.#find(input.id);
        const title = waiting?.title ?? vscode.l10n.t('A question that ML Engineer did not ask');
        const message = new vscode.MarkdownString(waiting?.body ?? '');
        return { invocationMessage: new vscode.MarkdownString(title), confirmationMessages: { title, message } };
      },
      invoke: ({ input }) => {
        const waiting = this.#find(input.id);
        if (waiting) waiting.allowed = true;
        return new vscode.LanguageModelToolResult([
          new vscode.LanguageModelTextPart(waiting ? 'allowed' : 'nothing was asked'),
        ]);
      },
    });
  }

  /** True when the person pressed Allow Once; false when the call was skipped. Title and body are Markdown, escaped by the caller. */
  async ask(title: string, body: string, token: vscode.ChatParticipantToolToken): Promise<boolean> {
    const id = randomUUID();
    const waiting: Waiting = { title, body, allowed: false };
    this.#waiting.set(id, waiting);
    try {
      await vscode.lm.invokeTool(CONFIRM_TOOL, { input: { id }, toolInvocationToken: token });
    } catch (error) {
      if (!isCancellation(error)) throw error;
    } finally {
      this.#waiting.delete(id);
    }
    return waiting.allowed;
  }

  #find(id: unknown): Waiting | undefined {
    return typeof id === 'string' ? this.#waiting.get(id) : undefined;
  }
}

/** True for what VS Code rejects with when a call was skipped or stopped. */
export function isCancellation(error: unknown): boolean {
  return error instanceof vscode.CancellationError || (error instanceof Error && error.name === 'Canceled');
}
