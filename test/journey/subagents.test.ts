import assert from 'node:assert/strict';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calls, conversations, says } from '../support/conversations';
import { Journey } from '../support/journey';

const SCOUT =
  '---\nname: scout\ndescription: Looks at code and reports.\ntools: [Read, Grep]\n---\nYou look and report.';
const FIXER = '---\nname: fixer\ndescription: Writes notes.\ntools: [Read, Create, Execute]\n---\nYou write.';
const DRAFT = {
  description: 'Reviews how data is split.',
  tools: ['Read', 'Grep'],
  model: 'inherit',
  prompt: 'You review how data is split, and name each leak with its line.',
};

const task = (subagent_type: string, prompt: string, more: object = {}): [string, Record<string, unknown>] => [
  'Task',
  { subagent_type, description: `have ${subagent_type} ${prompt}`, prompt, ...more },
];

describe('subagents in a real VS Code', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('work side by side, ask in chat or panel, and a droid that was just written works too', async () => {
    journey = await Journey.open(
      conversations({
        'check the split': [
          calls(task('scout', 'look at it'), task('fixer', 'note it')),
          calls(task('fixer', 'count lines', { run_in_background: true })),
          says('Two are back, one counts.'),
          calls(['GenerateDroid', { description: 'Review data splits', location: 'project', name: 'split-reviewer' }]),
          calls(task('split-reviewer', 'review it')),
          says('All reviewed.'),
        ],
        'look at it': [calls(['Grep', { pattern: 'customers' }]), says('It leaks in data.py.')],
        'note it': [calls(['Create', { file_path: 'NOTE.md', content: 'It leaks.\n' }]), says('Noted it.')],
        'count lines': [
          calls(['Execute', { command: 'wc -l NOTE.md > lines.txt', summary: 'Count' }]),
          says('One line.'),
        ],
        'Review data splits': [says(JSON.stringify(DRAFT))],
        'review it': [calls(['Read', { file_path: 'churn/data.py' }]), says('Reviewed: line 3 leaks.')],
      }),
      {},
      async (folder) => {
        const droids = join(folder, '.factory', 'droids');
        await mkdir(droids, { recursive: true });
        await writeFile(join(droids, 'scout.md'), SCOUT);
        await writeFile(join(droids, 'fixer.md'), FIXER);
      },
    );
    const { workbench, server } = journey;
    await workbench.sendChat('@ml-engineer check the split');

    // A question of one in the foreground: in the chat, with who asks; the panel says where to answer.
    await workbench.question('It leaks.');
    await workbench.page
      .locator('.interactive-session')
      .getByText('Subagent fixer: Create NOTE.md')
      .filter({ visible: true })
      .first()
      .waitFor();
    const panel = await workbench.panel();
    await panel.getByText(/Waiting in the chat: Subagent fixer: Create NOTE\.md/u).waitFor();
    const agents = panel.getByRole('region', { name: 'Subagents' });
    const scout = agents.getByRole('listitem').filter({ hasText: 'scout' });
    await scout.filter({ hasText: /Finished\./u }).waitFor();
    await agents
      .getByRole('listitem')
      .filter({ hasText: 'note it' })
      .filter({ hasText: 'Waits for your answer' })
      .waitFor();
    await workbench.waitForChatText(/Subagent scout is done \(turns: 2, \$0\.\d+\)/u);
    await panel.getByRole('button', { name: 'Go to Chat' }).click();
    await workbench.decide('It leaks.');

    // One in the background asks in the panel; the run is over before it is answered.
    await workbench.waitForChatText(/Two are back, one counts\./u);
    await workbench.notification(/waits for your answer[^]*Subagent fixer/u);
    await workbench.clickInNotification(/Subagent fixer/u, 'Open Panel');
    const card = panel.getByRole('group', { name: /Subagent fixer/u });
    await card.getByText('wc -l NOTE.md > lines.txt').waitFor();
    await card.getByRole('button', { name: 'Allow Once' }).click();
    await card.waitFor({ state: 'hidden' });
    await agents
      .getByRole('listitem')
      .filter({ hasText: 'count lines' })
      .filter({ hasText: /Finished\./u })
      .waitFor();
    assert.match(await journey.read('lines.txt'), /1 NOTE\.md/u);

    // What a subagent changed is taken back with the answer that it worked for.
    await workbench.clickInChat('Undo Changes');
    await workbench.notification(/Put back: NOTE\.md/u);
    await assert.rejects(access(join(journey.folder, 'NOTE.md')), { code: 'ENOENT' });

    // Its transcript opens, to read.
    await agents.getByRole('button', { name: 'Open Transcript: scout' }).click();
    const editor = workbench.page.locator('.editor-instance .view-lines');
    await editor.filter({ hasText: /Searching\sthe\sworkspace\sfor\scustomers/u }).waitFor();

    // The next message knows how it ended; a droid is written, shown whole, and works at once.
    await workbench.sendChat('go on');
    const draft = await workbench.question('split-reviewer');
    assert.match(await draft.innerText(), /name\seach\sleak\swith\sits\sline/u);
    await workbench.decide('split-reviewer');
    await workbench.waitForChatText(/All reviewed\./u);
    assert.match(await journey.read('.factory/droids/split-reviewer.md'), /tools: \[Read, Grep\]/u);
    const told = server.requests.map(({ body }) => JSON.stringify(body.messages));
    assert.ok(told.some((text) => /In the background, for[^]*One line\./u.test(text)));
    assert.match(journey.lastMessages, /Subagent split-reviewer[^]*Reviewed: line 3 leaks\./u);
    assert.deepEqual(server.refusals, ['model: claude-opus-4-1-20250805']);

    // Each is a step of the chat.
    await workbench.toolSteps((titles) => titles.includes('Subagent split-reviewer: have split-reviewer review it'));
  });
});
