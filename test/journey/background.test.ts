import assert from 'node:assert/strict';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';

const runs = (input: object): ScriptedTurn => ({
  content: [{ type: 'tool_use', name: 'Execute', input: { ...input } }],
});
const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });

describe('a command in the background', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('is seen live in the terminal, goes on after its call, and is stopped in a later message', async () => {
    const command = 'for i in $(seq 1 900); do echo epoch $i; sleep 0.2; done';
    journey = await Journey.open(
      [
        runs({ command, fireAndForget: true }),
        says('Training runs.'),
        runs({ command: 'jobs' }),
        runs({ command: 'kill %1' }),
        says('Stopped it.'),
      ],
      { 'terminal.integrated.gpuAcceleration': 'off' },
    );
    const { workbench } = journey;
    await workbench.sendChat('@ml-engineer train');
    await workbench.decide('seq 1 900');
    await workbench.waitForChatText(/Training runs\./u);
    await workbench.waitForTerminal(/epoch\s1[^]*goes\son\sin\sthe\sbackground\sas\scommand\s1/u);
    assert.match(journey.lastMessages, /Goes on in the background as %1[^]*epoch 1/u);
    await workbench.sendChat('stop it');
    await workbench.waitForChatText(/Stopped it\./u);
    assert.match(journey.lastMessages, /%1 running for[^]*Stopped\. %1 ended by SIGTERM/u);
  });
});
