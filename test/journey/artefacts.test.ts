import assert from 'node:assert/strict';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey, PROJECT } from '../support/journey';

const runs = (command: string): ScriptedTurn => ({
  content: [{ type: 'tool_use', name: 'Execute', input: { command } }],
});
const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });

describe('data and checkpoints in a real VS Code', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('shows what would be lost before it goes, and Restore brings it back, beside what is there by then', async () => {
    const prepare = async (folder: string): Promise<void> => {
      await mkdir(join(folder, 'runs', 'exp'), { recursive: true });
      await writeFile(join(folder, 'runs', 'exp', 'best.pt'), Buffer.alloc(3_400_000, 7));
      await writeFile(join(folder, 'golden.rows'), 'named by a setting');
    };
    const settings = {
      'workbench.colorTheme': 'Default Dark Modern',
      'mlEngineer.artefacts': ['golden.*'],
      'mlEngineer.permissionMode': 'auto',
    };
    journey = await Journey.open([runs('rm -rf data runs golden.rows'), says('All clean.')], settings, prepare);
    const { workbench, folder } = journey;
    const rows = await readFile(join(folder, 'data', 'churn.csv'));
    await workbench.sendChat('@ml-engineer clean up');
    const question = await workbench.question('rm -rf data runs');
    const text = (await question.innerText()).replaceAll(/\s+/gu, ' ');
    assert.match(text, /What may be lost:/u);
    assert.match(
      text,
      /runs\/exp\/best\.pt: checkpoint, 3\.4 MB, \d+ (?:second|minute)s? old, in no repository, nowhere else/u,
    );
    assert.match(text, /data\/churn\.csv: data set/u);
    assert.match(text, /golden\.rows: data set, 18 B/u);
    assert.match(text, /A copy is kept first; "Restore\.\.\." brings it back/u);
    assert.match(text, /Why you are asked: may lose 1 checkpoint/u);
    await workbench.screenshot(join(PROJECT, 'dist', 'artefacts-question.png'));
    await workbench.decide('rm -rf data runs');
    await workbench.waitForChatText(/All clean\./u);
    await assert.rejects(access(join(folder, 'runs')), { code: 'ENOENT' });
    await assert.rejects(access(join(folder, 'data', 'churn.csv')), { code: 'ENOENT' });

    await writeFile(join(folder, 'golden.rows'), 'another by now');
    await workbench.runCommand('ML Engineer: Restore...');
    await workbench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'best.pt' }).waitFor();
    await workbench.screenshot(join(PROJECT, 'dist', 'artefacts-restore.png'));
    await workbench.pickAll();
    await workbench.dialog.getByRole('button', { name: 'Restore Beside' }).click();
    await workbench.notification(/Restored: /u);
    assert.equal((await readFile(join(folder, 'runs', 'exp', 'best.pt'))).length, 3_400_000);
    assert.deepEqual(await readFile(join(folder, 'data', 'churn.csv')), rows);
    assert.equal(await readFile(join(folder, 'golden.rows'), 'utf8'), 'another by now');
    assert.equal(await readFile(join(folder, 'golden.restored.rows'), 'utf8'), 'named by a setting');
  });
});
