import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  startAnthropicServer,
  type AnthropicServer,
  type ScriptedBlock,
  type ScriptedTurn,
} from '../support/anthropic-server';
import { Workbench } from '../support/workbench';

const PROJECT = resolve(__dirname, '..', '..');

interface Script {
  prompt: string;
  turns: { content: ScriptedBlock[] }[];
}

async function copyOfChurn(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-journey-')));
  const folder = join(home, 'churn');
  await cp(join(PROJECT, 'examples', 'churn'), folder, { recursive: true });
  return { folder, remove: () => rm(home, { recursive: true, force: true }) };
}

/** The journals below a folder: where a session really lives. */
async function journalsIn(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return Promise.all(
    files.filter((file) => file.endsWith('journal.jsonl')).map((file) => readFile(join(folder, file), 'utf8')),
  );
}

describe('the main job in a real VS Code', () => {
  let place: Awaited<ReturnType<typeof copyOfChurn>>;
  let server: AnthropicServer;
  let workbench: Workbench;

  const open = async (turns: ScriptedTurn[]): Promise<void> => {
    place = await copyOfChurn();
    server = await startAnthropicServer({ turns });
    workbench = await Workbench.open({
      folder: place.folder,
      env: { ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: server.url },
    });
  };
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await workbench?.screenshot(
        join(PROJECT, 'dist', `failed-${this.currentTest.title.replaceAll(/\W+/gu, '-').slice(0, 60)}.png`),
      );
    }
    await workbench?.close();
    await server?.stop();
    await place?.remove();
  });

  it('answers hello through chat, loop, server and journal, and runs one approved command', async () => {
    await open([
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
    ]);
    await workbench.sendChat('@ml-engineer hello');
    await workbench.waitForChatText(/Hello\. I will look\./u);
    await workbench.clickInChat('Allow Once');
    await workbench.waitForChatText(/One test of ten fails\./u);
    await workbench.waitForChatText(/claude-opus-5-5 · [\d,]+ tokens in, [\d,]+ out · \$0\.\d+/u);
    assert.equal(server.requests.length, 3);
    assert.match(JSON.stringify(server.requests[2]?.body.messages), /Exit code 1 after[\s\S]*FAILED \(failures=1\)/u);
    const [journal = ''] = await journalsIn(workbench.dataFolder);
    assert.match(journal, /"type":"prompt","text":"hello"/u);
    assert.match(journal, /"type":"run-end","reason":"done"/u);
  });

  it('does the churn job: todos move, a command is approved, the diff is there, the tests pass', async () => {
    const script = JSON.parse(await readFile(join(PROJECT, 'media', 'demo', 'churn.json'), 'utf8')) as Script;
    await open(script.turns);
    await workbench.sendChat(`@ml-engineer ${script.prompt}`);
    const asks = script.turns.flatMap(({ content }) =>
      content.filter((block) => block.type === 'tool_use' && ['Execute', 'Edit'].includes(block.name)),
    );
    for (let answered = 0; answered < asks.length; answered++) await workbench.clickInChat('Allow Once');
    await workbench.waitForChatText(/Cause\./u);
    const fixed = await readFile(join(place.folder, 'churn', 'data.py'), 'utf8');
    assert.match(fixed, /customers = sorted/u);
    assert.match(JSON.stringify(server.requests.at(-1)?.body.messages), /Ran 10 tests[\s\S]*OK/u);
    assert.deepEqual(server.refusals, ['model: claude-opus-4-1-20250805']);

    const panel = await workbench.panel();
    await panel.getByText('Run the tests and the training again').waitFor();
    await panel.getByText('data.py').first().waitFor();
  });
});
