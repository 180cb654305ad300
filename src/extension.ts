import { homedir } from 'node:os';
import type * as vscode from 'vscode';
import { loadEngineer, type Engineer } from './engineer';
import type { Places } from './library/library';
import type { Host } from './host/host';
import { registerBeforeImages } from './vscode/before-images';
import { offerCutTurn, registerCommands } from './vscode/commands';
import { ConfirmTool } from './vscode/confirm-tool';
import { TOOL_NAMES } from './tools/index';
import { Demo } from './vscode/demo';
import { createEditorHost } from './vscode/editor-host';
import { Keys } from './vscode/keys';
import { registerLibraryProblems } from './vscode/library-problems';
import { createLog, explain, type Log } from './vscode/log';
import { Models } from './vscode/model-choice';
import { ModelList } from './vscode/model-list';
import { registerModels } from './vscode/models';
import { registerPanel } from './vscode/panel';
import { registerParticipant } from './vscode/participant';
import { Permissions } from './vscode/permissions';
import { SearchKeys } from './vscode/search-keys';
import { Sessions } from './vscode/sessions';
import { Shelf } from './vscode/shelf';
import { readSettings } from './vscode/settings';
import { ToolSteps } from './vscode/tool-steps';
import { Turns } from './vscode/turns';
import { editorWeb } from './vscode/web';

let turns: Turns | undefined;
/** Nobody waits for it, and a window that opens has better things to do. */
const TIDY_AFTER_MS = 60_000;

/** Builds everything by hand. Never throws: what one editor lacks is left out, and the rest works. */
export function activate(context: vscode.ExtensionContext): void {
  const log = createLog(context);
  const places: Places = { product: context.extensionPath, home: homedir() };
  const sessions = new Sessions(context.globalStorageUri);
  const shelf = new Shelf(context, places);
  const keys = new Keys(context.secrets, log);
  const searchKeys = new SearchKeys(context.secrets);
  const web = editorWeb(keys, searchKeys);
  const demo = new Demo(context.extensionPath);
  const models = new Models(keys, demo);
  const list = new ModelList(context.globalState, keys, log);
  const permissions = new Permissions(context);
  const steps = new ToolSteps(log);
  const confirm = new ConfirmTool();
  turns = new Turns(context.workspaceState);
  context.subscriptions.push(sessions, shelf, keys, list, steps);
  sessions.onDidChange(({ event }) => event && void shelf.count(event));

  const { project } = permissions;
  const editorHost = createEditorHost(context, () => project.variables);
  const host = (): Host => editorHost;
  const engineer = async (on: Host): Promise<Engineer> => {
    await project.load(on.folders);
    const { droid, permissionMode } = readSettings();
    const { mode } = permissions.policy(permissionMode, '');
    const loaded = await loadEngineer({
      host: on,
      places,
      droid,
      mode,
      web,
      choices: shelf.choices,
      cache: shelf.cache,
    });
    return { ...loaded, problems: [...project.problems, ...shelf.untold(loaded.problems)] };
  };
  const keysInUse = async (): Promise<string[]> => [(await keys.credential())?.value ?? []].flat();
  const workshop = { sessions, turns, permissions, steps, confirm, log, keysInUse };
  const commanding = { ...workshop, host, keys, searchKeys, web, demo, shelf };
  const autoModel = async (): Promise<string> => models.autoModel(places);

  const parts: Record<string, () => void> = {
    commands: () => registerCommands(context, commanding),
    'library-problems': () => registerLibraryProblems(context, shelf, log),
    'before-images': () => registerBeforeImages(context, (id) => sessions.store(id)),
    panel: () => registerPanel(context, sessions, log),
    tools: () => {
      steps.register(TOOL_NAMES);
      context.subscriptions.push(confirm.register());
    },
    participant: () => registerParticipant(context, { ...workshop, models, host, engineer }),
    models: () => registerModels(context, { keys, models, log, autoModel, list }),
  };
  for (const [name, register] of Object.entries(parts)) tryTo(name, register, log);
  void offerCutTurn(commanding);
  const tidy = setTimeout(() => {
    sessions.clean(readSettings()['sessions.keepDays']).catch((error: unknown) => explain(log, 'tidying up', error));
  }, TIDY_AFTER_MS);
  context.subscriptions.push({ dispose: () => clearTimeout(tidy) });
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
