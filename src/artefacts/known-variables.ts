import type { Grammar, SyntaxNode } from '../shell/grammar';
import { wordsOf } from '../shell/powershell-words';
import { readWord } from '../shell/simple-commands';

/**
 * The line with the variables filled in that it sets itself (`D=data; rm -rf "$D"`, `for f in a b; do rm $f; done`),
 * with `$PWD` as `.` and defaults (`${D:-data}`) where nothing is set. For finding out what a line may touch, not for
 * running it: a variable of several values stands for all of them at once.
 */
export function withKnownVariables(line: string, grammar: Grammar): string {
  const known = new Map<string, string[]>([['PWD', ['.']]]);
  const root = grammar.parse(line);
  if (root && grammar.dialect === 'bash') collect(root, known);
  if (root && grammar.dialect === 'powershell') return withPowerShellVariables(line, root);
  const text = (name: string): string | undefined => known.get(name)?.join(' ');
  return line
    .replaceAll(/\$\(\s*pwd\s*\)/gu, '.')
    .replaceAll(
      /\$\{([A-Za-z_]\w*)(?::?[-=?+]([^}$]*))?\}/gu,
      (whole, name: string, other?: string) => text(name) ?? (other === undefined || other === '' ? whole : other),
    )
    .replaceAll(/\$([A-Za-z_]\w*)/gu, (whole, name: string) => text(name) ?? whole);
}

function collect(node: SyntaxNode, known: Map<string, string[]>): void {
  const isLoop = node.type === 'for_statement';
  const name = node.childForFieldName(isLoop ? 'variable' : 'name')?.text;
  if (name !== undefined && (isLoop || node.type === 'variable_assignment')) {
    const values = node.childrenForFieldName('value').flatMap((value) => (value ? (readWord(value).text ?? []) : []));
    // Put into the line as it is, a value with blanks would fall apart into several words.
    if (values.every((value) => !/\s/u.test(value)) && values.length > 0)
      known.set(name, [...(known.get(name) ?? []), ...values]);
  }
  for (const child of node.namedChildren) if (child) collect(child, known);
}

/** The same of PowerShell: `$d = 'data'; Remove-Item $d`, `foreach ($f in 'a', 'b') { Remove-Item $f }`. */
function withPowerShellVariables(line: string, root: SyntaxNode): string {
  const known = new Map<string, string[]>();
  const visit = (node: SyntaxNode): void => {
    const [left, value] = [node.namedChildren[0], node.namedChildren.at(-1)];
    const [, name] = /^\$(\w+)$/u.exec(left?.text ?? '') ?? [];
    const isSet = node.type === 'assignment_expression' || node.type === 'foreach_statement';
    const given = node.type === 'foreach_statement' ? node.namedChildren[1] : value;
    if (isSet && name !== undefined && given) {
      const texts = wordsOf(given, line).map(({ text }) => text);
      if (texts.every((text): text is string => text !== undefined && /^[^\s,$]+$/u.test(text)))
        known.set(name.toLowerCase(), [...(known.get(name.toLowerCase()) ?? []), ...texts]);
    }
    for (const child of node.namedChildren) if (child) visit(child);
  };
  visit(root);
  return line.replaceAll(
    /\$(\w+)(?!\w*\s*\+?=|\s+in\b)/gu,
    (whole, name: string) => known.get(name.toLowerCase())?.join(',') ?? whole,
  );
}
