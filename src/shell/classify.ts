import { COMMAND_CLASSES, type CommandClass, type CommandPart } from '../agent/tool';
import { blockedBy } from './blocked';
import { WEB } from './dotnet';
import type { Grammar } from './grammar';
import { classOfName } from './lowering';
import {
  ARGUMENT_RULES,
  INTERPRETERS,
  PROGRAMS,
  RAW_DISK,
  REASONS,
  SECRET_PATH,
  SHELLS,
  STEERING_VARIABLES,
  SUBCOMMANDS,
  WRAPPERS,
} from './programs';
import { runsOnlyFiles } from './file-code';
import { liesOutside, readsTooMuch, type Place } from './reads';
import { readText } from './read-text';
import { type Output, type SimpleCommand, type Word } from './simple-commands';

type Verdict = Omit<CommandPart, 'text'>;

/** What is known around a command while its line is read. */
interface Reading {
  grammar: Grammar;
  /** Absent: paths are not judged by where they lead. */
  place: Place | undefined;
  depth: number;
  /** Functions the line defines. */
  functions: ReadonlySet<string>;
}

const MAX_DEPTH = 8;
const FORK_BOMB = /([\w:]+)\s*\(\s*\)\s*\{[^}]*\1\s*\|\s*\1\s*&/u;

/**
 * Classifies every simple command of a shell line, however it is wrapped: in pipes, lists, substitutions, loops,
 * functions, `sh -c`, `eval`, `xargs`, `env`, `sudo`, here-documents. The grammar says which shell it is. Pure. What cannot
 * be read is `unknown`, and so is a command that reads outside `place`.
 */
export function classifyLine(line: string, grammar: Grammar, place?: Place): CommandPart[] {
  const windows = grammar.dialect === 'powershell' && place ? { ...place, dialect: grammar.dialect } : place;
  return classifyText(line, { grammar, place: windows, depth: 0, functions: new Set() });
}

function classifyText(line: string, { grammar, place, depth }: Reading): CommandPart[] {
  const text = line.trim();
  if (text === '') return [];
  if (FORK_BOMB.test(text)) return [{ text, class: 'blocked', reason: 'it is a fork bomb' }];
  if (depth > MAX_DEPTH) return [opaque(text, 'it is nested too deep to be read')];
  const read = readText(text, grammar);
  if (!read) return [unreadable(text)];
  const { commands, outputs, inputs, functions, evaluates, quoted } = read;
  const reading = { grammar, place, depth, functions };
  const parts = [
    ...commands.flatMap((command) => classifyCommand(command, reading)),
    ...outputs.flatMap((output) => classifyOutput(output, place)),
    ...inputs.flatMap((input) => classifyInput(input, place)),
    // An array index in a text runs its substitutions when the shell does arithmetic with it.
    ...(evaluates && quoted.some((one) => /[$`]/u.test(one))
      ? [opaque(text, 'the shell may run a text of it while it calculates')]
      : []),
  ];
  if (parts.length === 0) return [{ text, class: 'read-only', reason: 'runs nothing' }];
  return grammar.dialect === 'powershell' && WEB.test(text) ? parts.map(ranFromTheWeb) : parts;
}

/** In PowerShell what was fetched reaches what runs it in many ways: by variables, blocks, methods. */
function ranFromTheWeb(part: CommandPart): CommandPart {
  return part.opaque && RUNS_ANYTHING.test(part.reason)
    ? { ...part, class: 'destructive', reason: 'it runs what comes from the network' }
    : part;
}

const RUNS_ANYTHING =
  /^(?:which (?:program|method)|what it (?:runs|evaluates)|it runs|it starts another|it is not known what (?:scriptblock::create|the method invoke))/u;

function opaque(text: string, reason: string): CommandPart {
  return { text, class: 'unknown', reason, opaque: true };
}

/** A line that is no shell we can read is judged by the worst word in it: `rm` deletes all the same. */
function unreadable(text: string): CommandPart {
  const words = text.split(/[^\w.+-]+/u);
  const worst = (['blocked', 'destructive'] as const).find((kind) => words.some((word) => classOfName(word) === kind));
  return worst
    ? { text, class: worst, reason: REASONS[worst], opaque: true }
    : opaque(text, 'it is not a command line that could be read');
}

function classifyCommand(command: SimpleCommand, reading: Reading): CommandPart[] {
  const steering = command.assigned.find((name) => STEERING_VARIABLES.test(name));
  if (command.verdict) return [{ text: command.raw, ...command.verdict }];
  const parts: CommandPart[] = steering
    ? [opaque(command.raw, `it sets ${steering}, which steers what programs run`)]
    : [];
  if (command.words.length === 0)
    return parts.length > 0 ? parts : [{ text: command.raw, class: 'read-only', reason: 'sets a variable' }];
  return [...parts, ...classifyWords(command.words, command, reading)];
}

/** Classifies a command by its words; `command` gives what stands around them (input, pipe, the raw text). */
function classifyWords(words: readonly Word[], command: SimpleCommand, reading: Reading): CommandPart[] {
  const text = words === command.words ? command.raw : words.map(({ raw }) => raw).join(' ');
  const [first, ...rest] = words;
  if (!first) return [{ text: command.raw, class: 'read-only', reason: 'runs nothing' }];
  if (reading.depth > MAX_DEPTH) return [opaque(text, 'it is nested too deep to be read')];
  if (first.text === undefined || /[*?[\]]/u.test(first.raw.replaceAll(/^\[{1,2}$/gu, '')))
    return [opaque(text, 'which program runs is only known when it runs')];
  if (reading.functions.has(first.text))
    return [
      { text, class: 'read-only', reason: 'calls a function of this line, whose commands are judged by themselves' },
    ];
  const { name, elsewhere } = programOf(first.text);
  const as = (verdict: Verdict): CommandPart => ({ text, ...verdict });

  const fetched = fetchedVerdict(name, rest);
  if (fetched) return [as(fetched)];
  const inner = innerLine(name, rest, command, reading);
  if (inner) return inner.map((part) => (part.text === '' ? { ...part, text } : part));
  const wrapped = WRAPPERS[name];
  if (wrapped) {
    const own: CommandPart[] = wrapped.own
      ? [as({ class: wrapped.own, reason: wrapped.reason ?? REASONS[wrapped.own] })]
      : [];
    return [...own, ...classifyWrapped(name, rest, command, reading)];
  }
  const found =
    name === 'find' ? findCommands(rest).flatMap((part) => classifyWords(part, command, deeper(reading))) : [];
  const verdict = pipedVerdict(name, rest, command) ?? verdictOf(name, rest, elsewhere);
  const tooMuch = verdict.class === 'read-only' && readsTooMuch(name, rest, reading.place);
  const onlyFiles = verdict.class === 'runs-code' && runsOnlyFiles(name, first, rest, command, reading.place);
  return [tooMuch ? opaque(text, tooMuch) : as(onlyFiles ? { ...verdict, onlyFiles } : verdict), ...found];
}

function deeper(reading: Reading): Reading {
  return { ...reading, depth: reading.depth + 1 };
}

const SYSTEM_FOLDERS = /^\/(?:usr\/(?:local\/)?)?s?bin\/$/u;

function programOf(word: string): { name: string; elsewhere: boolean } {
  const cut = word.lastIndexOf('/') + 1;
  if (cut === 0) return { name: word, elsewhere: false };
  return { name: word.slice(cut), elsewhere: !SYSTEM_FOLDERS.test(word.slice(0, cut)) };
}

function worse(a: Verdict, b: Verdict): Verdict {
  return COMMAND_CLASSES.indexOf(b.class) > COMMAND_CLASSES.indexOf(a.class) ? b : a;
}

/** What the program and its own arguments say. */
function verdictOf(name: string, args: readonly Word[], elsewhere: boolean): Verdict {
  const texts = args.map(({ text }) => text);
  const blocked = blockedBy(name, args);
  if (blocked) return { class: 'blocked', reason: blocked };
  const known = PROGRAMS[name] ?? 'unknown';
  if (/\s/u.test(name)) return { class: 'unknown', reason: 'a program with blanks in its name' };
  const opening = subcommandOf(name, texts);
  // git with no command we know of may be an alias, which is a program.
  const base: CommandClass =
    opening?.class ??
    (name === 'git' && texts.some((text) => text !== undefined && !text.startsWith('-')) ? 'unknown' : known);
  let verdict: Verdict = {
    class: base,
    reason:
      opening?.reason ?? (base === 'unknown' && known !== 'unknown' ? 'a subcommand that is not known' : REASONS[base]),
  };
  for (const rule of ARGUMENT_RULES) {
    const looked = rule.leading ? leadingOptions(withoutLocation(texts)) : texts;
    if (
      rule.programs.split(' ').includes(name) &&
      looked.some((text) => text !== undefined && rule.argument.test(text))
    ) {
      verdict = worse(verdict, { class: rule.class, reason: rule.reason });
    }
  }
  if (verdict.class === 'read-only' && ['uniq', 'awk', 'gawk', 'mawk', 'sed'].includes(name))
    verdict = worse(verdict, scriptVerdict(name, args));
  if (elsewhere && COMMAND_CLASSES.indexOf(verdict.class) < COMMAND_CLASSES.indexOf('runs-code'))
    return { class: 'runs-code', reason: "runs a program that is not the system's own" };
  if (
    COMMAND_CLASSES.indexOf(verdict.class) < COMMAND_CLASSES.indexOf('unknown') &&
    args.some(({ text, raw }) => SECRET_PATH.test(text ?? raw))
  ) {
    return { class: 'unknown', reason: 'it reads or touches secrets', opaque: true };
  }
  return verdict;
}

/** Programs whose plain arguments may be scripts or outputs: what is not static cannot be judged. */
function scriptVerdict(name: string, args: readonly Word[]): Verdict {
  const plain = args.filter(({ text, raw }) => !(text ?? raw).startsWith('-'));
  if (name === 'uniq')
    return plain.length > 1
      ? { class: 'changes-files', reason: 'uniq writes over its second file' }
      : { class: 'read-only', reason: REASONS['read-only'] };
  return plain[0]?.text === undefined && plain.length > 0
    ? { class: 'unknown', reason: 'a script that is only known when it runs' }
    : { class: 'read-only', reason: REASONS['read-only'] };
}

/** The longest known opening of the command, with options before a subcommand left out (`git -C dir status`). */
function subcommandOf(
  name: string,
  texts: readonly (string | undefined)[],
): { class: CommandClass; reason: string } | undefined {
  const args = name === 'git' ? withoutLocation(texts) : texts;
  const line = `${[name, ...args.map((text) => text ?? '\u0000')].join(' ')} `;
  const fits = SUBCOMMANDS.filter(({ words }) => line.startsWith(`${words} `)).sort(
    (a, b) => b.words.length - a.words.length,
  );
  // `git branch` and `git tag` list when they are alone, and change when they are given a name.
  const listing = fits.find(({ words }) => words === `${name} ${args.join(' ')}`.trim());
  const byOption = SUBCOMMANDS.filter(({ words, class: kind }) => {
    const [program, subcommand, option] = words.split(' ');
    return (
      kind === 'destructive' &&
      program === name &&
      subcommand === args[0] &&
      option?.startsWith('-') === true &&
      args.includes(option)
    );
  })[0];
  const chosen = byOption ?? listing ?? preferChanging(fits);
  return chosen && { class: chosen.class, reason: chosen.reason ?? REASONS[chosen.class] };
}

/** Of rows with the same words the worst counts; longer words count before shorter ones. */
function preferChanging(fits: readonly (typeof SUBCOMMANDS)[number][]): (typeof SUBCOMMANDS)[number] | undefined {
  const longest = fits[0]?.words;
  return fits
    .filter(({ words }) => words === longest)
    .sort((a, b) => COMMAND_CLASSES.indexOf(b.class) - COMMAND_CLASSES.indexOf(a.class))[0];
}

/** The options before the first plain word. */
function leadingOptions(texts: readonly (string | undefined)[]): (string | undefined)[] {
  const plain = texts.findIndex((text) => text?.startsWith('-') !== true);
  return texts.slice(0, plain < 0 ? undefined : plain);
}

function withoutLocation(texts: readonly (string | undefined)[]): (string | undefined)[] {
  const rest = [...texts];
  for (;;) {
    const [option] = rest;
    if (option === '-C' || option === '--git-dir' || option === '--work-tree') rest.splice(0, 2);
    else if (
      option === '--no-pager' ||
      option === '-P' ||
      option === '--no-optional-locks' ||
      option?.startsWith('--git-dir=') ||
      option?.startsWith('--work-tree=')
    )
      rest.splice(0, 1);
    else return rest;
  }
}

/** `sh -c TEXT`, `eval TEXT`, a shell that is fed a here-document: the text is a line of its own. */
function innerLine(
  name: string,
  args: readonly Word[],
  command: SimpleCommand,
  reading: Reading,
): CommandPart[] | undefined {
  if (name === 'eval') {
    const texts = args.map(({ text }) => text);
    return texts.every((text) => text !== undefined)
      ? classifyText(texts.join(' '), { ...reading, depth: reading.depth + 1 })
      : [opaque('', 'what it evaluates is only known when it runs')];
  }
  if (!SHELLS.has(name)) return undefined;
  const flag = args.findIndex(({ text }) => text !== undefined && /^-[a-z]*c$/u.test(text));
  if (flag >= 0) {
    const script = args[flag + 1]?.text;
    return script === undefined
      ? [opaque('', 'what it runs is only known when it runs')]
      : classifyText(script, { ...reading, depth: reading.depth + 1 });
  }
  if (command.input && !args.some(({ text }) => text !== undefined && !text.startsWith('-'))) {
    return command.input.text === undefined
      ? [opaque('', 'what it runs is only known when it runs')]
      : classifyText(command.input.text, { ...reading, depth: reading.depth + 1 });
  }
  return undefined;
}

/** The command behind `env`, `timeout 5`, `xargs -n 1`: with the wrapper's own options and assignments left out. */
function classifyWrapped(name: string, args: readonly Word[], command: SimpleCommand, reading: Reading): CommandPart[] {
  const { options = '', skip = 0 } = WRAPPERS[name] ?? {};
  const valued = new Set(options.split(' '));
  let at = 0;
  let plain = 0;
  const parts: CommandPart[] = [];
  for (; at < args.length; at++) {
    const { text, raw } = args[at] as Word;
    const word = text ?? raw;
    const assigned = /^([A-Za-z_]\w*)=/u.exec(word)?.[1];
    if (name === 'env' && (word === '-S' || word.startsWith('--split-string')))
      return [opaque(command.raw, 'env splits a text into a command')];
    if (word === '--') continue;
    if (word.startsWith('-')) {
      if (valued.has(word)) at += 1;
    } else if (assigned !== undefined && (name === 'env' || name === 'sudo')) {
      if (STEERING_VARIABLES.test(assigned))
        parts.push(opaque(command.raw, `it sets ${assigned}, which steers what programs run`));
    } else if (plain < skip) plain += 1;
    else break;
  }
  const inner = args.slice(at);
  if (inner.length > 0) return [...parts, ...classifyWords(inner, command, deeper(reading))];
  if (name === 'env')
    return [
      ...parts,
      { text: command.raw, class: 'unknown', reason: 'it prints the environment, which holds secrets', opaque: true },
    ];
  return parts.length > 0
    ? parts
    : [{ text: command.raw, class: name === 'xargs' ? 'read-only' : 'unknown', reason: 'runs nothing' }];
}

/** The commands behind `-exec`, `-execdir`, `-ok`, `-okdir`. One inside of another is the inner command's own. */
function findCommands(args: readonly Word[]): Word[][] {
  const commands: Word[][] = [];
  let open: Word[] | undefined;
  for (const word of args) {
    if (open && (word.text === ';' || word.text === '+')) open = undefined;
    else if (open) open.push(word);
    else if (/^-(?:exec|execdir|ok|okdir)$/u.test(word.text ?? '')) commands.push((open = []));
  }
  return commands;
}

const SCRIPT_FLAGS = /^-(?:[a-z]*[cem]|-eval|-print)$/u;

/** An interpreter that runs what is piped into it: the web piped into a shell is the worst of it. */
function pipedVerdict(name: string, args: readonly Word[], { pipedFrom }: SimpleCommand): Verdict | undefined {
  if (!INTERPRETERS.has(name) || pipedFrom.length === 0) return undefined;
  const hasScript = args.some(
    ({ text, raw }) => SCRIPT_FLAGS.test(text ?? raw) || (!(text ?? raw).startsWith('-') && (text ?? raw) !== ''),
  );
  const readsInput = SHELLS.has(name) && args.some(({ text }) => text !== undefined && /^-[a-z]*s$/u.test(text));
  if (hasScript && !readsInput) return undefined;
  const sources = pipedFrom.map(({ words }) => programOf(words[0]?.text ?? '').name);
  return sources.some((source) => PROGRAMS[source] === 'network' || PROGRAMS[source] === undefined)
    ? { class: 'destructive', reason: 'it runs what comes from the network', opaque: true }
    : { class: 'unknown', reason: 'it runs what is piped into it', opaque: true };
}

/** A text or file that the web gives, run as a script: `sh -c "$(curl ...)"`, `bash <(curl ...)`, `source <(curl ...)`. */
function fetchedVerdict(name: string, args: readonly Word[]): Verdict | undefined {
  if (!INTERPRETERS.has(name) && !['source', '.', 'eval'].includes(name)) return undefined;
  return args.some(({ text, raw }) => text === undefined && FETCHED.test(raw))
    ? { class: 'destructive', reason: 'it runs what comes from the network', opaque: true }
    : undefined;
}

const FETCHED = /(?:[$<]\(|`)[^)]*\b(?:curl|wget|http|https|xh|aria2c)\b/su;

const HARMLESS_TARGET = /^\/dev\/(?:null|stdout|stderr|tty|fd\/\d+)$/u;

/** What a redirection reads needs asking where the same file in a command's words would. */
function classifyInput({ text, raw }: Word, place: Place | undefined): CommandPart[] {
  if (text === undefined) return [opaque(raw, 'which file it reads is only known when it runs')];
  if (/^\/dev\/(?:tcp|udp)\//u.test(text))
    return [{ text: raw, class: 'network', reason: 'it reads over the network' }];
  if (SECRET_PATH.test(text)) return [opaque(raw, 'it reads or touches secrets')];
  return place && liesOutside(text, place) ? [opaque(raw, `it reads outside the workspace: ${text}`)] : [];
}

function classifyOutput({ target, append, raw }: Output, place: Place | undefined): CommandPart[] {
  const { text } = target;
  if (text === undefined) return [opaque(raw, 'which file it writes is only known when it runs')];
  if (HARMLESS_TARGET.test(text)) return [];
  if (RAW_DISK.test(text)) return [{ text: raw, class: 'blocked', reason: 'it writes to a raw disk' }];
  if (SECRET_PATH.test(text)) return [{ text: raw, class: 'destructive', reason: 'it writes over secrets' }];
  if (/^\/dev\/(?:tcp|udp)\//u.test(text))
    return [{ text: raw, class: 'network', reason: 'it sends over the network' }];
  if (place && liesOutside(text, place))
    return [{ text: raw, class: 'destructive', reason: 'it writes outside the workspace' }];
  return [{ text: raw, class: 'changes-files', reason: append ? 'appends to a file' : 'writes over a file' }];
}
