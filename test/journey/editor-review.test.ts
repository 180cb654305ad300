import assert from 'node:assert/strict';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { calls, says } from '../support/conversations';
import { Journey } from '../support/journey';

const lines = (name: string): string[] => Array.from({ length: 40 }, (_, n) => `${name}_${n} = ${n}`);
const textOf = (name: string, ...scaled: number[]): string =>
  lines(name)
    .map((line, n) => (scaled.includes(n) ? `${line} * scale\n` : `${line}\n`))
    .join('');
const cell = (id: string): object => ({
  ...{ cell_type: 'code', execution_count: null, id, metadata: {}, outputs: [], source: [`${id} = 1`] },
});
const NOTEBOOK = `${JSON.stringify({ cells: [cell('c1'), cell('c2')], metadata: {}, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`;
const cellsIn = (text: string): unknown => (JSON.parse(text) as { cells: unknown }).cells;
const edit = (name: string, n: number): [string, Record<string, unknown>] => [
  'Edit',
  { file_path: `${name}.py`, old_str: `${name}_${n} = ${n}`, new_str: `${name}_${n} = ${n} * scale` },
];

describe('deciding in the editor', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('takes changes in and out by lens, margin, gutter, source control view and keys while the agent goes on', async () => {
    journey = await Journey.open(
      [
        calls(
          ['Read', { file_path: 'alpha.py' }],
          ['Read', { file_path: 'beta.py' }],
          ['Read', { file_path: 'cells.ipynb' }],
        ),
        calls(edit('alpha', 3), edit('alpha', 15), edit('alpha', 30), edit('beta', 5), edit('beta', 25)),
        calls(
          ['Create', { file_path: 'made.py', content: 'made = 1\n' }],
          ['NotebookEdit', { file_path: 'cells.ipynb', mode: 'replace', cell_id: 'c1', new_source: 'x = 11' }],
        ),
        calls(['Execute', { command: 'echo on > on.txt', summary: 'Go on' }]),
        says('Scaled.'),
      ],
      { 'mlEngineer.permissionMode': 'acceptEdits', 'editor.minimap.enabled': false },
      async (folder) => {
        await writeFile(join(folder, 'cells.ipynb'), NOTEBOOK);
        for (const name of ['alpha', 'beta']) await writeFile(join(folder, `${name}.py`), textOf(name));
      },
    );
    const { workbench } = journey;
    const { page } = workbench;
    const panel = await workbench.panel();
    await panel.getByRole('textbox', { name: 'What is to be done' }).click();
    await page.keyboard.type('scale them');
    await page.keyboard.press('Enter');
    const card = panel.getByRole('group', { name: /Run/u });
    await card.getByText('echo on > on.txt').waitFor();

    // The agent waits for its answer. A lens takes the first change out; Undo of the editor brings it back, open again.
    await workbench.openFile('alpha.py');
    const lens = (title: string): Locator => page.locator(`.codelens-decoration a[title="${title}"]`);
    await lens('Accept change 3 of 3').waitFor();
    await screenshots('editor-review');
    await lens('Reject change 1 of 3').click();
    await holds('alpha', 15, 30);
    await lens('Accept change 2 of 2').waitFor();
    await page.locator('.editor-instance .view-lines').first().click();
    await page.keyboard.press('Control+Z');
    await lens('Accept change 3 of 3').waitFor();
    await lens('Reject change 1 of 3').click();
    await holds('alpha', 15, 30);

    // The menu of the line's number takes the next in.
    await page.locator('.margin-view-overlays .line-numbers', { hasText: /^16$/u }).click({ button: 'right' });
    await pick('Accept Change Here');
    await lens('Accept change 1 of 1').waitFor();
    await holds('alpha', 15, 30);

    // By keys alone: on to the next, and out with it; the next after that is in the other file.
    await chord('j');
    await page.locator('.statusbar-item').filter({ hasText: 'Ln 31, Col 1' }).waitFor();
    await chord('n');
    await holds('alpha', 15);
    // The file is written a moment before the editor has looked anew at what is open.
    await lens('Reject change 1 of 1').waitFor({ state: 'detached' });
    await chord('j');
    await page.locator('.tab.active').filter({ hasText: 'beta.py' }).waitFor();

    // The bar in the gutter opens the change, with its buttons.
    const bar = await page.locator('.dirty-diff-glyph.dirty-diff-modified').first().boundingBox();
    const peek = page.locator('.peekview-widget');
    // Only the very edge of what the bar takes is the bar.
    await page.mouse.click((bar?.x ?? 0) + 2, (bar?.y ?? 0) + 8);
    await peek.waitFor();
    await screenshots('editor-review-peek');
    await peek.locator('[aria-label^="Accept Change Here"]').click();
    await lens('Accept change 1 of 1').waitFor();

    // The source control view: all in one diff editor, then a file that was made goes again.
    await page.keyboard.press('Control+Shift+G');
    const row = (name: string): Locator => page.locator('.scm-view .monaco-list-row').filter({ hasText: name }).first();
    await row('made.py').waitFor();
    await row('Open Changes of ML Engineer').hover();
    await row('Open Changes of ML Engineer').locator('[aria-label^="Compare All Files"]').click();
    await page.locator('.multiDiffEntry').nth(1).waitFor();
    await screenshots('editor-review-all');
    await row('made.py').hover();
    await row('made.py').locator('[aria-label^="Reject"]').click();
    while (
      await access(join(journey.folder, 'made.py')).then(
        () => true,
        () => false,
      )
    )
      await page.waitForTimeout(50);
    await workbench.openFile('cells.ipynb');
    await page.locator('.cell-status-item').filter({ hasText: 'Reject' }).click();
    await row('cells.ipynb').waitFor({ state: 'detached' });
    // The editor writes the notebook's language into it.
    assert.deepEqual(cellsIn(await journey.read('cells.ipynb')), cellsIn(NOTEBOOK));
    await row('beta.py').hover();
    await row('beta.py').locator('[aria-label^="Accept"]').click();
    await row('beta.py').waitFor({ state: 'detached' });
    await holds('beta', 5, 25);

    // The agent goes on, and hears at its next step what was taken out.
    // A notebook has a page of its own beside the panel's.
    await workbench.runCommand('View: Close All Editors');
    await workbench.panel();
    await page.locator('iframe.webview').nth(1).waitFor({ state: 'detached' });
    await card.getByRole('button', { name: 'Allow Once' }).click();
    await panel.locator('p.status').getByText('Finished.').waitFor();
    assert.match(journey.lastMessages, /alpha_3 = 3 \* scale[^]*alpha_30 = 30 \* scale[^]*made = 1/u);
    assert.doesNotMatch(journey.lastMessages.split('reject').slice(1).join(), /alpha_15 = 15 \* scale/u);

    async function chord(key: string): Promise<void> {
      await page.keyboard.press('Control+K');
      await page.keyboard.press(key);
    }
    async function holds(name: string, ...scaled: number[]): Promise<void> {
      while ((await journey.read(`${name}.py`)) !== textOf(name, ...scaled)) await page.waitForTimeout(50);
    }
    async function pick(label: string): Promise<void> {
      const entries = page.locator('.context-view').getByRole('menuitem');
      await entries.filter({ hasText: label }).waitFor();
      const labels = (await entries.allInnerTexts()).map((text) => text.trim());
      // A menu takes no click in the first moment after it opened, but it takes keys.
      const named = labels.filter((text) => text !== '');
      for (let index = named.findIndex((text) => text.startsWith(label)); index >= 0; index--)
        await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
    }
    async function screenshots(name: string): Promise<void> {
      const to = process.env['ML_ENGINEER_SCREENSHOTS'];
      if (!to) return;
      for (const theme of ['Default Light Modern', 'Default Dark Modern'] as const) {
        await workbench.setTheme(theme);
        await workbench.screenshot(join(to, `${name}-${theme.includes('Light') ? 'light' : 'dark'}.png`));
      }
    }
  });
});
