import type { Cmdlet, Parameter } from './cmdlets';
import type { Argument } from './powershell-words';
import type { Word } from './simple-commands';

/** What a call gives its cmdlet. */
export interface Bound {
  files: Word[];
  outputs: Word[];
  options: string[];
  values: Map<string, Word[]>;
  append: boolean;
  nothing: boolean;
}

/** The parameters of a call, which may be cut short, or what keeps it from being read. */
export function bind({ parameters, open }: Cmdlet, args: readonly Argument[]): Bound | string {
  const bound: Bound = { files: [], outputs: [], options: [], values: new Map(), append: false, nothing: false };
  const left: Argument[] = [];
  const named = new Set<Parameter>();
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] as Argument;
    if (argument.parameter === undefined) {
      // What the grammar takes for a word may be an option to PowerShell.
      if (argument.raw.startsWith('-') && !open && !/^-\d/u.test(argument.raw))
        return `it is not known what ${argument.raw} does`;
      left.push(argument);
      continue;
    }
    const parameter = parameterOf(argument.parameter, parameters);
    const next = args[at + 1];
    const value = next?.isAttached || (takesValue(parameter) && next?.parameter === undefined) ? next : undefined;
    if (value) at += 1;
    if (!parameter && !open) return `it is not known what -${argument.parameter} does`;
    if (!parameter) continue;
    named.add(parameter);
    const problem = take(bound, parameter, value);
    if (problem) return problem;
  }
  const positional = parameters.filter((one) => one.positional && !named.has(one));
  for (const [at, argument] of left.entries()) {
    const parameter = positional[at] ??
      positional.at(-1) ?? { name: '', kind: '!' as const, option: '', positional: true };
    const problem = take(bound, open ? { ...parameter, name: '', kind: '!' } : parameter, argument);
    if (problem) return problem;
  }
  // In the order the cmdlet has them: what is moved stands before where it goes, however they were given.
  const all = [...parameters, { name: '', kind: '!' }];
  bound.files = all.flatMap(({ name, kind }) => (kind === '!' ? (bound.values.get(name) ?? []) : []));
  bound.outputs = all.flatMap(({ name, kind }) => (kind === '>' ? (bound.values.get(name) ?? []) : []));
  return bound;
}

function takesValue(parameter: Parameter | undefined): boolean {
  return parameter !== undefined && ['!', '>', '=', '{'].includes(parameter.kind);
}

function parameterOf(text: string, parameters: readonly Parameter[]): Parameter | undefined {
  const name = text.toLowerCase();
  const exact = parameters.find((one) => one.name === name);
  if (exact) return exact;
  const fits = parameters.filter((one) => one.name.startsWith(name));
  return fits.length === 1 ? fits[0] : undefined;
}

function take(bound: Bound, { name, kind, option }: Parameter, value: Argument | undefined): string | undefined {
  const words = value?.words ?? [];
  if (kind !== '' && kind !== '?' && kind !== ':')
    bound.values.set(name, [...(bound.values.get(name) ?? []), ...words]);
  switch (kind) {
    case '{':
      return value?.isBlock ? undefined : 'what it runs is only known when it runs';
    case '?':
      bound.nothing = value === undefined || words[0]?.text === '$true';
      return undefined;
    case ':':
      if (option === '>>') bound.append = value === undefined || words[0]?.text === '$true';
      else bound.options.push(option);
      return undefined;
    default:
      return undefined;
  }
}

/** False for what another provider than the file system gives: `env:`, `HKLM:`, `alias:`, streams and short names too. */
export function isFilePath(text: string): boolean {
  const path = text.replace(/^(?:[\w.]+\\)?FileSystem::/iu, '').replace(/^[A-Za-z]:/u, '');
  return !path.includes(':') && !/~\d/u.test(path);
}

/** A path with slashes; Windows drops dots and blanks at the end of names. */
export function pathWord({ text, raw }: Word): Word {
  if (text === undefined) return { text, raw };
  const path = text
    .replace(/^(?:[\w.]+\\)?FileSystem::/iu, '')
    .replaceAll('\\', '/')
    .replaceAll(/([^./ ])[. ]+(?=\/|$)/gu, '$1');
  return { text: path, raw };
}
