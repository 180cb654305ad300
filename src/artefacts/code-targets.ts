import { join } from 'node:path/posix';
import type { Target } from './targets';

const OUTPUT_NAME =
  /^(?:o|out|output|save|dest|destination|(?:model_|base_|hydra\.run\.)?(?:output|out|save|log|logs|run|work|exp|experiment|checkpoint|checkpoints|ckpt|ckpts|model_save|tensorboard|train)_?(?:dir|directory|path|file|folder|to|root|as)|logdir|workdir|outdir|savedir|rundir|default_root_dir|trainer\.default_root_dir|hydra\.run\.dir|project)$/u;
const FRESH_NAME =
  /^(?:overwrite\w*|\w*_overwrite|exist_ok|force|clobber|restart|fresh|from_scratch|no_resume|reset\w*|clean\w*|delete\w*)$/u;
const RESUME_NAME = /^(?:resume\w*|continue\w*|load_from_checkpoint|auto_resume|ckpt_path|init_from)$/u;
const FALSE = /^(?:false|0|no|none|null|off)$/iu;
/** A statement of a script that deletes or writes. */
const WRITING =
  /\bopen\([^)]*,\s*(?:mode\s*=\s*)?['"][^'"]*[wx+]|\.to_(?:csv|parquet|pickle|feather|json|hdf)\b|\b(?:save\w*|dump|write_\w+|rmtree|unlink|remove|removedirs|rename|replace|move|truncate|copy2?|copyfile|copytree|rm|tofile)\s*\(|\bexist_ok\s*=\s*True|\bresume\s*=\s*False/u;

interface Setting {
  name: string;
  value: string;
}

/**
 * What a program that runs code is handed: outputs it is told to write to, which it may write over, and every other
 * file that it or its inline script names, which it may only read (`quiet`). Paths relative to where it runs. Pure.
 */
export function namedByCode(texts: readonly string[], scripts: readonly string[] = []): Target[] {
  const inline = [...texts.filter((text) => /[\s(;]/u.test(text)), ...scripts];
  const settings = [...settingsOf(texts), ...inline.flatMap(settingsIn)];
  return [...outputsOf(settings), ...inline.flatMap(namedInScript), ...texts.flatMap(tokensOf).map(quiet)];
}

function outputsOf(settings: readonly Setting[]): Target[] {
  const value = (name: string): string | undefined => settings.find((setting) => setting.name === name)?.value;
  const isSet = (pattern: RegExp, isTrue: boolean): boolean =>
    settings.some((one) => pattern.test(one.name) && FALSE.test(one.value) !== isTrue);
  const resumes = isSet(RESUME_NAME, true) && !isSet(RESUME_NAME, false) && !isSet(FRESH_NAME, true);
  const paths = settings
    .filter(({ name, value: path }) => OUTPUT_NAME.test(name) && path !== '')
    .map((one) => one.value);
  const run = value('name');
  // Ultralytics and others write to project/name, by default below runs/.
  const named = run === undefined ? [] : [join(value('project') ?? 'runs/*', run)];
  const outputs = named.length > 0 ? [...paths.filter((path) => path !== value('project')), ...named] : paths;
  return outputs.map((path) => ({ path, harm: 'may write', deep: true, ...(resumes ? { quiet: true } : {}) }));
}

/** `--output-dir x`, `--output_dir=x`, `output_dir=x`, `--overwrite`. */
function settingsOf(texts: readonly string[]): Setting[] {
  return texts.flatMap((text, at) => {
    const match = /^(-{0,2})([A-Za-z][\w.-]*)(?:=([\s\S]*))?$/u.exec(text);
    if (!match?.[2] || (match[1] === '' && match[3] === undefined)) return [];
    const next = texts[at + 1];
    const value = match[3] ?? (next === undefined || next.startsWith('-') ? 'true' : next);
    return [{ name: match[2].replaceAll('-', '_').toLowerCase(), value }];
  });
}

/** `name="x"` among the arguments of an inline script. */
function settingsIn(script: string): Setting[] {
  return [...script.matchAll(/\b([A-Za-z_]\w*)\s*=\s*(?:(['"])(.*?)\2|(\w+))/gu)].map((match) => ({
    name: (match[1] ?? '').toLowerCase(),
    value: match[3] ?? match[4] ?? '',
  }));
}

/** What a script's quoted texts name, statement by statement: what stands where it writes may be written. */
export function namedInScript(script: string): Target[] {
  return script
    .split(/[\n;]/u)
    .flatMap((statement) =>
      quotedIn(statement).map((path): Target =>
        WRITING.test(statement) ? { path, harm: 'may write', deep: true } : quiet(path),
      ),
    );
}

function quotedIn(statement: string): string[] {
  return [...statement.matchAll(/(['"])((?:(?!\1).)+)\1/gu)].flatMap((match) => tokensOf(match[2] ?? ''));
}

function quiet(path: string): Target {
  return { path, harm: 'may write', deep: false, quiet: true };
}

function tokensOf(text: string): string[] {
  return [...new Set(text.split(/[\s'"`=,;:()[\]{}<>|&]+/u))].filter(
    (token) => token.length < 1_000 && /^[^-]/u.test(token) && !/^(?:\.{0,2}|\/+|~\/?)$/u.test(token),
  );
}
