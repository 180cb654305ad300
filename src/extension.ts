import { homedir } from 'node:os';
import type * as vscode from 'vscode';
import { loadEngineer, type Engineer, type Places } from './engineer';
import type { Host } from './host/host';
import { registerBeforeImages } from './vscode/before-images';
import { offerCutTurn, registerCommands } from './vscode/commands';
import { ConfirmTool } from './vscode/confirm-tool';
import { TOOL_NAMES } from './tools/index';
import { Demo } from './vscode/demo';
import { createEditorHost } from './vscode/editor-host';
import { registerEngineerTool } from './vscode/engineer-tool';
import { Keys } from './vscode/keys';
import { createLog, explain, type Log } from './vscode/log';
import { Models } from './vscode/model-choice';
import { ModelList } from './vscode/model-list';
import { registerModels } from './vscode/models';
import { registerPanel } from './vscode/panel';
import { registerParticipant } from './vscode/participant';
import { OutsideCalls } from './vscode/outside-calls';
import { Permissions } from './vscode/permissions';
import { PythonExtensions } from './vscode/python-extensions';
import { SearchKeys } from './vscode/search-keys';
import { Sessions } from './vscode/sessions';
import { readSettings } from './vscode/settings';
import { ToolSteps } from './vscode/tool-steps';
import { Turns } from './vscode/turns';
import { editorWeb } from './vscode/web';

let turns: Turns | undefined;

/** Builds everything by hand. Never throws: what one editor lacks is left out, and the rest works. */
export function activate(context: vscode.ExtensionContext): void {
  const log = createLog(context);
  const places: Places = { product: context.extensionPath, home: homedir() };
  const sessions = new Sessions(context.globalStorageUri);
  const keys = new Keys(context.secrets, log);
  const searchKeys = new SearchKeys(context.secrets);
  const web = editorWeb(keys, searchKeys);
  const demo = new Demo(context.extensionPath);
  const models = new Models(keys, demo);
  const list = new ModelList(context.globalState, keys, log);
  const permissions = new Permissions(context);
  const steps = new ToolSteps(log);
  const confirm = new ConfirmTool();
  const pythons = new PythonExtensions(log);
  turns = new Turns(context.workspaceState);
  context.subscriptions.push(sessions, keys, list, steps, pythons);

  const { project } = permissions;
  const editorHost = createEditorHost(context, () => project.variables, undefined, pythons);
  const host = (): Host => editorHost;
  const engineer = async (on: Host): Promise<Engineer> => {
    await project.load(on.folders);
    const { droid, permissionMode } = readSettings();
    const { mode } = permissions.policy(permissionMode, '');
    const loaded = await loadEngineer({ host: on, places, droid, mode, web });
    return { ...loaded, problems: [...project.problems, ...loaded.problems] };
  };
  const workshop = { sessions, turns, permissions, steps, confirm, log };
  const commanding = { ...workshop, host, keys, searchKeys, web, demo };
  const participating = { ...workshop, models, keys, host, engineer };
  const autoModel = async (): Promise<string> => models.autoModel(places);

  const parts: Record<string, () => void> = {
    commands: () => registerCommands(context, commanding),
    'before-images': () => registerBeforeImages(context, (id) => sessions.store(id)),
    panel: () => registerPanel(context, sessions, log),
    tools: () => {
      steps.register(TOOL_NAMES, new OutsideCalls({ ...workshop, host, engineer }));
      context.subscriptions.push(confirm.register());
      registerEngineerTool(context, participating);
    },
    participant: () => registerParticipant(context, participating),
    models: () => registerModels(context, { keys, models, log, autoModel, list }),
  };
  for (const [name, register] of Object.entries(parts)) tryTo(name, register, log);
  void offerCutTurn(commanding);
  demo.typePrompt(context.workspaceState).catch((error: unknown) => explain(log, 'typing the prompt', error));
}

/** The window goes down: a turn that still runs is one that the chat will forget. */
export function deactivate(): void {
  turns?.close();
}

function tryTo(name: string, register: () => void, log: Log): void {
  try {
    register();
  } catch (error) {
    explain(log, `registering ${name}`, error);
  }
}
