// Writes what comes from the code: the tools and skills in package.json, the native agent, the strings in
// l10n/bundle.l10n.json, the README's settings, and docs/reliability.md. Translations are put in the order of the English.
// `npm run manifest` writes, `--check` only compares.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findDroids } from '../src/library/droids.ts';
import { findSkills } from '../src/library/skills.ts';
import { agentFile, chatSkills, skillCommands } from '../src/vscode/contributed-library.ts';
import { languageModelTools } from '../src/vscode/contributed-tools.ts';
import { reliabilityPage } from '../test/faults/index.ts';

const root = new URL('../', import.meta.url);
const manifest = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
const bundled = (folder) => [{ source: 'bundled', folder: fileURLToPath(new URL(folder, root)) }];
const droid = (await findDroids(bundled('droids'))).find(({ name }) => name === 'ml-engineer');
manifest.contributes.languageModelTools = languageModelTools();
const skills = await findSkills(bundled('skills'));
manifest.contributes.chatSkills = chatSkills(skills);
manifest.contributes.chatParticipants[0].commands = skillCommands(skills);

const strings = new Set();
for (const file of await readdir(new URL('src/', root), { recursive: true })) {
  if (!file.endsWith('.ts')) continue;
  const source = await readFile(new URL(`src/${file}`, root), 'utf8');
  for (const [, , text] of source.matchAll(/l10n\.t\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gsu))
    strings.add(text.replaceAll(/\\(.)/gsu, '$1'));
}
const bundle = Object.fromEntries([...strings].sort().map((text) => [text, text]));

const stale = [];
await put('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
await put('l10n/bundle.l10n.json', `${JSON.stringify(bundle, null, 2)}\n`);
await orderTranslations('l10n', 'bundle.l10n', bundle);
await orderTranslations('.', 'package.nls', JSON.parse(await readFile(new URL('package.nls.json', root), 'utf8')));
await put('agents/ml-engineer.agent.md', agentFile(droid));
await put('README.md', await readmeWithSettings());
await put('docs/reliability.md', reliabilityPage());
if (stale.length > 0) {
  console.error(`${stale.join(' and ')}: not what the code says. Run: npm run manifest`);
  process.exit(1);
}

/** The README with the table of settings between its marks. */
async function readmeWithSettings() {
  const readme = await readFile(new URL('README.md', root), 'utf8');
  const words = JSON.parse(await readFile(new URL('package.nls.json', root), 'utf8'));
  const rows = Object.entries(manifest.contributes.configuration.properties).map(([name, setting]) => {
    const meaning = words[setting.markdownDescription.replaceAll('%', '')];
    const values = setting.enum ? ` (${setting.enum.filter(Boolean).join(', ')})` : '';
    // Lists and objects are empty unless somebody fills them.
    const shown = typeof setting.default === 'object' ? '' : String(setting.default ?? '');
    return `| \`${name}\` | ${shown === '' ? '' : `\`${shown}\``} | ${meaning}${values} |`;
  });
  const table = ['| Setting | Default | Meaning |', '|---|---|---|', ...rows].join('\n');
  return readme.replace(/(<!-- settings: [^\n]*-->\n)[\s\S]*(<!-- \/settings -->)/u, `$1${table}\n$2`);
}

/** The files of other languages, their texts as the English ones stand; those that are not in use go. */
async function orderTranslations(folder, base, english) {
  for (const file of await readdir(new URL(`${folder}/`, root))) {
    if (!file.startsWith(`${base}.`) || !file.endsWith('.json') || file === `${base}.json`) continue;
    const path = folder === '.' ? file : `${folder}/${file}`;
    const texts = JSON.parse(await readFile(new URL(path, root), 'utf8'));
    const ordered = Object.keys(english).flatMap((key) => (key in texts ? [[key, texts[key]]] : []));
    await put(path, `${JSON.stringify(Object.fromEntries(ordered), null, 2)}\n`);
  }
}

async function put(name, wanted) {
  const path = new URL(name, root);
  if ((await readFile(path, 'utf8').catch(() => '')) === wanted) return;
  if (process.argv.includes('--check')) stale.push(name);
  else {
    await mkdir(new URL('./', path), { recursive: true });
    await writeFile(path, wanted);
  }
}
