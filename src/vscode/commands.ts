import * as vscode from 'vscode';
import * as z from 'zod';
import { askingHandlers, type Asking } from './asking';
import { chooseOtherTools } from './choose-other-tools';
import type { Checkpointing } from './checkpointing';
import type { Crews } from './crews';
import { restoreCheckpoint } from './going-back';
import { UserError } from '../agent/tool';
import type { JobsPlace } from '../jobs/jobs';
import { COMMANDS, VIEW_ID, type CommandId, type ReviewCommandId } from './command-names';
import type { Demo } from './demo';
import { showEvidence } from './evidence-list';
import type { Keys } from './keys';
import { explainPermission } from './explaining';
import { chooseDroid, copySkillToWorkspace, generateDroid, runSkill, type Launching } from './launcher';
import type { Guards } from './guards';
import { emptyTrashAsked, restoreFromTrash } from './restoring';
import { showFailure, type Log } from './log';
import { openChat } from './open-chat';
import type { OtherTools } from './other-tools';
import type { PanelRuns } from './panel-run';
import type { Retries } from './retries';
import type { SearchKeys } from './search-keys';
import type { Web } from '../tools/index';
import { showPermissions, type Permissions } from './permissions';
import type { Sessions } from './sessions';
import type { Shelf } from './shelf';
import { showJobs, stopOne, type ShowingJobs } from './show-jobs';
import { showLibrary } from './show-library';
import { keepChanges, putBackLeft, redo, showChanges, undoCut, undoTurn, type Undoing } from './undoing';
import { openWalkthrough } from './walkthrough';

const placeSchema = z.object({ session: z.string(), event: z.string() });
const leftSchema = z.object({ session: z.string(), from: z.string(), to: z.string() });

export interface Commanding extends Undoing, Launching {
  asking: Asking;
  keys: Keys;
  searchKeys: SearchKeys;
  web: Web;
  demo: Demo;
  log: Log;
  permissions: Permissions;
  guards: Guards;
  checkpointing: Checkpointing;
  crews: Crews;
  jobsPlace: () => JobsPlace;
  runShelf: ShowingJobs['runShelf'];
  retries: Retries;
  shelf: Shelf;
  others: OtherTools;
  runs: PanelRuns;
}

/** Registers every command. What fails is said in one sentence, never thrown into the editor. */
export function registerCommands(context: vscode.ExtensionContext, commanding: Commanding): void {
  const { keys, searchKeys, demo, log, permissions, web, guards, shelf, sessions } = commanding;
  // Any extension may run a command with any arguments, and a button of before a reload has none.
  const place = (value: unknown): z.infer<typeof placeSchema> | undefined => placeSchema.safeParse(value).data;
  const handlers: Record<Exclude<CommandId, ReviewCommandId>, (...values: unknown[]) => unknown> = {
    [COMMANDS.setKey]: () => keys.set(),
    [COMMANDS.removeKey]: () => keys.remove(),
    [COMMANDS.setSearchKey]: () => searchKeys.set(),
    [COMMANDS.removeSearchKey]: () => searchKeys.remove(),
    [COMMANDS.keySource]: () => keys.showSource(),
    [COMMANDS.openDemo]: () => demo.open(),
    [COMMANDS.showLog]: () => log.show(),
    [COMMANDS.undo]: (value) => undoTurn(commanding, place(value)),
    [COMMANDS.redo]: (value) => redo(commanding, place(value)),
    [COMMANDS.keep]: (value) => keepChanges(commanding, place(value)),
    [COMMANDS.openChanges]: (value) => showChanges(commanding, place(value)),
    [COMMANDS.putBack]: (value) => putBackLeft(commanding, leftSchema.safeParse(value).data),
    [COMMANDS.newSession]: () => newSession(commanding),
    [COMMANDS.goOn]: (value) => goOn(commanding, place(value)),
    [COMMANDS.retryNow]: () => commanding.retries.now(),
    [COMMANDS.continueCut]: () => continueCut(commanding),
    [COMMANDS.undoCut]: () => undoCut(commanding),
    [COMMANDS.permissions]: () => showPermissions(permissions),
    [COMMANDS.runSkill]: () => runSkill(commanding),
    [COMMANDS.copySkill]: () => copySkillToWorkspace(commanding),
    [COMMANDS.chooseDroid]: () => chooseDroid(commanding),
    [COMMANDS.generateDroid]: () => generateDroid(),
    [COMMANDS.gettingStarted]: () => openWalkthrough(),
    ...askingHandlers(commanding.asking),
    [COMMANDS.explain]: () => explainPermission(commanding.host(), permissions, web, guards, commanding.others),
    [COMMANDS.restore]: () => restoreFromTrash(guards.trash()),
    [COMMANDS.emptyTrash]: () => emptyTrashAsked(guards.trash()),
    [COMMANDS.restoreCheckpoint]: () => restoreCheckpoint(commanding),
    [COMMANDS.compact]: () => shortenSession(sessions),
    [COMMANDS.evidence]: () => showEvidence(sessions.current),
    [COMMANDS.library]: () => showLibrary(shelf, sessions),
    [COMMANDS.otherTools]: () => chooseOtherTools(commanding.others),
    [COMMANDS.showJobs]: () => showJobs(commanding),
    [COMMANDS.stopJob]: () => stopOne(commanding),
    [COMMANDS.continueInChat]: (id) => continueInChat(commanding, id),
  };
  for (const [command, handler] of Object.entries(handlers)) {
    const run = async (...values: unknown[]): Promise<void> => {
      try {
        await handler(...values);
      } catch (error) {
        await showFailure(log, command, error);
      }
    };
    context.subscriptions.push(vscode.commands.registerCommand(command, run));
  }
}

/** Sends a message to the participant, as if the user had typed it. */
function say(text: string): Promise<void> {
  return openChat({ text, send: true });
}

/** Goes on where a run stopped; from the button of a used up budget, with as much again. */
function goOn({ sessions }: Commanding, place: z.infer<typeof placeSchema> | undefined): Promise<void> {
  if (place) sessions.goOn(place.session);
  return say(vscode.l10n.t('Go on where you stopped.'));
}

/** The model is asked with the next message: only then is it known which one. */
function shortenSession(sessions: Sessions): void {
  const { current } = sessions;
  const text = current
    ? vscode.l10n.t('With your next message the earlier part of this session is sent to the model as a summary.')
    : vscode.l10n.t('There is no session yet. Ask @ml-engineer something first.');
  if (current) sessions.shorten(current);
  void vscode.window.showInformationMessage(text);
}

async function newSession({ sessions }: Commanding): Promise<void> {
  sessions.show(undefined);
  const known = await vscode.commands.getCommands(true);
  if (known.includes('workbench.action.chat.newChat'))
    await vscode.commands.executeCommand('workbench.action.chat.newChat');
  else return void (await vscode.commands.executeCommand(`${VIEW_ID}.focus`));
  await openChat({ text: '', send: false });
}

/** Opens a chat whose next message goes on with the session: the one given, else the panel's. */
async function continueInChat({ sessions, turns }: Commanding, id: unknown): Promise<void> {
  const session = typeof id === 'string' ? id : sessions.current?.id;
  if (session === undefined || !(await sessions.exists(session)))
    throw new UserError(vscode.l10n.t('There is no session to go on with.'));
  const known = await vscode.commands.getCommands(true);
  if (known.includes('workbench.action.chat.newChat')) {
    await vscode.commands.executeCommand('workbench.action.chat.newChat');
    turns.goOnWith(session);
  }
  await openChat({ text: '', send: false });
}

async function continueCut({ turns, sessions, runs }: Commanding): Promise<void> {
  const { cut } = turns;
  const text = vscode.l10n.t('Go on where the reload cut you off.');
  if (cut?.from === 'panel') {
    await turns.forgetCut();
    if (!(await sessions.exists(cut.session))) return;
    sessions.show(await sessions.open(cut.session));
    await vscode.commands.executeCommand(`${VIEW_ID}.focus`);
    return runs.send({ text, references: [] });
  }
  turns.goOnWithCut();
  await turns.forgetCut();
  await say(text);
}

/** Offers a turn again that the last reload cut: the chat has forgotten it, its journal has not. */
export async function offerCutTurn(commanding: Commanding): Promise<void> {
  const { cut } = commanding.turns;
  if (!cut) return;
  const [goOn, undo] = [vscode.l10n.t('Continue'), vscode.l10n.t('Undo')];
  const message = vscode.l10n.t('A reload cut a turn of ML Engineer: "{0}"', cut.prompt.slice(0, 80));
  const picked = await vscode.window.showInformationMessage(message, goOn, undo);
  if (picked === goOn) await vscode.commands.executeCommand(COMMANDS.continueCut);
  if (picked === undo) await vscode.commands.executeCommand(COMMANDS.undoCut);
}
