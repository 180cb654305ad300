import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calls, says } from '../support/conversations';
import { Journey } from '../support/journey';

describe('the panel as a seat of its own, with chat turned off', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('takes a message with a skill and a file, asks, is steered and stopped; its sessions fork, go out, go and come back', async () => {
    journey = await Journey.open(
      [
        calls(['Execute', { command: 'wc -l churn/data.py > lines.txt', summary: 'Count' }]),
        { ...calls(['LS', {}]), delayMs: 3_000 },
        says('Counted, and took the hint in.'),
        says('The queued one is done.'),
        { ...says('Never said.'), delayMs: 60_000 },
      ],
      { 'chat.disableAIFeatures': true },
    );
    const { workbench, server } = journey;
    const { page } = workbench;
    const panel = await workbench.panel();
    const prompt = panel.getByRole('textbox', { name: 'What is to be done' });
    await prompt.click();

    // A skill by its slash, a file by its at sign, both picked from what is suggested.
    await page.keyboard.type('/systematic');
    await panel.getByRole('option', { name: /systematic-debugging/u }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('count lines of @data.p');
    await panel
      .getByRole('option', { name: /churn\/data\.py/u })
      .first()
      .click();
    await panel.getByRole('list', { name: 'Attached' }).getByText('churn/data.py').waitFor();
    // What the model takes is offered once the server has told it.
    await panel.getByRole('button', { name: 'Effort: Auto' }).click();
    await pickRow('xhigh');
    await panel.getByRole('button', { name: 'Effort: xhigh' }).waitFor();
    await prompt.click();
    await page.keyboard.press('Enter');

    // The panel asks; meanwhile the run is told something, and another message waits.
    const card = panel.getByRole('group', { name: /Run/u });
    await card.getByText('wc -l churn/data.py > lines.txt').waitFor();
    await prompt.click();
    await page.keyboard.type('and say how many');
    await page.keyboard.press('Control+Enter');
    await panel.getByText('taken at the next step: and say how many').waitFor();
    await page.keyboard.type('now the next thing');
    await page.keyboard.press('Enter');
    await panel.getByRole('list', { name: 'Waiting messages' }).getByText('now the next thing').waitFor();
    await card.getByRole('button', { name: 'Allow Once' }).click();
    await panel.locator('p.status').getByText('Finished.').waitFor();
    while (server.requests.length < 4) await page.waitForTimeout(50);
    const first = JSON.stringify(server.requests[0]?.body.messages);
    assert.deepEqual(server.requests[0]?.body.output_config, { effort: 'xhigh' });
    assert.match(first, /The skill systematic-debugging was called by the user/u);
    assert.match(first, /attachment kind=\\"file\\" path=\\"churn\/data\.py\\"/u);
    assert.match(JSON.stringify(server.requests[1]?.body.messages), /tool_result[^]*and say how many/u);
    assert.match(journey.lastMessages, /Counted, and took the hint in\.[^]*now the next thing/u);
    assert.match(await journey.read('lines.txt'), /churn\/data\.py/u);

    // Stopped by its button; the session stays as it is.
    await panel.locator('p.status').getByText('Finished.').waitFor();
    await prompt.click();
    await page.keyboard.type('something long');
    await page.keyboard.press('Enter');
    while (server.requests.length < 5) await page.waitForTimeout(50);
    await panel.getByRole('button', { name: 'Stop the Run' }).click();
    await panel.locator('p.status').getByText('Stopped.').waitFor();

    // Forked before a message, whose text comes back.
    const sessions = panel.getByRole('region', { name: 'Sessions' });
    await sessions.getByRole('button', { name: 'Sessions' }).click();
    const row = sessions.getByRole('listitem').filter({ hasText: 'count lines of' });
    await row.getByRole('button', { name: /Rename, Fork, Export/u }).click();
    await pickRow('Fork...');
    await pickRow('something long');
    await sessions.getByRole('listitem').filter({ hasText: 'Fork of' }).filter({ hasText: 'shown now' }).waitFor();
    while ((await prompt.inputValue()) !== 'something long') await page.waitForTimeout(50);
    await prompt.fill('');

    // Out as Markdown, by the native dialog.
    await sessions
      .getByRole('listitem')
      .filter({ hasText: 'Fork of' })
      .getByRole('button', { name: /Rename, Fork/u })
      .click();
    await pickRow('Export as Markdown...');
    await workbench.saveAs(join(journey.folder, 'out.md'));
    await untilRead('out.md', /Counted, and took the hint in\./u);
    assert.doesNotMatch(await journey.read('out.md'), /something long/u);

    // Deleted and brought back.
    await sessions.getByRole('button', { name: /^Delete: Fork of/u }).click();
    await sessions.getByRole('button', { name: 'Undo' }).waitFor();
    assert.equal((await readdir(await sessionsFolder(), {})).filter((name) => /^[\w-]+$/u.test(name)).length, 1);
    await sessions.getByRole('button', { name: 'Undo' }).click();
    await sessions.getByRole('listitem').filter({ hasText: 'Fork of' }).waitFor();
    assert.equal((await journey.journals()).length, 2);
    // What the command line needs to go on with it.
    const told = join(journey.folder, '..', 'state', 'ml-engineer', 'editors');
    assert.deepEqual(await readFile(join(told, (await readdir(told))[0] ?? ''), 'utf8'), await sessionsFolder());
    assert.deepEqual(server.refusals, ['model: claude-opus-4-1-20250805']);

    async function pickRow(name: string): Promise<void> {
      await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: name }).first().click();
    }
    async function untilRead(file: string, wanted: RegExp): Promise<void> {
      while (!wanted.test(await journey.read(file).catch(() => ''))) await page.waitForTimeout(100);
    }
    async function sessionsFolder(): Promise<string> {
      const files = await readdir(workbench.dataFolder, { recursive: true });
      const one = files.find((name) => /\/sessions\/[^/]+\/journal\.jsonl$/u.test(name));
      return join(workbench.dataFolder, one ?? '', '..', '..');
    }
  });
});
