import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { calls, says } from '../support/conversations';
import { Journey, PROJECT } from '../support/journey';

const PICTURE = join(PROJECT, 'media', 'icon.png');

describe('the panel as a seat of its own, with chat turned off', () => {
  let journey: Journey;
  let failed: { state?: string | undefined; title: string } | undefined;
  afterEach(function () {
    if (this.currentTest?.state === 'failed') failed ??= this.currentTest;
  });
  after(() => journey?.close(failed));
  const pickRow = async (name: string): Promise<void> => {
    await journey.workbench.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ hasText: name })
      .first()
      .click();
  };

  before(async () => {
    journey = await Journey.open(
      [
        calls(['Execute', { command: 'wc -l churn/data.py > lines.txt', summary: 'Count' }]),
        { ...calls(['LS', {}]), delayMs: 3_000 },
        says('I took the hint in.'),
        says('That was the one in the queue.'),
        { ...says('Never said.'), delayMs: 60_000 },
        says('Looked at all of it.'),
      ],
      { 'chat.disableAIFeatures': true, 'terminal.integrated.gpuAcceleration': 'off' },
      async (folder) => {
        // A language service of VS Code itself reports the second comma.
        await writeFile(join(folder, 'params.json'), '{\n  "seed": 7,\n  "rate": 0.1,,\n  "rows": 10\n}\n');
        await writeFile(join(folder, 'NOTES.md'), '# Leakage\n\nThe split has it.\n\n# More\n');
        const droids = join(folder, '.factory', 'droids');
        await mkdir(droids, { recursive: true });
        await writeFile(
          join(droids, 'onlooker.md'),
          '---\nname: onlooker\ndescription: looks on\nmodel: inherit\n---\n\nYou only look on.\n',
        );
      },
    );
  });

  it('takes a message with a skill and a file, asks, is steered and stopped; its sessions fork, go out, go and come back', async () => {
    const { workbench, server } = journey;
    const { page } = workbench;
    const panel = await workbench.panel();
    const prompt = panel.getByRole('textbox', { name: 'What is to be done' });
    await prompt.click();

    // A skill by its slash, a file by its at sign, both picked from what is suggested.
    await page.keyboard.type('/systematic');
    await panel.getByRole('option', { name: /systematic-debugging/u }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('count lines of @data.p');
    await panel
      .getByRole('option', { name: /churn\/data\.py/u })
      .first()
      .click();
    await panel.getByRole('list', { name: 'Attached' }).getByText('churn/data.py').waitFor();
    // What the model takes is offered once the server has told it.
    await panel.getByRole('button', { name: 'Effort: Auto' }).click();
    await pickRow('xhigh');
    await panel.getByRole('button', { name: 'Effort: xhigh' }).waitFor();
    await prompt.click();
    await page.keyboard.press('Enter');

    // The panel asks; meanwhile the run is told something, and another message waits.
    const card = panel.getByRole('group', { name: /Run/u });
    await card.getByText('wc -l churn/data.py > lines.txt').waitFor();
    await prompt.click();
    await page.keyboard.type('and say how many');
    await page.keyboard.press('Control+Enter');
    await panel.getByText('taken at the next step: and say how many').waitFor();
    await page.keyboard.type('now the next thing');
    await page.keyboard.press('Enter');
    await panel.getByRole('list', { name: 'Waiting messages' }).getByText('now the next thing').waitFor();
    await card.getByRole('button', { name: 'Allow Once' }).click();
    await panel.locator('p.status').getByText('Finished.').waitFor();
    while (server.requests.length < 4) await page.waitForTimeout(50);
    const first = JSON.stringify(server.requests[0]?.body.messages);
    assert.deepEqual(server.requests[0]?.body.output_config, { effort: 'xhigh' });
    assert.match(first, /The skill systematic-debugging was called by the user/u);
    assert.match(first, /attachment kind=\\"file\\" path=\\"churn\/data\.py\\"/u);
    assert.match(JSON.stringify(server.requests[1]?.body.messages), /tool_result[^]*and say how many/u);
    assert.match(journey.lastMessages, /I took the hint in\.[^]*now the next thing/u);
    assert.match(await journey.read('lines.txt'), /churn\/data\.py/u);

    // Stopped by its button; the session stays as it is.
    await panel.locator('p.status').getByText('Finished.').waitFor();
    await prompt.click();
    await page.keyboard.type('something long');
    await page.keyboard.press('Enter');
    while (server.requests.length < 5) await page.waitForTimeout(50);
    await panel.getByRole('button', { name: 'Stop the Run' }).click();
    await panel.locator('p.status').getByText('Stopped.').waitFor();

    // Forked before a message, whose text comes back.
    const sessions = panel.getByRole('region', { name: 'Sessions' });
    await sessions.getByRole('button', { name: 'Sessions' }).click();
    const row = sessions.getByRole('listitem').filter({ hasText: 'count lines of' });
    await row.getByRole('button', { name: /Rename, Fork, Export/u }).click();
    await pickRow('Fork...');
    await pickRow('something long');
    await sessions.getByRole('listitem').filter({ hasText: 'Fork of' }).filter({ hasText: 'shown now' }).waitFor();
    while ((await prompt.inputValue()) !== 'something long') await page.waitForTimeout(50);
    await prompt.fill('');

    // Out as Markdown, by the native dialog.
    await sessions
      .getByRole('listitem')
      .filter({ hasText: 'Fork of' })
      .getByRole('button', { name: /Rename, Fork/u })
      .click();
    await pickRow('Export as Markdown...');
    await workbench.saveAs(join(journey.folder, 'out.md'));
    await untilRead('out.md', /I took the hint in\./u);
    assert.doesNotMatch(await journey.read('out.md'), /something long/u);

    // As JSONL: the journal's own lines. Named, and found by that name.
    const forked = sessions.getByRole('listitem').filter({ hasText: 'Fork of' });
    await forked.getByRole('button', { name: /Rename, Fork/u }).click();
    await pickRow('Export as JSONL...');
    await workbench.saveAs(join(journey.folder, 'out.jsonl'));
    await untilRead('out.jsonl', /I took the hint in\./u);
    const lines = (await journey.read('out.jsonl')).trimEnd().split('\n');
    assert.ok(
      (await journey.journals()).some((entries) => JSON.stringify(entries) === `[${lines.join(',')}]`),
      'what goes out is the journal',
    );
    await forked.getByRole('button', { name: /Rename, Fork/u }).click();
    await pickRow('Rename...');
    await workbench.enter('Fork of <b>the count</b>');
    await forked.getByText('Fork of <b>the count</b>').waitFor();
    const search = sessions.getByRole('searchbox');
    await search.fill('no session says this');
    await sessions.getByRole('listitem').first().waitFor({ state: 'hidden' });
    await search.fill('B>THE count');
    await forked.waitFor();
    assert.equal(await sessions.getByRole('listitem').count(), 1);
    await search.fill('');

    // Deleted and brought back.
    await sessions.getByRole('button', { name: /^Delete: Fork of/u }).click();
    await sessions.getByRole('button', { name: 'Undo' }).waitFor();
    assert.equal((await readdir(await sessionsFolder(), {})).filter((name) => /^[\w-]+$/u.test(name)).length, 1);
    await sessions.getByRole('button', { name: 'Undo' }).click();
    await sessions.getByRole('listitem').filter({ hasText: 'Fork of' }).waitFor();
    assert.equal((await journey.journals()).length, 2);
    // What the command line needs to go on with it.
    const told = join(journey.folder, '..', 'state', 'ml-engineer', 'editors');
    assert.deepEqual(await readFile(join(told, (await readdir(told))[0] ?? ''), 'utf8'), await sessionsFolder());
    assert.deepEqual(server.refusals, ['model: claude-opus-4-1-20250805']);

    async function untilRead(file: string, wanted: RegExp): Promise<void> {
      while (!wanted.test(await journey.read(file).catch(() => ''))) await page.waitForTimeout(100);
    }
    async function sessionsFolder(): Promise<string> {
      const files = await readdir(workbench.dataFolder, { recursive: true });
      const one = files.find((name) => /\/sessions\/[^/]+\/journal\.jsonl$/u.test(name));
      return join(workbench.dataFolder, one ?? '', '..', '..');
    }
  });

  it('attaches what is picked, pasted and dropped, keeps a draft over a reload, and asks whom its buttons name', async () => {
    const { workbench, server } = journey;
    const { page } = workbench;
    const panel = await workbench.panel();
    await panel.getByRole('button', { name: 'New Session' }).click();
    for (const [button, row, after] of [
      ['Model: Auto', 'claude-opus-5-5', 'Model: claude-opus-5-5'],
      [/^Effort: /u, 'low', 'Effort: low'],
      ['Mode: ask', 'plan', 'Mode: plan'],
      ['Droid: ml-engineer', 'onlooker', 'Droid: onlooker'],
    ] as const) {
      await panel.getByRole('button', { name: button }).click();
      await pickRow(row);
      await panel.getByRole('button', { name: after }).waitFor();
    }

    // What is typed and the files it names outlive the window.
    await attach('look at @NOTES.md', /NOTES\.md/u, 'NOTES.md');
    const reloaded = page.waitForEvent('domcontentloaded');
    await workbench.runCommand('Developer: Reload Window');
    await reloaded;
    await workbench.ready();
    const prompt = panel.getByRole('textbox', { name: 'What is to be done' });
    const attached = panel.getByRole('list', { name: 'Attached' }).getByRole('listitem');
    while (!(await prompt.inputValue()).includes('look at @NOTES.md')) await page.waitForTimeout(50);
    await attached.filter({ hasText: 'NOTES.md' }).waitFor();

    await workbench.openFile('params.json');
    await page.locator('.monaco-editor .squiggly-error').first().waitFor();
    await workbench.openFile('NOTES.md');
    await workbench.runCommand('Terminal: Create New Terminal');
    await workbench.waitForTerminal(/[$#]/u);
    // What a command prints in the moment it starts, the editor itself may not hand on.
    await page.keyboard.type('sleep 1; echo said-$((40 + 2))');
    await page.keyboard.press('Enter');
    await workbench.waitForTerminal(/said-42/u);
    await attach('@Leaka', /Leakage/u, 'Leakage');
    await attach('@problems', /Problems/u, 'problems');
    await attach('@terminal', /Last Command/u, 'terminal');

    // A picture from the clipboard, one from outside of the editor, and a file that is dragged inside it.
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const png = (await readFile(PICTURE)).toString('base64');
    await page.evaluate(`navigator.clipboard.write([new ClipboardItem({
      'image/png': new Blob([Uint8Array.from(atob('${png}'), (one) => one.charCodeAt(0))], { type: 'image/png' }),
    })])`);
    await prompt.click();
    await page.keyboard.press('Control+V');
    await attached.filter({ hasText: 'image.png' }).waitFor();
    const [x, y] = await place();
    const browser = await page.context().newCDPSession(page);
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await browser.send('Input.dispatchDragEvent', {
        ...{ type, x, y },
        data: { items: [], files: [PICTURE], dragOperationsMask: 1 },
      });
    await attached.filter({ hasText: 'icon.png' }).waitFor();
    await drag(page.locator('.tab').filter({ hasText: 'params.json' }));
    await attached.filter({ hasText: 'params.json' }).waitFor();

    // The panel goes to the other side, with all that was put into it, and takes a row of the Explorer there.
    await workbench.runCommand('View: Move View');
    await pickRow('Session');
    await pickRow('New Secondary Side Bar Entry');
    await page.locator('.auxiliarybar .composite.title').filter({ hasText: 'ML Engineer' }).waitFor();
    // Its page is loaded there anew, and takes the focus when it is.
    await attached.filter({ hasText: 'params.json' }).waitFor();
    await page.locator('.tab').filter({ hasText: 'params.json' }).click();
    await workbench.runCommand('View: Show Explorer');
    await drag(page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: 'README.md' }));
    await attached.filter({ hasText: 'README.md' }).waitFor();

    const asked = server.requests.length;
    await prompt.click();
    await page.keyboard.press('Enter');
    while (server.requests.length === asked) await page.waitForTimeout(50);
    await panel.locator('p.status').getByText('Finished.').waitFor();
    assert.equal(await attached.count(), 0);
    const { model, messages, system, output_config: output } = server.requests.at(-1)?.body ?? {};
    assert.deepEqual([model, output], ['claude-opus-5-5', { effort: 'low' }]);
    assert.match(JSON.stringify(system), /You only look on\./u);
    const said = JSON.stringify(messages);
    assert.match(said, /kind=\\"file\\" path=\\"NOTES\.md\\">\\n/u);
    assert.match(said, /kind=\\"file\\" path=\\"NOTES\.md\\" lines=\\"1-/u);
    assert.match(said, /params\.json:3:\d+: Error/u);
    assert.match(said, /sleep 1; echo said-\$\(\(40 \+ 2\)\)[^]*said-42/u);
    assert.match(said, /kind=\\"file\\" path=\\"params\.json\\"/u);
    assert.match(said, /kind=\\"file\\" path=\\"README\.md\\"/u);
    const images = (messages ?? []).flatMap(({ content }) =>
      typeof content === 'string' ? [] : content.flatMap((block) => (block.type === 'image' ? [block.source] : [])),
    );
    assert.equal(images.length, 2);
    assert.ok(images.every((source) => source.type === 'base64' && source.media_type === 'image/png'));
    assert.ok(images.some((source) => source.type === 'base64' && source.data === png));

    async function place(): Promise<[x: number, y: number]> {
      const box = await prompt.boundingBox();
      return [(box?.x ?? 0) + 20, (box?.y ?? 0) + 10];
    }
    /** Into the prompt. With Shift, or the editor takes it for itself. */
    async function drag(what: Locator): Promise<void> {
      await what.hover();
      await page.mouse.down();
      await page.keyboard.down('Shift');
      await page.mouse.move(...(await place()), { steps: 10 });
      await page.mouse.up();
      await page.keyboard.up('Shift');
    }
    async function attach(typed: string, option: RegExp, chip: string): Promise<void> {
      await panel.getByRole('textbox', { name: 'What is to be done' }).click();
      await page.keyboard.press('Control+End');
      const offer = panel.getByRole('option', { name: option }).first();
      // On a busy machine a language service is not waited for; the next asking finds it awake.
      for (let tries = 0; tries < 5; tries++) {
        await page.keyboard.type(` ${typed}`);
        if (
          await offer.waitFor({ timeout: 6_000 }).then(
            () => true,
            () => false,
          )
        )
          break;
        for (let typedBack = 0; typedBack <= typed.length; typedBack++) await page.keyboard.press('Backspace');
      }
      await offer.click();
      const list = panel.getByRole('list', { name: 'Attached' });
      await list.getByRole('listitem').filter({ hasText: chip }).nth(0).waitFor();
    }
  });
});
