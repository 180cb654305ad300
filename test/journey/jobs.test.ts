import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';

/** Trains until it is let end, a minute at the most. */
const TRAIN = `import os, time
for epoch in range(600):
  print(f"epoch={epoch} loss={1 / (epoch + 1):.3f}", flush=True)
  if os.path.exists("end.txt"): break
  time.sleep(0.1)
print("final auc=0.9137", flush=True)
`;
const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
const job = (input: Record<string, unknown>): ScriptedTurn => ({ content: [{ type: 'tool_use', name: 'Job', input }] });

function turnOf({ messages }: MessageCreateParams): ScriptedTurn {
  const all = JSON.stringify(messages);
  if (all.includes('no message of the user')) return says('It was woken: AUC 0.9137.');
  const id = /Job (\d{8}T\d{6}-[0-9a-f]{6})/u.exec(all)?.[1];
  return id === undefined
    ? job({ action: 'start', command: 'python3 epochs.py', title: 'Train the churn model' })
    : job({ action: 'wait', job: id });
}

describe('a job that was started in the chat', () => {
  let journey: Journey;
  afterEach(async function () {
    await writeFile(join(journey.folder, 'end.txt'), '').catch(() => undefined);
    await journey?.close(this.currentTest);
  });

  it('lives on through a reload, is found again, and its end wakes the session that waited for it', async () => {
    journey = await Journey.open(turnOf, { 'mlEngineer.jobs.waitMinutes': 0.02 }, (folder) =>
      writeFile(join(folder, 'epochs.py'), TRAIN),
    );
    const { workbench, server } = journey;
    const { page } = workbench;
    await workbench.sendChat('@ml-engineer train it');
    await workbench.decide('python3 epochs.py');
    await workbench.waitForChatText(/Waiting for \d{8}T\d{6}/u);
    const asked = server.requests.length;
    await workbench.runCommand('Developer: Reload Window');
    await page.locator('.interactive-session').first().waitFor({ state: 'detached' });
    await workbench.ready();
    await writeFile(join(journey.folder, 'end.txt'), '');
    await workbench.clickInNotification(/Job "Train the churn model" ended \(exit 0\)/u, 'Continue');
    await workbench.waitForChatText(/It was woken: AUC 0\.9137\./u);
    assert.equal(server.requests.length, asked + 1, 'no model was asked while it waited');
    assert.match(journey.lastMessages, /ended with exit code 0.*final auc=0\.9137/su);
    const [journal = [], ...others] = await journey.journals();
    assert.deepEqual(others, []);
    const prompts = journal.flatMap(({ event }) => (event.type === 'prompt' ? [event] : []));
    assert.deepEqual(
      prompts.map(({ woken }) => woken !== undefined),
      [false, true],
    );
    const jobs = join(journey.folder, '..', 'state', 'ml-engineer', 'jobs');
    const files = (await readdir(jobs, { recursive: true })).filter((file) => file.endsWith('output.log'));
    assert.equal(files.length, 1);
    const log = await readFile(join(jobs, files[0] ?? ''), 'utf8');
    const epochs = [...log.matchAll(/^epoch=(\d+) /gmu)].map(([, epoch]) => Number(epoch));
    assert.deepEqual(epochs, [...epochs.keys()], 'nothing of its log is lost');
  });
});
