import * as vscode from 'vscode';
import { changesOf } from '../../agent/folds';
import { subagentsOf } from '../../agent/subagent-report';
import { UserError } from '../../agent/tool';
import type { ToHost, ToPage } from '../../panel/protocol';
import { openChanges } from '../before-images';
import { openTranscript } from '../transcripts';
import { decideOn } from './deciding';
import { activityActions } from './activity';
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
    ...activityActions(world, reply),
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
  const isChanged = (path: string): boolean =>
    changesOf(sessions.current?.branch ?? []).some((change) => change.path === path);
  return {
    accept: (message) => decideOn(world, 'accept', message),
    reject: (message) => decideOn(world, 'reject', message),
    openChanges: () => sessions.current && openChanges(sessions.current, changesOf(sessions.current.branch)),
    openDiff: ({ path }) => (isChanged(path) ? sessions.openDiff(path) : undefined),
    openFile: ({ path }) =>
      isChanged(path) ? vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path)) : undefined,
  };
}

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
