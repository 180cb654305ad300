import { minimatch } from 'minimatch';
import type { Grammar, SyntaxNode } from './grammar';
import { SHELLS } from './programs';
import { readWord } from './simple-commands';

/** What ends a path in a text that is a program of its own: `python -c "open('a')"`, `--file=a`, `HEAD:a`. */
const ENDS_PATH = /[\s'"`()[\]{}<>=,:;|&$@]+/u;
const QUOTED: ReadonlySet<string> = new Set(['string', 'raw_string', 'ansi_c_string', 'heredoc_body']);
const UNQUOTED: ReadonlySet<string> = new Set(['word', 'number', 'concatenation']);
const GLOB = /[*?[]/u;
const MAX_DEPTH = 8;

/**
 * Everything in a command line that may name a path, wherever it stands: words without their quotes (globs as they are,
 * alternatives of braces each), what is attached to options, the pieces of quoted texts, lines for a further shell.
 * Gives more than there is rather than less; what only running would tell is not in it.
 */
export function namesIn(line: string, grammar: Grammar): string[] {
  const names = new Set<string>();
  if (grammar.dialect === 'powershell') collectPieces(line, names);
  else collect(line, grammar, names, 0);
  names.delete('');
  return [...names];
}

function collect(line: string, grammar: Grammar, names: Set<string>, depth: number): void {
  const visit = (node: SyntaxNode): void => {
    if (UNQUOTED.has(node.type)) addWord(readWord(node).text ?? node.text, names);
    if (QUOTED.has(node.type)) {
      const text = readWord(node).text ?? node.text;
      for (const name of [text, ...text.split(ENDS_PATH)]) if (!GLOB.test(name)) names.add(name);
      if (depth < MAX_DEPTH && goesToShell(node)) collect(text, grammar, names, depth + 1);
    }
    for (const child of node.namedChildren) if (child) visit(child);
  };
  const root = grammar.parse(line);
  if (root) visit(root);
}

/** PowerShell quotes and glues words in so many ways that every piece of the text counts, whatever stands around it. */
function collectPieces(line: string, names: Set<string>): void {
  const text = line.replaceAll(/`(.)/gu, '$1');
  const quoted = [...text.matchAll(/'([^']*)'|"([^"]*)"/gu)].flatMap((match) => match.slice(1, 3));
  const glued = text.replaceAll(/['"]/gu, '');
  const pieces = [text, glued].flatMap((one) => [...one.split(/[\s'"(){}|;,]+/u), ...one.split(ENDS_PATH)]);
  for (const piece of [...quoted, ...pieces]) if (piece) names.add(piece).add(piece.replaceAll('\\', '/'));
}

function addWord(text: string, names: Set<string>): void {
  for (const one of text.includes('{') ? minimatch.braceExpand(text) : [text]) {
    // A bracket that is not at the end of a piece belongs to a glob, which the whole word keeps.
    for (const name of [one, ...one.split(ENDS_PATH)]) names.add(name);
    const attached = /^-[a-zA-Z](.+)$/su.exec(one)?.[1];
    if (attached !== undefined) names.add(attached);
  }
}

/** A text that some command of the shell may read as a line of its own: `sh -c TEXT`, `eval TEXT`, a here-document. */
function goesToShell({ parent }: SyntaxNode): boolean {
  for (let node = parent; node; node = node.parent) {
    const words = node.type === 'command' || node.type === 'redirected_statement' ? node.text.split(/[\s/]+/u) : [];
    if (words.some((word) => word === 'eval' || SHELLS.has(word))) return true;
  }
  return false;
}
