import * as vscode from 'vscode';
import { UserError } from '../agent/tool';
import { maskSecrets } from '../text/secrets';

/** The log a user can open; nothing secret goes in. */
export type Log = vscode.LogOutputChannel;

export function createLog(context: vscode.ExtensionContext): Log {
  const log = vscode.window.createOutputChannel('ML Engineer', { log: true });
  context.subscriptions.push(log);
  return log;
}

/** Journals a failure and gives the one sentence a person is shown; a UserError is shown as it is. */
export function explain(log: Log, what: string, error: unknown): string {
  if (error instanceof UserError) {
    log.warn(maskSecrets(`${what}: ${error.message}`).text);
    return error.message;
  }
  log.error(what, maskSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error)).text);
  return vscode.l10n.t('ML Engineer failed unexpectedly ({0}). The log has the details.', what);
}

/** Shows a failure of something the user asked for, with the way to the log where it is a bug. */
export async function showFailure(log: Log, what: string, error: unknown): Promise<void> {
  const message = explain(log, what, error);
  const show = vscode.l10n.t('Show Log');
  const picked = await vscode.window.showErrorMessage(message, ...(error instanceof UserError ? [] : [show]));
  if (picked === show) log.show();
}
