import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey, PROJECT } from '../support/journey';

const loads = (skill: string): ScriptedTurn => ({ content: [{ type: 'tool_use', name: 'Skill', input: { skill } }] });
const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
const NAME = 'systematic-debugging';

describe('the library in a real VS Code', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('shows skills with what becomes of them, uses one that shadows ours once it is accepted, and marks what is wrong', async () => {
    const prepare = async (folder: string): Promise<void> => {
      const put = async (path: string, text: string): Promise<void> => {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      };
      await put(`.factory/skills/${NAME}/SKILL.md`, `---\nname: ${NAME}\ndescription: Ours.\n---\nTHEIR BODY\n`);
      const head = 'metadata:\n  triggers-words: drift\nhooks:\n  SessionStart: []\n';
      await put(
        '.claude/skills/drift/SKILL.md',
        `---\nname: drift\ndescription: Use when data drifts.\n${head}---\nBODY\n`,
      );
    };
    const turns = [loads(NAME), says('First.'), loads(NAME), says('Second.'), loads('drift'), says('Third.')];
    journey = await Journey.open(turns, {}, prepare);
    const { workbench } = journey;
    const { page } = workbench;
    await workbench.notification(/would replace skills or droids that are not its own: systematic-debugging/u);

    await workbench.sendChat('@ml-engineer is there drift?');
    await workbench.waitForChatText(/First\./u);
    assert.ok(!journey.lastMessages.includes('THEIR BODY') && journey.lastMessages.includes('# Systematic debugging'));
    assert.match(journey.lastMessages, /The skill drift fits this: the message says \\"drift\\"/u);

    // What becomes of each, and the one that waits.
    await workbench.runCommand('ML Engineer: Skills and Droids');
    const rows = page.locator('.quick-input-widget .quick-input-list .monaco-list-row');
    const row = (text: RegExp) => rows.filter({ hasText: text }).first();
    await row(/drift.*of this repository · offered \(your message says "drift"\) · has problems/su).waitFor();
    await row(/systematic-debugging.*bundled · loaded \(the model chose it\)/su).waitFor();
    await workbench.screenshot(join(PROJECT, 'dist', 'library-pick.png'));
    const waiting = row(/systematic-debugging.*of this repository · not accepted/su);
    await waiting.hover();
    await waiting.locator('.codicon-check').click();
    await page.locator('.monaco-diff-editor').getByText('THEIR BODY').first().waitFor();
    await workbench.screenshot(join(PROJECT, 'dist', 'library-diff.png'));
    await workbench.notification(/in place of the bundled one/u);
    await workbench.clickInNotification(/in place of the bundled one/u, 'Use This One');

    // Accepted, it is the one that is loaded; muted, the other is not.
    await workbench.runCommand('ML Engineer: Skills and Droids');
    await row(/systematic-debugging.*bundled · shadowed/su).waitFor();
    const drift = row(/drift.*of this repository/su);
    await drift.hover();
    await drift.locator('.codicon-mute').click();
    await row(/drift.*muted/su).waitFor();
    await page.keyboard.press('Escape');
    await workbench.sendChat('again');
    await workbench.waitForChatText(/Second\./u);
    assert.match(journey.lastMessages, /THEIR BODY/u);
    assert.match(journey.lastMessages, /- drift was muted by the user/u);
    await workbench.sendChat('and the other');
    await workbench.waitForChatText(/Third\./u);
    assert.match(journey.lastMessages, /The skill drift is not loaded: the user muted it/u);

    const panel = await workbench.panel();
    const skills = panel.getByRole('region', { name: 'Skills' });
    await skills.getByText('loaded: the model chose it').waitFor();
    await skills.getByText('offered: your message says "drift"').waitFor();

    await workbench.runCommand('Problems: Focus on Problems View');
    const problems = page.locator('.markers-panel');
    await problems.getByText('it holds hooks, which are never run').first().waitFor();
    await problems.getByText(`Replaces the bundled "${NAME}".`).first().waitFor();
    await workbench.screenshot(join(PROJECT, 'dist', 'library-problems.png'));
  });
});
