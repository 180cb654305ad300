import * as vscode from 'vscode';
import { parseRule, ruleText, type Mode, type Policy, type Rule } from '../agent/approval';
import { Project } from './project';

/** How long a rule counts: while this window's session goes on, in this workspace, or everywhere. */
export type RuleScope = 'session' | 'workspace' | 'user';

const KEY = 'mlEngineer.allow';
const SCOPES = ['session', 'workspace', 'user'] as const;

const ruleOf = (text: string): Rule[] => [parseRule(text)].filter((rule) => rule !== undefined);

/** The rules a person allowed. Kept in memory or in the extension's own storage, never in a file of the repository. */
export class Permissions {
  readonly #stores: Record<Exclude<RuleScope, 'session'>, vscode.Memento>;
  /** By session id. A reloaded window asks again. */
  readonly #sessions = new Map<string, string[]>();
  /** What the repository says: it narrows, and widens where that was accepted. */
  readonly project: Project;

  constructor(context: vscode.ExtensionContext) {
    this.#stores = { workspace: context.workspaceState, user: context.globalState };
    this.project = new Project(context);
  }

  /** What counts for the next call of a session: read each time, so that an answer holds at once. */
  policy(mode: Mode, session: string): Policy {
    const allow = SCOPES.flatMap((scope) => this.#texts(scope, session).flatMap(ruleOf));
    return this.project.apply({ mode, trusted: vscode.workspace.isTrusted, allow, ask: [], deny: [] });
  }

  /** Every rule there is, narrowest scope first. */
  all(): { rule: Rule; scope: RuleScope; session: string }[] {
    const places = [
      ...[...this.#sessions.keys()].map((session) => ({ scope: 'session' as const, session })),
      { scope: 'workspace' as const, session: '' },
      { scope: 'user' as const, session: '' },
    ];
    return places.flatMap(({ scope, session }) =>
      this.#texts(scope, session)
        .flatMap(ruleOf)
        .map((rule) => ({ rule, scope, session })),
    );
  }

  allow(rule: Rule, scope: RuleScope, session: string): Promise<void> {
    return this.#keep(scope, session, [...new Set(this.#texts(scope, session)).add(ruleText(rule))]);
  }

  takeBack(rule: Rule, scope: RuleScope, session: string): Promise<void> {
    const rest = this.#texts(scope, session).filter((text) => text !== ruleText(rule));
    return this.#keep(scope, session, rest);
  }

  #texts(scope: RuleScope, session: string): string[] {
    const stored = scope === 'session' ? this.#sessions.get(session) : this.#stores[scope].get<unknown>(KEY);
    return Array.isArray(stored) ? stored.filter((text) => typeof text === 'string') : [];
  }

  async #keep(scope: RuleScope, session: string, texts: string[]): Promise<void> {
    if (scope === 'session') this.#sessions.set(session, texts);
    else await this.#stores[scope].update(KEY, texts);
  }
}

/** Shows what is allowed without asking, and takes back what is picked. */
export async function showPermissions(permissions: Permissions): Promise<void> {
  const where = {
    session: vscode.l10n.t('one session, until this window closes'),
    workspace: vscode.l10n.t('this workspace'),
    user: vscode.l10n.t('everywhere'),
  };
  const { project } = permissions;
  const items = [
    ...permissions.all().map(({ rule, scope, session }) => ({
      label: ruleText(rule),
      description: where[scope],
      takeBack: () => permissions.takeBack(rule, scope, session),
    })),
    ...project.accepted().map(({ shown, hash }) => ({
      label: shown,
      description: vscode.l10n.t('what this file of the repository asks for'),
      takeBack: () => project.answer(hash, 'ignored'),
    })),
  ];
  if (items.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Nothing is always allowed: ML Engineer asks each time.'));
    return;
  }
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t('Always allowed'),
    placeHolder: vscode.l10n.t('Pick the rules to take back'),
  });
  for (const { takeBack } of picked ?? []) await takeBack();
}
