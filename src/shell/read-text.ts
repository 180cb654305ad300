import type { Grammar } from './grammar';
import { readPowerShell } from './powershell';
import { readLine, type Line } from './simple-commands';

/** The simple commands of a text in the grammar's dialect; `undefined` where it is no such text, or no grammar is there. */
export function readText(text: string, grammar: Grammar): Line | undefined {
  if (grammar.dialect === 'bash') {
    const root = grammar.parse(text);
    return root && !root.hasError ? readLine(root) : undefined;
  }
  // What the grammar cannot take but PowerShell can is covered with letters first; the words are read from the text itself.
  // A redirection by itself, as it stands among a line's parts.
  const whole = /^(?:\d|\*)?>/u.test(text) ? `echo ${text}` : text;
  for (const readable of [whole, covered(whole)]) {
    const root = grammar.parse(readable);
    if (root && !root.hasError) return readPowerShell(root, whole);
  }
  return undefined;
}

/** `--lr=1e-3`, `-5`, `--`, `1GB` and `a, b` as words of the same length, `ForEach-Object -Parallel` as any other command. */
function covered(text: string): string {
  return text
    .replaceAll(/(?<=\s)-{1,2}[A-Za-z][\w-]*=[\w.,:/+=~-]*(?=\s|$|[;|)}])/gu, (all) => 'x'.repeat(all.length))
    .replaceAll(/(?<=\s)(?:-\d[\w.]*|--?)(?=\s|$)/gu, (all) => 'x'.repeat(all.length))
    .replaceAll(/(?<![\w.])\d+[KMGTP]B\b/giu, (all) => '1'.repeat(all.length))
    .replaceAll(/(?<=[\w.*\\/]), ?(?=[\w.*\\/])/gu, (all) => '_'.repeat(all.length))
    .replaceAll(/\bforeach-object(?=\s+-[A-Za-z])/giu, 'foreach_object')
    .replaceAll(/(?<=^|[\s|;])%(?=\s+-[A-Za-z])/gu, 'x');
}
