import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { calls, says } from '../support/conversations';
import { Journey } from '../support/journey';

describe('checkpoints', () => {
  let journey: Journey;
  const exists = (path: string): Promise<boolean> =>
    journey.read(path).then(
      () => true,
      () => false,
    );
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('are listed, compared and gone back to in the panel and by the command, and each is undone', async () => {
    journey = await Journey.open(
      [
        calls(['Read', { file_path: 'notes.py' }]),
        calls(['Create', { file_path: 'one.md', content: '# <img src=x> one\n' }]),
        calls(['Edit', { file_path: 'notes.py', old_str: 'line = 1', new_str: 'line = 2' }]),
        calls(['Execute', { command: 'echo two > two.txt', summary: 'Say two' }]),
        says('Made both.'),
        says('Nothing of that is known.'),
      ],
      { 'mlEngineer.permissionMode': 'acceptEdits', 'files.autoSave': 'off' },
      (folder) => writeFile(join(folder, 'notes.py'), 'line = 1\n'),
    );
    const { workbench, folder } = journey;
    const { page } = workbench;
    const until = async (holds: () => Promise<boolean>): Promise<void> => {
      while (!(await holds())) await page.waitForTimeout(50);
    };
    const panel = await workbench.panel();
    const box = panel.getByRole('textbox', { name: 'What is to be done' });
    await box.click();
    await page.keyboard.type('make <b>two</b> files');
    await page.keyboard.press('Enter');
    await panel.getByRole('group', { name: /Run/u }).getByRole('button', { name: 'Allow Once' }).click();
    await panel.locator('p.status').getByText('Finished.').waitFor();

    // A rejected hunk comes back by the Undo of the editor.
    await workbench.openFile('notes.py');
    const changes = panel.getByRole('region', { name: 'Changed Files' });
    await changes.getByRole('treeitem', { name: /notes\.py/u }).click();
    await changes
      .getByRole('group', { name: /^Change 1/u })
      .getByRole('button', { name: 'Reject' })
      .click();
    await until(async () => (await journey.read('notes.py')) === 'line = 1\n');
    await page.locator('.editor-instance .view-lines').first().click();
    await page.keyboard.press('Control+Z');
    await page.keyboard.press('Control+S');
    await until(async () => (await journey.read('notes.py')) === 'line = 2\n');
    await changes.getByRole('treeitem', { name: /notes\.py/u }).waitFor();

    // One for the message and one for each step, newest first; the step of the command names what it changed.
    const section = panel.getByRole('region', { name: 'Checkpoints' });
    await section.getByRole('button', { name: 'Checkpoints' }).click();
    const rows = section.getByRole('listitem');
    await until(async () => (await rows.count()) === 4);
    assert.match((await rows.nth(3).textContent()) ?? '', /Before: make <b>two<\/b> files/u);
    await rows.nth(0).getByText('files changed: 1').waitFor();
    assert.deepEqual(await faults(panel), []);
    await workbench.pictures('panel-checkpoints');

    // Two are compared by keyboard alone.
    await rows.nth(0).getByRole('checkbox').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await section.getByRole('button', { name: 'Compare the Two' }).click();
    const tab = page.locator('.tab').filter({ hasText: 'Between Two Checkpoints' });
    await tab.waitFor();
    await page.locator('.multiDiffEntry').filter({ hasText: 'two.txt' }).waitFor();

    // A file with unsaved text is in the way; saved, it goes back with the rest. The way back is offered at once.
    await workbench.openFile('one.md');
    await page.keyboard.type('typed ');
    const goBack = rows.nth(3).getByRole('button', { name: /^Go Back/u });
    await goBack.click();
    await workbench.dialog.getByText(/3 differ and are put back/u).waitFor();
    await workbench.dialog.getByRole('button', { name: 'Files and Conversation' }).click();
    await workbench.notification(/Save or close these files first: one\.md/u);
    await page.locator('.editor-instance .view-lines').first().click();
    await page.keyboard.press('Control+S');
    await until(async () => (await journey.read('one.md')).includes('typed'));
    await goBack.click();
    await workbench.dialog.getByRole('button', { name: 'Files and Conversation' }).click();
    const undo = section.getByRole('button', { name: 'Undo the Restore' });
    await undo.waitFor();
    assert.deepEqual([await exists('one.md'), await exists('two.txt')], [false, false]);
    await until(async () => (await box.inputValue()) === 'make <b>two</b> files');
    await workbench.pictures('panel-checkpoints-undo');
    assert.deepEqual(await faults(panel), []);
    await undo.click();
    await until(async () => (await exists('one.md')) && (await exists('two.txt')));
    assert.match(await journey.read('one.md'), /typed/u);
    await undo.waitFor({ state: 'hidden' });

    // The command does the same by a list; what a person wrote since is among what goes back.
    await writeFile(join(folder, 'mine.txt'), 'mine');
    await workbench.runCommand('ML Engineer: Restore Checkpoint...');
    await workbench.pick(/After: Say two/u);
    await workbench.dialog.getByRole('button', { name: 'Files', exact: true }).click();
    await until(async () => !(await exists('mine.txt')));
    await undo.click();
    await until(() => exists('mine.txt'));

    // A fork goes on without what came after, and leaves the files.
    await rows
      .filter({ hasText: 'Before: make' })
      .getByRole('button', { name: /^New Session From Here/u })
      .click();
    await until(async () => (await journey.journals()).length === 2);
    await box.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('what do you know?');
    await page.keyboard.press('Enter');
    await until(async () => journey.server.requests.length === 6);
    await panel.locator('p.status').getByText('Finished.').waitFor();
    assert.doesNotMatch(journey.lastMessages, /make <b>two/u);
    assert.ok(await exists('two.txt'));
  });
});

/** What axe finds in the section; colours are the theme's. */
async function faults(panel: FrameLocator): Promise<unknown> {
  const axe = await readFile(require.resolve('axe-core'), 'utf8');
  const body = panel.locator('body');
  // The page's policy takes no script from strings; a test may evaluate.
  await body.evaluate(axe);
  return body.evaluate(
    `axe.run('.checkpoints', { rules: { 'color-contrast': { enabled: false } } }).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))`,
  );
}
