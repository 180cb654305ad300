// The launcher, the / menu, the code action and the walkthrough in a real VS Code, for scripts/screenshots.ts.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workbench } from '../test/support/workbench';

/** Shown open, nothing sent. `shot` gives the path of a picture. */
export async function launcherShots(workbench: Workbench, shot: (scene: string) => string): Promise<void> {
  const { page } = workbench;
  await workbench.openChat();
  await workbench.runCommand('ML Engineer: Run Skill...');
  await page.locator('.quick-input-list').getByText('systematic-debugging').first().waitFor();
  await workbench.screenshot(shot('launcher'));
  await page.keyboard.press('Escape');

  await workbench.suggested('/', 'systematic-debugging', true);
  await workbench.screenshot(shot('slash-menu'));
  await page.keyboard.press('Escape');

  await workbench.openFile('params.json');
  await page.locator('.monaco-editor .squiggly-error').first().waitFor();
  await workbench.fixes(/Ask ML engineer to fix/u, async () => {
    await page.locator('.editor-instance .view-line').filter({ hasText: 'rate' }).first().click();
    await page.keyboard.press('Control+A');
  });
  await workbench.screenshot(shot('code-action'));
  await page.keyboard.press('Escape');

  await workbench.runCommand('ML Engineer: Getting Started');
  const steps = ['Choose what answers', 'Ask a first question', 'Run a first skill', 'Look at a change'];
  // The chat away, so that steps and pictures stand side by side.
  await page.keyboard.press('Control+Alt+B');
  for (const [index, step] of steps.entries()) {
    await page.locator('.gettingStartedContainer').getByText(step).first().click();
    await page.locator('.gettingStartedContainer .getting-started-media').first().waitFor();
    // The picture is a page of its own, drawn when it likes.
    await page
      .frameLocator('.getting-started-media iframe.webview')
      .frameLocator('#active-frame')
      .locator('svg, table')
      .first()
      .waitFor();
    await workbench.screenshot(shot(`walkthrough-${index + 1}`));
  }
}

/** A file with a fault that VS Code itself reports. */
export async function addFault(folder: string): Promise<void> {
  await writeFile(join(folder, 'params.json'), '{\n  "seed": 7,\n  "rate": 0.1,,\n  "rows": 10\n}\n');
}
