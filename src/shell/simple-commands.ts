import type { CommandPart } from '../agent/tool';
import type { SyntaxNode } from './grammar';

/** One word of a command after quotes are removed. `text` is `undefined` where only running it would tell. */
export interface Word {
  text: string | undefined;
  raw: string;
}

/** A file that a redirection writes. */
export interface Output {
  target: Word;
  append: boolean;
  raw: string;
}

export interface SimpleCommand {
  raw: string;
  /** Names of the variables set for this command, or by an assignment that stands alone. */
  assigned: string[];
  words: Word[];
  /** What is given on standard input by a here-document or here-string; `undefined` text where it is not static. */
  input?: Word;
  /** The commands before this one in its pipeline. */
  pipedFrom: SimpleCommand[];
  /** What it is, where its reader knows already. */
  verdict?: Omit<CommandPart, 'text'>;
}

export interface Line {
  commands: SimpleCommand[];
  outputs: Output[];
  /** Files that a redirection reads. */
  inputs: Word[];
  /** Functions the line defines: their bodies are among the commands. */
  functions: Set<string>;
  /** The shell calculates in it, sets a variable or tests: what evaluates texts as arithmetic. */
  evaluates: boolean;
  /** Texts in single quotes, in which nothing is filled in before. */
  quoted: string[];
}

const EVALUATORS: ReadonlySet<string> = new Set([
  'test_command',
  'arithmetic_expansion',
  'c_style_for_statement',
  'compound_statement',
  'variable_assignment',
  'subscript',
  'declaration_command',
  'unset_command',
]);
/** Programs of the shell that evaluate array indices in the names they are given. */
const EVALUATING = /^(?:test|\[|let|read|printf|unset|mapfile|readarray|wait|getopts)$/u;

/** All simple commands of a tree, however deep: in lists, pipes, substitutions, loops, functions. */
export function readLine(root: SyntaxNode): Line {
  const line: Line = { commands: [], outputs: [], inputs: [], functions: new Set(), evaluates: false, quoted: [] };
  lookForTexts(root, line);
  visit(root, line, []);
  return line;
}

function lookForTexts(node: SyntaxNode, line: Line): void {
  if (node.type === 'raw_string' || node.type === 'ansi_c_string') line.quoted.push(node.text);
  if (node.type === 'expansion' && /@[A-Z]\}$|^\$\{!/u.test(node.text)) {
    line.evaluates = true;
    line.quoted.push(node.text);
  }
  if (EVALUATORS.has(node.type) && (node.type !== 'compound_statement' || node.text.startsWith('((')))
    line.evaluates = true;
  if (node.type === 'command_name' && EVALUATING.test(node.text)) line.evaluates = true;
  for (const child of node.namedChildren) if (child) lookForTexts(child, line);
}

function visit(node: SyntaxNode, line: Line, pipedFrom: SimpleCommand[]): void {
  switch (node.type) {
    case 'pipeline': {
      let before = pipedFrom;
      for (const child of node.namedChildren) {
        const first = line.commands.length;
        if (child) visit(child, line, before);
        before = [...before, ...line.commands.slice(first)];
      }
      return;
    }
    case 'command':
      line.commands.push(readCommand(node, pipedFrom));
      for (const child of node.namedChildren) if (child) visitInside(child, line);
      return;
    case 'declaration_command':
    case 'unset_command':
      line.commands.push({
        raw: node.text,
        assigned: assignmentsIn(node),
        words: node.text.split(/\s+/u).map((word) => ({ text: word, raw: word })),
        pipedFrom,
      });
      for (const child of node.namedChildren) if (child) visitInside(child, line);
      return;
    case 'variable_assignment':
      line.commands.push({ raw: node.text, assigned: [nameOf(node)], words: [], pipedFrom });
      visitChildren(node, line, []);
      return;
    case 'function_definition':
      line.functions.add(node.childForFieldName('name')?.text ?? '');
      visitChildren(node, line, []);
      return;
    case 'file_redirect':
      readRedirect(node, line);
      visitChildren(node, line, []);
      return;
    default:
      visitChildren(node, line, pipedFrom);
  }
}

function visitChildren(node: SyntaxNode, line: Line, pipedFrom: SimpleCommand[]): void {
  for (const child of node.namedChildren) if (child) visit(child, line, pipedFrom);
}

/** Inside a command only substitutions hold further commands; its own assignments are read with it. */
function visitInside(node: SyntaxNode, line: Line): void {
  if (node.type === 'command_substitution' || node.type === 'process_substitution') visitChildren(node, line, []);
  else if (node.type === 'file_redirect') readRedirect(node, line);
  else for (const child of node.namedChildren) if (child) visitInside(child, line);
}

function readCommand(node: SyntaxNode, pipedFrom: SimpleCommand[]): SimpleCommand {
  const words = [node.childForFieldName('name'), ...node.childrenForFieldName('argument')]
    .filter((child) => child !== null)
    .map(readWord);
  const input = inputOf(node);
  return { raw: node.text, assigned: assignmentsIn(node), words, pipedFrom, ...(input ? { input } : {}) };
}

function assignmentsIn(node: SyntaxNode): string[] {
  return node.namedChildren.flatMap((child) => (child?.type === 'variable_assignment' ? [nameOf(child)] : []));
}

function nameOf(assignment: SyntaxNode): string {
  return assignment.childForFieldName('name')?.text ?? '';
}

function inputOf(node: SyntaxNode): Word | undefined {
  const redirects = [
    ...node.namedChildren,
    ...(node.parent?.type === 'redirected_statement' ? node.parent.namedChildren : []),
  ];
  for (const redirect of redirects) {
    if (redirect?.type === 'herestring_redirect') return readWord(redirect.namedChildren[0] ?? redirect);
    if (redirect?.type !== 'heredoc_redirect') continue;
    const body = redirect.namedChildren.find((child) => child?.type === 'heredoc_body');
    const isStatic = body?.namedChildren.every((child) => child?.type === 'heredoc_content') ?? true;
    return { text: isStatic ? (body?.text ?? '') : undefined, raw: redirect.text };
  }
  return undefined;
}

function readRedirect(node: SyntaxNode, line: Line): void {
  const operator = /^\d*(?:&>>|&>|>>|>\||>&|<>|>)/u.exec(node.text)?.[0];
  const destination = node.childForFieldName('destination');
  // `<&0` names a descriptor.
  if (destination && /^\d*<(?![>&])/u.test(node.text)) line.inputs.push(readWord(destination));
  if (!operator || !destination) return;
  // `2>&1` names a descriptor, not a file.
  if (operator.endsWith('>&') && /^(?:\d+|-)$/u.test(destination.text)) return;
  line.outputs.push({ target: readWord(destination), append: operator.endsWith('>>'), raw: node.text });
}

/** Removes quotes and escapes; anything that the shell would fill in makes the word unknown. */
export function readWord(node: SyntaxNode): Word {
  return { text: textOf(node), raw: node.text };
}

function textOf(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'command_name':
    case 'concatenation':
      return joined(node.namedChildren.map((child) => (child ? textOf(child) : '')));
    case 'word':
    case 'number':
    case 'test_operator':
      return node.text.replaceAll(/\\\n/gu, '').replaceAll(/\\([\s\S])/gu, '$1');
    case 'raw_string':
      return node.text.slice(1, -1);
    case 'string':
      return node.namedChildren.every((child) => child?.type === 'string_content')
        ? node.text.slice(1, -1).replaceAll(/\\([$`"\\\n])/gu, '$1')
        : undefined;
    case 'ansi_c_string':
      return ansiText(node.text.slice(2, -1));
    default:
      return undefined;
  }
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
}

const ANSI: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** The text of `$'...'`. */
function ansiText(raw: string): string {
  return raw.replaceAll(
    /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|([\s\S]))/gu,
    (_, hex?: string, unicode?: string, octal?: string, char?: string) => {
      if (hex ?? unicode) return String.fromCodePoint(Number.parseInt((hex ?? unicode) as string, 16));
      if (octal) return String.fromCodePoint(Number.parseInt(octal, 8));
      return ANSI[char ?? ''] ?? char ?? '';
    },
  );
}
