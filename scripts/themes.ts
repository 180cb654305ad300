// Writes test/fixtures/themes.json: what a real VS Code tells pages of its four default themes, as far as the panel's
// style sheet asks for it. To be run again when that asks for another colour, or for a newer VS Code.
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Workbench, type Theme } from '../test/support/workbench';

const PROJECT = resolve(__dirname, '..');
const KINDS: Record<Theme, string> = {
  'Default Dark Modern': 'vscode-dark',
  'Default Light Modern': 'vscode-light',
  'Dark High Contrast': 'vscode-high-contrast',
  'Light High Contrast': 'vscode-high-contrast-light',
};

type Variables = Record<string, string>;

async function main(): Promise<void> {
  const css = await readFile(join(PROJECT, 'media', 'panel.css'), 'utf8');
  const names = [...new Set(css.match(/--vscode-[\w-]+/gu))].sort();
  const home = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-themes-')));
  const folder = join(home, 'churn');
  await cp(join(PROJECT, 'examples', 'churn'), folder, { recursive: true });
  const workbench = await Workbench.open({ folder });
  const themes: Record<string, Variables> = {};
  try {
    const panel = await workbench.panel();
    await panel.locator('.composer').waitFor();
    for (const [theme, kind] of Object.entries(KINDS)) {
      await workbench.setTheme(theme as Theme);
      await panel.locator(`body.${kind}`).waitFor();
      themes[theme] = await panel
        .locator('body')
        .evaluate(
          `(() => { const style = getComputedStyle(document.documentElement); return Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, style.getPropertyValue(name).trim()])); })()`,
        );
    }
  } finally {
    await workbench.close();
    await rm(home, { recursive: true, force: true });
  }
  await writeFile(join(PROJECT, 'test', 'fixtures', 'themes.json'), `${JSON.stringify(themes, null, 2)}\n`);
}

void main();
