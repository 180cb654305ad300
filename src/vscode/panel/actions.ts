import * as vscode from 'vscode';
import { touchedIn, type SessionChange } from '../../agent/folds';
import type { Session } from '../../agent/session';
import { subagentsOf } from '../../agent/subagent-report';
import { UserError } from '../../agent/tool';
import type { ToHost, ToPage } from '../../panel/protocol';
import { openChanges } from '../before-images';
import { openTranscript } from '../transcripts';
import { decideOn } from './deciding';
import { activityActions } from './activity';
import { COMMANDS } from '../command-names';
import { chooseDroid } from '../launcher';
import { jobActions } from './jobs';
import { pickMode } from './picking';
import { sessionMenu } from './session-actions';
import type { Actions, PanelWorld } from './world';

type Handled = Exclude<ToHost['type'], 'ready'>;

/** What the page may have done. `ready` is the page's own affair. `reply` sends what was asked for to the page. */
export function actionsOf(world: PanelWorld, reply: (message: ToPage) => unknown): Actions<Handled> {
  return {
    ...headActions(),
    ...askingActions(world),
    ...todoActions(world),
    ...agentActions(world),
    ...changeActions(world),
    ...checkpointActions(world),
    ...activityActions(world, reply),
    ...runActions(world),
    ...composerActions(world),
    ...sessionActions(world),
    ...ledgerActions(world),
    ...jobActions(world),
  };
}

function headActions(): Actions<'openChat'> {
  return { openChat };
}

function askingActions({ questions }: PanelWorld): Actions<'goToChat' | 'answer'> {
  return {
    goToChat: () => vscode.commands.executeCommand('workbench.action.chat.open'),
    answer: ({ id, choice, edited, why }) =>
      questions.answer(id, {
        choice,
        ...(edited === undefined ? {} : { edited }),
        ...(why === undefined ? {} : { why }),
      }),
  };
}

function todoActions({ sessions }: PanelWorld): Actions<'editTodos'> {
  return { editTodos: ({ edit }) => sessions.editTodos(edit) };
}

function agentActions({ sessions, crews }: PanelWorld): Actions<'openTranscript' | 'stopAgent'> {
  return {
    openTranscript: async ({ session: id }) => {
      const agent = subagentsOf(sessions.current?.branch ?? []).find(({ session }) => session === id);
      if (agent) await openTranscript(sessions, id, agent.droid);
    },
    stopAgent: ({ session }) => crews.stop(session),
  };
}

function changeActions(world: PanelWorld): Actions<'openDiff' | 'openFile' | 'openChanges' | 'accept' | 'reject'> {
  const { sessions } = world;
  const listed = ({ branch }: Session): SessionChange[] =>
    touchedIn(branch).filter(({ path, before, after }) => before !== after || world.openReviews.files.has(path));
  const isChanged = (path: string): boolean =>
    touchedIn(sessions.current?.branch ?? []).some((change) => change.path === path);
  return {
    accept: (message) => decideOn(world, 'accept', message),
    reject: (message) => decideOn(world, 'reject', message),
    openChanges: () => sessions.current && openChanges(sessions.current, listed(sessions.current)),
    openDiff: ({ path }) => (isChanged(path) ? sessions.openDiff(path) : undefined),
    openFile: ({ path }) =>
      isChanged(path) ? vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path)) : undefined,
  };
}

function checkpointActions({ checkpoints, composer }: PanelWorld): Actions<CheckpointMessage> {
  const putBack = (text: string): void => composer.putBack({ text, references: [] });
  return {
    listCheckpoints: ({ open }) => checkpoints.look(open),
    goBack: ({ id }) => checkpoints.goBack(id, putBack),
    forkAt: ({ id }) => checkpoints.fork(id, putBack),
    compare: ({ ids }) => checkpoints.compare(ids),
    undoGoingBack: () => checkpoints.undo(),
  };
}

type CheckpointMessage = 'listCheckpoints' | 'goBack' | 'forkAt' | 'compare' | 'undoGoingBack';

function runActions({ runs, composer }: PanelWorld): Actions<RunMessage> {
  return {
    send: ({ text }) => runs.send({ text, references: composer.take() }),
    // What is attached stays for the next message: a run takes words alone.
    steer: ({ text }) => runs.steer(text),
    stopRun: () => runs.stop(),
    unqueue: ({ id }) => {
      const message = runs.unqueue(id);
      if (message) composer.putBack(message);
    },
    sendWaiting: () => runs.sendNext(),
    dismiss: () => runs.dismiss(),
  };
}

type RunMessage = 'send' | 'steer' | 'stopRun' | 'unqueue' | 'sendWaiting' | 'dismiss';

function composerActions(world: PanelWorld): Actions<ComposerMessage> {
  const { composer, runs } = world;
  return {
    typed: ({ text }) => composer.typed(text),
    suggest: ({ request, kind, query }) => composer.suggest(request, kind, query),
    attach: ({ id }) => composer.attach(id),
    attachImage: ({ name, data }) => composer.attachImage(name, data),
    attachFiles: ({ uris }) => composer.attachFiles(uris),
    detach: ({ id }) => composer.detach(id),
    pick: async ({ what }) => {
      const pickers = {
        droid: () => chooseDroid(world.launching),
        model: () => world.model.pick(),
        effort: () => world.effort.pick(),
        mode: pickMode,
      };
      await pickers[what]();
      composer.changed();
    },
    press: async ({ id }) => {
      const button = runs.notice.buttons.find(({ command }) => command === id);
      if (button) await press(button, world);
    },
  };
}

type ComposerMessage = 'typed' | 'suggest' | 'attach' | 'attachImage' | 'attachFiles' | 'detach' | 'pick' | 'press';

/** The remedies that a chat answer has, where they mean something else here. */
async function press({ command, arguments: given = [] }: vscode.Command, world: PanelWorld): Promise<void> {
  const { runs, sessions, model, composer } = world;
  const here: Record<string, () => Promise<void> | void> = {
    [COMMANDS.goOn]: () => {
      // After a budget that was used up, with as much again.
      if (sessions.current) sessions.goOn(sessions.current.id);
      return runs.send({ text: vscode.l10n.t('Go on where you stopped.'), references: [] });
    },
    [COMMANDS.newSession]: () => sessions.show(undefined),
    'workbench.action.chat.openModelPicker': async () => {
      await model.pick();
      composer.changed();
    },
  };
  const act = here[command];
  if (act) await act();
  else await vscode.commands.executeCommand(command, ...(given as unknown[]));
}

function sessionActions({ sessions, archive, composer, runs }: PanelWorld): Actions<SessionMessage> {
  return {
    newSession: () => {
      runs.clearNotice();
      sessions.show(undefined);
    },
    listSessions: ({ query }) => archive.look(query),
    openSession: async ({ id }) => {
      await archive.resume(id);
      runs.clearNotice();
    },
    sessionActions: ({ id }) => sessionMenu(archive, id, (text) => composer.putBack({ text, references: [] })),
    deleteSession: ({ id }) => archive.remove(id),
    undoDelete: () => archive.undoRemove(),
  };
}

function ledgerActions({ runShelf }: PanelWorld): Actions<'lookRuns' | 'tickRun' | 'pickRun' | 'openRun'> {
  return {
    lookRuns: ({ look }) => runShelf.look(look),
    tickRun: ({ id }) => runShelf.tick(id),
    pickRun: ({ id }) => runShelf.pick(id),
    openRun: ({ id, what }) => runShelf.open(id, what),
  };
}

type SessionMessage = 'newSession' | 'listSessions' | 'openSession' | 'sessionActions' | 'deleteSession' | 'undoDelete';

async function openChat(): Promise<void> {
  const command = 'workbench.action.chat.open';
  if (!(await vscode.commands.getCommands(true)).includes(command)) {
    throw new UserError(
      vscode.l10n.t('This editor has no chat, or it is turned off (setting "chat.disableAIFeatures").'),
    );
  }
  // `isPartialQuery`: put into the input box, not sent.
  await vscode.commands.executeCommand(command, { query: '@ml-engineer ', isPartialQuery: true });
}
