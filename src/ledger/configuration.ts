import type { RunRecord } from './record';

/** Where the value of a seed stands in a command: its name and its number. */
const SEED =
  /(?<![\w-])(?<name>-{0,2}[\w.-]*(?:seed|random[-_]state)[\w.-]*)(?<between>\s*=\s*|\s+)\d{1,20}(?![\w.])/giu;

/** The command with each seed's number left out: what is the same of runs that repeat each other. Pure. */
export function withoutSeeds(command: string): string {
  return command
    .replaceAll(SEED, (_, name: string) => `${name}=*`)
    .replaceAll(/\s+/gu, ' ')
    .trim();
}

const WORD = /"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']+/gu;
/** `--name`, `-n`, `name=value` as Hydra takes it, with a value joined on. */
const FLAG = /^(?<name>--?[A-Za-z][\w.-]*|[A-Za-z_][\w./@+-]*(?==))(?:=(?<value>.*))?$/su;

/**
 * The arguments of a command line by name; what has no name by its place. Not how a shell reads it, but near enough to
 * tell where two commands differ. Pure.
 */
export function argumentsOf(command: string): Map<string, string> {
  const words = [...command.matchAll(WORD)].map(([word]) => word);
  const joined = joinedWords(command, words).map(unquoted);
  const found = new Map<string, string>();
  let place = 0;
  for (let at = 0; at < joined.length; at++) {
    const word = joined[at] ?? '';
    const { name, value } = FLAG.exec(word)?.groups ?? {};
    if (name === undefined) {
      found.set(`#${place}`, word);
      place += 1;
      continue;
    }
    const next = joined[at + 1];
    const takesNext = value === undefined && next !== undefined && !isFlag(next);
    if (takesNext) at += 1;
    found.set(name.replace(/^-+/u, '').replaceAll('_', '-'), value ?? (takesNext ? (next ?? '') : 'on'));
  }
  return found;
}

/** `--data="a b"` is one word in two pieces. */
function joinedWords(command: string, words: readonly string[]): string[] {
  const joined: string[] = [];
  let end = -1;
  let from = 0;
  for (const word of words) {
    const at = command.indexOf(word, from);
    if (at === end && joined.length > 0) joined.push(`${joined.pop() ?? ''}${word}`);
    else joined.push(word);
    end = at + word.length;
    from = end;
  }
  return joined;
}

function unquoted(word: string): string {
  return word.replaceAll(
    /"((?:[^"\\]|\\.)*)"|'([^']*)'/gu,
    (_, double?: string, single?: string) => double ?? single ?? '',
  );
}

/** A number may be below zero. */
function isFlag(word: string): boolean {
  return FLAG.test(word) && !/^-\d/u.test(word);
}

const SPLIT = /(?:^|[-_.])(?:split|splits|fold|folds|kfold|holdout|cv|test|val|valid|validation|eval|dev)(?:[-_.]|$)/iu;
const SEED_NAME = /seed|random[-_]state/iu;

/** What a run was told, by its command and apart from it. */
export function settingsOf({ command, params = [] }: Pick<RunRecord, 'command' | 'params'>): Map<string, string> {
  const named = params.map(({ name, value }) => [name.replaceAll('_', '-'), value] as const);
  return new Map([...argumentsOf(command), ...named]);
}

/** The settings that say what is trained and measured on: two runs that differ here are not to be ranked. */
export function splitOf(record: Pick<RunRecord, 'command' | 'params'>): string {
  const all = [...settingsOf(record)].filter(
    ([name]) => SPLIT.test(name) || (SEED_NAME.test(name) && /split|data|fold/iu.test(name)),
  );
  return all.map(([name, value]) => `${name}=${value}`).join(' ');
}

export function isSeed(name: string): boolean {
  return SEED_NAME.test(name);
}
