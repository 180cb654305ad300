import { cp, mkdtemp, readFile, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';

/** Lies beside the copy, so that the agent sees the example and nothing else; it holds the copy's own path. */
const MARKER = '.ml-engineer-demo';
const TYPED = 'mlEngineer.demoPromptTyped';

/** The demo: recorded model turns, real tools, in a fresh copy of the example in a temporary folder and nowhere else. */
export class Demo {
  constructor(private readonly product: string) {}

  /** Makes a fresh copy of the example and gives its folder. */
  async copy(): Promise<string> {
    const home = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-demo-')));
    const folder = join(home, 'churn');
    await cp(join(this.product, 'examples', 'churn'), folder, { recursive: true });
    await writeFile(join(home, MARKER), folder, { mode: 0o600 });
    return folder;
  }

  /** True in a copy that was made for the demo: no repository from elsewhere can hold its own path in its parent folder. */
  async isDemo(folder: string | undefined): Promise<boolean> {
    if (folder === undefined) return false;
    const marked = await readFile(join(dirname(folder), MARKER), 'utf8').catch(() => '');
    return marked.trim() === folder;
  }

  get script(): string {
    return join(this.product, 'media', 'demo', 'churn.json');
  }

  /** Types the demo's prompt into the chat of a fresh copy, once; the person sends it. */
  async typePrompt(state: vscode.Memento): Promise<void> {
    if (state.get(TYPED) || !(await this.isDemo(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath))) return;
    const { prompt } = JSON.parse(await readFile(this.script, 'utf8')) as { prompt: string };
    await state.update(TYPED, true);
    const query = `@ml-engineer ${prompt}`;
    await vscode.commands.executeCommand('workbench.action.chat.open', { query, isPartialQuery: true });
  }

  async open(): Promise<void> {
    await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(await this.copy()));
  }
}
