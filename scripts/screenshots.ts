// npm run screenshots: the main job and the launcher in a real VS Code, dark and light, into docs/screenshots.
// `npm run screenshots -- launcher` takes the launcher's only.
import { cp, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startAnthropicServer, type ScriptedBlock } from '../test/support/anthropic-server';
import { Workbench } from '../test/support/workbench';
import { addFault, launcherShots } from './screenshots-launcher';

const PROJECT = resolve(__dirname, '..');

async function main(): Promise<void> {
  const shots = join(PROJECT, 'docs', 'screenshots');
  await mkdir(shots, { recursive: true });
  const script = JSON.parse(await readFile(join(PROJECT, 'media', 'demo', 'churn.json'), 'utf8')) as {
    prompt: string;
    turns: { content: ScriptedBlock[] }[];
  };
  const asked = script.turns
    .flatMap(({ content }) => content)
    .filter((block) => block.type === 'tool_use' && ['Execute', 'Edit'].includes(block.name)).length;

  for (const [name, theme] of [
    ['dark', 'Default Dark Modern'],
    ['light', 'Default Light Modern'],
  ] as const) {
    const home = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-shots-')));
    const folder = join(home, 'churn');
    await cp(join(PROJECT, 'examples', 'churn'), folder, { recursive: true });
    await addFault(folder);
    const server = await startAnthropicServer({ turns: script.turns });
    const env = { ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: server.url, ANTHROPIC_MODEL: 'claude-opus-5-5' };
    const workbench = await Workbench.open({ folder, env, settings: { 'workbench.colorTheme': theme } });
    try {
      if (process.argv.includes('launcher')) {
        await launcherShots(workbench, (scene) => join(shots, `${scene}-${name}.png`));
        continue;
      }
      await workbench.sendChat(`@ml-engineer ${script.prompt}`);
      await workbench.panel();
      for (let answered = 0; answered < asked; answered++) {
        const allow = workbench.page.locator('.interactive-session').getByRole('button', { name: 'Allow Once' }).last();
        await allow.waitFor();
        if (answered === 0) await workbench.screenshot(join(shots, `approval-${name}.png`));
        await allow.click();
      }
      await workbench.waitForChatText(/Other seeds/u);
      const panel = await workbench.panel();
      await panel.locator('.toggle').first().click();
      await panel.locator('.diff, table, pre').first().waitFor();
      await workbench.screenshot(join(shots, `main-job-${name}.png`));
      await launcherShots(workbench, (scene) => join(shots, `${scene}-${name}.png`));
      console.log(`${name}: done`);
    } finally {
      await workbench.close();
      await server.stop();
      await rm(home, { recursive: true, force: true });
    }
  }
}

void main();
