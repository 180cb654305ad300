import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { says } from '../support/conversations';
import { Journey } from '../support/journey';

describe('a session', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('begun in chat or terminal is one history wherever it goes on: chat, panel, terminal', async () => {
    journey = await Journey.open((_, index) => says(`Answer ${index + 1}.`));
    const { workbench, server } = journey;
    const { page } = workbench;
    const panel = await workbench.panel();
    const sessions = panel.getByRole('region', { name: 'Sessions' });

    await workbench.sendChat('@ml-engineer begun in the chat');
    await workbench.waitForChatText(/Answer 1\./u);
    await tell(panel, 'on in the panel', 2);
    const begun = await sessionIn(workbench.dataFolder);
    assert.match(await journey.terminal('--resume', begun, 'on in the terminal'), /Answer 3\./u);
    await tell(panel, 'back in the panel', 4);
    await workbench.sendChat('back in the chat');
    await workbench.waitForChatText(/Answer 5\./u);
    oneHistory(0, 5, [
      'begun in the chat',
      'on in the panel',
      'on in the terminal',
      'back in the panel',
      'back in the chat',
    ]);
    assert.equal((await journey.journals()).length, 1);

    await journey.terminal('begun in the terminal');
    const row = sessions.getByRole('listitem').filter({ hasText: 'begun in the terminal' });
    await sessions.getByRole('button', { name: 'Sessions' }).click();
    await row.getByText(/from the terminal/u).waitFor();
    await row.getByRole('button', { name: /^Go On With: begun in the terminal/u }).click();
    await row.filter({ hasText: 'shown now' }).waitFor();
    await tell(panel, 'taken up in the panel', 7);
    const id = await sessionIn(join(journey.folder, '..', 'state'));
    assert.match(await journey.terminal('--resume', id, 'and in the terminal again'), /Answer 8\./u);
    oneHistory(5, 8, ['begun in the terminal', 'taken up in the panel', 'and in the terminal again']);
    assert.equal((await journey.journals()).length, 1, 'it stays where it was begun');
    // Each process finds out for itself that the droid's model is gone.
    assert.deepEqual([...new Set(server.refusals)], ['model: claude-opus-4-1-20250805']);

    async function tell(to: FrameLocator, text: string, answer: number): Promise<void> {
      await to.getByRole('textbox', { name: 'What is to be done' }).click();
      await page.keyboard.type(text);
      await page.keyboard.press('Enter');
      while (server.requests.length < answer) await page.waitForTimeout(50);
      await to.locator('p.status').getByText('Finished.').waitFor();
    }

    /** Each request holds all of the one before, its answer, and its own prompt behind that. */
    function oneHistory(from: number, to: number, prompts: readonly string[]): void {
      const asked = server.requests.slice(from, to).map(({ body }) => body.messages.map((one) => plain(one)));
      assert.equal(asked.length, prompts.length);
      for (const [index, messages] of asked.entries()) {
        const before = asked[index - 1] ?? [];
        assert.deepEqual(messages.slice(0, before.length), before);
        const added = messages.slice(before.length).join('\n');
        assert.match(added, new RegExp(`${prompts[index]}[^-]*$`, 'u'));
        if (index > 0) assert.match(added, new RegExp(`Answer ${from + index}\\.`, 'u'));
      }
    }
  });
});

/** The id of the only session whose journal lies below the folder. */
async function sessionIn(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true });
  const [id, ...others] = files.filter((name) => basename(name) === 'journal.jsonl').map((name) => dirname(name));
  assert.deepEqual(others, []);
  return basename(id ?? '');
}

/** What is cached moves on with each request. */
function plain(message: unknown): string {
  return JSON.stringify(message, (key, value: unknown) => (key === 'cache_control' ? undefined : value));
}
