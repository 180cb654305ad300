import * as vscode from 'vscode';
import type { Session } from '../agent/session';
import type { Engineer } from '../engineer';
import { COMMANDS } from './command-names';
import { virtualNotice } from './folders';
import { readSettings } from './settings';
import type { Shelf } from './shelf';

/** What must be known of a message beside its answer: lines of plain text, and buttons. */
export interface Notice {
  lines: string[];
  buttons: vscode.Command[];
}

/** What holds for a session as it stands, wherever it is gone on with. */
export function standingNotice(
  session: Pick<Session, 'damaged'>,
  { problems }: Pick<Engineer, 'problems'>,
  shelf: Pick<Shelf, 'untold'>,
): Notice {
  const notice: Notice = { lines: [], buttons: [] };
  if (session.damaged.length > 0)
    notice.lines.push(vscode.l10n.t('A part of this session could not be read and is left out.'));
  if (!vscode.workspace.isTrusted && readSettings().permissionMode !== 'plan') {
    notice.lines.push(vscode.l10n.t('This workspace is not trusted: plan mode only, no program of it is started.'));
    notice.buttons.push({ command: 'workbench.trust.manage', title: vscode.l10n.t('Manage Workspace Trust') });
  }
  notice.lines.push(...shelf.untold([virtualNotice() ?? []].flat()), ...problems);
  return notice;
}

/** Why nothing is done without a folder. */
export function noFolder(): Notice {
  return {
    lines: [
      virtualNotice() ??
        vscode.l10n.t(
          'ML Engineer works in a folder, and none is open. Open the folder of your repository, then ask again.',
        ),
    ],
    buttons: [{ command: 'vscode.openFolder', title: vscode.l10n.t('Open Folder') }],
  };
}

/** Why no model answers, and the two ways out. */
export function noKey(): Notice {
  return {
    lines: [
      vscode.l10n.t(
        'There is no API key, so only the demo can answer: it plays recorded answers of a model while every tool really runs, and that only in the fresh copy of an example repository that it makes. Set an API key to have this repository worked on.',
      ),
    ],
    buttons: [
      { command: COMMANDS.setKey, title: vscode.l10n.t('Set API Key') },
      { command: COMMANDS.openDemo, title: vscode.l10n.t('Open the Demo') },
    ],
  };
}
