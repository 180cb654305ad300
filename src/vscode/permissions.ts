import * as vscode from 'vscode';
import { parseRule, ruleText, type Mode, type Policy, type Rule } from '../agent/approval';

export type RuleScope = 'workspace' | 'user';

const KEY = 'mlEngineer.allow';

/** The rules a person allowed for good. Kept in the extension's own storage, never in a file of the repository. */
export class Permissions {
  readonly #stores: Record<RuleScope, vscode.Memento>;

  constructor({ workspaceState, globalState }: vscode.ExtensionContext) {
    this.#stores = { workspace: workspaceState, user: globalState };
  }

  /** What counts for the next call: read each time, so that an answer holds at once. */
  policy(mode: Mode): Policy {
    const allow = [...this.rules('workspace'), ...this.rules('user')];
    return { mode, trusted: vscode.workspace.isTrusted, allow, ask: [], deny: [] };
  }

  rules(scope: RuleScope): Rule[] {
    const stored = this.#stores[scope].get<unknown>(KEY);
    const texts = Array.isArray(stored) ? stored.filter((text) => typeof text === 'string') : [];
    return texts.flatMap((text) => parseRule(text) ?? []);
  }

  async allow(rule: Rule, scope: RuleScope): Promise<void> {
    const texts = new Set(this.rules(scope).map(ruleText)).add(ruleText(rule));
    await this.#stores[scope].update(KEY, [...texts]);
  }

  async takeBack(rule: Rule, scope: RuleScope): Promise<void> {
    const texts = this.rules(scope).map(ruleText);
    await this.#stores[scope].update(
      KEY,
      texts.filter((text) => text !== ruleText(rule)),
    );
  }
}

/** Shows what is always allowed, and takes back what is picked. */
export async function showPermissions(permissions: Permissions): Promise<void> {
  const where = { workspace: vscode.l10n.t('this workspace'), user: vscode.l10n.t('everywhere') };
  const items = (['workspace', 'user'] as const).flatMap((scope) =>
    permissions.rules(scope).map((rule) => ({ label: ruleText(rule), description: where[scope], rule, scope })),
  );
  if (items.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Nothing is always allowed: ML Engineer asks each time.'));
    return;
  }
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t('Always allowed'),
    placeHolder: vscode.l10n.t('Pick the rules to take back'),
  });
  for (const { rule, scope } of picked ?? []) await permissions.takeBack(rule, scope);
}
