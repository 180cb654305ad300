import * as vscode from 'vscode';
import { label } from '../text/label';
import { COMMANDS } from './command-names';

/** Files, new documents and notebook cells: what people write. Output panels, diffs' other side and the like are not. */
const SELECTOR: vscode.DocumentSelector = ['file', 'untitled', 'vscode-notebook-cell'].map((scheme) => ({ scheme }));
const ASK = vscode.CodeActionKind.Refactor.append('mlEngineer');
const MAX_FIXES = 3;
const MAX_TITLE_CHARACTERS = 80;

/** Offers "Ask ML engineer" where the editor offers fixes and refactorings. Looks at nothing before it is picked. */
const provider: vscode.CodeActionProvider = {
  provideCodeActions(document, range, { diagnostics, only, triggerKind }) {
    const wanted = (kind: vscode.CodeActionKind): boolean => only?.contains(kind) ?? true;
    const actions = wanted(vscode.CodeActionKind.QuickFix)
      ? diagnostics.slice(0, MAX_FIXES).map((diagnostic) => fix(document.uri, diagnostic))
      : [];
    if (!wanted(ASK)) return actions;
    const { uri } = document;
    if (!range.isEmpty) actions.push(ask(vscode.l10n.t('Ask ML engineer'), COMMANDS.ask, uri, range));
    // Only where it is asked for: a light bulb on every line would be noise.
    else if (triggerKind === vscode.CodeActionTriggerKind.Invoke)
      actions.push(
        ask(vscode.l10n.t('Ask ML engineer about this function or class'), COMMANDS.askSymbol, uri, range.start),
      );
    return actions;
  },
};

function fix(uri: vscode.Uri, diagnostic: vscode.Diagnostic): vscode.CodeAction {
  const title = vscode.l10n.t('Ask ML engineer to fix: {0}', label(diagnostic.message, MAX_TITLE_CHARACTERS));
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.diagnostics = [diagnostic];
  action.command = { command: COMMANDS.fixProblem, title, arguments: [uri, diagnostic] };
  return action;
}

function ask(
  title: string,
  command: string,
  uri: vscode.Uri,
  where: vscode.Range | vscode.Position,
): vscode.CodeAction {
  const action = new vscode.CodeAction(title, ASK);
  action.command = { command, title, arguments: [uri, where] };
  return action;
}

export function registerCodeActions(): vscode.Disposable {
  const metadata = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, ASK] };
  return vscode.languages.registerCodeActionsProvider(SELECTOR, provider, metadata);
}
