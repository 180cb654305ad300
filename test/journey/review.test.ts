import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';

const calls = (name: string, input: Record<string, unknown>): ScriptedTurn => ({
  content: [{ type: 'tool_use', name, input }],
});
const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
const tests = calls('Execute', { command: 'python3 -m unittest' });

describe('mode auto', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('runs the code of the repository until something was written unseen, and again once that was kept', async () => {
    const writes = calls('Create', { file_path: 'notes.py', content: 'x = 1\n' });
    const turns = [tests, writes, tests, says('First.'), tests, says('Second.')];
    journey = await Journey.open(turns, { 'mlEngineer.permissionMode': 'auto' });
    const { workbench } = journey;
    await workbench.sendChat('@ml-engineer write and test');
    await workbench.question(/you have not reviewed what this session wrote: notes\.py/u);
    await workbench.answerInChat('Deny');
    await workbench.waitForChatText(/First\./u);
    await workbench.clickInChat('Keep Changes');
    await workbench.notification(/Kept: notes\.py/u);
    await workbench.sendChat('test again');
    await workbench.waitForChatText(/Second\./u);
  });
});
