import { homedir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type * as vscode from 'vscode';
import { loadEngineer, type Engineer } from '../engineer';
import type { Mode } from '../agent/approval';
import type { Places } from '../library/library';
import { envFileSecrets } from '../host/env-secrets';
import { dayLedger, spendingFolder } from '../host/day-ledger';
import type { Host } from '../host/host';
import { cleanTrashes, DEFAULT_TRASH_RETENTION } from '../artefacts/retention';
import { cleanJobs, DEFAULT_JOB_RETENTION } from '../jobs/clean';
import type { JobsPlace } from '../jobs/jobs';
import { stateFolder, tellTerminal, terminalSessions } from '../host/session-folders';
import { keepingOf, type Keeping } from '../ledger/keep';
import { ledgerPath } from '../ledger/place';
import { mlflowServer } from '../trackers/mlflow-server';
import { Archive } from './archive';
import { createAsking, registerAsking } from './asking';
import { registerBeforeImages } from './before-images';
import { offerCutTurn, registerCommands } from './commands';
import { Checkpointing } from './checkpointing';
import { ConfirmTool } from './confirm-tool';
import { Crews } from './crews';
import { TOOL_NAMES } from '../tools/index';
import { Demo } from './demo';
import { createEditorHost } from './editor-host';
import { registerEditorReview } from './editor-review/register';
import { Evidences, registerEvidence } from './evidence';
import { createGuards } from './guards';
import { registerEngineerTool } from './engineer-tool';
import { JobNews, Wakes } from './jobs';
import { Keys } from './keys';
import { droidInUse } from './launcher';
import { registerLibraryProblems } from './library-problems';
import { explain, type Log } from './log';
import { Models } from './model-choice';
import { ModelList } from './model-list';
import { registerModels } from './models';
import { Heard } from './panel/activity';
import { CheckpointsDesk } from './panel/checkpoints';
import { Composer } from './panel/composer';
import { registerPanel } from './panel/page';
import { JobSpendings } from './panel/job-spending';
import { JobDesk } from './panel/jobs';
import { PanelEffort } from './panel/effort';
import { PanelModel } from './panel/picking';
import { RunShelf } from './panel/runs';
import { PanelRuns } from './panel-run';
import { registerParticipant } from './participant';
import { OtherTools } from './other-tools';
import { OutsideCalls } from './outside-calls';
import { Permissions } from './permissions';
import { Retries } from './retries';
import { OpenReviews } from './open-reviews';
import { Reviewing } from './reviewing';
import { RunControls } from './run-controls';
import { Questions } from './questions';
import { PythonExtensions } from './python-extensions';
import { SearchKeys } from './search-keys';
import { Sessions } from './sessions';
import { Shelf } from './shelf';
import { readCompute, readPreflight, readSite, readSettings } from './settings';
import { ToolSteps } from './tool-steps';
import { registerTranscripts } from './transcripts';
import { Turns } from './turns';
import { watchFirstSteps } from './walkthrough';
import { editorWeb } from './web';

/** Nobody waits for it, and a window that opens has better things to do. */
const TIDY_AFTER_MS = 60_000;

/** VS Code 1.139 ends the extension host five seconds after it asked extensions to go. */
const CLOSING_MS = 3_000;

/** What one window of the editor is made of. */
export interface Window {
  /** What is put into the editor, each by itself: an editor that lacks one thing has the others. */
  parts: Record<string, () => void>;
  /** What the window does of its own accord once its parts are there. */
  begin(): void;
  /** The window goes down: what runs is stopped, so that its journal is whole and no process is left; the chat will forget it. */
  close(): Promise<void>;
}

/** Builds everything by hand, leaves first. Starts nothing. */
export function createWindow(context: vscode.ExtensionContext, log: Log): Window {
  const places: Places = { product: context.extensionPath, home: homedir() };
  const terminal = terminalSessions(process.env, places.home);
  const sessions = new Sessions(context.globalStorageUri, [terminal]);
  const shelf = new Shelf(context, places);
  const keys = new Keys(context.secrets, log);
  const searchKeys = new SearchKeys(context.secrets);
  const web = editorWeb(keys, searchKeys);
  const demo = new Demo(context.extensionPath);
  const list = new ModelList(context.globalState, keys, log);
  const models = new Models(keys, demo, list, context.globalState);
  const lifetime = new AbortController();
  const permissions = new Permissions(context);
  const steps = new ToolSteps(log);
  const others = new OtherTools(() => steps.chat);
  const confirm = new ConfirmTool();
  const retries = new Retries();
  const pythons = new PythonExtensions(log);
  const turns = new Turns(context.workspaceState);
  const questions = new Questions(permissions);
  const controls = new RunControls();
  context.subscriptions.push(sessions, shelf, keys, list, steps, questions, pythons);
  sessions.onDidChange(({ event }) => event && void shelf.count(event));

  const { project } = permissions;
  const editorHost = createEditorHost(context, () => project.variables, undefined, pythons);
  const host = (): Host => editorHost;
  const state = stateFolder(process.env, places.home);
  const jobs = {
    changed: () => void jobNews.watcher.look(),
    ledger: () => ledgerPath(readSettings()['ledger.enabled'], readSettings()['ledger.folder']),
    artefacts: () => readSettings().artefacts,
    mlflow: () => mlflowServer(readSettings()['runs.mlflow'], process.env),
    noting: () => ({ trash: guards.trash(), makers: guards.makers() }),
    state,
    waitSeconds: () => readSettings()['jobs.waitMinutes'] * 60,
    stopSeconds: () => readSettings()['jobs.stopSeconds'],
    preflight: readPreflight,
    site: readSite,
    compute: readCompute,
  };
  const engineer = async (on: Host): Promise<Engineer> => {
    await project.load(on.folders);
    const { droid, permissionMode } = readSettings();
    const { mode } = permissions.policy(permissionMode, '');
    const { tools: chosen, problems } = on.trusted ? others.chosen() : { tools: [], problems: [] };
    const loaded = await loadEngineer({
      host: on,
      places,
      droid,
      mode,
      web,
      jobs,
      choices: shelf.choices,
      cache: shelf.cache,
      others: chosen,
    });
    return { ...loaded, problems: [...project.problems, ...shelf.untold([...loaded.problems, ...problems])] };
  };
  const crews = new Crews({ sessions, questions, permissions, models, places, web, shelf, host, others, jobs });
  context.subscriptions.push(crews);
  const keysInUse = async (): Promise<string[]> => [(await keys.credential())?.value ?? []].flat();
  const guards = createGuards(context, () => editorHost.folders, project);
  const reviewing = new Reviewing(host);
  const openReviews = new OpenReviews({ sessions, reviewing, log });
  const checkpointing = new Checkpointing(context, host, state);
  const ledger = dayLedger(spendingFolder(process.env, places.home));
  const wakes = new Wakes();
  const jobsPlace = (): JobsPlace => ({ state, folders: editorHost.folders.map(({ path }) => path) });
  const evidences = new Evidences(sessions, jobsPlace);
  const workshop = {
    ...{
      wakes,
      sessions,
      turns,
      permissions,
      guards,
      steps,
      confirm,
      retries,
      questions,
      crews,
      reviewing,
      checkpointing,
      evidences,
      controls,
      models,
      log,
    },
    keysInUse,
    ledger,
    closing: lifetime.signal,
  };
  const asking = createAsking();
  const participating = { ...workshop, models, keys, host, engineer, shelf };
  const model = new PanelModel(context.globalState, list);
  const runs = new PanelRuns({ ...participating, pickedModel: () => model.picked() });
  const keeping = async (signal: AbortSignal): Promise<Keeping> =>
    keepingOf({ ...jobs, secrets: await secretsOf(editorHost, keysInUse) }, editorHost, signal);
  const jobNews = new JobNews({ sessions, turns, runs, place: jobsPlace, keeping, log }, wakes);
  const { watcher, onDidKeep } = jobNews;
  const archive = new Archive({ sessions, crews, log });
  const mode = (): Mode => permissions.policy(readSettings().permissionMode, '').mode;
  const runShelf = new RunShelf({
    ...{ host, path: jobs.ledger, mlflow: jobs.mlflow, place: jobsPlace, onDidKeep },
    secrets: () => secretsOf(editorHost, keysInUse),
  });
  const jobDesk = new JobDesk({ watcher, place: jobsPlace, onDidKeep, log });
  const launching = { host, places, shelf };
  const effort = new PanelEffort({ models, model, droid: () => droidInUse(launching) });
  const composer = new Composer({ host, asking, shelf, runs, model, effort, mode, state: context.workspaceState });
  const lookAnew = (): void => void effort.look();
  context.subscriptions.push(effort, list.onDidChange(lookAnew), keys.onDidChange(lookAnew));
  context.subscriptions.push(controls, composer, archive, runs, jobNews, openReviews, runShelf, jobDesk);
  const commanding = {
    ...workshop,
    jobsPlace,
    host,
    places,
    asking,
    keys,
    searchKeys,
    web,
    demo,
    shelf,
    others,
    runs,
    runShelf,
  };
  const checkpoints = new CheckpointsDesk(commanding, archive);
  context.subscriptions.push(checkpoints);
  const autoModel = async (): Promise<string> => models.autoModel(places);

  const parts: Record<string, () => void> = {
    commands: () => registerCommands(context, commanding),
    'library-problems': () => registerLibraryProblems(context, shelf, log),
    'before-images': () => registerBeforeImages(context, (id) => sessions.store(id)),
    checkpoints: () => checkpointing.register(context),
    transcripts: () => registerTranscripts(context, sessions),
    evidence: () => registerEvidence(context, sessions),
    panel: () =>
      registerPanel(context, {
        ...{ sessions, questions, crews, reviewing, openReviews, checkpoints, heard: new Heard(), ledger },
        ...{
          runs,
          composer,
          archive,
          runShelf,
          jobDesk,
          jobsPlace,
          jobSpendings: new JobSpendings(jobsPlace),
          model,
          effort,
          launching,
          log,
        },
      }),
    'editor review': () => registerEditorReview(context, { sessions, reviewing, log }, openReviews),
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
  const begin = (): void => {
    void offerCutTurn(commanding);
    jobNews.begin();
    // The first session that begins here is what the command line may want to go on with.
    const first = sessions.onDidChange(({ session }) => {
      if (!session) return;
      first.dispose();
      tellTerminal(state, sessions.folders[0] ?? '').catch((error: unknown) =>
        explain(log, 'telling the terminal', error),
      );
    });
    context.subscriptions.push(first);
    const tidy = setTimeout(() => {
      const settings = readSettings();
      const trash = { days: settings['trash.keepDays'], bytes: settings['trash.maxGb'] * 1e9 };
      const tidied = [
        sessions.clean(settings['sessions.keepDays']),
        cleanJobs(state, { ...DEFAULT_JOB_RETENTION, days: settings['jobs.keepDays'] }),
        cleanTrashes(context.globalStorageUri.fsPath, { ...DEFAULT_TRASH_RETENTION, ...trash }),
      ];
      Promise.all(tidied).catch((error: unknown) => explain(log, 'tidying up', error));
    }, TIDY_AFTER_MS);
    context.subscriptions.push({ dispose: () => clearTimeout(tidy) });
    demo.typePrompt(context.workspaceState).catch((error: unknown) => explain(log, 'typing the prompt', error));
  };
  const close = async (): Promise<void> => {
    turns.close();
    const stopped = Promise.all([sessions.idle(), crews.cutAll()]);
    lifetime.abort();
    await Promise.race([stopped, delay(CLOSING_MS)]);
  };
  return { parts, begin, close };
}

/** What is masked in what is written into a repository. */
async function secretsOf({ folders }: Host, keysInUse: () => Promise<string[]>): Promise<string[]> {
  return [...(await envFileSecrets(folders.map(({ path }) => path))), ...(await keysInUse())];
}
