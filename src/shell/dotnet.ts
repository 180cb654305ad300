import type { CommandPart } from '../agent/tool';
import type { SyntaxNode } from './grammar';
import { textIn, wordsOf } from './powershell-words';
import type { Word } from './simple-commands';

type Verdict = Omit<CommandPart, 'text'>;

/** What a call on a .NET type or object does: the words of a program that does the same, a verdict, or nothing at all. */
export type Call = { words: Word[] } | { verdict: Verdict } | undefined;

/** Types a value may be turned into: making one of them opens, writes and runs nothing. */
const PLAIN_TYPES =
  /^(?:string|char|bool|boolean|byte|s?byte|u?int(?:16|32|64)?|long|short|decimal|double|single|float|datetime|datetimeoffset|timespan|guid|version|regex|xml|array|object|hashtable|ordered|pscustomobject|psobject|switch|void|scriptblock|math|convert|bigint|uri|console|environment|collections\.[\w.]+|text\.encoding|io\.(?:path|file|directory))$/u;

/** Methods of types, as the program that does the same to the paths in the first arguments. */
const AS_PROGRAMS: Readonly<Record<string, string>> = {
  'io.file::delete': 'rm',
  'io.directory::delete': 'rm -r',
  'io.file::copy': 'cp',
  'io.file::move': 'mv',
  'io.directory::move': 'mv',
  'io.file::replace': 'mv',
  'io.file::writealltext': 'write',
  'io.file::writeallbytes': 'write',
  'io.file::writealllines': 'write',
  'io.file::create': 'write',
  'io.file::createtext': 'write',
  'io.file::openwrite': 'write',
  'io.file::appendalltext': 'append',
  'io.file::appendalllines': 'append',
  'io.file::readalltext': 'cat',
  'io.file::readalllines': 'cat',
  'io.file::readallbytes': 'cat',
  'io.file::exists': 'stat',
  'io.directory::exists': 'stat',
  'io.directory::createdirectory': 'mkdir',
  'io.directory::getfiles': 'ls',
};
/** How many of the first arguments of these are paths, where it is not one. */
const TWO_PATHS = /::(?:copy|move|replace)$/u;

const HARMLESS_STATIC =
  /^(?:math::\w+|io\.path::(?!gettempfilename)\w+|string::(?:isnullorempty|isnullorwhitespace|join|format|concat|compare)|convert::to\w+|(?:int|int32|int64|double|decimal|datetime|guid|timespan|version|bool|regex)::(?:parse|tryparse|newguid|from\w+|matches|match|ismatch|escape|split)|console::write(?:line)?)$/u;
const HARMLESS_METHOD =
  /^(?:tostring|split|trim|trimstart|trimend|substring|tolower|toupper|startswith|endswith|contains|indexof|lastindexof|padleft|padright|gettype|equals|compareto|add(?:days|hours|minutes|seconds|months|years)|subtract|tochararray|containskey|toarray|getenumerator|tolist)$/u;
const DELETING = /^(?:delete|kill|moveto|terminate|deletesubkeytree|removeall)$/u;

export const WEB =
  /\b(?:iwr|irm|curl|wget|invoke-webrequest|invoke-restmethod|start-bitstransfer|webclient|httpclient|download(?:string|data|file)\w*|getstring(?:async)?|certutil|bitsadmin)\b/iu;

const unclear = (reason: string): Call => ({ verdict: { class: 'unknown', reason, opaque: true } });

/** Reads a method call. `node` is an `invokation_expression`. */
export function readCall(node: SyntaxNode, source: string): Call {
  const [target, member] = node.namedChildren;
  const name = member && /^\w+$/u.test(textIn(member, source)) ? textIn(member, source).toLowerCase() : undefined;
  if (!target || name === undefined) return unclear('which method it calls is only known when it runs');
  if (target.type === 'type_literal') return staticCall(`${typeName(textIn(target, source))}::${name}`, node, source);
  if (HARMLESS_METHOD.test(name)) return undefined;
  // On a text it makes a new text; on a file it writes over another.
  if (name === 'replace' && target.type === 'string_literal') return undefined;
  if (DELETING.test(name)) return { verdict: { class: 'destructive', reason: 'it may delete, move or end something' } };
  return WEB.test(name)
    ? { verdict: { class: 'network', reason: 'sends or fetches over the network' } }
    : unclear(`it is not known what the method ${name} does`);
}

function staticCall(method: string, node: SyntaxNode, source: string): Call {
  const program = AS_PROGRAMS[method];
  if (program === undefined)
    return HARMLESS_STATIC.test(method) ? undefined : unclear(`it is not known what ${method} does`);
  const list = node.namedChildren.find((child) => child?.type === 'argument_list');
  const given = (list?.namedChildren[0]?.namedChildren ?? []).flatMap((child) =>
    child?.type === 'argument_expression' ? [wordsOf(child, source)] : [],
  );
  const paths = given.slice(0, TWO_PATHS.test(method) ? 2 : 1).flat();
  return { words: [...program.split(' ').map((text) => ({ text, raw: text })), ...paths] };
}

/** `[System.IO.File]` as `io.file`. */
export function typeName(literal: string): string {
  return literal
    .replaceAll(/^\[|\]$|[\s[\]]/gu, '')
    .toLowerCase()
    .replace(/^system\./u, '');
}

export function isPlainType(literal: string): boolean {
  return PLAIN_TYPES.test(typeName(literal));
}
