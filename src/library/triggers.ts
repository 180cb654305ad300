import { minimatch } from 'minimatch';

/** Moments of a session that a skill may be meant for. */
export const MOMENTS = ['session-start', 'repeated-failure'] as const;
export type Moment = (typeof MOMENTS)[number];

/** When a skill is offered without anyone thinking of it: what its metadata names, each a text with commas. */
export interface Triggers {
  words: string[];
  globs: string[];
  imports: string[];
  on: Moment[];
}

const MAX_TRIGGERS = 50;
const MAX_WILDCARDS = 8;
const MAX_SCANNED_CHARACTERS = 200_000;

/** Reads `triggers-words`, `triggers-globs`, `triggers-imports` and `triggers-on`. What is not a text with commas is none. */
export function triggersOf(metadata: Record<string, unknown>): Triggers {
  const list = (key: string): string[] => {
    const value = metadata[key];
    if (typeof value !== 'string') return [];
    const items = value.split(',').map((item) => item.trim());
    return items.filter((item) => item !== '' && item.length <= 100).slice(0, MAX_TRIGGERS);
  };
  const on = list('triggers-on');
  return {
    words: list('triggers-words').map((word) => word.toLowerCase()),
    // A pattern of many stars takes a machine for hours to hold against a path.
    globs: list('triggers-globs').filter((glob) => (glob.match(/[*?({[!+@]/gu) ?? []).length <= MAX_WILDCARDS),
    imports: list('triggers-imports'),
    on: MOMENTS.filter((moment) => on.includes(moment)),
  };
}

/** What has been said and touched: what triggers are held against. */
export interface Circumstances {
  /** The person's own words. */
  words: string;
  /** Files, relative to their workspace folder. */
  files: readonly string[];
  /** Texts of files, as the model saw them. */
  texts: readonly string[];
}

export interface Fit {
  kind: 'words' | 'files' | 'imports';
  /** What matched: the word, the file, the module. */
  detail: string;
}

/** The first reason for which the triggers fit, `undefined` when there is none. */
export function fitOf({ words, globs, imports }: Triggers, said: Circumstances): Fit | undefined {
  const text = said.words.slice(0, MAX_SCANNED_CHARACTERS).toLowerCase();
  const word = words.find((one) => holdsWord(text, one));
  if (word !== undefined) return { kind: 'words', detail: word };
  const file = said.files.find((path) =>
    globs.some((glob) => minimatch(path, glob, { dot: true, nocase: true, matchBase: true })),
  );
  if (file !== undefined) return { kind: 'files', detail: file };
  const module = imports.find((one) => said.texts.some((each) => importsModule(each, one)));
  return module === undefined ? undefined : { kind: 'imports', detail: module };
}

function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const isEdge = (character: string | undefined): boolean =>
      character === undefined || !/[\p{L}\p{N}_]/u.test(character);
    if (isEdge(text[at - 1]) && isEdge(text[at + word.length])) return true;
  }
  return false;
}

/** In Python and in JavaScript, with or without the line numbers of a reading tool before it. */
function importsModule(text: string, module: string): boolean {
  const name = module.replaceAll(/[.*+?^${}()|[\]\\/]/gu, '\\$&');
  const python = `^[ \\t\\d+-]*(?:from[ \\t]+${name}(?:\\.[\\w.]+)?[ \\t]+import\\b|import[ \\t]+(?:[\\w.]+(?:[ \\t]+as[ \\t]+\\w+)?[ \\t]*,[ \\t]*)*${name}(?![\\w-]))`;
  const script = `(?:from|require\\(|import\\(?)[ \\t]*["']${name}(?:/[^"']*)?["']`;
  return new RegExp(`${python}|${script}`, 'mu').test(text.slice(0, MAX_SCANNED_CHARACTERS));
}
