import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { calls, says } from '../support/conversations';
import { Journey } from '../support/journey';
import type { Theme } from '../support/workbench';

const LINES = Array.from({ length: 40 }, (_, n) => `line_${n} = ${n}`);
LINES[1] = '# as it was measured';
LINES[2] = 'def scaled(name): return "s"';

const THEMES = {
  'Default Light Modern': 'vscode-light',
  'Light High Contrast': 'vscode-high-contrast-light',
  'Dark High Contrast': 'vscode-high-contrast',
  'Default Dark Modern': 'vscode-dark',
} as const;

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
    const icon = page.locator('.activitybar .action-item', { has: page.locator('[aria-label^="ML Engineer"]') });
    await icon.locator('.badge-content').filter({ hasText: '1' }).waitFor();
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
    // The script of the colours came with the first diff, past the page's policy.
    const inks = hunks.nth(0).locator('[class^=ink-]');
    await inks.first().waitFor();
    assert.deepEqual(
      await inks.evaluateAll((all: { className: string; textContent: string }[]) =>
        all.map(({ className, textContent }) => `${className} ${textContent}`).slice(0, 3),
      ),
      ['ink-number 0', 'ink-comment # as it was measured', 'ink-keyword def'],
    );
    for (const [theme, kind] of Object.entries(THEMES)) {
      await workbench.setTheme(theme as Theme);
      await panel.locator(`body.${kind}`).waitFor();
      assert.deepEqual(await panel.locator('body').evaluate(HARD_TO_READ), [], theme);
      await screenshot(`panel-review-${kind}`);
    }
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
    async function screenshot(name: string): Promise<void> {
      const to = process.env['ML_ENGINEER_SCREENSHOTS'];
      if (to) await workbench.screenshot(join(to, `${name}.png`));
    }
  });
});

/** The colours of code that stand too little out from what is behind them, on lines and marked words of each kind. */
const HARD_TO_READ = `(() => {
  const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d');
  const light = (colours) => {
    for (const colour of colours) {
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
    }
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const row of ['row', 'row added', 'row removed'])
    for (const inside of ['plain', 'word'])
      for (const ink of 'keyword string number comment type function name meta'.split(' ')) {
        const layers = [row, 'code', inside, 'ink-' + ink].map((name) => Object.assign(document.createElement('span'), { className: name }));
        layers.reduce((outer, inner) => (outer.append(inner), inner), document.querySelector('.lines'));
        const behind = light([...['.diff'].map((name) => document.querySelector(name)), ...layers].map((node) => getComputedStyle(node).backgroundColor));
        const before = light([getComputedStyle(layers[3]).color]);
        const contrast = (Math.max(behind, before) + 0.05) / (Math.min(behind, before) + 0.05);
        // On a marked word the theme's own text has little more than 4.5.
        if (!(contrast >= (inside === 'word' ? 3 : 4.5))) found.push(ink + ' on ' + row + ' ' + inside + ': ' + contrast.toFixed(2));
        layers[0].remove();
      }
  return found;
})()`;

/** What axe finds in the panel's page; colours are the theme's. */
async function faults(panel: FrameLocator): Promise<unknown> {
  const axe = await readFile(require.resolve('axe-core'), 'utf8');
  const body = panel.locator('body');
  // The page's policy takes no script from strings; a test may evaluate.
  await body.evaluate(axe);
  // A tree item is named by its line, and holds the diff below that too.
  await body.evaluate(
    `axe.configure({ rules: [{ id: 'label-content-name-mismatch', selector: ':not([role=treeitem])' }] })`,
  );
  return body.evaluate(
    `axe.run(document, { rules: { 'color-contrast': { enabled: false } } }).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))`,
  );
}
