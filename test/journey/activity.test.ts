import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { says } from '../support/conversations';
import { Journey } from '../support/journey';

/** Prints, and goes on when this test has seen that. */
const COMMAND = 'echo first-line; until [ -e go.txt ]; do sleep 0.1; done; echo last-line';

describe('activity and meter in a real VS Code', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('follow a call while it prints, unfold, search, come back as they were, and count', async () => {
    journey = await Journey.open([
      {
        content: [
          { type: 'thinking', thinking: 'Where could it leak?\nIn the split.' },
          { type: 'text', text: 'I run it first.' },
          { type: 'tool_use', name: 'Execute', input: { command: COMMAND, summary: 'Run the training' } },
        ],
      },
      { content: [{ type: 'tool_use', name: 'Grep', input: { pattern: 'customers' } }] },
      says('It leaks in the split:\n```python\nsplit(rows) # <b>here</b>\n```\nNothing else does.'),
      says('Gladly.'),
    ]);
    const { workbench } = journey;
    await workbench.sendChat('@ml-engineer find the leak');
    const panel = await workbench.panel();
    const activity = panel.getByRole('region', { name: 'Activity' });
    const call = activity.getByRole('article').filter({ hasText: 'Run the training' });
    await call.filter({ hasText: 'waits for your answer' }).waitFor();
    await workbench.decide('echo first-line');
    await call.locator('.step-output.live').filter({ hasText: 'first-line' }).waitFor();
    await writeFile(join(journey.folder, 'go.txt'), '');
    await call.filter({ hasText: 'allowed by you' }).filter({ hasText: / s$/u }).waitFor();
    await workbench.waitForChatText(/Nothing else does\./u);

    // What is behind a row is asked for when it is unfolded, and the page may go away and come back.
    await call.getByRole('button', { name: 'Show All of It' }).click();
    await call.getByRole('region', { name: 'Output' }).filter({ hasText: 'last-line' }).waitFor();
    await activity.locator('.fenced').filter({ hasText: 'split(rows) # <b>here</b>' }).waitFor();
    await workbench.runCommand('View: Show Explorer');
    await workbench.panel();
    await call.getByRole('region', { name: 'Output' }).filter({ hasText: 'last-line' }).waitFor();

    await activity.getByRole('textbox', { name: 'Search the activity' }).fill('LEAK');
    await activity.getByText('– of 3').waitFor();
    await workbench.page.keyboard.press('Enter');
    await activity.getByText('1 of 3').waitFor();
    await activity.locator('.step.prompt.current').filter({ hasText: 'find the leak' }).waitFor();
    await workbench.page.keyboard.press('Shift+Enter');
    await activity.locator('.step.text.current').filter({ hasText: 'It leaks in the split' }).waitFor();
    await workbench.page.keyboard.press('Escape');
    await activity.locator('.step.current').waitFor({ state: 'hidden' });

    // By keys alone: from the last row to the first, and down to one that opens.
    const rows = activity.getByRole('article');
    await rows.last().focus();
    await workbench.page.keyboard.press('Home');
    await activity.locator('[aria-posinset="1"]:focus').waitFor();
    const thought = activity.locator('.step.thinking');
    while (
      !(await thought.evaluate((node) => (node as unknown as { matches(selector: string): boolean }).matches(':focus')))
    )
      await workbench.page.keyboard.press('ArrowDown');
    await workbench.page.keyboard.press('Enter');
    await thought.filter({ hasText: 'In the split.' }).waitFor();

    const meter = panel.getByRole('region', { name: 'Meter' });
    const context = meter.getByRole('meter', { name: 'Context' });
    assert.match((await context.getAttribute('aria-valuetext')) ?? '', /^[\d.,]+K? of 1M tokens$/u);
    assert.match(
      (await meter.getByRole('meter', { name: 'Turns of this message' }).getAttribute('aria-valuetext')) ?? '',
      /^3 of 50$/u,
    );
    await meter.getByRole('button', { name: 'Costs in detail' }).click();
    await meter.getByRole('row', { name: /claude-opus-5-5 \$0\.\d+/u }).waitFor();
    await meter.getByRole('row', { name: /ml-engineer \$0\.\d+/u }).waitFor();

    await activity.getByRole('button', { name: 'Open Transcript' }).click();
    const editor = workbench.page.locator('.editor-instance .view-lines');
    await editor.filter({ hasText: /Session\swith/u }).waitFor();
  });
});
