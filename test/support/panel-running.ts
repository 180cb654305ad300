import { join } from 'node:path';
import type * as vscode from 'vscode';
import { dayLedger } from '../../src/host/day-ledger';
import type { Host } from '../../src/host/host';
import { createGuards } from '../../src/vscode/guards';
import type { PanelRunning } from '../../src/vscode/panel-run';
import { Permissions } from '../../src/vscode/permissions';
import { Questions } from '../../src/vscode/questions';
import { Retries } from '../../src/vscode/retries';
import { Reviewing } from '../../src/vscode/reviewing';
import { RunControls } from '../../src/vscode/run-controls';
import type { Sessions } from '../../src/vscode/sessions';
import { Turns } from '../../src/vscode/turns';
import { memento } from './memento';

interface Given {
  sessions: Sessions;
  host: () => Host;
  storage: vscode.Uri;
  /** What answers: a model, or `demo-elsewhere`. */
  model: unknown;
  engineer: (host: Host, permissions: Permissions) => ReturnType<PanelRunning['engineer']>;
}

/**
 * What messages of the panel run with, put together as a window does, with the model that is given. A part that the
 * product needs and that is not here does not compile.
 */
export function panelRunning({ sessions, host, storage, model, engineer }: Given): PanelRunning {
  const states = { workspaceState: memento(), globalState: memento() } as unknown as vscode.ExtensionContext;
  const permissions = new Permissions(states);
  const parts = {
    ...{ sessions, permissions, host },
    ...{ questions: new Questions(permissions), turns: new Turns(memento()) },
    ...{ retries: new Retries(), controls: new RunControls(), reviewing: new Reviewing(host) },
    crews: { of: () => undefined, live: () => [] },
    log: { warn: () => undefined, error: () => undefined, info: () => undefined },
    checkpointing: { port: undefined },
    closing: new AbortController().signal,
    ledger: dayLedger(join(storage.fsPath, 'spending')),
    evidences: { of: () => undefined },
    shelf: { untold: (lines: readonly string[]) => [...lines] },
    guards: createGuards({ globalStorageUri: storage }, () => host().folders, permissions.project),
    keysInUse: async () => [],
    keys: { credential: async () => ({ value: 'k' }) },
    models: { choose: async () => model },
    pickedModel: async () => undefined,
    engineer: (on: Host) => engineer(on, permissions),
    // Of the chat alone.
    ...{ steps: undefined, confirm: undefined, wakes: undefined },
  } satisfies Record<keyof PanelRunning, unknown>;
  return parts as unknown as PanelRunning;
}
