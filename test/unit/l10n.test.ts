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
});
