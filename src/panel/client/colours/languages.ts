/*! With highlight.js, (c) 2006 Ivan Sagalaev and its contributors, BSD-3-Clause: https://github.com/highlightjs/highlight.js/blob/main/LICENSE */
import type { Language as Grammar, LanguageFn, Mode } from 'highlight.js';
import core from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import julia from 'highlight.js/lib/languages/julia';
import kotlin from 'highlight.js/lib/languages/kotlin';
import makefile from 'highlight.js/lib/languages/makefile';
import markdown from 'highlight.js/lib/languages/markdown';
import powershell from 'highlight.js/lib/languages/powershell';
import protobuf from 'highlight.js/lib/languages/protobuf';
import python from 'highlight.js/lib/languages/python';
import r from 'highlight.js/lib/languages/r';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import scala from 'highlight.js/lib/languages/scala';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { Tokens, type Token } from './tokens';

export type { Token };

interface Language {
  grammar: LanguageFn;
  /** Endings of names, without the dot. */
  endings: string;
  /** Names without an ending that tells. */
  names?: string;
}

const LANGUAGES: Record<string, Language> = {
  bash: { grammar: bash, endings: 'sh bash zsh ksh', names: '.bashrc .zshrc .profile' },
  c: { grammar: c, endings: 'c h' },
  cpp: { grammar: cpp, endings: 'cc cpp cxx hh hpp hxx cu cuh' },
  csharp: { grammar: csharp, endings: 'cs' },
  css: { grammar: css, endings: 'css' },
  dockerfile: { grammar: dockerfile, endings: 'dockerfile', names: 'dockerfile containerfile' },
  go: { grammar: go, endings: 'go' },
  ini: { grammar: ini, endings: 'ini toml cfg conf env lock properties', names: '.env .gitconfig pipfile' },
  java: { grammar: java, endings: 'java' },
  javascript: { grammar: javascript, endings: 'js jsx mjs cjs' },
  json: { grammar: json, endings: 'json jsonc jsonl ipynb', names: '.eslintrc .prettierrc' },
  julia: { grammar: julia, endings: 'jl' },
  kotlin: { grammar: kotlin, endings: 'kt kts' },
  makefile: { grammar: makefile, endings: 'mk', names: 'makefile gnumakefile' },
  markdown: { grammar: markdown, endings: 'md markdown' },
  powershell: { grammar: powershell, endings: 'ps1 psm1' },
  protobuf: { grammar: protobuf, endings: 'proto' },
  python: { grammar: python, endings: 'py pyi pyw pyx', names: 'sconstruct snakefile' },
  r: { grammar: r, endings: 'r' },
  ruby: { grammar: ruby, endings: 'rb', names: 'gemfile rakefile' },
  rust: { grammar: rust, endings: 'rs' },
  scala: { grammar: scala, endings: 'scala sbt' },
  sql: { grammar: sql, endings: 'sql' },
  typescript: { grammar: typescript, endings: 'ts tsx mts cts' },
  xml: { grammar: xml, endings: 'xml html htm svg xsd vue' },
  yaml: { grammar: yaml, endings: 'yaml yml', names: '.clang-format' },
};

const words = (text = ''): string[] => text.split(' ').filter((word) => word !== '');
const entries = Object.entries(LANGUAGES);
const BY_ENDING = new Map(entries.flatMap(([id, { endings }]) => words(endings).map((word) => [word, id] as const)));
const BY_NAME = new Map(entries.flatMap(([id, { names }]) => words(names).map((word) => [word, id] as const)));

for (const [id, { grammar }] of entries) core.registerLanguage(id, (hljs) => guessingNothing(grammar(hljs)));
// In place of markup, which this page has no use for: what a text holds is never read as HTML.
core.configure({ __emitter: Tokens });

/** Where one of several languages may stand within another, the first is taken: to try each takes seconds. */
function guessingNothing(grammar: Grammar): Grammar {
  const seen = new Set<object>();
  const visit = (mode: Partial<Mode>): void => {
    if (seen.has(mode)) return;
    seen.add(mode);
    if (Array.isArray(mode.subLanguage)) mode.subLanguage = mode.subLanguage[0] ?? '';
    for (const inner of [...(mode.contains ?? []), ...(mode.variants ?? []), mode.starts ?? 'self'])
      if (typeof inner !== 'string') visit(inner);
  };
  visit(grammar);
  return grammar;
}

/** By the file's name alone; `undefined` for one that is not known. */
export function languageOf(name: string): string | undefined {
  const base = (name.split(/[/\\]/u).at(-1) ?? '').toLowerCase();
  const ending = base.includes('.') ? base.slice(base.lastIndexOf('.') + 1) : '';
  return BY_NAME.get(base) ?? BY_ENDING.get(ending) ?? BY_NAME.get(base.split('.')[0] ?? '');
}

/** The coloured parts of a text, in order and none within another. */
export function tokensOf(language: string, text: string): Token[] {
  const { _emitter } = core.highlight(text, { language, ignoreIllegals: true });
  return _emitter instanceof Tokens ? _emitter.tokens : [];
}
