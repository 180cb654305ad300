import type * as vscode from 'vscode';
import { createLog, explain } from './vscode/log';
import { createWindow, type Window } from './vscode/window';

let window: Window | undefined;

/** Never throws: what one editor lacks is left out, and the rest works. */
export function activate(context: vscode.ExtensionContext): void {
  const log = createLog(context);
  window = createWindow(context, log);
  for (const [name, register] of Object.entries(window.parts)) {
    try {
      register();
    } catch (error) {
      explain(log, `registering ${name}`, error);
    }
  }
  window.begin();
}

export async function deactivate(): Promise<void> {
  await window?.close();
}
