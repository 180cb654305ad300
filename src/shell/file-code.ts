import { liesOutside, type Place } from './reads';
import type { SimpleCommand, Word } from './simple-commands';

type Texts = readonly string[];

/** Options of test runners that only choose and show; others load plugins, delete folders or write files. */
const PYTEST_OPTION =
  /^(?:-[qvxsl]+|-r\w+|-[kmn]|--tb=\w+|--lf|--ff|--sw|--maxfail=\d+|--durations=\d+|--co|--collect-only|--no-header|--no-summary|--disable-warnings|--color=\w+|--strict-markers)$/u;
const UNITTEST_OPTION = /^(?:-[vqfbckspt]|--verbose|--quiet|--failfast|--buffer|--locals)$/u;

const options = (texts: Texts): Texts => texts.filter((text) => text.startsWith('-'));
const onlyOptions =
  (allowed: RegExp) =>
  (texts: Texts): boolean =>
    options(texts).every((text) => allowed.test(text));

/** A script file behind options that change nothing of what runs. What follows the script is the script's own. */
const script =
  (harmless: RegExp, file: RegExp) =>
  (texts: Texts): boolean => {
    const at = texts.findIndex((text) => !text.startsWith('-'));
    return at >= 0 && texts.slice(0, at).every((text) => harmless.test(text)) && file.test(texts[at] ?? '');
  };

const pytest = onlyOptions(PYTEST_OPTION);
const pythonScript = script(/^-[uBOEIsSq]+$/u, /^[^*?[\]{}]+\.py$/u);
const named = (texts: Texts): boolean => texts.every((text) => /^\w[\w:.-]*$/u.test(text));

function python(texts: Texts): boolean {
  const [option, module, ...rest] = texts;
  if (option !== '-m') return pythonScript(texts);
  return module === 'pytest' ? pytest(rest) : module === 'unittest' && onlyOptions(UNITTEST_OPTION)(rest);
}

const packageScript = ([first, ...rest]: Texts): boolean =>
  (first === 'test' || first === 'run' || first === 'start') && named(rest);

/** By program: whether these arguments make it run code from files and nothing else. What is not here is not known to. */
const RUNNERS: Readonly<Record<string, (texts: Texts) => boolean>> = {
  pytest,
  'py.test': pytest,
  python,
  python3: python,
  node: script(/^$/u, /^[^*?[\]{}]+\.[cm]?js$/u),
  Rscript: script(/^--vanilla$/u, /^[^*?[\]{}]+\.[rR]$/u),
  bash: script(/^-[eux]+$/u, /^[^*?[\]{}]+\.(?:ba)?sh$/u),
  sh: script(/^-[eux]+$/u, /^[^*?[\]{}]+\.sh$/u),
  make: (texts) => texts.every((text) => /^(?:-[jks]\d*|\w[\w./-]*)$/u.test(text)),
  npm: packageScript,
  pnpm: packageScript,
  yarn: packageScript,
};

/**
 * True for a command that runs code from files of the workspace only: none that stands in the command itself, is piped
 * into it, is fetched, or lies elsewhere. Who has reviewed the files has reviewed what it runs.
 */
export function runsOnlyFiles(
  name: string,
  program: Word,
  args: readonly Word[],
  { input, pipedFrom, words }: SimpleCommand,
  place: Place | undefined,
): boolean {
  const texts = args.map(({ text }) => text);
  if (!place || input || pipedFrom.length > 0 || !texts.every((text) => text !== undefined)) return false;
  // What else such a wrapper hands over is not among the words; a glob at the start may stand for an option.
  if (
    words.some(({ text = '' }) => /^(?:xargs|parallel|find)$|\{\}/u.test(text)) ||
    texts.some((one) => /^[*?[{]/u.test(one))
  )
    return false;
  if (program.text?.includes('/') && liesOutside(program.text, place)) return false;
  const leadsOut = texts.some((text) =>
    [text, text.slice(text.indexOf('=') + 1)].some((one) => liesOutside(one, place)),
  );
  return !leadsOut && Object.hasOwn(RUNNERS, name) && RUNNERS[name]?.(texts) === true;
}
