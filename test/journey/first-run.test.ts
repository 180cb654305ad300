import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startAnthropicServer, type AnthropicServer } from '../support/anthropic-server';
import { Workbench } from '../support/workbench';

const PROJECT = resolve(__dirname, '..', '..');

describe('the first run, without a key', () => {
  let home: string;
  let server: AnthropicServer;
  let workbench: Workbench;

  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-first-')));
    await cp(join(PROJECT, 'examples', 'churn'), join(home, 'churn'), { recursive: true });
    server = await startAnthropicServer({
      turns: () => ({ content: [{ type: 'text', text: 'Hello from the model.' }] }),
    });
    workbench = await Workbench.open({ folder: join(home, 'churn'), env: { ANTHROPIC_BASE_URL: server.url } });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(join(PROJECT, 'dist', 'failed-first-run.png'));
    await workbench.close();
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });

  it('says what the demo is, takes a key that the endpoint takes, and then answers', async () => {
    await workbench.sendChat('@ml-engineer hello');
    await workbench.waitForChatText(/demo/iu);
    await workbench.clickInChat('Set API Key');
    await workbench.enter('wrong-key');
    await workbench.dialog.getByText(/does not accept the key/u).waitFor();
    await workbench.dialog.getByRole('button', { name: 'Cancel' }).click();
    assert.equal(server.requests.length, 0);

    await workbench.runCommand('ML Engineer: Set API Key');
    await workbench.enter('test-key');
    await workbench.notification(/API key for .* is set/u);
    await workbench.pickModel(/Auto/u);
    await workbench.sendChat('@ml-engineer hello');
    await workbench.waitForChatText(/Hello from the model\./u);
    assert.equal(
      server.requests[0]?.headers['x-api-key'] ??
        server.requests[0]?.headers['authorization']?.toString().replace('Bearer ', ''),
      'test-key',
    );

    await workbench.runCommand('ML Engineer: Remove API Key');
    await workbench.notification(/is removed/u);
  });

  it('opens the demo in a fresh copy, and plays it there with every tool really run', async () => {
    await workbench.sendChat('@ml-engineer hello');
    await workbench.waitForChatText(/demo/iu);
    await workbench.clickInChat('Open the Demo');
    await workbench.page.waitForURL(/ml-engineer-demo-/u);
    const folder = decodeURIComponent(/folder=([^&]+)/u.exec(workbench.page.url())?.[1] ?? '');
    await workbench.ready();
    await workbench.sendTyped(/the churn tests fail, find out why and fix it/u);
    for (let answered = 0; answered < 5; answered++) await workbench.clickInChat('Allow Once');
    await workbench.waitForChatText(/Other seeds: not run/u);
    assert.match(await readFile(join(folder, 'churn', 'data.py'), 'utf8'), /customers = sorted/u);
    assert.doesNotMatch(await readFile(join(home, 'churn', 'churn', 'data.py'), 'utf8'), /customers = sorted/u);
    assert.equal(server.requests.length, 0);
    await rm(folder, { recursive: true, force: true });
  });
});
