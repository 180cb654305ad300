import type { SyntaxNode } from './grammar';
import type { Word } from './simple-commands';

/** One argument of a PowerShell command: `a,b` is a list of two words. */
export interface Argument {
  words: Word[];
  raw: string;
  /** `-Name`, without the dash, as it stands. */
  parameter?: string;
  /** Glued on with a colon: `-Name:value`. */
  isAttached?: true;
  isBlock?: true;
}

/** Nodes that stand around a single value and change nothing about it. */
const WRAPPING =
  /^(?:array_literal_expression|unary_expression|parenthesized_expression|array_expression|string_literal|integer_literal|statement_list|pipeline|pipeline_chain|argument_expression|(?:logical|bitwise|comparison|additive|multiplicative|format|range)(?:_argument)?_expression|redirected_file_name)$/u;
/** What separates a bare word from what follows it, so that a bare word with one of these was not read as PowerShell reads it. */
const UNREADABLE_BARE = /[;|&(){}<>"'$@]|`$/u;
/** Not `e`, which is an escape character to PowerShell 7 only, and itself to Windows PowerShell. */
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '0': '\0',
};

/** `source` is the line as it was written, which may differ from what the grammar was given. */
export function textIn(node: SyntaxNode, source: string): string {
  return source.slice(node.startIndex, node.endIndex);
}

/** A bare word that the grammar cannot have read rightly. */
export function isMisread(raw: string): boolean {
  return UNREADABLE_BARE.test(raw.replaceAll(/`[^\n]/gu, ''));
}

/** The values of an argument or of an expression that is a list: `a,b`, `"a"`, `@('a', 'b')`. */
export function wordsOf(node: SyntaxNode, source: string): Word[] {
  const inner = unwrapped(node);
  const raw = textIn(inner, source);
  if (inner.type === 'array_literal_expression')
    return inner.namedChildren.flatMap((child) => (child ? wordsOf(child, source) : []));
  if (BARE.has(inner.type)) return bareWords(raw);
  return [{ text: staticText(inner, raw), raw }];
}

const BARE: ReadonlySet<string> = new Set([
  'generic_token',
  'command_name',
  'command_parameter',
  'simple_name',
  'path_command_name',
]);

function unwrapped(node: SyntaxNode): SyntaxNode {
  const children = node.namedChildren.filter((child) => child !== null && child.type !== 'command_argument_sep');
  const [only] = children;
  return only && children.length === 1 && WRAPPING.test(node.type) ? unwrapped(only) : node;
}

function bareWords(raw: string): Word[] {
  if (isMisread(raw)) return [{ text: undefined, raw }];
  return raw.split(/,\s?/u).map((one) => ({ text: unescaped(one), raw: one }));
}

function staticText(node: SyntaxNode, raw: string): string | undefined {
  switch (node.type) {
    case 'verbatim_string_characters':
      return raw.slice(1, -1).replaceAll("''", "'");
    case 'verbatim_here_string_characters':
      return raw.slice(2, -2).replaceAll(/^\r?\n|\r?\n$/gu, '');
    case 'expandable_string_literal':
      return filledIn(raw) ? undefined : unescaped(raw.slice(1, -1).replaceAll('""', '"'));
    case 'expandable_here_string_literal':
      return filledIn(raw) ? undefined : unescaped(raw.slice(2, -2).replaceAll(/^\r?\n|\r?\n$/gu, ''));
    case 'decimal_integer_literal':
    case 'hexadecimal_integer_literal':
    case 'real_literal':
      return raw;
    case 'variable':
      return KNOWN_VARIABLES.get(raw.toLowerCase());
    case 'member_access':
      return /^\$(?:_|PSItem)\.(?:FullName|PSPath|Path|Name)$/iu.test(raw) ? '{}' : undefined;
    default:
      return /^-\d[\d.]*$/u.test(raw) ? raw : undefined;
  }
}

/** What a pipe hands over stands as `{}`, as for `xargs` and `find -exec`. */
const KNOWN_VARIABLES: ReadonlyMap<string, string> = new Map([
  ['$_', '{}'],
  ['$psitem', '{}'],
  ['$pwd', '.'],
  ['$true', '$true'],
  ['$false', '$false'],
  ['$null', '$null'],
]);

function filledIn(raw: string): boolean {
  return /\$(?![\s"'.,;:)]|$)/u.test(raw.replaceAll(/`[\s\S]/gu, ''));
}

function unescaped(text: string): string {
  return text.replaceAll(/`([\s\S])/gu, (_, char: string) => (/[\r\n]/u.test(char) ? '' : (ESCAPES[char] ?? char)));
}

/** The arguments of a command, in order; a word glued to another is only known when it runs. */
export function argumentsOf(elements: SyntaxNode | undefined, source: string): Argument[] {
  const found: { argument: Argument; start: number; end: number }[] = [];
  for (const node of elements?.namedChildren ?? []) {
    if (!node || node.type === 'command_argument_sep' || node.type === 'redirection' || node.type === 'comment')
      continue;
    const before = found.at(-1);
    const raw = textIn(node, source);
    const isColon = before?.argument.parameter !== undefined && source.slice(before.end, node.startIndex) === ':';
    const argument = argumentOf(node, raw, source);
    if (isColon) argument.isAttached = true;
    else if (before?.end === node.startIndex) {
      before.argument = glued(before.argument, raw);
      before.end = node.endIndex;
      continue;
    }
    found.push({ argument, start: node.startIndex, end: node.endIndex });
  }
  return found.map(({ argument }) => argument);
}

function glued({ raw, words, ...rest }: Argument, more: string): Argument {
  if (more.startsWith(','))
    return { ...rest, raw: raw + more, words: [...words, ...bareWords(more.slice(1).trimStart())] };
  return { raw: raw + more, words: [{ text: undefined, raw: raw + more }] };
}

function argumentOf(node: SyntaxNode, raw: string, source: string): Argument {
  const words = node.type === 'stop_parsing' ? [{ text: undefined, raw }] : wordsOf(node, source);
  const parameter =
    node.type === 'command_parameter' || BARE.has(node.type) ? /^-([A-Za-z?][\w-]*)$/u.exec(raw)?.[1] : undefined;
  return {
    raw,
    words,
    ...(parameter === undefined ? {} : { parameter }),
    ...(unwrapped(node).type === 'script_block_expression' ? { isBlock: true as const } : {}),
  };
}
