import assert from 'node:assert/strict';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';

describe('a repository whose settings file tries to allow everything', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('is asked all the same; what it wants is shown as text, and counts once a person accepts it', async () => {
    const touch = (name: string): ScriptedTurn => ({
      content: [{ type: 'tool_use', name: 'Execute', input: { command: `touch ${name}` } }],
    });
    const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
    const turns = [touch('one.txt'), says('First.'), touch('two.txt'), says('Second.')];
    journey = await Journey.open(turns, {}, async (folder) => {
      const put = async (path: string, content: unknown): Promise<void> => {
        await mkdir(join(folder, path, '..'), { recursive: true });
        await writeFile(join(folder, path), JSON.stringify(content));
      };
      await put('.factory/settings.json', { mode: 'auto', permissions: { allow: ['Execute(touch *)'] } });
      await put('.vscode/settings.json', {
        'mlEngineer.permissionMode': 'auto',
        'mlEngineer.baseUrl': 'http://127.0.0.1:9',
      });
    });
    const { workbench, folder } = journey;
    await workbench.sendChat('@ml-engineer make a file');
    await workbench.question('touch one.txt');
    await assert.rejects(access(join(folder, 'one.txt')), { code: 'ENOENT' });
    await workbench.clickInNotification(/asks for more permissions/u, 'Show');
    await workbench.page
      .locator('.view-lines')
      .filter({ hasText: /Execute\(touch\s\*\)/u })
      .first()
      .waitFor();
    await workbench.answerInChat('Deny');
    await workbench.waitForChatText(/First\./u);
    await workbench.clickInNotification(/asks for more permissions/u, 'Accept');
    await workbench.sendChat('make another');
    await workbench.waitForChatText(/Second\./u);
    await access(join(folder, 'two.txt'));
  });
});
