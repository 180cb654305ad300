import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LABEL_KEYS, type Labels } from '../../src/panel/protocol';

const PROJECT = resolve(__dirname, '..', '..');
const LABEL = /(\w+): vscode\.l10n\.t\(\s*(['"`])((?:\\.|(?!\2).)*)\2/gsu;

/** What the panel's page says in a language, without an editor round it: as the labels stand in the source. */
export function panelWords(language?: string): Labels {
  const source = ['labels.ts', 'job-labels.ts']
    .map((name) => readFileSync(join(PROJECT, 'src', 'vscode', 'panel', name), 'utf8'))
    .join('\n');
  const file = join(PROJECT, 'l10n', `bundle.l10n.${language ?? ''}.json`);
  const words = language === undefined ? {} : (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>);
  const labels = new Map<string, string>();
  for (const [, key = '', , text = ''] of source.matchAll(LABEL)) {
    const english = text.replaceAll(/\\(.)/gsu, '$1');
    labels.set(key, words[english] ?? english);
  }
  const missing = LABEL_KEYS.filter((key) => !labels.has(key));
  if (missing.length > 0) throw new Error(`labels.ts says nothing for ${missing.join(', ')}`);
  return Object.fromEntries(LABEL_KEYS.map((key) => [key, labels.get(key)])) as Labels;
}
