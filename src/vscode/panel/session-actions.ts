import * as vscode from 'vscode';
import { label } from '../../text/label';
import type { Archive } from '../archive';
import { COMMANDS } from '../command-names';

const MAX_PROMPTS = 200;
const MAX_LABEL_CHARACTERS = 120;

type Act = () => Promise<unknown>;

/** What a person may do with a session of the list, picked from a menu of the editor's own. */
export async function sessionMenu(archive: Archive, id: string, putBack: (text: string) => void): Promise<void> {
  const title = archive.titleOf(id);
  const items: (vscode.QuickPickItem & { act: Act })[] = [
    item('edit', vscode.l10n.t('Rename...'), () => rename(archive, id)),
    item('repo-forked', vscode.l10n.t('Fork...'), () => fork(archive, id, putBack)),
    item('comment-discussion', vscode.l10n.t('Continue in Chat'), () =>
      Promise.resolve(vscode.commands.executeCommand(COMMANDS.continueInChat, id)),
    ),
    item('markdown', vscode.l10n.t('Export as Markdown...'), () => save(archive, id, 'markdown')),
    item('json', vscode.l10n.t('Export as JSONL...'), () => save(archive, id, 'jsonl')),
  ];
  const picked = await vscode.window.showQuickPick(items, { title: label(title, MAX_LABEL_CHARACTERS) });
  await picked?.act();
}

function item(icon: string, text: string, act: Act): vscode.QuickPickItem & { act: Act } {
  return { label: `$(${icon}) ${text}`, act };
}

async function rename(archive: Archive, id: string): Promise<void> {
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Rename Session'),
    prompt: vscode.l10n.t('Its name in the list. Empty: its first prompt.'),
    value: archive.titleOf(id),
    ignoreFocusOut: true,
  });
  if (name !== undefined) await archive.rename(id, name);
}

/** At its end, or before a prompt, whose text comes back to be written anew. */
async function fork(archive: Archive, id: string, putBack: (text: string) => void): Promise<void> {
  const prompts = (await archive.prompts(id)).slice(-MAX_PROMPTS).reverse();
  const items: (vscode.QuickPickItem & { prompt?: string })[] = [
    { label: vscode.l10n.t('At its end') },
    { label: vscode.l10n.t('Before a message of yours'), kind: vscode.QuickPickItemKind.Separator },
    ...prompts.map((prompt) => ({ label: label(prompt.text, MAX_LABEL_CHARACTERS) || '-', prompt: prompt.id })),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Fork Session'),
    placeHolder: vscode.l10n.t('Where the new session parts from this one'),
  });
  if (!picked) return;
  const text = await archive.fork(id, picked.prompt);
  if (text !== '') putBack(text);
}

async function save(archive: Archive, id: string, as: 'markdown' | 'jsonl'): Promise<void> {
  const { name, bytes } = await archive.export(id, as);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const to = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export Session'),
    filters: as === 'markdown' ? { Markdown: ['md'] } : { JSONL: ['jsonl'] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
  });
  if (to) await vscode.workspace.fs.writeFile(to, bytes);
}
