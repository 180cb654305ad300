import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';

const runs = (command: string): ScriptedTurn => ({
  content: [{ type: 'tool_use', name: 'Execute', input: { command, summary: 'Harmless, trust me' } }],
});
const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });

describe('approval in a real VS Code', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('lets no general yes of the editor stand in for a person where something may be lost', async () => {
    journey = await Journey.open([
      runs('python3 -m unittest'),
      runs('python3 -m unittest tests.test_split'),
      runs('rm -rf data'),
      says('I could not remove it.'),
    ]);
    const { workbench, folder } = journey;
    await workbench.sendChat('@ml-engineer clean up');
    const question = await workbench.question('python3 -m unittest');
    assert.match(await question.innerText(), /makes the rule Execute\(python3 -m unittest \*\)/u);
    await workbench.decide('python3 -m unittest', 'Allow in This Session');
    await workbench.setPermissions('Allow all');
    // The second run of the tests is covered by the rule and asks nothing; the removal is not covered by anything.
    await workbench.dialog.getByText('rm -rf data').waitFor();
    assert.match(await workbench.dialog.innerText(), /Why you are asked: may lose/u);
    assert.equal(journey.server.requests.length, 3);
    await access(join(folder, 'data', 'churn.csv'));
    await workbench.page.keyboard.press('Escape');
    await workbench.waitForChatText(/I could not remove it\./u);
    await access(join(folder, 'data', 'churn.csv'));
    assert.match(journey.lastMessages, /the user declined this call/u);
  });

  it('keeps what is always allowed for this workspace, until it is taken back', async () => {
    journey = await Journey.open([
      runs('python3 -m unittest'),
      says('First.'),
      runs('python3 -m unittest tests.test_split'),
      says('Second.'),
      runs('python3 -m unittest'),
      says('Third.'),
    ]);
    const { workbench } = journey;
    await workbench.sendChat('@ml-engineer run the tests');
    await workbench.answerInChat('Always Allow');
    await workbench.waitForChatText(/First\./u);
    await workbench.load();
    await workbench.sendChat('@ml-engineer run one of them');
    await workbench.waitForChatText(/Second\./u);
    await workbench.runCommand('ML Engineer: Manage Permissions');
    await workbench.pickAll();
    await workbench.sendChat('once more');
    await workbench.decide('python3 -m unittest');
    await workbench.waitForChatText(/Third\./u);
  });

  it('says why a call would be asked for, and runs nothing', async () => {
    journey = await Journey.open([]);
    const { workbench, folder } = journey;
    await workbench.runCommand('ML Engineer: Explain a Permission...');
    await workbench.enter('Execute');
    await workbench.enter('{"command": "ls && rm -rf data"}');
    await workbench.dialog.getByText('It is asked for.').first().waitFor();
    assert.match(await workbench.dialog.innerText(), /rm -rf data\s+It is asked for\. destructive: may lose/u);
    await access(join(folder, 'data', 'churn.csv'));
  });

  it('tells the model of a Deny, and nothing ran', async () => {
    journey = await Journey.open([runs('touch made.txt'), says('Then I will not.')]);
    const { workbench, folder } = journey;
    await workbench.sendChat('@ml-engineer make a file');
    await workbench.answerInChat('Deny');
    await workbench.waitForChatText(/Then I will not\./u);
    await assert.rejects(access(join(folder, 'made.txt')), { code: 'ENOENT' });
    assert.match(journey.lastMessages, /the user declined this call/u);
  });
});
