import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';

/** Trains until it is interrupted, and says that it was. Its second loss is none. */
const ENDLESS = `import math, time
try:
  for epoch in range(1, 3000):
    print(f"epoch={epoch}/3000 loss={1 / epoch:.4f} val_loss={'nan' if epoch == 2 else f'{1.2 / epoch:.4f}'}", flush=True)
    time.sleep(0.1)
except KeyboardInterrupt:
  print("saved before the end", flush=True)
`;
/** Saves after each epoch, and says which one it was interrupted in. */
const SAVING = `import json, os, time
epoch = 0
try:
  while True:
    epoch += 1
    for step in range(1, 11):
      print(f"epoch={epoch}/500 step={step} loss={1 / (10 * epoch + step):.4f}", flush=True)
      time.sleep(0.1)
    with open("last.json.part", "w") as file:
      json.dump({"epoch": epoch}, file)
    os.replace("last.json.part", "last.json")
    print(f"epoch={epoch}/500 val_loss={1.2 / epoch:.4f}", flush=True)
except KeyboardInterrupt:
  print(f"interrupted in epoch {epoch}", flush=True)
`;
/** What three trackers leave: W&B's own log of an offline run, a table of Lightning's, DVCLive's metrics. */
const TRACKED: Readonly<Record<string, string>> = {
  'lightning_logs/version_0/metrics.csv': 'epoch,step,train_loss,val_auc\n0,9,0.5,0.79\n1,19,0.4,0.83\n',
  'lightning_logs/version_0/hparams.yaml': 'lr: 0.3\nmodel: !!python/object:net.Net\n  depth: 2\n',
  'dvclive/metrics.json': '{"val_auc": 0.8, "step": 1}',
  'dvclive/params.yaml': 'lr: 0.2\n',
};
const WANDB = 'wandb/offline-run-20261125_185434-9zc1gud8/run-9zc1gud8.wandb';

async function leave(folder: string): Promise<void> {
  const log = gunzipSync(await readFile(join(__dirname, '../fixtures/trackers/run-9zc1gud8.wandb.gz')));
  for (const [name, content] of Object.entries({ ...TRACKED, [WANDB]: log })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
const job = (input: Record<string, unknown>): ScriptedTurn => ({ content: [{ type: 'tool_use', name: 'Job', input }] });

describe('a job that was started in the chat', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('has a card in the panel that is alive, with its curves, and is stopped by a click after a question', async () => {
    const turns = ({ messages }: MessageCreateParams): ScriptedTurn =>
      JSON.stringify(messages.at(-1)).includes('tool_result')
        ? says(`It trains, number ${messages.length}.`)
        : JSON.stringify(messages.at(-1)).includes('save')
          ? job({ action: 'start', command: 'python3 saving.py', title: 'Saving training' })
          : job({ action: 'start', command: 'python3 endless.py', title: 'Endless training' });
    journey = await Journey.open(turns, {}, async (folder) => {
      await leave(folder);
      await writeFile(join(folder, 'endless.py'), ENDLESS);
      await writeFile(join(folder, 'saving.py'), SAVING);
    });
    const { workbench } = journey;
    const { page } = workbench;
    await workbench.sendChat('@ml-engineer train it');
    await workbench.decide('python3 endless.py');
    await workbench.waitForChatText(/It trains, number 3\./u);
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

    await plot.scrollIntoViewIfNeeded();
    await workbench.pictures('panel-jobs');
    await card.getByRole('button', { name: 'Stop: Endless training', exact: true }).click();
    await workbench.dialog.getByText('Stop the job "Endless training"?').waitFor();
    await workbench.dialog.getByRole('button', { name: 'Stop Job' }).click();
    await card.getByText('Stopped.', { exact: true }).waitFor();
    await card.locator('.job-log').filter({ hasText: 'saved before the end' }).waitFor();

    // Runs that other trackers left stand in one table with those of the ledger, and three of them are compared.
    const runs = panel.getByRole('region', { name: 'Runs' });
    await runs.getByRole('button', { name: 'Runs', exact: true }).click();
    for (const name of ['W&B tree', 'Lightning lightning_logs/version_0', 'DVC dvclive (as it is in the workspace)'])
      await runs.getByRole('checkbox', { name: `Compare: ${name.replace(/^\S+ /u, '')}`, exact: true }).click();
    const compared = runs.getByRole('table', { name: /^Compare: / });
    const cells = (name: string): Promise<string[]> =>
      compared
        .getByRole('row')
        .filter({ has: panel.getByRole('rowheader', { name, exact: true }) })
        .getByRole('cell')
        .allInnerTexts();
    await compared.getByRole('columnheader').nth(2).waitFor();
    assert.deepEqual(await cells('from'), ['W&B', 'Lightning', 'DVC']);
    assert.deepEqual(await cells('val_auc'), ['0.82', '0.83', '0.8']);
    assert.deepEqual(await cells('lr'), ['0.1', '0.3', '0.2']);
    await compared.scrollIntoViewIfNeeded();
    await workbench.pictures('panel-trackers');

    // The same job by the editor's own list, without the panel.
    await workbench.runCommand('ML Engineer: Show Jobs');
    await workbench.pick(/Endless training/u);
    await workbench.pick(/Open Log/u);
    await page.locator('.tab.active').filter({ hasText: 'output.log' }).waitFor();
    await workbench.runCommand('ML Engineer: Stop Job...');
    await workbench.notification(/No job runs in this workspace\./u);

    // One that is to end with its epoch finishes it, saves it, and only then is interrupted.
    await workbench.sendChat('train one that can save');
    await workbench.decide('python3 saving.py');
    const saving = panel
      .getByRole('region', { name: 'Jobs' })
      .getByRole('listitem')
      .filter({ hasText: 'Saving training' });
    const at = saving.locator('.job-at').filter({ hasText: /Epoch [2-9]\d* of 500/u });
    const asked = Number(/Epoch (\d+)/u.exec(await at.innerText())?.[1]);
    await saving.getByRole('button', { name: 'Stop After This Epoch: Saving training', exact: true }).click();
    await saving.getByText('Stopped.', { exact: true }).waitFor();
    await saving.getByRole('button', { name: 'End of the Log' }).click();
    const end = saving.locator('.job-log').filter({ hasText: /interrupted in epoch \d+/u });
    const cut = Number(/interrupted in epoch (\d+)/u.exec(await end.innerText())?.[1]);
    const { epoch } = JSON.parse(await journey.read('last.json')) as { epoch: number };
    assert.ok(epoch >= asked && cut > asked, `asked in ${asked}, saved ${epoch}, interrupted in ${cut}`);
  });
});
