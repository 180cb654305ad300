import * as vscode from 'vscode';
import type { SkillMark } from '../agent/events';
import { skillsOf } from '../agent/skill-marks';
import type { Library, LibraryItem } from '../library/library';
import type { Shadow } from '../library/shadowing';
import { visible } from '../text/visible';
import type { Sessions } from './sessions';
import type { Shelf } from './shelf';
import { skillReason } from './skill-words';

type Action = 'pin' | 'unpin' | 'mute' | 'unmute' | 'accept' | 'takeBack';

interface Button extends vscode.QuickInputButton {
  action: Action;
}

interface Row extends vscode.QuickPickItem {
  /** Lower ones stand higher: what waits for the person, then what there is something to say of. */
  rank?: number;
  item?: LibraryItem;
  shadow?: Shadow<LibraryItem>;
  buttons?: Button[];
}

const ICONS: Record<Action, string> = {
  pin: 'pin',
  unpin: 'pinned',
  mute: 'mute',
  unmute: 'unmute',
  accept: 'check',
  takeBack: 'discard',
};

/** Shows every skill and droid that was found, what becomes of it, and opens its file. */
export async function showLibrary(shelf: Shelf, sessions: Pick<Sessions, 'current'>): Promise<void> {
  const pick = vscode.window.createQuickPick<Row>();
  pick.title = vscode.l10n.t('Skills and Droids');
  pick.placeholder = vscode.l10n.t('Pick one to open its file');
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.busy = true;
  const draw = async (): Promise<void> => {
    pick.items = rowsOf(await shelf.load(), shelf, skillsOf(sessions.current?.branch ?? []));
    pick.busy = false;
  };
  pick.show();
  pick.onDidHide(() => pick.dispose());
  pick.onDidAccept(() => {
    const path = pick.selectedItems[0]?.item?.path;
    pick.hide();
    if (path !== undefined) void vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path));
  });
  pick.onDidTriggerItemButton(async ({ item: row, button }) => {
    const { action } = button as Button;
    if (action === 'accept' && row.shadow) {
      pick.hide();
      await offerShadow(shelf, row.shadow);
      return;
    }
    if (action === 'takeBack' && row.shadow) await shelf.takeBack(row.shadow.acceptance);
    else if (row.item) await shelf.toggle(action === 'pin' || action === 'unpin' ? 'pinned' : 'muted', row.item.name);
    await draw();
  });
  await draw();
}

/** Shows what a project's file changes in what it would replace, and asks whether it shall. */
export async function offerShadow(shelf: Shelf, shadow: Shadow<LibraryItem>): Promise<void> {
  const { by, over } = shadow;
  const [left, right] = [vscode.Uri.file(over.path), vscode.Uri.file(by.path)];
  const title = vscode.l10n.t('{0}: {1} ↔ this repository', by.name, sourceWords()[over.source]);
  await vscode.commands.executeCommand('vscode.diff', left, right, title, { preview: true });
  const use = vscode.l10n.t('Use This One');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'Use {0} of this repository in place of the {1} one? It counts as it is now: after a change you are asked again.',
      by.name,
      sourceWords()[over.source],
    ),
    use,
    vscode.l10n.t('Leave It Out'),
  );
  if (picked === use) await shelf.accept(shadow);
}

/** Tells once of files that wait for acceptance; work goes on without them. */
export async function tellOfShadows(shelf: Shelf, library: Library): Promise<void> {
  const pending = library.shadows.filter((shadow) => shadow.pending);
  const fresh = shelf.untold(pending.map(({ acceptance }) => acceptance));
  const first = pending.find(({ acceptance }) => fresh.includes(acceptance));
  if (!first) return;
  const review = vscode.l10n.t('Review');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'This repository would replace skills or droids that are not its own: {0}. They are not used unless you accept them.',
      [...new Set(pending.map(({ by }) => by.name))].join(', '),
    ),
    review,
  );
  if (picked === review) for (const shadow of pending) await offerShadow(shelf, shadow);
}

function sourceWords(): Record<LibraryItem['source'], string> {
  return {
    bundled: vscode.l10n.t('bundled'),
    personal: vscode.l10n.t('personal'),
    project: vscode.l10n.t('of this repository'),
  };
}

function rowsOf(library: Library, shelf: Shelf, marks: readonly SkillMark[]): Row[] {
  const section = (kind: 'skill' | 'droid', label: string): Row[] => {
    const rows = library.all
      .filter((one) => one.kind === kind)
      .map(({ item }) => rowOf(item, kind, library, shelf, marks));
    return [{ label, kind: vscode.QuickPickItemKind.Separator }, ...rows.sort(byRank)];
  };
  return [...section('skill', vscode.l10n.t('Skills')), ...section('droid', vscode.l10n.t('Droids'))];
}

function byRank(a: Row, b: Row): number {
  return (a.rank ?? 0) - (b.rank ?? 0) || (a.label < b.label ? -1 : 1);
}

function rowOf(
  item: LibraryItem,
  kind: 'skill' | 'droid',
  { skills, droids, shadows }: Library,
  { choices }: Shelf,
  marks: readonly SkillMark[],
): Row {
  const used = [...skills, ...droids].some(({ path }) => path === item.path);
  const shadow = shadows.find(({ by, over }) => by.path === item.path && over.source !== 'project');
  const mark = used && kind === 'skill' ? marks.find(({ name }) => name === item.name) : undefined;
  const is = { pinned: choices.isPinned(item.name), muted: choices.isMuted(item.name) };
  const states = [
    ...(shadow?.pending ? [vscode.l10n.t('not accepted')] : used ? [] : [vscode.l10n.t('shadowed')]),
    ...(mark
      ? [`${mark.state === 'loaded' ? vscode.l10n.t('loaded') : vscode.l10n.t('offered')} (${skillReason(mark)})`]
      : []),
    ...(used && kind === 'skill' && is.pinned ? [vscode.l10n.t('pinned')] : []),
    ...(used && kind === 'skill' && is.muted ? [vscode.l10n.t('muted')] : []),
    ...(item.problems.length > 0 ? [vscode.l10n.t('has problems')] : []),
  ];
  const actions: Action[] = [
    ...(used && kind === 'skill'
      ? [is.pinned ? ('unpin' as const) : ('pin' as const), is.muted ? ('unmute' as const) : ('mute' as const)]
      : []),
    ...(shadow?.pending ? (['accept'] as const) : []),
    ...(shadow && used && item.source === 'project' ? (['takeBack'] as const) : []),
  ];
  return {
    label: plain(item.name),
    description: [sourceWords()[item.source], ...states].map(plain).join(' · '),
    detail: item.problems.length > 0 ? `$(warning) ${plain(item.problems.join('; '))}` : plain(item.description),
    item,
    rank: shadow?.pending ? 0 : states.length > 0 ? 1 : 2,
    ...(shadow ? { shadow } : {}),
    buttons: actions.map(buttonOf),
  };
}

/** A file's own words: no icons, no hidden characters, one line. */
function plain(text: string): string {
  return visible(text).replaceAll('$(', '$ (').replaceAll(/\s+/gu, ' ').slice(0, 300);
}

function buttonOf(action: Action): Button {
  const tooltips: Record<Action, string> = {
    pin: vscode.l10n.t('Pin: give its text at the start of each session'),
    unpin: vscode.l10n.t('Unpin'),
    mute: vscode.l10n.t('Mute: neither list nor offer it'),
    unmute: vscode.l10n.t('Unmute'),
    accept: vscode.l10n.t('Show the difference, and accept'),
    takeBack: vscode.l10n.t('No longer use this one'),
  };
  return { iconPath: new vscode.ThemeIcon(ICONS[action]), tooltip: tooltips[action], action };
}
