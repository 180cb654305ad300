import assert from 'node:assert/strict';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';

const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });

describe('a message sent while the agent works', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('ends the turn at the next safe step and goes on in the same session, with the plan as it was', async () => {
    const todos = [
      { content: 'Look around', status: 'in_progress' },
      { content: 'Fix the split', status: 'pending' },
    ];
    journey = await Journey.open([
      { content: [{ type: 'tool_use', name: 'TodoWrite', input: { todos } }] },
      { content: [{ type: 'tool_use', name: 'LS', input: {} }], delayMs: 6_000 },
      says('Taken in: only look.'),
      says('never said'),
    ]);
    const { workbench, server } = journey;
    await workbench.sendChat('@ml-engineer fix the split');
    while (server.requests.length < 2) await workbench.page.waitForTimeout(50);
    await workbench.sendChat('@ml-engineer only look, change nothing');
    await workbench.waitForChatText(/Taken in: only look\./u);
    assert.equal(server.requests.length, 3);
    assert.match(journey.lastMessages, /fix the split[\s\S]*tool_result[\s\S]*only look, change nothing/u);
    assert.deepEqual(server.refusals, ['model: claude-opus-4-1-20250805']);
    const journals = await journey.journals();
    assert.equal(journals.length, 1);
    assert.ok(journals[0]?.some(({ event }) => event.type === 'run-end' && event.reason === 'yielded'));
    const panel = await workbench.panel();
    await panel.getByRole('listitem').filter({ hasText: 'Fix the split' }).waitFor();
  });

  it('waits visibly when the model is busy, and tries at once when asked to', async () => {
    const busy = { status: 529, type: 'overloaded_error', message: 'Overloaded', headers: { 'retry-after': '100' } };
    journey = await Journey.open([{ error: busy }, says('Here I am.')]);
    const { workbench, server } = journey;
    await workbench.sendChat('@ml-engineer hello');
    await workbench.waitForChatText(/is busy \(529\): Overloaded[\s\S]*Trying again in/u);
    await workbench.clickInChat('Retry Now');
    await workbench.waitForChatText(/Here I am\./u);
    assert.equal(server.requests.length, 2);
  });
});
