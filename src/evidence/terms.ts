import { EMPTY_WORDS, METRICS, SAME, SPLITS, STATISTICS } from './vocabulary';

export type TermKind = 'metric' | 'split' | 'statistic' | 'word';

export interface Term {
  kind: TermKind;
  id: string;
  start: number;
  end: number;
}

interface Word {
  text: string;
  start: number;
  end: number;
}

interface Phrase {
  words: readonly string[];
  kind: TermKind;
  id: string;
}

/** Lower case, without accents and with ² as 2, so that R², r2 and R2 are one. */
export function normal(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss');
}

const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u;

const LATIN = new Map<string, Phrase[]>();
const PREFIXES: { prefix: string; phrase: Phrase }[] = [];
const UNSPACED: { text: string; kind: TermKind; id: string }[] = [];

const KINDS = [
  ['metric', METRICS],
  ['split', SPLITS],
  ['statistic', STATISTICS],
  ['word', SAME],
] as const;

for (const [kind, rows] of KINDS) {
  for (const [id, phrases] of rows) for (const phrase of phrases.split('|')) addPhrase(kind, id, phrase);
}
UNSPACED.sort((one, other) => other.text.length - one.text.length);

function addPhrase(kind: TermKind, id: string, phrase: string): void {
  if (CJK.test(phrase)) {
    UNSPACED.push({ text: phrase.toLowerCase().replaceAll(' ', '').replace('*', ''), kind, id });
    return;
  }
  const words = phrase.split(' ');
  const first = words[0] ?? '';
  const known = { words, kind, id };
  if (first.endsWith('*')) PREFIXES.push({ prefix: first.slice(0, -1), phrase: known });
  else
    LATIN.set(
      first,
      [...(LATIN.get(first) ?? []), known].sort((a, b) => b.words.length - a.words.length),
    );
}

const WORD = /\p{Lu}{2,}(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}+\p{Nd}*²?|\p{Lu}+\p{Nd}*²?|\p{L}+|\d+(?:th|e)?|%/gu;

/** Words of a text, names like valAcc and val_acc in their parts. */
function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(/[\p{L}\p{N}²]+%?|%/gu)) {
    const whole = match[0];
    if (CJK.test(whole)) continue;
    const known = LATIN.has(normal(whole)) || /^\P{Ll}+$/u.test(whole);
    const parts = known ? [whole] : (whole.match(WORD) ?? [whole]);
    let at = match.index;
    for (const part of parts) {
      const start = text.indexOf(part, at);
      words.push({ text: normal(part), start, end: start + part.length });
      at = start + part.length;
    }
  }
  return words;
}

const STEM = 5;

/** The beginning of a word, by which rejects, rejected and reject_rate are one. */
function stem(word: string): string {
  if (word.length > STEM) return word.slice(0, STEM);
  return word.length > 3 && word.endsWith('s') ? word.slice(0, -1) : word;
}

/** The terms of a text, in its order: known phrases first, other words by their stem. Digits are left to the numbers. */
export function termsOf(text: string): Term[] {
  const words = wordsOf(text);
  const terms: Term[] = [];
  for (let at = 0; at < words.length;) {
    const phrase = phraseAt(words, at);
    const first = words[at];
    if (!first) break;
    const last = words[at + (phrase?.words.length ?? 1) - 1] ?? first;
    if (phrase) terms.push({ kind: phrase.kind, id: phrase.id, start: first.start, end: last.end });
    else if (isLabel(text, first))
      terms.push({ kind: 'word', id: `=${first.text}`, start: first.start, end: first.end });
    else if (/\p{L}/u.test(first.text) && !EMPTY_WORDS.has(first.text))
      terms.push({ kind: 'word', id: stem(first.text), start: first.start, end: first.end });
    at += phrase?.words.length ?? 1;
  }
  if (CJK.test(text)) terms.push(...unspacedTerms(text));
  return terms;
}

/** "in A", "class C": a single capital names something, but at a sentence's beginning. */
function isLabel(text: string, { start, end }: Word): boolean {
  return (
    end - start === 1 &&
    /\p{Lu}/u.test(text.slice(start, end)) &&
    (start > 0 || /^.\s{2,}|^.\s\p{Ll}+\s+\d/u.test(text))
  );
}

function phraseAt(words: readonly Word[], at: number): Phrase | undefined {
  const first = words[at]?.text ?? '';
  const fits = (phrase: Phrase): boolean =>
    phrase.words.every((expected, offset) => {
      const word = words[at + offset]?.text;
      if (word === undefined) return false;
      return expected.endsWith('*') ? word.startsWith(expected.slice(0, -1)) : word === expected;
    });
  const plain = (LATIN.get(first) ?? []).find(fits);
  if (plain) return plain;
  return PREFIXES.find(({ prefix, phrase }) => first.startsWith(prefix) && fits(phrase))?.phrase;
}

/** Where words are not parted, known ones are looked for everywhere, the longest first. */
function unspacedTerms(text: string): Term[] {
  const terms: Term[] = [];
  const lower = text.toLowerCase();
  const taken = new Uint8Array(lower.length);
  for (const { text: known, kind, id } of UNSPACED) {
    for (let at = lower.indexOf(known); at >= 0; at = lower.indexOf(known, at + known.length)) {
      if (taken[at]) continue;
      taken.fill(1, at, at + known.length);
      terms.push({ kind, id, start: at, end: at + known.length });
    }
  }
  return terms.sort((one, other) => one.start - other.start);
}
