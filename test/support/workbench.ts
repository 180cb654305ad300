import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { extname, join, resolve } from 'node:path';

interface Editor {
  port: number;
  root: string;
  url(folder: string): string;
  log(): string;
  stop(): Promise<void>;
}
interface EditorServer {
  startEditor: (options: { extensions: string[]; settings?: object; env?: Record<string, string> }) => Promise<Editor>;
  launchBrowser: () => Promise<Browser>;
}

const PROJECT = resolve(__dirname, '..', '..');
const PATIENCE_MS = 60_000;

/** Selectors of the workbench as of VS Code 1.139. */
const CHAT_INPUT = '.interactive-session .interactive-input-part .monaco-editor';
const ANSWER = '.interactive-item-container.interactive-response';
const QUESTION = '.interactive-session .chat-confirmation-widget2';
const STEP_GROUP = '.chat-used-context-collapsed.chat-thinking-box';
const TOOL_STEP = '.chat-tool-invocation-part';

const THEMES = ['Default Dark Modern', 'Default Light Modern', 'Dark High Contrast', 'Light High Contrast'] as const;
export type Theme = (typeof THEMES)[number];
/** How a webview's body tells its theme. */
const PAGE_IN: Record<Theme, string> = {
  'Default Dark Modern': 'body.vscode-dark',
  'Default Light Modern': 'body.vscode-light',
  'Dark High Contrast': 'body.vscode-high-contrast:not(.vscode-high-contrast-light)',
  'Light High Contrast': 'body.vscode-high-contrast-light',
};

export interface WorkbenchOptions {
  folder: string;
  settings?: object;
  /** For the extension host: keys, endpoints. */
  env?: Record<string, string>;
  /** Folders of extensions that are installed beside ours. */
  extensions?: string[];
}

/** A real VS Code with the extension installed, driven as a person drives it. Every wait is for a condition. */
export class Workbench {
  private constructor(
    readonly page: Page,
    private readonly editor: Editor,
    private readonly browser: Browser,
    private readonly folder: string,
  ) {}

  static async open({ folder, settings = {}, env = {}, extensions = [] }: WorkbenchOptions): Promise<Workbench> {
    const { startEditor, launchBrowser } = (await import(
      resolve(PROJECT, 'scripts', 'editor-server.mjs')
    )) as EditorServer;
    const editor = await startEditor({ extensions: [PROJECT, ...extensions], settings, env });
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(PATIENCE_MS);
    const workbench = new Workbench(page, editor, browser, folder);
    await workbench.load();
    return workbench;
  }

  /** Loads the window. */
  async load(): Promise<void> {
    await this.page.goto(this.editor.url(this.folder));
    await this.ready();
  }

  /** Waits until the extension's own view container is there. */
  async ready(): Promise<void> {
    await this.page.locator('.activitybar [aria-label^="ML Engineer"]').first().waitFor();
  }

  /** Types into the input that is open at the top, and confirms. */
  async enter(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input').first();
    await input.waitFor();
    await input.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Gives the dialog that asks where to save a file of this ending its path. Until it is there, a list may still be open. */
  async saveAs(path: string): Promise<void> {
    const widget = this.page.locator('.quick-input-widget');
    const input = widget.locator('input').first();
    await input.waitFor();
    while (!(await input.inputValue()).endsWith(extname(path))) await this.page.waitForTimeout(50);
    await input.fill(path);
    // On a busy machine the first Enter only takes the path in.
    for (let tries = 0; tries < 5 && (await widget.isVisible()); tries++) {
      await this.page.keyboard.press('Enter');
      await widget.waitFor({ state: 'hidden', timeout: 5_000 }).catch(() => undefined);
    }
  }

  /** Ticks everything in the list that is open at the top, and confirms. */
  async pickAll(): Promise<void> {
    const list = this.page.locator('.quick-input-widget');
    const rows = list.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    for (let index = 0; index < (await rows.count()); index++) await rows.nth(index).click();
    await list.getByRole('button', { name: 'OK' }).click();
    await list.waitFor({ state: 'hidden' });
  }

  /** Picks an entry of the list that is open at the top. */
  async pick(text: RegExp): Promise<void> {
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first().click();
  }

  /** Waits for a notification with this text. */
  async notification(text: RegExp): Promise<void> {
    await this.page.locator('.notification-toast, .notification-list-item').filter({ hasText: text }).first().waitFor();
  }

  /** Picks a model in the chat's picker where it does not hold one of that name already. */
  async pickModel(name: RegExp): Promise<void> {
    const picker = this.page.locator('.interactive-session [aria-label^="Models, "]').first();
    if (name.test(await picker.innerText())) return;
    await picker.click();
    await this.page
      .locator('.action-widget .monaco-list-row, .context-view .monaco-list-row')
      .filter({ hasText: name })
      .first()
      .click();
  }

  /** Runs a command by its title in the command palette. */
  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page
      .locator('.quick-input-widget input.input, .quick-input-widget .monaco-inputbox input')
      .first();
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first().click();
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    const input = this.page.locator('.quick-input-widget input').first();
    await input.waitFor();
    await input.fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: name }).first().click();
    await this.page.locator('.tab.active').filter({ hasText: name }).first().waitFor();
    // A notebook is drawn over the place of its editor.
    await this.page.locator('.editor-instance .view-lines, .notebookOverlay .cell-list-container').first().waitFor();
  }

  /**
   * Opens the menu of fixes and refactorings for what `select` selects, and gives an entry of it. On a busy machine the
   * focus goes elsewhere in between, or the fault is not known yet: then all of it is done again.
   */
  async fixes(label: RegExp, select: () => Promise<void>): Promise<Locator> {
    const entry = this.page.locator('.action-widget .monaco-list-row').filter({ hasText: label }).first();
    for (let tries = 0; tries < 5; tries++) {
      await select();
      await this.page.keyboard.press('Control+.');
      if (await seen(entry)) return entry;
      await this.page.keyboard.press('Escape');
    }
    throw new Error(`No fix or refactoring is named ${String(label)}.`);
  }

  /** Types into the chat's input what begins an entry of its `/` menu, and gives the entry. `whole` empties the input first. */
  async suggested(text: string, name: string, whole = false): Promise<Locator> {
    const entry = this.page.locator('.suggest-widget .monaco-list-row').filter({ hasText: name }).first();
    const input = this.page.locator(CHAT_INPUT).first();
    // After an answer the participant is put into the input again.
    if (!whole) await input.filter({ hasText: /@ml-engineer/u }).waitFor();
    await input.click();
    await this.page.keyboard.press(whole ? 'Control+A' : 'Control+End');
    await this.page.keyboard.type(text);
    for (let tries = 0; tries < 5; tries++) {
      if (await seen(entry)) return entry;
      await this.page.keyboard.press('Control+Space');
    }
    throw new Error(`${text} suggests no ${name}.`);
  }

  async openChat(): Promise<void> {
    if (!(await this.page.locator(CHAT_INPUT).first().isVisible())) await this.runCommand('Chat: Open Chat');
    await this.page.locator(CHAT_INPUT).first().waitFor();
    // Before the picker holds a model, VS Code answers "Language model unavailable" itself.
    await this.page
      .locator('.interactive-session [aria-label^="Models, "]')
      .filter({ hasText: /Auto|Demo/u })
      .first()
      .waitFor();
  }

  async sendChat(text: string): Promise<void> {
    await this.openChat();
    await this.page.locator(CHAT_INPUT).first().click();
    await this.page.keyboard.insertText(text);
    await this.page.keyboard.press('Enter');
  }

  /** Sends what stands in the chat's input already. */
  async sendTyped(text: RegExp): Promise<void> {
    const input = this.page.locator(CHAT_INPUT).first();
    // The editor draws spaces as no-break ones.
    await input.filter({ hasText: new RegExp(text.source.replaceAll(' ', '\\s'), 'u') }).waitFor();
    await this.openChat();
    await input.click();
    await this.page.keyboard.press('Enter');
  }

  /** The last answer in the chat. */
  get answer(): Locator {
    return this.page.locator(ANSWER).last();
  }

  async chatText(): Promise<string> {
    return (
      (await this.page
        .locator('.interactive-list')
        .first()
        .innerText()
        .catch(() => '')) ?? ''
    );
  }

  async waitForChatText(wanted: RegExp, timeout = PATIENCE_MS): Promise<void> {
    await this.page.locator('.interactive-list').first().filter({ hasText: wanted }).waitFor({ timeout });
  }

  /**
   * Clicks a button in the chat by its label: the last one that is seen. An answer folds its first steps away when it
   * ends, so the button chosen may go while it is being clicked, and the one at the end is to be found.
   */
  async clickInChat(label: string | RegExp): Promise<void> {
    const buttons = this.page.locator('.interactive-session').getByRole('button', { name: label });
    const seen = buttons.filter({ visible: true }).last();
    await seen.click({ timeout: 5_000 }).catch(() => seen.click());
  }

  /** The question in the chat that holds this text. */
  async question(about: string | RegExp): Promise<Locator> {
    const question = this.page.locator(QUESTION).filter({ hasText: about }).last();
    await question.waitFor();
    return question;
  }

  /** Answers the question in the chat that holds this text, and waits until it is gone. */
  async decide(about: string | RegExp, label: string | RegExp = 'Allow Once'): Promise<void> {
    const button = (await this.question(about)).getByRole('button', { name: label });
    await button.click();
    await button.waitFor({ state: 'hidden' });
  }

  /** Answers the question in the chat by an entry behind its little arrow. */
  async answerInChat(label: string): Promise<void> {
    await this.page.locator('.interactive-session .monaco-dropdown-button').last().click();
    const entries = this.page.locator('.context-view').getByRole('menuitem');
    await entries.filter({ hasText: label }).waitFor();
    const labels = (await entries.allInnerTexts()).map((text) => text.trim());
    // A menu takes no click in the first moment after it opened, but it takes keys.
    for (let index = labels.indexOf(label); index >= 0; index--) await this.page.keyboard.press('ArrowDown');
    await this.page.keyboard.press('Enter');
    await entries.filter({ hasText: label }).waitFor({ state: 'hidden' });
  }

  /** Chooses what VS Code itself lets tools do without asking: its own "Allow all", for one. */
  async setPermissions(level: string): Promise<void> {
    await this.page.locator('[aria-label^="Permission picker"]').first().click();
    await this.page.locator('.action-widget .monaco-list-row').filter({ hasText: level }).first().click();
    await this.dialog.getByRole('button', { name: 'Enable' }).click();
    await this.page.locator(`[aria-label="Permission picker, ${level}"]`).first().waitFor();
  }

  /** Sends the chat's last message again. */
  async retry(): Promise<void> {
    await this.answer.hover();
    await this.answer.locator('.codicon-refresh').first().click();
  }

  /** Goes back to the point before the message with this text. */
  async restoreCheckpointBefore(text: string): Promise<void> {
    const message = this.page
      .locator('.interactive-item-container.interactive-request')
      .filter({ hasText: text })
      .last();
    await message.hover();
    await this.page.locator('.checkpoint-container').getByText('Restore Checkpoint').last().click();
  }

  /** Presses a button of a notification that is up. */
  async clickInNotification(text: RegExp, label: string): Promise<void> {
    const one = this.page.locator('.notification-list-item').filter({ hasText: text }).first();
    await one.getByRole('button', { name: label }).click();
  }

  /**
   * The titles of the last answer's steps, once `isWhole` says that those are all: a finished answer folds them, and
   * draws some only a moment after they are unfolded.
   */
  async toolSteps(isWhole: (titles: readonly string[]) => boolean): Promise<string[]> {
    // Clicks from inside the page: the chat scrolls by itself, and the steps of a long answer lie out of sight.
    await this.answer.locator('summary.completed-response-summary').first().dispatchEvent('click');
    // A question that was answered is such a part too, an empty one that is not seen.
    const titles = this.answer.locator(`${TOOL_STEP} .chat-confirmation-widget-title`);
    for (;;) {
      await this.answer
        .locator(`${STEP_GROUP} .chat-used-context-label .monaco-button:not([data-unfolded])`)
        .evaluateAll((labels) => {
          for (const label of labels as unknown as { dataset: Record<string, string>; click(): void }[]) {
            label.dataset['unfolded'] = '';
            label.click();
          }
        });
      const shown = await titles.allTextContents();
      if (isWhole(shown)) return shown;
      await this.page.waitForTimeout(50);
    }
  }

  /** Waits until the visible terminal shows this. It draws text only with `terminal.integrated.gpuAcceleration` off. */
  async waitForTerminal(text: RegExp): Promise<void> {
    await this.page.locator('.terminal-wrapper.active .xterm-rows').filter({ hasText: text }).waitFor();
  }

  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** The panel's own document, its view opened when it is not. */
  async panel(): Promise<FrameLocator> {
    const frame = this.page.frameLocator('iframe.webview').frameLocator('#active-frame');
    const icon = this.page
      .locator('.activitybar .action-item', { has: this.page.locator('[aria-label^="ML Engineer"]') })
      .first();
    if ((await icon.getAttribute('class'))?.includes('checked') !== true) {
      // A badge may lie over it, and hands the click on.
      await icon.locator('.action-label').click({ position: { x: 4, y: 4 }, force: true });
    }
    return frame;
  }

  async setTheme(theme: Theme): Promise<void> {
    await this.runCommand('Preferences: Color Theme');
    await this.page.locator('.quick-input-widget input').first().fill(theme.replace('Default ', ''));
    await this.page.keyboard.press('Enter');
  }

  /**
   * Pictures to look at, in each kind of theme and narrow, where `ML_ENGINEER_SCREENSHOTS` names a folder for them.
   * The theme is the last of them from then on.
   */
  async pictures(name: string): Promise<void> {
    const to = process.env['ML_ENGINEER_SCREENSHOTS'];
    if (!to) return;
    const panel = await this.panel();
    for (const theme of THEMES) {
      await this.setTheme(theme);
      // The page hears of it by itself, and then fades into it.
      await panel.locator(PAGE_IN[theme]).waitFor();
      await this.page.waitForTimeout(500);
      await this.screenshot(join(to, `${name}-${theme.toLowerCase().replaceAll(' ', '-')}.png`));
    }
    const bar = await this.page.locator('.part.sidebar').boundingBox();
    if (!bar) return;
    await this.page.mouse.move(bar.x + bar.width, 400);
    await this.page.mouse.down();
    await this.page.mouse.move(bar.x + 200, 400, { steps: 5 });
    await this.page.mouse.up();
    await this.screenshot(join(to, `${name}-narrow.png`));
  }

  async screenshot(path: string): Promise<void> {
    await this.page.screenshot({ path });
  }

  get serverLog(): string {
    return this.editor.log();
  }

  /** The folder that holds the editor's data: logs, storage, sessions. */
  get dataFolder(): string {
    return this.editor.root;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.editor.stop();
  }
}

const SOON_MS = 6_000;

function seen(one: Locator): Promise<boolean> {
  return one.waitFor({ timeout: SOON_MS }).then(
    () => true,
    () => false,
  );
}
