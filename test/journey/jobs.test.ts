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
/** Trains until it is interrupted, and says that it was. Its second loss is none. */
const ENDLESS = `import math, time
try:
  for epoch in range(1, 3000):
    print(f"epoch={epoch}/3000 loss={1 / epoch:.4f} val_loss={'nan' if epoch == 2 else f'{1.2 / epoch:.4f}'}", flush=True)
    time.sleep(0.1)
except KeyboardInterrupt:
  print("saved before the end", flush=True)
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

  it('has a card in the panel that is alive, with its curves, and is stopped by a click after a question', async () => {
    const turns = ({ messages }: MessageCreateParams): ScriptedTurn =>
      JSON.stringify(messages).includes('tool_result')
        ? says('It trains.')
        : job({ action: 'start', command: 'python3 endless.py', title: 'Endless training' });
    journey = await Journey.open(turns, {}, (folder) => writeFile(join(folder, 'endless.py'), ENDLESS));
    const { workbench } = journey;
    const { page } = workbench;
    await workbench.sendChat('@ml-engineer train it');
    await workbench.decide('python3 endless.py');
    await workbench.waitForChatText(/It trains\./u);
    const panel = await workbench.panel();
    const card = panel
      .getByRole('region', { name: 'Jobs' })
      .getByRole('listitem')
      .filter({ hasText: 'Endless training' });
    await card.getByText('Running', { exact: true }).waitFor();

    // Its figures move, with nobody asking.
    const epochs = card.locator('.job-at');
    const first = await epochs.innerText();
    await epochs.filter({ hasNotText: first }).waitFor();
    assert.match(first, /Epoch \d+ of 3,000/u);
    await card.getByText(/nan: val_loss/u).waitFor();
    await card.getByText(/CPU: \d+ %/u).waitFor();

    // Its curves are drawn by the second script, and are words as well.
    const plot = card.getByRole('img', {
      name: /^Curve of loss\. loss: last [\d.,e-]+, best .*val_loss: .*NaN or infinite: 1/u,
    });
    await plot.locator('canvas').waitFor();
    const inked = plot.locator('canvas').evaluate(
      // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access -- a page's own world
      (canvas: any) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean),
    );
    assert.equal(await inked, true);
    await plot.press('ArrowLeft');
    await card
      .locator('.reading')
      .filter({ hasText: /Epoch \d+: loss [\d.]+ · val_loss/u })
      .waitFor();

    // The end of its log is text, and comes when it is unfolded.
    await card.getByRole('button', { name: 'End of the Log' }).click();
    await card
      .locator('.job-log')
      .filter({ hasText: /epoch=\d+\/3000 loss=/u })
      .waitFor();

    await card.getByRole('button', { name: 'Stop: Endless training', exact: true }).click();
    await workbench.dialog.getByText('Stop the job "Endless training"?').waitFor();
    await workbench.dialog.getByRole('button', { name: 'Stop Job' }).click();
    await card.getByText('Stopped.', { exact: true }).waitFor();
    await card.locator('.job-log').filter({ hasText: 'saved before the end' }).waitFor();

    // The same job by the editor's own list, without the panel.
    await workbench.runCommand('ML Engineer: Show Jobs');
    await workbench.pick(/Endless training/u);
    await workbench.pick(/Open Log/u);
    await page.locator('.tab.active').filter({ hasText: 'output.log' }).waitFor();
    await workbench.runCommand('ML Engineer: Stop Job...');
    await workbench.notification(/No job runs in this workspace\./u);
  });
});
