import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { calls, says } from '../support/conversations';
import { Journey } from '../support/journey';

const LINES = Array.from({ length: 40 }, (_, n) => `line_${n} = ${n}`);

describe('deciding in the panel', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('takes hunks in and out one by one, a command written anew, a refusal with its reason and a changed todo list', async () => {
    const edit = (n: number): [string, Record<string, unknown>] => [
      'Edit',
      { file_path: 'notes.py', old_str: `line_${n} = ${n}`, new_str: `line_${n} = ${n} * scale` },
    ];
    journey = await Journey.open(
      [
        calls(['Read', { file_path: 'notes.py' }]),
        calls(['TodoWrite', { todos: [{ content: 'scale the lines', status: 'in_progress' }] }]),
        calls(edit(3)),
        calls(edit(30)),
        calls(['Execute', { command: 'echo theirs > said.txt', summary: 'Say it' }]),
        calls(['Execute', { command: 'echo again > again.txt', summary: 'Say it again' }]),
        says('Scaled.'),
        says('One is left, as it is being worked on.'),
        says('Understood.'),
      ],
      { 'mlEngineer.permissionMode': 'acceptEdits' },
      (folder) => writeFile(join(folder, 'notes.py'), `${LINES.join('\n')}\n`),
    );
    const { workbench } = journey;
    const { page } = workbench;
    const panel = await workbench.panel();
    await send(panel, 'scale lines 3 and 30');

    // A command is written anew; the next is refused, with words for the agent.
    const card = panel.getByRole('group', { name: /Run/u });
    await card.getByText('echo theirs > said.txt').waitFor();
    await card.getByRole('button', { name: 'Edit First…' }).click();
    await card.getByRole('textbox').fill('echo mine > said.txt');
    await card.getByRole('button', { name: 'Run This Instead' }).click();
    await card.getByText('echo again > again.txt').waitFor();
    assert.match(await journey.read('said.txt'), /^mine/u);
    assert.match(journey.lastMessages, /The user changed this before it ran, to:\\necho mine/u);
    await card.getByRole('button', { name: 'Deny With a Reason…' }).click();
    await card.getByRole('textbox').fill('once is enough');
    await card.getByRole('button', { name: 'Deny', exact: true }).click();
    await panel.locator('p.status').getByText('Finished.').waitFor();
    assert.match(journey.lastMessages, /the user declined this call and says: once is enough/u);

    // Two hunks, each with the call and the todo that made it: one taken by a key, one taken out by its button.
    const changes = panel.getByRole('region', { name: 'Changed Files' });
    await changes.getByRole('treeitem', { name: /notes\.py/u }).click();
    const hunks = changes.getByRole('group', { name: /^Change \d of \d/u });
    await hunks.nth(1).waitFor();
    assert.match((await hunks.nth(0).textContent()) ?? '', /For: scale the lines[^]*line_3 = 3 \* scale/u);
    assert.equal(await hunks.nth(0).locator('.added .word').textContent(), ' * scale');
    await screenshots('panel-review');
    await hunks.nth(0).focus();
    await page.keyboard.press('a');
    while ((await hunks.count()) !== 1) await page.waitForTimeout(50);
    await hunks.nth(0).getByRole('button', { name: 'Reject' }).click();
    await changes.getByText('accepted').waitFor({ state: 'attached' });
    const wanted = LINES.map((line, n) => (n === 3 ? `${line} * scale` : line)).join('\n');
    while ((await journey.read('notes.py')) !== `${wanted}\n`) await page.waitForTimeout(50);

    // The list is changed by hand, and the agent hears of that and of the rejected hunk.
    const todos = panel.getByRole('region', { name: 'To-dos' });
    await todos.getByRole('checkbox', { name: 'Done: scale the lines' }).check();
    await todos.getByRole('textbox', { name: 'Add a to-do' }).fill('look at line 30');
    await page.keyboard.press('Enter');
    await todos.getByText('look at line 30').waitFor();
    await todos.getByText('1 of 2 done').waitFor();
    assert.deepEqual(await faults(panel), []);
    await send(panel, 'go on');
    await panel.locator('p.status').getByText('Finished.').waitFor();
    while (journey.server.requests.length < 9) await page.waitForTimeout(50);
    assert.match(journey.lastMessages, /The user changed the todo list[^]*look at line 30/u);
    assert.match(JSON.stringify(journey.server.requests.at(-1)?.body.messages), /line_30 = 30 \* scale[^]*reject/u);

    async function send(to: FrameLocator, text: string): Promise<void> {
      await to.getByRole('textbox', { name: 'What is to be done' }).click();
      await page.keyboard.type(text);
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

/** What axe finds in the panel's page; colours are the theme's. */
async function faults(panel: FrameLocator): Promise<unknown> {
  const axe = await readFile(require.resolve('axe-core'), 'utf8');
  const body = panel.locator('body');
  // The page's policy takes no script from strings; a test may evaluate.
  await body.evaluate(axe);
  return body.evaluate(
    `axe.run(document, { rules: { 'color-contrast': { enabled: false } } }).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))`,
  );
}
