import { Buffer } from 'node:buffer';
import type { CommandPart } from '../agent/tool';
import { CMDLETS, type Cmdlet } from './cmdlets';
import { bind, isFilePath, pathWord, type Bound } from './parameters';
import { PROGRAMS, SHELLS } from './programs';
import type { Argument } from './powershell-words';
import type { SimpleCommand, Word } from './simple-commands';

/** A PowerShell command read as the POSIX one that does the same: its words, the files it writes, or a verdict at once. */
export interface Lowered {
  words?: Word[];
  outputs?: { target: Word; append: boolean }[];
  verdict?: Omit<CommandPart, 'text'>;
}

/** A command as it stands: its name without quotes and escapes, `undefined` where only running it would tell. */
export interface Given {
  name: string | undefined;
  raw: string;
  args: readonly Argument[];
  /** It stands behind a pipe. */
  isFed: boolean;
  pipedFrom: readonly SimpleCommand[];
}

const word = (text: string): Word => ({ text, raw: text });
const opaque = (reason: string): Lowered => ({ verdict: { class: 'unknown', reason, opaque: true } });

export function lowered(given: Given): Lowered {
  const { name, raw, args } = given;
  const words = args.flatMap((argument) => argument.words);
  if (name === undefined) return { words: [{ text: undefined, raw }, ...words] };
  if (args.some((argument) => argument.raw.startsWith('--%')))
    return opaque('what follows --% is only known when it runs');
  const program = programName(name);
  if (/^(?:powershell|pwsh)$/u.test(program)) return ofPowerShell(args);
  if (program === 'cmd' || program === 'wsl' || SHELLS.has(program)) return ofOtherShell(words);
  const cmdlet = CMDLETS.get(name.toLowerCase().replace(/^microsoft\.powershell\.\w+\\/u, '')) ?? CMDLETS.get(program);
  if (!cmdlet || (name.toLowerCase() !== program && !cmdlet.verdict))
    return { words: [word(external(name, program)), ...natively(program, args)] };
  if (cmdlet.verdict) return { verdict: cmdlet.verdict };
  return ofCmdlet(cmdlet, given);
}

/** In lower case, without the ending that Windows adds by itself. */
function programName(name: string): string {
  return name.toLowerCase().replace(/\.(?:exe|com|cmd|bat)$/u, '');
}

const CANONICAL: ReadonlyMap<string, string> = new Map(Object.keys(PROGRAMS).map((name) => [name.toLowerCase(), name]));
/** Windows' own programs that are another's namesake under POSIX. */
const WINDOWS: Readonly<Record<string, string>> = {
  findstr: 'grep',
  where: 'which',
  tasklist: 'ps',
  ipconfig: 'hostname',
  systeminfo: 'uname',
};

function external(name: string, program: string): string {
  if (/[^ -~]/u.test(name)) return name;
  const cut = program.search(/[^\\/]*$/u);
  const base = program.slice(cut);
  return name.slice(0, cut).replaceAll('\\', '/') + (WINDOWS[base] ?? CANONICAL.get(base) ?? base);
}

/** The words of a program that is not PowerShell's: paths with slashes, but not what is a regular expression. */
function natively(program: string, args: readonly Argument[]): Word[] {
  const isSearch = /^(?:rg|ag|[ef]?grep|findstr|sed|awk)$/u.test(program);
  const glued = args.flatMap((argument, at): Word[] => {
    const next = args[at + 1];
    if (argument.isAttached) return [];
    if (!next?.isAttached) return argument.words;
    const [value] = next.words;
    const raw = `${argument.raw}:${next.raw}`;
    return [{ text: value?.text === undefined ? undefined : `${argument.raw}:${value.text}`, raw }];
  });
  const pattern = isSearch ? glued.find(({ text }) => text?.startsWith('-') === false) : undefined;
  return glued
    .filter(({ text }) => !(program === 'findstr' && text?.startsWith('/')))
    .map((one) => (one === pattern || one.text === undefined ? one : { ...one, text: one.text.replaceAll('\\', '/') }));
}

/** Another shell's text: what is worst in it counts, and it is never harmless. */
function ofOtherShell(words: readonly Word[]): Lowered {
  const all = words.flatMap(({ text, raw }) => (text ?? raw).split(/[^\w.+-]+/u));
  const worst = (['blocked', 'destructive'] as const).find((kind) => all.some((one) => classOfName(one) === kind));
  if (worst)
    return {
      verdict: {
        class: worst,
        reason: 'a line for another shell with a command that may delete or overwrite',
        opaque: true,
      },
    };
  return opaque('a line for another shell');
}

/** The class of a name of whatever shell; `undefined` where it is in no table. */
export function classOfName(name: string): CommandPart['class'] | undefined {
  const program = programName(name);
  const cmdlet = CMDLETS.get(name.toLowerCase()) ?? CMDLETS.get(program);
  return cmdlet?.verdict?.class ?? PROGRAMS[cmdlet?.program?.split(' ')[0] ?? CANONICAL.get(program) ?? ''];
}

/** `powershell -Command`, `-EncodedCommand`, `-File`: the options may be cut short. */
function ofPowerShell(args: readonly Argument[]): Lowered {
  for (let at = 0; at < args.length; at++) {
    const { parameter, words } = args[at] as Argument;
    const rest = args.slice(at + 1).flatMap((argument) => argument.words);
    const name = parameter?.toLowerCase();
    if (name === undefined)
      return words[0]?.text?.startsWith('/') ? opaque('an option that is not known') : ofText([...words, ...rest]);
    if (name === '') return opaque('it runs what is piped into it');
    if (/^(?:nop|noprofile|nol|nologo|noni|noninteractive|sta|mta|noexit|noe)$/u.test(name)) continue;
    if (/^(?:ex|exec|executionpolicy|ep|w|windowstyle|version|v|inputformat|outputformat|o|of|if)$/u.test(name))
      at += 1;
    else if ('command'.startsWith(name)) return ofText(rest);
    else if ('encodedcommand'.startsWith(name) || name === 'ec') return ofText(rest.slice(0, 1).map(decoded));
    else if ('file'.startsWith(name)) return { words: rest.map(pathWord) };
    else return opaque(`it is not known what -${name} does`);
  }
  return opaque('it runs what is piped into it');
}

function ofText(words: readonly Word[]): Lowered {
  if (words.length === 0 || words.some(({ text }) => text === '-')) return opaque('it runs what is piped into it');
  return { words: [word('eval'), ...words] };
}

/** Base64 of UTF-16, as PowerShell wants it. */
function decoded({ text, raw }: Word): Word {
  const isBase64 = text !== undefined && /^[\w+/]+=*$/u.test(text);
  return { text: isBase64 ? Buffer.from(text, 'base64').toString('utf16le') : undefined, raw };
}

function ofCmdlet(cmdlet: Cmdlet, given: Given): Lowered {
  const bound = bind(cmdlet, given.args);
  if (typeof bound === 'string') return opaque(bound);
  if (bound.nothing) return { verdict: { class: 'read-only', reason: 'only says what it would do' } };
  const elsewhere = [...bound.files, ...bound.outputs].find(({ text }) => text !== undefined && !isFilePath(text));
  if (elsewhere && cmdlet.program !== 'echo') return opaque(`it reaches what is not a plain file: ${elsewhere.raw}`);
  return inWords(
    cmdlet.program ?? '',
    { ...bound, files: bound.files.map(pathWord), outputs: bound.outputs.map(pathWord) },
    given,
  );
}

function inWords(
  program: string,
  { files, outputs, options, values, append }: Bound,
  { isFed, pipedFrom }: Given,
): Lowered {
  const written = outputs.map((target) => ({ target, append: append || program === 'append' }));
  const [first = '', ...own] = program.split(' ').map(word);
  const name = (first as Word).text ?? '';
  const all = [first as Word, ...own, ...options.map(word), ...files];
  switch (name) {
    case 'write':
    case 'append':
      return written.length > 0 ? { outputs: written } : opaque('which file it writes is only known when it runs');
    case 'new-item':
      return newItem(files, options, values);
    case 'start-process':
      return startProcess(files, values, written);
    case 'eval':
      return { words: [first as Word, ...(values.get('command') ?? [{ text: undefined, raw: '' }])] };
    case 'cat':
      if (files.length === 0 && isFed && (!values.has('pattern') || hasFiles(pipedFrom)))
        return opaque('which files it reads is only known when it runs');
      return { words: all };
    default:
      return { words: all, ...(written.length > 0 ? { outputs: written } : {}) };
  }
}

/** What a pipe hands over are files, not their content. */
function hasFiles(pipedFrom: readonly SimpleCommand[]): boolean {
  return pipedFrom.some(({ words }) => ['ls', 'stat', 'find', undefined].includes(words[0]?.text));
}

function newItem(files: readonly Word[], options: readonly string[], values: Bound['values']): Lowered {
  const [name] = values.get('name') ?? [];
  const folders = values.get('path') ?? [word('.')];
  const made = name
    ? folders.map((folder) => ({
        text: folder.text === undefined || name.text === undefined ? undefined : `${folder.text}/${name.text}`,
        raw: `${folder.raw}/${name.raw}`,
      }))
    : files;
  const kind = (values.get('itemtype') ?? values.get('type') ?? [word('file')])[0]?.text?.toLowerCase() ?? '';
  const target = values.get('target') ?? values.get('value') ?? [];
  if (/^d(?:irectory)?$/u.test(kind)) return { words: [word('mkdir'), ...made] };
  if (kind === 'file')
    return options.includes('-f') ? { outputs: made.map(written) } : { words: [word('touch'), ...made] };
  return /^(?:symboliclink|hardlink|junction)$/u.test(kind)
    ? { words: [word('ln'), ...options.map(word), ...target.map(pathWord), ...made] }
    : opaque('what it makes is not known');
}

const written = (target: Word): { target: Word; append: boolean } => ({ target, append: false });

function startProcess(files: readonly Word[], values: Bound['values'], outputs: Lowered['outputs'] = []): Lowered {
  const [program = { text: undefined, raw: '' }] = files;
  const given = [...(values.get('argumentlist') ?? []), ...(values.get('args') ?? [])];
  const words = given.flatMap(({ text, raw }) => (text === undefined ? [{ text, raw }] : text.split(/\s+/u).map(word)));
  const name = program.text === undefined ? undefined : programName(program.text);
  const verb = values.get('verb')?.[0];
  if (verb && verb.text?.toLowerCase() !== 'open')
    return { verdict: { class: 'destructive', reason: 'it runs as another user, with all rights' } };
  if (name !== undefined && (/^(?:powershell|pwsh|cmd|wsl)$/u.test(name) || SHELLS.has(name)))
    return ofOtherShell(words);
  const known = CMDLETS.get(name ?? '')?.verdict;
  if (known) return { verdict: known };
  const started = name === undefined ? program : word(external(program.text ?? '', name));
  return { words: [started, ...words], ...(outputs.length > 0 ? { outputs } : {}) };
}
