import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Calls whose text a person reads, and properties that hold such text. */
const SAYING = /^(?:show(?:Information|Warning|Error)Message|setStatusBarMessage|progress)$/u;
const READ = /^(?:title|placeHolder|prompt|detail|tooltip|validationMessage|ariaLabel|aria-label|placeholder|alt)$/u;
/** Words, and not a name, a path or a sign. */
const WORDS = /\p{L}{2,}[^\p{L}]+\p{L}{2,}|^\p{Lu}\p{Ll}+[.:!?…]?$/u;

/** Texts of a file that a person reads and that no translation reaches, with their lines. */
function untranslated(name: string, source: string): string[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.ESNext, true);
  const found: string[] = [];
  const note = (node: ts.Node, text: string): void => {
    // The product's name is the same everywhere; a tag begins what a model reads.
    if (!WORDS.test(text.trim()) || text === 'ML Engineer' || text.startsWith('<')) return;
    found.push(`${name}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${text.trim()}`);
  };
  const texts = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /(?:^|\.)l10n\.t$/u.test(node.expression.getText())) return;
    if (ts.isFunctionLike(node)) return;
    if (ts.isStringLiteralLike(node)) note(node, node.text);
    else if (ts.isTemplateExpression(node))
      note(node, [node.head, ...node.templateSpans.map((span) => span.literal)].map(({ text }) => text).join(' '));
    else ts.forEachChild(node, texts);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) note(node, node.text);
    if (ts.isJsxAttribute(node) && READ.test(node.name.getText()) && node.initializer) texts(node.initializer);
    if (ts.isPropertyAssignment(node) && READ.test(node.name.getText())) texts(node.initializer);
    if (ts.isCallExpression(node)) {
      const callee = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : '';
      if (SAYING.test(callee))
        for (const argument of node.arguments) if (!ts.isObjectLiteralExpression(argument)) texts(argument);
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'UserError') node.arguments?.forEach(texts);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const LANGUAGES = ['de', 'es', 'fr', 'ja', 'zh-cn'];

type Texts = Readonly<Record<string, string>>;

const textsOf = (path: string): Texts => JSON.parse(readFileSync(path, 'utf8')) as Texts;

/** What a reader of a translation would miss, or read wrongly. */
function faultsOf(english: Texts, translated: Texts): string[] {
  const holes = (text = ''): string => [...text.matchAll(/\{\d+\}/gu)].map(String).sort().join(' ');
  return [
    ...Object.keys(translated).flatMap((key) => (key in english ? [] : [`not in use: ${key}`])),
    ...Object.entries(english).flatMap(([key, text]) => {
      const other = translated[key];
      if (other === undefined || other.trim() === '') return [`not translated: ${key}`];
      return holes(text) === holes(other) ? [] : [`not filled in alike: ${key}`];
    }),
  ];
}

describe('what a person reads', () => {
  it('goes through the translations, in the editor and in the panel', () => {
    const files = ['src/vscode', 'src/panel/client'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.tsx?$/u.test(name))
        .map((name) => join(folder, name)),
    );
    assert.ok(files.length > 50);
    assert.deepEqual(
      files.flatMap((name) => untranslated(name, readFileSync(name, 'utf8'))),
      [],
    );
  });

  it('is found where it does not', () => {
    const source = `
      vscode.window.showErrorMessage('It failed badly');
      vscode.window.showQuickPick(items, { placeHolder: \`Pick \${n} of them\`, title: vscode.l10n.t('Not this one') });
      throw new UserError('That is no folder.');
      const page = <p title="Read me now">Some words</p>;`;
    assert.deepEqual(
      untranslated('x.tsx', source).map((line) => line.replace(/^.*?: /u, '')),
      ['It failed badly', 'Pick   of them', 'That is no folder.', 'Read me now', 'Some words'],
    );
  });

  for (const [folder, name] of [
    ['l10n', 'bundle.l10n'],
    ['.', 'package.nls'],
  ] as const)
    it(`is there in every language, with the same places to fill in: ${name}`, () => {
      const names = readdirSync(folder).filter((file) => file.startsWith(`${name}.`) && file !== `${name}.json`);
      assert.deepEqual(
        names.sort(),
        LANGUAGES.map((language) => `${name}.${language}.json`),
      );
      const english = textsOf(join(folder, `${name}.json`));
      assert.ok(Object.keys(english).length > 100);
      const faults = names.flatMap((file) =>
        faultsOf(english, textsOf(join(folder, file))).map((fault) => `${file}: ${fault}`),
      );
      assert.deepEqual(
        faults,
        [],
        'Add the texts; `npm run manifest` puts them in order and takes out what is not in use',
      );
    });

  it('is missed where a translation lacks it, has it left over, or fills it in otherwise', () => {
    const english = { a: 'A', b: '{0} of {1}', c: 'C', d: '{0}' };
    assert.deepEqual(faultsOf(english, { a: 'A', b: '{1} / {0}', c: 'C', d: '{0}' }), []);
    assert.deepEqual(faultsOf(english, { b: '{0} von {0}', c: ' ', d: 'D', e: 'E' }), [
      'not in use: e',
      'not translated: a',
      'not filled in alike: b',
      'not translated: c',
      'not filled in alike: d',
    ]);
  });
});
