import assert from 'node:assert/strict';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';

const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
const runs = (command: string): ScriptedTurn => ({
  content: [{ type: 'tool_use', name: 'Execute', input: { command } }],
});

describe('an extension host that restarts, as for an update of the extension', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('host-restart: ends the command that runs and closes its journal, and Continue goes on in the same session', async () => {
    journey = await Journey.open([runs('echo $$ > pid.txt; sleep 300'), says('Going on.')]);
    const { workbench } = journey;
    const { page } = workbench;
    await workbench.sendChat('@ml-engineer train it');
    await workbench.decide('sleep 300');
    const read = (): Promise<string> => journey.read('pid.txt').catch(() => '');
    while ((await read()).trim() === '') await page.waitForTimeout(50);
    const pid = Number(await read());
    process.kill(pid, 0);
    // In the browser there is no other command that restarts it; an update asks for the same.
    await workbench.runCommand('Developer: Reload Window');
    await page.locator('.interactive-session').first().waitFor({ state: 'detached' });
    await workbench.ready();
    const isAlive = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    while (isAlive()) await page.waitForTimeout(50);
    await workbench.clickInNotification(/A reload cut a turn/u, 'Continue');
    await workbench.waitForChatText(/Going on\./u);
    const journals = await journey.journals();
    assert.equal(journals.length, 1);
    const events = journals[0]?.map(({ event }) => event) ?? [];
    const end = events.find(({ type }) => type === 'run-end');
    assert.deepEqual(end, { type: 'run-end', reason: 'stopped' });
    assert.match(journey.lastMessages, /Stopped by the user before it ended|cut short/u);
  });
});
