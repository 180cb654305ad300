// Writes what comes from the code: the tools in package.json and the strings in l10n/bundle.l10n.json.
// `npx tsx scripts/manifest.mjs` writes, `--check` only compares.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { languageModelTools } from '../src/vscode/contributed-tools.ts';

const root = new URL('../', import.meta.url);
const manifest = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
manifest.contributes.languageModelTools = languageModelTools();

const strings = new Set();
for (const file of await readdir(new URL('src/', root), { recursive: true })) {
  if (!file.endsWith('.ts')) continue;
  const source = await readFile(new URL(`src/${file}`, root), 'utf8');
  for (const [, , text] of source.matchAll(/l10n\.t\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gsu))
    strings.add(text.replaceAll(/\\(.)/gsu, '$1'));
}
const bundle = Object.fromEntries([...strings].sort().map((text) => [text, text]));

const stale = [];
await put('package.json', manifest);
await put('l10n/bundle.l10n.json', bundle);
if (stale.length > 0) {
  console.error(`${stale.join(' and ')}: not what the code says. Run: npx tsx scripts/manifest.mjs`);
  process.exit(1);
}

async function put(name, value) {
  const path = new URL(name, root);
  const wanted = `${JSON.stringify(value, null, 2)}\n`;
  if ((await readFile(path, 'utf8').catch(() => '')) === wanted) return;
  if (process.argv.includes('--check')) stale.push(name);
  else {
    await mkdir(new URL('./', path), { recursive: true });
    await writeFile(path, wanted);
  }
}
