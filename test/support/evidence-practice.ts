import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { matchSources } from '../../src/evidence/match';
import type { Source, Verdict } from '../../src/evidence/types';

/** The form is told in test/evidence/practice/README.md. */
const PRACTICE = resolve(__dirname, '../evidence/practice');

interface Claim {
  start: number;
  end: number;
  verdict: Verdict;
}

interface Document {
  sources: Source[];
  sentences: { text: string; claims: Claim[] }[];
}

const VERDICTS: Readonly<Record<string, Verdict>> = { S: 'supported', T: 'stale', U: 'unsupported' };

/** The documents of all files, or of one. */
export function loadPractice(only?: string): Document[] {
  return readdirSync(PRACTICE)
    .filter((file) => (only === undefined ? file.endsWith('.txt') : file === only))
    .sort()
    .flatMap((file) => readFileSync(join(PRACTICE, file), 'utf8').split(/^# /mu).slice(1))
    .map(documentOf);
}

function documentOf(written: string): Document {
  const document: Document = { sources: [], sentences: [] };
  for (const line of written.split('\n').slice(1)) {
    if (line.startsWith('$ ')) document.sources.push(sourceOf(line, document.sources.length));
    else if (line.startsWith('| ')) (document.sources.at(-1)?.lines as string[]).push(line.slice(2));
    else if (line.startsWith('- ')) document.sentences.push(sentenceOf(line.slice(2)));
  }
  return document;
}

function sourceOf(line: string, at: number): Source {
  const [, id = '', kind = '', flags = '', title = ''] = /^\$ (\S+) (\S+)((?: \S+)*?) \| (.*)$/u.exec(line) ?? [];
  const changedSince = flags.includes('!stale') ? ['x'] : [];
  return {
    id,
    kind: kind as Source['kind'],
    title,
    lines: [],
    failed: / F/u.test(flags),
    at,
    inputs: ['x'],
    changedSince,
  };
}

function sentenceOf(written: string): Document['sentences'][number] {
  const claims: Claim[] = [];
  let text = '';
  let from = 0;
  for (const match of written.matchAll(/\[([^\]|]+)\|([SUT])\]/gu)) {
    const [whole, words = '', letter = ''] = match;
    text += written.slice(from, match.index);
    claims.push({ start: text.length, end: text.length + words.length, verdict: VERDICTS[letter] ?? 'unsupported' });
    text += words;
    from = match.index + whole.length;
  }
  return { text: text + written.slice(from), claims };
}

/** How many claims are labelled, found, and found with the right verdict. */
export function practiceScore(documents: readonly Document[]): { labelled: number; found: number; hits: number } {
  const score = { labelled: 0, found: 0, hits: 0 };
  for (const { sources, sentences } of documents) {
    const judged = matchSources(
      sentences.map(({ text }) => text),
      sources,
    );
    for (const [at, { claims }] of sentences.entries()) {
      const left = [...(judged[at] ?? [])];
      score.labelled += claims.length;
      score.found += left.length;
      for (const { start, end, verdict } of claims) {
        const found = left.findIndex((other) => other.start < end && start < other.end);
        const [match] = found < 0 ? [] : left.splice(found, 1);
        if (match?.verdict === verdict) score.hits++;
      }
    }
  }
  return score;
}
