import { BLOCKED_LINES, PREFIXES, PROGRAMS, REASONS, SECRET_PATH, TURNING_ARGUMENTS } from './command-table';

/**
 * - `read-only`: prints, changes nothing. - `changes-files`, `installs`, `network`: what the word says.
 * - `runs-code`: runs whatever code is in the repository. - `destructive`: may lose what nobody holds a copy of.
 * - `blocked`: runs in no mode. - `unknown`: we cannot tell, so never harmless.
 */
export type CommandClass =
  'read-only' | 'changes-files' | 'runs-code' | 'installs' | 'network' | 'destructive' | 'blocked' | 'unknown';

export interface ClassifiedCommand {
  text: string;
  class: CommandClass;
  reason: string;
}

/**
 * Classifies each simple command of a shell line. Conservative: what this reading does not fully understand
 * (substitution, redirection to a file, here-documents, control structures, escapes, globs in the command) makes the
 * whole line one part of class `unknown`, or worse where a dangerous word stands in it.
 */
export function classifyCommand(line: string): ClassifiedCommand[] {
  const text = line.trim();
  const blocked = BLOCKED_LINES.find(({ pattern }) => pattern.test(text));
  if (blocked) return [{ text, class: 'blocked', reason: blocked.reason }];
  const commands = splitLine(text);
  if (commands === undefined) return [unreadable(text)];
  return commands.map(classifySimple);
}

/** A line we cannot read is judged by the worst word in it: `rm` inside a substitution deletes all the same. */
function unreadable(text: string): ClassifiedCommand {
  const words = text.split(/[^\w.+-]+/u);
  const worst = (['blocked', 'destructive'] as const).find((kind) => words.some((word) => PROGRAMS[word] === kind));
  return worst
    ? { text, class: worst, reason: REASONS[worst] }
    : { text, class: 'unknown', reason: 'a construct that is not read: it could run anything' };
}

function classifySimple(words: readonly string[]): ClassifiedCommand {
  const text = words.join(' ');
  const own = words.slice(words.findIndex((word) => !/^[A-Za-z_]\w*=/u.test(word)));
  // A variable before a command can steer it (PAGER, GIT_SSH_COMMAND, LD_PRELOAD).
  if (own.length < words.length)
    return { text, class: 'unknown', reason: 'it sets variables for the command, which may run programs' };
  const program = own[0] ?? '';
  const prefix = PREFIXES.filter(({ words: opening }) => `${text} `.startsWith(`${opening} `)).sort(
    (a, b) => b.words.length - a.words.length,
  )[0];
  const kind = prefix?.class ?? PROGRAMS[program] ?? 'unknown';
  const turned = TURNING_ARGUMENTS.find(
    (rule) => rule.program === program && own.slice(1).some((word) => rule.argument.test(word)),
  );
  if (turned && kind !== 'destructive') return { text, class: turned.class, reason: turned.reason };
  if (kind === 'read-only' && own.slice(1).some((word) => SECRET_PATH.test(word)))
    return { text, class: 'unknown', reason: 'it reads secrets' };
  return { text, class: kind, reason: prefix?.reason ?? REASONS[kind] };
}

/** The simple commands of a line as words, quotes removed; `undefined` where anything else than plain words stands in it. */
function splitLine(line: string): string[][] | undefined {
  const commands: string[][] = [[]];
  let word: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) commands.at(-1)?.push(word);
    word = undefined;
  };
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string;
    if (char === "'" || char === '"') {
      const end = line.indexOf(char, at + 1);
      const quoted = line.slice(at + 1, end);
      if (end < 0 || (char === '"' && /[$`\\!]/u.test(quoted))) return undefined;
      word = (word ?? '') + quoted;
      at = end;
    } else if (char === ' ' || char === '\t') {
      endWord();
    } else if (char === ';' || char === '|' || char === '\n' || char === '&') {
      endWord();
      const operator = /^(?:&&|\|\||;|\||\n)/u.exec(line.slice(at))?.[0];
      if (operator === undefined) return undefined;
      commands.push([]);
      at += operator.length - 1;
    } else if (line.startsWith('2>&1', at) && word === undefined) {
      at += 3;
    } else if (/[$`\\<>(){}*?[\]!#~]/u.test(char) && !isPlain(char, commands.at(-1)?.length ?? 0)) {
      return undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  endWord();
  const found = commands.filter((words) => words.length > 0);
  return found.length > 0 && found.every((words) => !CONTROL.has(words[0] ?? '')) ? found : undefined;
}

/** Globs and braces in an argument choose files, never programs. */
function isPlain(char: string, wordsBefore: number): boolean {
  return wordsBefore > 0 && '*?[]{}~#!'.includes(char);
}

const CONTROL = new Set([
  'if',
  'then',
  'else',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  'function',
  'select',
  'eval',
  'exec',
  'source',
  '.',
  'command',
  'builtin',
  'env',
  'time',
  'nohup',
  'timeout',
  'alias',
  'export',
  'set',
  'trap',
]);
