import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { CommandPart } from '../agent/tool';
import { classifyLine } from '../shell/classify';
import type { Grammar } from '../shell/grammar';
import { readText } from '../shell/read-text';
import type { SimpleCommand } from '../shell/simple-commands';
import { namedByCode } from './code-targets';
import { withKnownVariables } from './known-variables';
import { found, READERS, type Effects, type Harmed, type Moved } from './programs';

/** A place that a call may harm; absolute. Its wildcards, if any, are the shell's. */
export interface Target extends Harmed {
  /** Named by code that may only read it: worth a copy, not worth a question. */
  quiet?: true;
}

export interface Targets {
  targets: Target[];
  /** Words that only running would tell: what they lead to is not among the targets. */
  unclear: string[];
  /** Some of it runs code, which may do to a file more than its words say. */
  runsCode: boolean;
}

/**
 * What a command line may delete or write over, from its words: every simple command of it, however wrapped, with the
 * folder it runs in followed through `cd`. `isFolder` tells whether a `cd` will succeed; nothing else is looked up.
 */
export async function targetsOf(
  command: string,
  cwd: string,
  grammar: Grammar,
  isFolder: (path: string) => Promise<boolean>,
): Promise<Targets> {
  const line = withKnownVariables(command, grammar);
  const parts = classifyLine(line, grammar);
  const places = new Places(cwd, line, isFolder);
  const result: Targets = { targets: [], unclear: [], runsCode: parts.some(runsCode) };
  const heredocs = commandsOf(line, grammar).flatMap(({ input }) => input?.text ?? []);
  const moves: Moved[] = [];
  for (const part of parts) {
    const { commands, outputs } = readText(part.text, grammar) ?? { commands: [], outputs: [] };
    const outputHarm = outputs
      .filter(({ append }) => !append)
      .flatMap(({ target }): Harmed[] =>
        target.text === undefined ? [] : [{ path: target.text, harm: 'overwrites', deep: false }],
      );
    // Outputs are told after all commands of the line, so where they lie is any folder the line was in.
    for (const folder of places.all) result.targets.push(...outputHarm.map((one) => placed(one, folder)));
    for (const simple of commands) {
      if (await places.follow(simple)) continue;
      const effects = effectsOf(simple, part, parts, grammar, heredocs);
      result.unclear.push(...effects.unclear);
      for (const folder of places.now) {
        result.targets.push(...effects.harmed.map((one) => placed(one, folder)));
        for (const { from, to } of effects.moved ?? [])
          moves.push({ from: absolute(from, folder), to: absolute(to, folder) });
      }
    }
  }
  result.targets.push(...result.targets.flatMap((target) => movedInto(target, moves)));
  return result;
}

function commandsOf(text: string, grammar: Grammar): readonly SimpleCommand[] {
  return readText(text, grammar)?.commands ?? [];
}

function runsCode({ class: kind, opaque }: CommandPart): boolean {
  return opaque === true || kind === 'runs-code' || kind === 'unknown' || kind === 'installs';
}

function effectsOf(
  { words }: SimpleCommand,
  part: CommandPart,
  parts: readonly CommandPart[],
  grammar: Grammar,
  heredocs: readonly string[],
): Effects & { harmed: Target[]; unclear: string[] } {
  const [first, ...rest] = words;
  const name = first?.text?.slice(first.text.lastIndexOf('/') + 1) ?? '';
  const texts = rest.flatMap(({ text }) => text ?? []);
  const reader = READERS.get(name);
  const blank = rest.filter(({ text }) => text === undefined).map(({ raw }) => raw);
  if (!reader) return { harmed: runsCode(part) ? namedByCode(texts, heredocs) : [], unclear: [] };
  const effects = reader(texts);
  // `xargs rm` and `find -exec rm {}`: the files are told by what stands before.
  const isFed = effects.harmed.every(({ path }) => path === '{}') && blank.length === 0 && DELETING.has(name);
  const fed = isFed ? fedBy(parts, part, grammar) : [];
  const harmed = effects.harmed.filter(({ path }) => path !== '{}');
  return { ...effects, harmed: [...harmed, ...fed], unclear: harmed.length > 0 || DELETING.has(name) ? blank : [] };
}

const DELETING = new Set(['rm', 'srm', 'unlink', 'shred', 'truncate', 'mv']);

function fedBy(parts: readonly CommandPart[], self: CommandPart, grammar: Grammar): Harmed[] {
  return parts
    .slice(0, parts.indexOf(self))
    .flatMap((part) => commandsOf(part.text, grammar))
    .flatMap(({ words }): Harmed[] => {
      const [program = '', ...texts] = words.flatMap(({ text }) => text ?? []);
      if (program === 'find' || program === 'fd') {
        const { roots, names } = found(texts);
        return roots.map((path) => ({ path, harm: 'deletes', deep: true, ...(names ? { names } : {}) }));
      }
      const plain = texts.filter((text) => !text.startsWith('-'));
      if (program === 'ls')
        return (plain.length > 0 ? plain : ['.']).map((path) => ({ path, harm: 'deletes', deep: true }));
      return program === 'echo' || program === 'printf'
        ? plain
            .flatMap((text) => text.split(/\s+|\\n/u))
            .filter((path) => path !== '')
            .map((path) => ({ path, harm: 'deletes', deep: true }))
        : [];
    });
}

/** What was moved to where a later command deletes is what that command deletes. */
function movedInto(target: Target, moves: readonly Moved[]): Target[] {
  if (target.quiet) return [];
  return moves
    .filter(({ to }) => target.deep && (isWithin(to, target.path) || isWithin(target.path, to)))
    .map(({ from }) => ({ path: from, harm: target.harm, deep: true }));
}

function isWithin(path: string, folder: string): boolean {
  const fixed = folder.replace(/\/[^/]*[*?[{].*$/u, '');
  return path === fixed || path.startsWith(`${fixed}/`);
}

function placed(harmed: Target, folder: string): Target {
  return { ...harmed, path: absolute(harmed.path, folder) };
}

function absolute(path: string, folder: string): string {
  return resolve(folder, path.replace(/^~(?=\/|$)/u, homedir()));
}

/** The folders that a command of the line may run in. */
class Places {
  now: string[];
  /** Every folder the line has been in. */
  readonly all: string[];
  readonly #made: string[] = [];
  /** A `cd` may hold for a part of the line only, or run only if something failed. */
  readonly #isBranched: boolean;

  constructor(
    cwd: string,
    line: string,
    private readonly isFolder: (path: string) => Promise<boolean>,
  ) {
    this.now = [cwd];
    this.all = [cwd];
    this.#isBranched = /[(|{]|(?<![&>])&(?![&>])|\bif\b|\bfor\b|\bwhile\b/u.test(line);
  }

  /** True when the command is one that changes the folder. */
  async follow({ words }: SimpleCommand): Promise<boolean> {
    const [name, ...rest] = words.flatMap(({ text }) => text ?? []);
    const plain = rest.filter((text) => !text.startsWith('-'));
    if (name === 'mkdir')
      for (const folder of this.now) this.#made.push(...plain.map((path) => absolute(path, folder)));
    if (name !== 'cd' && name !== 'pushd' && name !== 'popd') return false;
    const next = plain[0] === undefined ? [] : this.now.map((folder) => absolute(plain[0] as string, folder));
    const reached: string[] = [];
    for (const path of next) if (this.#made.includes(path) || (await this.isFolder(path))) reached.push(path);
    // `cd -`, `popd`, a folder only known when it runs: any of those it was in.
    const isKnown = !this.#isBranched && reached.length > 0;
    for (const path of reached) if (!this.all.includes(path)) this.all.push(path);
    this.now = isKnown ? reached : name === 'cd' && next.length > 0 && !this.#isBranched ? this.now : [...this.all];
    return true;
  }
}
