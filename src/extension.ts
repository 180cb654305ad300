import { homedir } from 'node:os';
import type * as vscode from 'vscode';
import { loadEngineer, type Engineer } from './engineer';
import type { Places } from './library/library';
import type { Host } from './host/host';
import { createAsking, registerAsking } from './vscode/asking';
import { registerBeforeImages } from './vscode/before-images';
import { offerCutTurn, registerCommands } from './vscode/commands';
import { ConfirmTool } from './vscode/confirm-tool';
import { Crews } from './vscode/crews';
import { TOOL_NAMES } from './tools/index';
import { Demo } from './vscode/demo';
import { createEditorHost } from './vscode/editor-host';
import { createGuards } from './vscode/guards';
import { registerEngineerTool } from './vscode/engineer-tool';
import { Keys } from './vscode/keys';
import { registerLibraryProblems } from './vscode/library-problems';
import { createLog, explain, type Log } from './vscode/log';
import { Models } from './vscode/model-choice';
import { ModelList } from './vscode/model-list';
import { registerModels } from './vscode/models';
import { registerPanel } from './vscode/panel';
import { registerParticipant } from './vscode/participant';
import { OutsideCalls } from './vscode/outside-calls';
import { Permissions } from './vscode/permissions';
import { Retries } from './vscode/retries';
import { Questions } from './vscode/questions';
import { PythonExtensions } from './vscode/python-extensions';
import { SearchKeys } from './vscode/search-keys';
import { Sessions } from './vscode/sessions';
import { Shelf } from './vscode/shelf';
import { readSettings } from './vscode/settings';
import { ToolSteps } from './vscode/tool-steps';
import { registerTranscripts } from './vscode/transcripts';
import { Turns } from './vscode/turns';
import { watchFirstSteps } from './vscode/walkthrough';
import { editorWeb } from './vscode/web';

let turns: Turns | undefined;
let crews: Crews | undefined;
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
  const models = new Models(keys, demo, context.globalState);
  const list = new ModelList(context.globalState, keys, log);
  const permissions = new Permissions(context);
  const steps = new ToolSteps(log);
  const confirm = new ConfirmTool();
  const retries = new Retries();
  const pythons = new PythonExtensions(log);
  turns = new Turns(context.workspaceState);
  const questions = new Questions(permissions);
  context.subscriptions.push(sessions, shelf, keys, list, steps, questions, pythons);
  sessions.onDidChange(({ event }) => event && void shelf.count(event));

  const { project } = permissions;
  const editorHost = createEditorHost(context, () => project.variables, undefined, pythons);
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
  crews = new Crews({ sessions, questions, permissions, models, places, web, shelf, host });
  context.subscriptions.push(crews);
  const keysInUse = async (): Promise<string[]> => [(await keys.credential())?.value ?? []].flat();
  const guards = createGuards(context, () => editorHost.folders, project);
  const workshop = {
    ...{ sessions, turns, permissions, guards, steps, confirm, retries, questions, crews, log },
    keysInUse,
  };
  const asking = createAsking();
  const commanding = { ...workshop, host, places, asking, keys, searchKeys, web, demo, shelf };
  const participating = { ...workshop, models, keys, host, engineer };
  const autoModel = async (): Promise<string> => models.autoModel(places);

  const parts: Record<string, () => void> = {
    commands: () => registerCommands(context, commanding),
    'library-problems': () => registerLibraryProblems(context, shelf, log),
    'before-images': () => registerBeforeImages(context, (id) => sessions.store(id)),
    transcripts: () => registerTranscripts(context, sessions),
    panel: () => registerPanel(context, { sessions, questions, crews: workshop.crews, log }),
    tools: () => {
      steps.register(TOOL_NAMES, new OutsideCalls({ ...workshop, host, engineer }));
      context.subscriptions.push(confirm.register());
      registerEngineerTool(context, participating);
    },
    participant: () => registerParticipant(context, participating),
    asking: () => registerAsking(context, asking),
    'first steps': () => void context.subscriptions.push(watchFirstSteps(sessions.onDidChange)),
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
export async function deactivate(): Promise<void> {
  turns?.close();
  await crews?.cutAll();
}

function tryTo(name: string, register: () => void, log: Log): void {
  try {
    register();
  } catch (error) {
    explain(log, `registering ${name}`, error);
  }
}
