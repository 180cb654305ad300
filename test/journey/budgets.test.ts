import assert from 'node:assert/strict';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';

describe('a chat that comes to its budget', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('is warned, stopped between two steps, and goes on by its button with as much again and the plan as it was', async () => {
    const call = (name: string, input: Record<string, unknown>): ScriptedTurn => ({
      content: [{ type: 'tool_use', name, input }],
    });
    const todos = [{ content: 'Read every split', status: 'in_progress' }];
    let isStopped = false;
    journey = await Journey.open(
      (_, index) => {
        if (isStopped) return { content: [{ type: 'text', text: 'Gone on where I stopped.' }] };
        return index === 0 ? call('TodoWrite', { todos }) : call('Grep', { pattern: `split_${index}` });
      },
      { 'mlEngineer.budget.sessionTokens': 60_000 },
    );
    const { workbench, server } = journey;
    await workbench.sendChat('@ml-engineer fix the split');
    await workbench.waitForChatText(/of the 60,000 tokens of this session are used\./u);
    await workbench.waitForChatText(/This session has used its 60,000 tokens\./u);
    const asked = server.requests.length;
    isStopped = true;
    const panel = await workbench.panel();
    await panel.getByText('This session has used its 60,000 tokens.').waitFor();
    // Words alone raise nothing.
    await workbench.sendChat('go on, please');
    await workbench.waitForChatText(/go on, please[\s\S]*This session has used its 60,000 tokens\./u);
    assert.equal(server.requests.length, asked);
    await workbench.clickInChat('Go On With Another 60,000 tokens');
    await workbench.waitForChatText(/Gone on where I stopped\./u);
    await panel.getByRole('listitem').filter({ hasText: 'Read every split' }).waitFor();
    assert.match(
      journey.lastMessages,
      /fix the split[\s\S]*Read every split[\s\S]*Wind down[\s\S]*Go on where you stopped/u,
    );
    const journals = await journey.journals();
    assert.equal(journals.length, 1);
    const raised = journals[0]?.flatMap(({ event }) => (event.type === 'budget-raised' ? [event.limit] : []));
    assert.ok(raised?.length === 1 && (raised[0] ?? 0) >= 120_000);
  });
});
