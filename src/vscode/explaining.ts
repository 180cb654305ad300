import * as vscode from 'vscode';
import { explainCall, type Explanation } from '../agent/explain';
import { ToolError, toolSchema, UserError, type Tool } from '../agent/tool';
import type { Host } from '../host/host';
import { createTools, type Web } from '../tools/index';
import { visible } from '../text/visible';
import type { Guards } from './guards';
import type { OtherTools } from './other-tools';
import type { Permissions } from './permissions';
import { readSettings } from './settings';

/** Asks for a call and says why it would run, be asked for or be refused. Runs nothing. */
export async function explainPermission(
  host: Host,
  permissions: Permissions,
  web: Web,
  { guard }: Guards,
  others: Pick<OtherTools, 'chosen'>,
): Promise<void> {
  const title = vscode.l10n.t('Explain a Permission');
  const own = createTools({ names: [], read: () => Promise.resolve(undefined) }, web);
  const tools = [...own, ...others.chosen().tools];
  const name = await vscode.window.showQuickPick(
    tools.map((tool) => tool.name),
    { title, placeHolder: vscode.l10n.t('The tool that is called') },
  );
  const tool = tools.find((one) => one.name === name);
  if (!tool) return;
  const input = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('The input of {0}, as JSON', tool.name),
    value: exampleOf(tool),
    ignoreFocusOut: true,
    validateInput: (text) => (parse(text) === undefined ? vscode.l10n.t('This is not JSON.') : undefined),
  });
  if (input === undefined) return;
  await permissions.project.load(host.folders);
  // Outside a session nothing was written in one.
  const policy = { ...permissions.policy(readSettings().permissionMode, ''), unreviewed: [] };
  try {
    show(await explainCall(tool.name, parse(input), { tools, host, policy, guard }));
  } catch (error) {
    throw error instanceof ToolError ? new UserError(error.message) : error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // Shown below the input while it is typed.
  }
}

/** The required fields, empty: what is left is to fill them in. */
function exampleOf(tool: Tool<Host>): string {
  const { required = [] } = toolSchema(tool).input_schema as { required?: string[] };
  return JSON.stringify(Object.fromEntries(required.map((field) => [field, ''])));
}

function show({ effect, class: kind, decision, reason, parts, danger }: Explanation): void {
  const decisions = {
    allow: vscode.l10n.t('It runs without asking.'),
    ask: vscode.l10n.t('It is asked for.'),
    deny: vscode.l10n.t('It is refused.'),
  };
  const rows = parts.map((part) => `${part.text}\n    ${decisions[part.decision]} ${part.class}: ${part.reason}`);
  const lost =
    danger && danger.rows.length > 0 ? [[vscode.l10n.t('What may be lost:'), ...danger.rows].join('\n    ')] : [];
  const why = vscode.l10n.t('Why: {0} (effect {1}, class {2})', reason, effect, kind);
  const detail = [why, ...rows, ...lost].join('\n\n');
  void vscode.window.showInformationMessage(decisions[decision], { modal: true, detail: visible(detail) });
}
