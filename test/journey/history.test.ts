import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';

const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
const creates = (file_path: string): ScriptedTurn => ({
  content: [{ type: 'tool_use', name: 'Create', input: { file_path, content: 'written by the model\n' } }],
});
const never: ScriptedTurn = { ...says('never said'), delayMs: 100_000 };

describe('a chat that goes back, and a window that reloads', () => {
  let journey: Journey;
  const exists = (path: string): Promise<boolean> =>
    journey.read(path).then(
      () => true,
      () => false,
    );
  const gone = async (path: string): Promise<void> => {
    for (let tries = 0; (await exists(path)) && tries < 100; tries++) await journey.workbench.page.waitForTimeout(100);
    assert.equal(await exists(path), false, `${path} is still there`);
  };
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('forks the session on retry, says so, and puts the files of the left turn back on demand', async () => {
    journey = await Journey.open([says('Hello.'), creates('first.md'), says('Made it.'), says('Not this time.')]);
    const { workbench } = journey;
    await workbench.sendChat('@ml-engineer hello');
    await workbench.waitForChatText(/Hello\./u);
    await workbench.sendChat('make a file');
    await workbench.decide('first.md');
    await workbench.waitForChatText(/Made it\./u);
    await workbench.retry();
    await workbench.waitForChatText(/Not this time\./u);
    await workbench.waitForChatText(/The chat went back/u);
    assert.doesNotMatch(journey.lastMessages, /first\.md/u);
    assert.equal((await journey.journals()).length, 1);
    assert.ok(await exists('first.md'));
    await workbench.clickInChat('Put the Files Back');
    await gone('first.md');
  });

  it('begins anew when the first message is retried, and still offers the files', async () => {
    journey = await Journey.open([creates('first.md'), says('Made it.'), says('Not this time.')]);
    const { workbench } = journey;
    await workbench.sendChat('@ml-engineer make a file');
    await workbench.decide('first.md');
    await workbench.waitForChatText(/Made it\./u);
    await workbench.retry();
    await workbench.waitForChatText(/Not this time\./u);
    assert.equal(journey.server.requests.at(-1)?.body.messages.length, 1);
    await workbench.clickInChat('Put the Files Back');
    await gone('first.md');
  });

  it('goes on from a restored checkpoint without the turn that was taken back', async () => {
    journey = await Journey.open([
      says('Hello.'),
      creates('first.md'),
      says('Made it.'),
      says('Something else, then.'),
    ]);
    const { workbench } = journey;
    await workbench.sendChat('@ml-engineer hello');
    await workbench.waitForChatText(/Hello\./u);
    await workbench.sendChat('make a file');
    await workbench.decide('first.md');
    await workbench.waitForChatText(/Made it\./u);
    await workbench.restoreCheckpointBefore('make a file');
    await workbench.answer.filter({ hasText: 'Hello.' }).waitFor();
    await workbench.sendChat('@ml-engineer do something else');
    await workbench.waitForChatText(/Something else, then\./u);
    await workbench.waitForChatText(/The chat went back/u);
    assert.match(journey.lastMessages, /hello/u);
    assert.doesNotMatch(journey.lastMessages, /make a file|first\.md/u);
    await workbench.clickInChat('Put the Files Back');
    await gone('first.md');
  });

  it('goes on in the same journal with a first turn that a reload cut', async () => {
    journey = await Journey.open([creates('first.md'), never, says('Going on.')]);
    const { workbench } = journey;
    await workbench.sendChat('@ml-engineer make a file');
    await workbench.decide('first.md');
    while (journey.server.requests.length < 2) await workbench.page.waitForTimeout(50);
    await workbench.load();
    await workbench.clickInNotification(/A reload cut a turn/u, 'Continue');
    await workbench.waitForChatText(/Going on\./u);
    assert.equal((await journey.journals()).length, 1);
    assert.match(journey.lastMessages, /make a file[\s\S]*first\.md/u);
  });

  it('takes back what a turn changed that a reload cut', async () => {
    journey = await Journey.open([creates('first.md'), never]);
    const { workbench } = journey;
    await workbench.sendChat('@ml-engineer make a file');
    await workbench.decide('first.md');
    while (journey.server.requests.length < 2) await workbench.page.waitForTimeout(50);
    await workbench.load();
    await workbench.clickInNotification(/A reload cut a turn/u, 'Undo');
    await gone('first.md');
  });

  it('undoes a turn, redoes it, and refuses where the user has edited since', async () => {
    journey = await Journey.open([creates('first.md'), creates('second.md'), says('Made both.')]);
    const { workbench, folder } = journey;
    await workbench.sendChat('@ml-engineer make two files');
    await workbench.decide('first.md');
    await workbench.decide('second.md');
    await workbench.waitForChatText(/Made both\./u);
    await workbench.clickInChat('Undo Changes');
    await gone('first.md');
    await gone('second.md');
    await workbench.clickInNotification(/Put back/u, 'Redo');
    await workbench.notification(/Put back/u);
    while (!(await exists('second.md'))) await workbench.page.waitForTimeout(50);
    await writeFile(join(folder, 'first.md'), 'edited by a person\n');
    await workbench.clickInChat('Undo Changes');
    await gone('second.md');
    await workbench.notification(/Left as they are[\s\S]*first\.md/u);
    assert.equal(await journey.read('first.md'), 'edited by a person\n');
  });
});
