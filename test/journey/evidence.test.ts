import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { says } from '../support/conversations';
import { Journey } from '../support/journey';

const TRAIN = 'print("epoch 3 loss=0.412")\nprint("test auc=0.9137 n=1200")\n';

describe('what stands behind an answer in a real VS Code', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('is a link to the line for a number that was measured, and a mark for one that was made up', async () => {
    journey = await Journey.open(
      [
        { content: [{ type: 'tool_use', name: 'Execute', input: { command: 'python3 fit.py', summary: 'Train' } }] },
        says('The test AUC is 0.914, and recall is 0.77.'),
        says('The test AUC is 0.914. Recall is 0.77, I am sure.'),
      ],
      {},
      (folder) => writeFile(join(folder, 'fit.py'), TRAIN),
    );
    const { workbench, server } = journey;
    await workbench.sendChat('@ml-engineer train it');
    await workbench.decide('python3 fit.py');
    await workbench.waitForChatText(/I am sure/u);
    await workbench.waitForChatText(/0\.77: no run behind this number/u);
    await workbench.waitForChatText(/0\.914: .*python3 fit\.py, line 2/u);
    assert.equal(server.requests.length, 3, 'it was asked once');
    assert.match(journey.lastMessages, /have no run behind them[^]*0\.77/u);

    const shown = workbench.page.locator('.editor-instance .view-lines').filter({ hasText: /test\sauc=0\.9137/u });
    await workbench.page.getByText('python3 fit.py, line 2').first().click();
    await shown.waitFor();
    await workbench.runCommand('View: Close All Editors');
    await shown.waitFor({ state: 'detached' });

    const panel = await workbench.panel();
    const claims = panel.getByRole('region', { name: 'Activity' }).locator('.step.claims').last();
    await claims.getByText('no run behind this number').waitFor();
    await claims.getByRole('button', { name: 'python3 fit.py:2' }).click();
    await shown.waitFor();
  });
});
