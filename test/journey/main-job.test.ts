import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey, PROJECT } from '../support/journey';

interface Script {
  prompt: string;
  turns: ScriptedTurn[];
}

/** The names of the tools that recorded turns call, in order. */
const callsOf = (turns: readonly ScriptedTurn[]): string[] =>
  turns.flatMap(({ content = [] }) => content.flatMap((block) => (block.type === 'tool_use' ? [block.name] : [])));

describe('the main job in a real VS Code', () => {
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it('answers hello through chat, loop, server and journal, and runs one approved command', async () => {
    const turns: ScriptedTurn[] = [
      {
        content: [
          { type: 'text', text: 'Hello. I will look.' },
          { type: 'tool_use', name: 'LS', input: {} },
        ],
      },
      {
        content: [
          { type: 'tool_use', name: 'Execute', input: { command: 'python3 -m unittest', summary: 'Run the tests' } },
        ],
      },
      { content: [{ type: 'text', text: 'One test of ten fails.' }] },
    ];
    journey = await Journey.open(turns);
    const { workbench, server } = journey;
    await workbench.sendChat('@ml-engineer hello');
    await workbench.waitForChatText(/Hello\. I will look\./u);
    await workbench.decide('python3 -m unittest');
    await workbench.waitForChatText(/One test of ten fails\./u);
    await workbench.waitForChatText(/claude-opus-5-5 · [\d,]+ tokens in, [\d,]+ out · \$0\.\d+/u);
    assert.equal(server.requests.length, 3);
    assert.match(journey.lastMessages, /Exit code 1 after[\s\S]*FAILED \(failures=1\)/u);
    const [journal = []] = await journey.journals();
    assert.ok(journal.some(({ event }) => event.type === 'prompt' && event.text === 'hello'));
    assert.ok(journal.some(({ event }) => event.type === 'run-end' && event.reason === 'done'));
  });

  it('does the churn job: todos move, a command is approved, the diff is there, the tests pass', async () => {
    const script = JSON.parse(await readFile(join(PROJECT, 'media', 'demo', 'churn.json'), 'utf8')) as Script;
    const calls = callsOf(script.turns);
    journey = await Journey.open(script.turns);
    const { workbench, server } = journey;
    await workbench.sendChat(`@ml-engineer ${script.prompt}`);
    const asked = calls.filter((name) => ['Execute', 'Edit'].includes(name));
    for (const name of asked) await workbench.decide(name === 'Edit' ? 'data.py' : /unittest|train/u);
    await workbench.waitForChatText(/Cause\./u);
    assert.match(await journey.read('churn/data.py'), /customers = sorted/u);
    assert.match(journey.lastMessages, /Ran 10 tests[\s\S]*OK/u);
    assert.deepEqual(server.refusals, ['model: claude-opus-4-1-20250805']);
    const steps = await workbench.toolSteps((titles) => titles.length >= calls.length);
    assert.equal(steps.length, calls.length, `${steps.join(', ')} for ${calls.join(', ')}`);
  });

  it('shows in the panel the todos as they move and the diff of each file, and opens the editor for it', async () => {
    const script = JSON.parse(await readFile(join(PROJECT, 'media', 'demo', 'churn.json'), 'utf8')) as Script;
    journey = await Journey.open(script.turns);
    const { workbench } = journey;
    await workbench.sendChat(`@ml-engineer ${script.prompt}`);
    const panel = await workbench.panel();
    const todo = panel.getByRole('listitem').filter({ hasText: 'See the tests fail' });
    await todo.filter({ hasText: /in progress/iu }).waitFor();
    const asked = callsOf(script.turns).filter((name) => ['Execute', 'Edit'].includes(name));
    for (const name of asked) await workbench.decide(name === 'Edit' ? 'data.py' : /unittest|train/u);
    await todo.filter({ hasText: /done/iu }).waitFor();
    await panel
      .getByRole('treeitem', { name: /data\.py/u })
      .first()
      .click();
    await panel.getByText('customers = sorted').waitFor();
    await panel
      .getByRole('button', { name: /Open in Diff Editor/iu })
      .first()
      .click();
    await workbench.page.locator('.monaco-diff-editor').waitFor();
    const added = workbench.page.locator('.monaco-diff-editor .modified-in-monaco-diff-editor .view-lines');
    await added.filter({ hasText: /customers\s=\ssorted/u }).waitFor();
  });
});
