import assert from 'node:assert/strict';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calls, says } from '../support/conversations';
import { Journey } from '../support/journey';

const TRAIN = 'print("epoch 3 loss=0.412")\nprint("test auc=0.9137 n=1200")\n';
const BROKEN = 'print("test recall=0.77")\nraise SystemExit(1)\n';

describe('what stands behind an answer in a real VS Code', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('is a link to the line that was measured, and a mark for what was made up, failed or is older than its file', async () => {
    journey = await Journey.open(
      [
        calls(['Execute', { command: 'python3 fit.py', summary: 'Train' }]),
        says('The test AUC is 0.914, and recall is 0.77.'),
        calls(['Execute', { command: 'python3 bad.py', summary: 'Evaluate' }]),
        says('The test AUC is 0.914. Recall is 0.77, I am sure.'),
        says('As before, the test AUC is 0.914.'),
        says('The test AUC was 0.914 before the script changed.'),
      ],
      {},
      async (folder) => {
        await writeFile(join(folder, 'fit.py'), TRAIN);
        await writeFile(join(folder, 'bad.py'), BROKEN);
      },
    );
    const { workbench, server, folder } = journey;
    await workbench.sendChat('@ml-engineer train it');
    await workbench.decide('python3 fit.py');
    await workbench.decide('python3 bad.py');
    await workbench.waitForChatText(/I am sure/u);
    await workbench.waitForChatText(/0\.77: no run behind this number/u);
    await workbench.waitForChatText(/0\.914: \s*python3 fit\.py\.log:2/u);
    assert.equal(server.requests.length, 4, 'it was asked once');
    assert.match(journey.lastMessages, /have no run behind them[^]*0\.77/u);

    const shown = workbench.page.locator('.editor-instance .view-lines').filter({ hasText: /test\sauc=0\.9137/u });
    await workbench.answer.getByText('python3 fit.py.log').click();
    await shown.waitFor();
    await workbench.page.getByText('Ln 2, Col 1').waitFor();
    await workbench.runCommand('View: Close All Editors');
    await shown.waitFor({ state: 'detached' });

    const panel = await workbench.panel();
    const steps = panel.getByRole('region', { name: 'Activity' });
    const claims = steps.locator('.step.claims').last();
    await claims.getByText('no run behind this number').waitFor();
    await claims.getByRole('button', { name: 'python3 fit.py:2' }).click();
    await shown.waitFor();

    await writeFile(join(folder, 'fit.py'), `${TRAIN}print("one more line")\n`);
    const later = new Date(Date.now() + 60_000);
    await utimes(join(folder, 'fit.py'), later, later);
    await workbench.sendChat('@ml-engineer what was it?');
    await workbench.waitForChatText(/0\.914: \s*python3 fit\.py\.log:2\s*\(⚠ files changed since\)/u);
    assert.match(journey.lastMessages, /Files changed since the run[^]*0\.914/u);
    await claims.getByText('files changed since').waitFor();
  });
});
