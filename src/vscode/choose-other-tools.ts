import * as vscode from 'vscode';
import type { OtherFacts } from '../tools/other';
import { label } from '../text/label';
import { entryOf, isChosen, type OtherTools } from './other-tools';
import { readSettings, SECTION } from './settings';

const MAX_DETAIL_CHARACTERS = 200;

type ToolItem = vscode.QuickPickItem & { facts?: OtherFacts };

/** Lists the tools of other extensions and servers by their source; what is ticked is kept in the user's settings. */
export async function chooseOtherTools(others: Pick<OtherTools, 'all'>): Promise<void> {
  const all = others.all();
  if (all.length === 0) {
    const text = vscode.l10n.t(
      'The editor has no tools of other extensions or MCP servers that could be chosen. A server must have been started once.',
    );
    void vscode.window.showInformationMessage(text);
    return;
  }
  const before = readSettings().otherTools;
  const picked = await vscode.window.showQuickPick<ToolItem>(itemsOf(all, before), {
    canPickMany: true,
    title: vscode.l10n.t('Tools of others that the agent may ask for'),
    placeHolder: vscode.l10n.t('Each is asked for when it is used. What they say of themselves is not checked.'),
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
  if (!picked) return;
  const chosen = picked.flatMap(({ facts }) => facts ?? []);
  const wanted = chosenEntries(all, before, chosen);
  await vscode.workspace.getConfiguration(SECTION).update('otherTools', wanted, vscode.ConfigurationTarget.Global);
  const text = vscode.l10n.t('{0} tools of others are chosen. They count from the next new session on.', chosen.length);
  void vscode.window.showInformationMessage(text);
}

/** The setting after a choice: what is not there just now stays as it was. */
export function chosenEntries(
  all: readonly OtherFacts[],
  before: readonly string[],
  chosen: readonly OtherFacts[],
): string[] {
  const isHere = (entry: string): boolean => all.some((facts) => isChosen(facts, [entry]));
  // A star stays where nothing of its source was taken out.
  const whole = before.filter(
    (entry) => entry.endsWith('/*') && all.every((facts) => !isChosen(facts, [entry]) || chosen.includes(facts)),
  );
  const single = chosen.filter((facts) => !isChosen(facts, whole)).map(entryOf);
  return [...new Set([...before.filter((entry) => !isHere(entry)), ...whole, ...single])];
}

function itemsOf(all: readonly OtherFacts[], before: readonly string[]): ToolItem[] {
  const sources = [...new Set(all.map(({ source }) => source))].sort();
  return sources.flatMap((source): ToolItem[] => {
    const own = all.filter((facts) => facts.source === source);
    const title = own[0]?.sourceLabel ?? source;
    return [
      { label: plain(`${title} (${source})`), kind: vscode.QuickPickItemKind.Separator },
      ...own.map((facts) => ({
        label: plain(facts.name),
        description: plain(source),
        detail: plain(facts.description),
        picked: isChosen(facts, before),
        facts,
      })),
    ];
  });
}

/** Text of strangers in a list: `$(name)` would draw an icon. */
function plain(text: string): string {
  return label(text, MAX_DETAIL_CHARACTERS).replaceAll('$(', '$\u200a(');
}
