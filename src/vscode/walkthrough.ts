import * as vscode from 'vscode';
import type { SessionChanged } from './sessions';

const WALKTHROUGH = 'ml-engineer.ml-engineer#start';
/** Set when a message was answered; the walkthrough's step is then done. */
const ANSWERED = 'mlEngineer.answered';

export async function openWalkthrough(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false);
}

/** Ticks the steps that no command tells of. */
export function watchFirstSteps(onDidChange: vscode.Event<SessionChanged>): vscode.Disposable {
  return onDidChange(({ event }) => {
    if (event?.type === 'run-end' && event.reason === 'done')
      void vscode.commands.executeCommand('setContext', ANSWERED, true);
  });
}
