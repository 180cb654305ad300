import { cp, lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../agent/tool';
import { within } from '../host/paths';
import type { Skill } from '../library/skills';

const SKIPPED = new Set(['node_modules', '.git', '__pycache__', '.venv']);

/** Copies the skill's folder into `.factory/skills` of the workspace folder and opens its SKILL.md. */
export async function copySkill(skill: Pick<Skill, 'name' | 'path'>, folder: vscode.WorkspaceFolder): Promise<void> {
  const from = dirname(skill.path);
  const skills = join(folder.uri.fsPath, '.factory', 'skills');
  const to = join(skills, basename(from));
  const shown = vscode.workspace.asRelativePath(to);
  await mkdirInside(folder.uri.fsPath, ['.factory', 'skills']);
  const there = await kindOf(to);
  if (there !== undefined && (await realpath(from)) === (await realpath(to).catch(() => undefined)))
    throw new UserError(vscode.l10n.t('{0} is this very skill.', shown));
  if (there !== undefined) {
    const replace = vscode.l10n.t('Replace');
    const text = vscode.l10n.t('{0} is there already.', shown);
    const detail = vscode.l10n.t('All that is in it is deleted, and the skill is copied anew.');
    if ((await vscode.window.showWarningMessage(text, { modal: true, detail }, replace)) !== replace) return;
    await rm(to, { recursive: true, force: true });
  }
  // Links are left out: they would lead elsewhere from here, or into a circle.
  const filter = async (source: string): Promise<boolean> =>
    !SKIPPED.has(basename(source)) && (source === from || (await kindOf(source)) !== 'link');
  await cp(await realpath(from), to, { recursive: true, errorOnExist: true, force: false, filter });
  await vscode.window.showTextDocument(vscode.Uri.file(join(to, basename(skill.path))));
}

/** Makes folders one by one, none of them through a link: a repository may hold one that leads out of it. */
async function mkdirInside(root: string, names: readonly string[]): Promise<void> {
  let path = root;
  for (const name of names) {
    path = join(path, name);
    if ((await kindOf(path)) === undefined) await mkdir(path);
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined || within(await realpath(root), real) === undefined)
      throw new UserError(vscode.l10n.t('{0} leads out of the workspace, so nothing is copied there.', path));
  }
}

async function kindOf(path: string): Promise<'link' | 'other' | undefined> {
  return lstat(path).then(
    (entry) => (entry.isSymbolicLink() ? 'link' : 'other'),
    () => undefined,
  );
}
