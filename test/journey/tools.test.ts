import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';

const calls = (name: string, input: object): ScriptedTurn => ({
  content: [{ type: 'tool_use', name, input: { ...input } }],
});
const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });

const NOTEBOOK = {
  cells: [
    { cell_type: 'markdown', id: 'title', metadata: {}, source: ['# Training'] },
    {
      ...{ cell_type: 'code', id: 'fit', metadata: {}, execution_count: 2, source: ['fit(rows)'] },
      outputs: [{ output_type: 'stream', name: 'stdout', text: ['AUC 0.81'] }],
    },
  ],
  ...{ metadata: { language_info: { name: 'python' } }, nbformat: 4, nbformat_minor: 5 },
};
/** A cloud's metadata service: what is asked for there may be the machine's own keys. */
const METADATA = 'http://169.254.169.254/latest/meta-data/';

describe('what the tools do in front of the person', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('an edit beside unsaved typing is undone by one Ctrl+Z, an open notebook shows its edited cell, a private address is not fetched', async () => {
    const turns = [
      calls('Read', { file_path: 'README.md' }),
      calls('Edit', { file_path: 'README.md', old_str: '# Churn', new_str: '# Churn, by the month' }),
      says('Renamed it.'),
      calls('Read', { file_path: 'train.ipynb' }),
      calls('NotebookEdit', {
        file_path: 'train.ipynb',
        mode: 'replace',
        cell_id: 'fit',
        new_source: 'fit(rows, seed=7)',
      }),
      says('Seeded it.'),
      calls('FetchUrl', { url: METADATA }),
      says('I may not fetch that.'),
    ];
    const settings = { 'files.autoSave': 'off', 'mlEngineer.permissionMode': 'acceptEdits' };
    journey = await Journey.open(turns, settings, (folder) =>
      writeFile(join(folder, 'train.ipynb'), JSON.stringify(NOTEBOOK, null, 1)),
    );
    const { workbench, server } = journey;
    const { page } = workbench;

    await workbench.openFile('README.md');
    const text = page.locator('.editor-instance .view-lines').first();
    await text.filter({ hasText: /A\ssmall\smodel/u }).click();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText('typed by hand');
    await text.filter({ hasText: /typed\sby\shand/u }).waitFor();
    await workbench.sendChat('@ml-engineer rename it');
    await workbench.waitForChatText(/Renamed it\./u);
    assert.match(await journey.read('README.md'), /^# Churn, by the month\n[^]*typed by hand$/u);
    await text.filter({ hasText: /by\sthe\smonth/u }).click();
    await page.keyboard.press('Control+z');
    await text.filter({ hasNotText: /by\sthe\smonth/u }).waitFor();
    assert.match(await text.innerText(), /^#\sChurn\n[^]*typed\sby\shand/u);
    await page.keyboard.press('Control+Shift+z');
    await text.filter({ hasText: /by\sthe\smonth/u }).waitFor();

    await workbench.openFile('train.ipynb');
    const cell = page.locator('.notebookOverlay .view-lines');
    await cell
      .filter({ hasText: /fit\(rows\)/u })
      .first()
      .waitFor();
    await workbench.sendChat('seed the training');
    await workbench.waitForChatText(/Seeded it\./u);
    await cell
      .filter({ hasText: /seed=7/u })
      .first()
      .waitFor();
    const saved = JSON.parse(await journey.read('train.ipynb')) as typeof NOTEBOOK;
    assert.deepEqual(
      saved.cells.map(({ id, source }) => [id, [source].flat().join('')]),
      [
        ['title', '# Training'],
        ['fit', 'fit(rows, seed=7)'],
      ],
    );
    assert.match(JSON.stringify(saved.cells[1]), /AUC 0\.81/u);

    // The person names the address, so no question is in the way: it is refused for what it is.
    await workbench.sendChat(`fetch ${METADATA}`);
    await workbench.waitForChatText(/I may not fetch that\./u);
    const refusal = (
      server.requests.at(-1)?.body.messages.at(-1)?.content as { content: string; is_error: boolean }[]
    )[0];
    assert.equal(refusal?.is_error, true);
    assert.match(refusal.content, /169\.254\.169\.254/u);
  });
});
