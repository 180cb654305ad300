import assert from 'node:assert/strict';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';

describe('a chat that comes to its budget', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('is warned, stopped between two steps, and goes on by its button, in the panel after a reload, with the plan as it was', async function () {
    // Two budgets are used up, and the window is loaded twice.
    this.timeout(600_000);
    const call = (name: string, input: Record<string, unknown>): ScriptedTurn => ({
      content: [{ type: 'tool_use', name, input }],
    });
    const todos = [{ content: 'Read every split', status: 'in_progress' }];
    let isStopped = false;
    journey = await Journey.open(
      (_, index) => {
        if (index === 0) return { error: { status: 529, type: 'overloaded_error', message: 'Overloaded' } };
        if (isStopped) return { content: [{ type: 'text', text: 'Gone on where I stopped.' }] };
        return index === 1 ? call('TodoWrite', { todos }) : call('Grep', { pattern: `split_${index}` });
      },
      { 'mlEngineer.budget.sessionTokens': 60_000 },
    );
    const { workbench, server } = journey;
    await workbench.sendChat('@ml-engineer fix the split');
    await workbench.waitForChatText(/of the 60,000 tokens of this session are used\./u);
    await workbench.waitForChatText(/This session has used its 60,000 tokens\./u);
    const asked = server.requests.length;
    const panel = await workbench.panel();
    await panel.locator('p.status').getByText('This session has used its 60,000 tokens.').waitFor();
    // Words alone raise nothing.
    await workbench.sendChat('go on, please');
    await workbench.waitForChatText(/go on, please[\s\S]*This session has used its 60,000 tokens\./u);
    assert.equal(server.requests.length, asked);
    await workbench.clickInChat('Go On With Another 60,000 tokens');
    const stopped = panel.locator('.notice').getByText(/^This session has used its 1\d\d,\d{3} tokens\.$/u);
    await stopped.waitFor();

    // All of it is there again after a reload, the try that failed too, and the way on.
    await workbench.load();
    await workbench.panel();
    await panel.getByRole('button', { name: 'Sessions' }).click();
    await panel.getByRole('button', { name: /^Go On With: fix the split/u }).click();
    await stopped.waitFor();
    const activity = panel.getByRole('region', { name: 'Activity' });
    await activity.getByRole('textbox', { name: 'Search the activity' }).fill('Overloaded');
    await workbench.page.keyboard.press('Enter');
    await activity
      .getByRole('article')
      .filter({ hasText: /Tried again after/u })
      .waitFor();
    isStopped = true;
    await panel
      .locator('.notice')
      .getByRole('button', { name: /^Go On With Another/u })
      .click();
    await panel.locator('p.status').getByText('Finished.').waitFor();
    assert.match(journey.lastMessages, /Gone on where I stopped|Go on where you stopped/u);
    await panel.getByRole('listitem').filter({ hasText: 'Read every split' }).waitFor();
    assert.match(
      journey.lastMessages,
      /fix the split[\s\S]*Read every split[\s\S]*Wind down[\s\S]*Go on where you stopped/u,
    );
    const journals = await journey.journals();
    assert.equal(journals.length, 1);
    const raised = journals[0]?.flatMap(({ event }) => (event.type === 'budget-raised' ? [event.limit] : []));
    assert.ok(raised?.length === 2 && (raised[0] ?? 0) >= 120_000 && (raised[1] ?? 0) > (raised[0] ?? 0));
  });
});
