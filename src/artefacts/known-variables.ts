import type { Grammar, SyntaxNode } from '../shell/grammar';
import { readWord } from '../shell/simple-commands';

/**
 * The line with the variables filled in that it sets itself (`D=data; rm -rf "$D"`, `for f in a b; do rm $f; done`),
 * with `$PWD` as `.` and defaults (`${D:-data}`) where nothing is set. For finding out what a line may touch, not for
 * running it: a variable of several values stands for all of them at once.
 */
export function withKnownVariables(line: string, grammar: Grammar): string {
  const known = new Map<string, string[]>([['PWD', ['.']]]);
  collect(grammar.parse(line), known);
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
