import * as vscode from 'vscode';
import { loadLibrary, type Library, type Places } from '../library/library';
import type { Host } from '../host/host';
import type { Droid } from '../library/droids';
import type { Source } from '../library/sources';
import { label } from '../text/label';
import { COMMANDS } from './command-names';
import { copySkill } from './copy-skill';
import { openChat } from './open-chat';
import { readSettings, SECTION } from './settings';
import type { Shelf } from './shelf';
import { byCategory, categoryTitle, skillCards, type SkillCard } from './skill-cards';

const MAX_DESCRIPTION_CHARACTERS = 200;

export interface Launching {
  host(): Host;
  places: Places;
  shelf: Pick<Shelf, 'choices' | 'cache'>;
}

type SkillItem = vscode.QuickPickItem & { card?: SkillCard };

/** Picks a skill, asks for what it works on, and sends `/name argument` to the participant. */
export async function runSkill(launching: Launching): Promise<void> {
  const title = vscode.l10n.t('Run Skill');
  const card = await pickSkill(await libraryOf(launching), title);
  if (!card) return;
  const argument = await vscode.window.showInputBox({
    title: `${title}: ${card.name}`,
    prompt: vscode.l10n.t('What the skill is to work on. May be left empty.'),
    placeHolder: card.argumentHint,
    ignoreFocusOut: true,
  });
  if (argument === undefined) return;
  await openChat({ text: `/${card.name} ${argument.trim()}`.trim(), send: true });
}

async function pickSkill({ skills }: Pick<Library, 'skills'>, title: string): Promise<SkillCard | undefined> {
  const items = [...byCategory(await skillCards(skills))].flatMap(([category, cards]): SkillItem[] => [
    { label: categoryTitle(category), kind: vscode.QuickPickItemKind.Separator },
    ...cards.map((card) => ({ label: card.name, detail: card.description, ...sourceShown(card.skill.source), card })),
  ]);
  if (items.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There are no skills to pick from.'));
    return undefined;
  }
  const placeHolder = vscode.l10n.t('Pick a skill; type to filter by name or description');
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder, matchOnDetail: true });
  return picked?.card;
}

/** Copies a skill that is not the workspace's own yet into it, and opens its text. */
export async function copySkillToWorkspace(launching: Launching): Promise<void> {
  const folder = await pickFolder();
  if (!folder) return;
  const { skills } = await libraryOf(launching);
  const others = skills.filter(({ source }) => source !== 'project');
  const card = await pickSkill({ skills: others }, vscode.l10n.t('Copy Skill to Workspace'));
  if (card) await copySkill(card.skill, folder);
}

async function pickFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length > 1) return vscode.window.showWorkspaceFolderPick();
  if (folders.length === 0)
    void vscode.window.showInformationMessage(vscode.l10n.t('Open the folder of your repository first.'));
  return folders[0];
}

/** Picks the droid to work as, and keeps it in the user's settings. */
export async function chooseDroid(launching: Launching): Promise<void> {
  const { droids } = await libraryOf(launching);
  const { droid: current } = readSettings();
  const items = droids.filter(({ prompt }) => prompt !== '').map((droid) => ({ ...droidItem(droid, current), droid }));
  const title = vscode.l10n.t('Choose Droid');
  const placeHolder = vscode.l10n.t('Pick the droid to work as');
  const options = { title, placeHolder, matchOnDescription: true, matchOnDetail: true };
  const picked = await vscode.window.showQuickPick(items, options);
  if (!picked) return;
  const { name } = picked.droid;
  await vscode.workspace.getConfiguration(SECTION).update('droid', name, vscode.ConfigurationTarget.Global);
  const again = vscode.l10n.t('New Session');
  const text = vscode.l10n.t(
    '{0} answers from the next message of a new session on. A session that has begun keeps its droid.',
    label(name, MAX_DESCRIPTION_CHARACTERS),
  );
  if ((await vscode.window.showInformationMessage(text, again)) === again)
    await vscode.commands.executeCommand(COMMANDS.newSession);
}

/** The droid that settings name, as it is now; the defaults where there is none of that name. */
export async function droidInUse(launching: Launching): Promise<Pick<Droid, 'model' | 'effort'>> {
  const { droids } = await libraryOf(launching);
  const { droid: wanted } = readSettings();
  return droids.find(({ name }) => name === wanted) ?? { model: 'inherit' };
}

function droidItem({ name, description, model, source }: Droid, current: string): vscode.QuickPickItem {
  const shown = model === 'inherit' ? vscode.l10n.t('the model of the chat') : label(model, MAX_DESCRIPTION_CHARACTERS);
  const marks = [shown, SOURCES()[source], ...(name === current ? [vscode.l10n.t('in use')] : [])];
  return {
    label: label(name, MAX_DESCRIPTION_CHARACTERS),
    description: marks.join(' · '),
    detail: label(description, MAX_DESCRIPTION_CHARACTERS),
  };
}

/** Asks what the droid is to do and where it goes; the agent writes it. */
export async function generateDroid(): Promise<void> {
  const title = vscode.l10n.t('Generate Droid');
  const description = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('What the droid does, and when it is to be used'),
    placeHolder: vscode.l10n.t('Reviews changes to feature pipelines for leaks, and changes nothing'),
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? vscode.l10n.t('Say what it does.') : undefined),
  });
  if (description === undefined) return;
  const locations = [
    { label: vscode.l10n.t('This project'), description: '.factory/droids', location: 'project' },
    { label: vscode.l10n.t('All my projects'), description: '~/.factory/droids', location: 'personal' },
  ];
  const picked = await vscode.window.showQuickPick(locations, { title, placeHolder: vscode.l10n.t('Where it goes') });
  if (!picked) return;
  // The location stands as the droid format names it.
  const text = vscode.l10n.t('Generate a droid (location: {0}): {1}', picked.location, description.trim());
  await openChat({ text, send: true });
}

async function libraryOf(launching: Launching): Promise<Library> {
  const { folders, trusted } = launching.host();
  const { places, shelf } = launching;
  const { choices, cache } = shelf;
  return loadLibrary({ folders: folders.map(({ path }) => path), places, trusted, choices, cache });
}

const SOURCES = (): Record<Source, string> => ({
  bundled: vscode.l10n.t('comes with ML Engineer'),
  personal: vscode.l10n.t('of your home folder'),
  project: vscode.l10n.t('of this project'),
});

function sourceShown(source: Source): { description?: string } {
  return source === 'bundled' ? {} : { description: SOURCES()[source] };
}
