import * as vscode from 'vscode';
import type { Labels } from '../panel/protocol';

/** What the panel's page says; `{0}` and `{1}` are filled in by the page. */
export function panelLabels(): Labels {
  return {
    todos: vscode.l10n.t('To-dos'),
    skills: vscode.l10n.t('Skills'),
    offered: vscode.l10n.t('offered'),
    loaded: vscode.l10n.t('loaded'),
    changes: vscode.l10n.t('Changed Files'),
    progress: vscode.l10n.t('{0} of {1} done'),
    emptyTitle: vscode.l10n.t('Nothing here yet'),
    emptyBody: vscode.l10n.t(
      'Ask @ml-engineer in the chat to work on your code. Its to-do list and the files it changes show up here.',
    ),
    openChat: vscode.l10n.t('Open Chat'),
    noTodos: vscode.l10n.t('No to-dos in this session.'),
    noChanges: vscode.l10n.t('No files changed in this session.'),
    created: vscode.l10n.t('created'),
    deleted: vscode.l10n.t('deleted'),
    modified: vscode.l10n.t('modified'),
    counts: vscode.l10n.t('Lines added: {0}, removed: {1}.'),
    openAll: vscode.l10n.t('Open All Diffs'),
    openDiff: vscode.l10n.t('Open in Diff Editor'),
    openDiffOf: vscode.l10n.t('Open in Diff Editor: {0}'),
    openFile: vscode.l10n.t('Open File'),
    openFileOf: vscode.l10n.t('Open File: {0}'),
    diffOf: vscode.l10n.t('Changes of {0}'),
    binary: vscode.l10n.t('A binary file: there is no diff to show.'),
    huge: vscode.l10n.t('This file is too large to show here. Open it in the diff editor.'),
    lost: vscode.l10n.t('The earlier content of this file is no longer stored.'),
    crowded: vscode.l10n.t('Too many changes to show them all here. Open this one in the diff editor.'),
    moreLines: vscode.l10n.t('More lines than are shown here: {0}. Open this file in the diff editor to see them.'),
    moreFiles: vscode.l10n.t('More changed files than are shown here: {0}.'),
    lineCut: vscode.l10n.t('… (a long line)'),
    noNewline: vscode.l10n.t('No newline at the end of the file'),
    pending: vscode.l10n.t('to do'),
    in_progress: vscode.l10n.t('in progress'),
    completed: vscode.l10n.t('done'),
    running: vscode.l10n.t('Working…'),
    done: vscode.l10n.t('Finished.'),
    stopped: vscode.l10n.t('Stopped.'),
    limit: vscode.l10n.t('Stopped at a limit.'),
    failed: vscode.l10n.t('Failed.'),
    interrupted: vscode.l10n.t('Interrupted before it was finished.'),
  };
}
