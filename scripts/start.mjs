// npm start: installs, builds and opens the main job on a fresh copy of the example. `--headless` does it in the terminal.
import { cp, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDependencies, PROJECT } from './dependencies.mjs';
import { has, must, run } from './process.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

process.chdir(PROJECT);
const headless = process.argv.includes('--headless');
const PROMPT = 'the churn tests fail, find out why and fix it';
const key = process.env.ANTHROPIC_API_KEY ?? process.env.ANTHROPIC_AUTH_TOKEN;

await ensureSystemPackages(headless ? ['python3', 'git', 'ripgrep'] : undefined);
await ensureDependencies();
await must('node', ['esbuild.mjs']);
const folder = await freshExample();

if (headless) {
  // Only what the recorded turns run is allowed; a real model is refused the rest and says so.
  const allowed = ['Execute(python3 -m unittest *)', 'Execute(python3 -m churn.train *)'].flatMap((rule) => [
    '--allow',
    rule,
  ]);
  const script = key ? [] : ['--script', join(PROJECT, 'media', 'demo', 'churn.json')];
  if (!key) console.log('No key is set, so recorded model turns are played; every tool really runs.');
  console.log(`Working in ${folder}\n`);
  process.exitCode = await run('node', [
    'dist/cli.js',
    '--cwd',
    folder,
    '--permission-mode',
    'acceptEdits',
    ...allowed,
    ...script,
    PROMPT,
  ]);
} else if (await has('code')) {
  console.log(`Opening ${folder} in VS Code. The prompt is typed into the chat already: press Enter there.`);
  await must('code', ['--new-window', `--extensionDevelopmentPath=${PROJECT}`, folder]);
} else {
  const { startEditor } = await import('./editor-server.mjs');
  const passed = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL', 'ANTHROPIC_MODEL'];
  const env = Object.fromEntries(passed.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  const editor = await startEditor({ extensions: [PROJECT], env, port: Number(process.env.PORT ?? 0) });
  console.log(
    `\nVS Code is ready: ${editor.url(folder)}\n\nThe prompt is typed into the chat already: press Enter there. Ctrl+C here ends it.`,
  );
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      void editor.stop().then(() => process.exit(0));
    });
  }
  await new Promise(() => {
    // The server runs until the person ends it.
    setInterval(() => undefined, 60_000);
  });
}

/** A copy in a temporary folder, marked as the demo's, so that without a key the recorded turns may play in it. */
async function freshExample() {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-demo-')));
  const copy = join(home, 'churn');
  await cp(join(PROJECT, 'examples', 'churn'), copy, { recursive: true });
  await writeFile(join(home, '.ml-engineer-demo'), copy, { mode: 0o600 });
  return copy;
}
