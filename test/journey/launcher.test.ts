import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Journey } from '../support/journey';
import type { Workbench } from '../support/workbench';

/** A language service of VS Code itself reports the second comma. */
const BROKEN = '{\n  "seed": 7,\n  "rate": 0.1,,\n  "rows": 10\n}\n';

describe('the ways to a question that are not typed into the chat', () => {
  let journey: Journey;
  let workbench: Workbench;
  let answers = 0;

  before(async () => {
    const answer = { type: 'text', text: '' } as const;
    journey = await Journey.open(
      () => ({ content: [{ ...answer, text: `Answer number ${++answers}.` }] }),
      {},
      (folder) => writeFile(join(folder, 'params.json'), BROKEN),
    );
    ({ workbench } = journey);
  });
  let failed: { state?: string | undefined; title: string } | undefined;
  afterEach(function () {
    if (this.currentTest?.state === 'failed') failed ??= this.currentTest;
  });
  after(() => journey.close(failed));

  const input = '.interactive-session .interactive-input-part .monaco-editor';
  const typeInChat = async (text: string): Promise<void> => {
    await workbench.page.locator(input).first().click();
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type(text);
  };
  const answered = (): Promise<void> => workbench.waitForChatText(new RegExp(`Answer number ${answers + 1}\\.`, 'u'));

  it('opens the walkthrough, whose first step is what answers', async () => {
    await workbench.runCommand('ML Engineer: Getting Started');
    const page = workbench.page.locator('.gettingStartedContainer');
    await page.getByText('Get Started with ML Engineer').first().waitFor();
    await page.getByRole('button', { name: 'Set API Key' }).waitFor();
  });

  it("runs a skill picked from the palette with its argument, and one picked in VS Code's own / menu", async () => {
    await workbench.openChat();
    await workbench.runCommand('ML Engineer: Run Skill...');
    const list = workbench.page.locator('.quick-input-widget');
    await list.getByText('systematic-debugging').first().waitFor();
    await workbench.enter('systematic');
    await list.getByText(/What the skill is to work on/u).waitFor();
    const first = answered();
    await workbench.enter('the split test fails');
    await first;
    assert.match(journey.lastMessages, /\/systematic-debugging the split test fails/u);

    // The participant stays in the input, so these are its own commands.
    await workbench.suggested('/verif', 'verification-before-completion');
    await workbench.page.keyboard.press('Enter');
    const second = answered();
    await workbench.page.keyboard.type(' is it done?');
    await workbench.page.keyboard.press('Enter');
    await second;
    assert.match(journey.lastMessages, /\/verification-before-completion is it done\?/u);
  });

  it("has its skills in VS Code's own / menu, and its agent in the picker", async () => {
    await workbench.runCommand('ML Engineer: New Session');
    await workbench.openChat();
    await workbench.suggested('/syst', 'systematic-debugging', true);
    await workbench.page.keyboard.press('Escape');
    await workbench.page.locator('.interactive-input-part').getByText('Agent', { exact: true }).first().click();
    await workbench.page
      .locator('.action-widget .monaco-list-row')
      .filter({ hasText: 'ML Engineer' })
      .first()
      .waitFor();
    await workbench.page.keyboard.press('Escape');
  });

  it('attaches a problem and its place, never its words, to a fix; and a selection to a question', async () => {
    const selectAll = async (): Promise<void> => {
      await workbench.page.locator('.editor-instance .view-line').filter({ hasText: 'rows' }).first().click();
      await workbench.page.keyboard.press('Control+A');
    };
    await workbench.openFile('params.json');
    await workbench.page.locator('.monaco-editor .squiggly-error').first().waitFor();
    const third = answered();
    await (await workbench.fixes(/Ask ML engineer to fix: /u, selectAll)).click();
    await third;
    assert.match(journey.lastMessages, /Fix the attached problem\./u);
    assert.match(journey.lastMessages, /path=\\*"params\.json\\*" lines=\\*"3-3/u);
    assert.match(journey.lastMessages, /Problem in params\.json[^]*params\.json:3:\d+: Error/u);

    await (await workbench.fixes(/^Ask ML engineer$/u, selectAll)).click();
    await workbench.page
      .locator('.chat-attached-context-attachment')
      .filter({ hasText: /params\.json/u })
      .first()
      .waitFor();
    const fourth = answered();
    await typeInChat('what is wrong here?');
    await workbench.page.keyboard.press('Enter');
    await fourth;
    assert.match(journey.lastMessages, /what is wrong here\?/u);
    assert.match(journey.lastMessages, /lines=\\*"1-5/u);
  });

  it('has ticked in the walkthrough what was done since it was opened', async () => {
    await workbench.runCommand('ML Engineer: Getting Started');
    const page = workbench.page.locator('.gettingStartedContainer');
    for (const step of ['Ask a first question', 'Run a first skill'])
      await page.getByRole('checkbox', { name: new RegExp(`^${step}`, 'u'), checked: true }).waitFor();
  });
});
