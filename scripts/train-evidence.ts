// Learns what each sign of a number is worth (src/evidence/weights.json) from all labelled sentences, and says how well
// that goes on documents that were left out: npx tsx scripts/train-evidence.ts [--write]
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimsIn } from '../src/evidence/claims';
import { languageOf } from '../src/evidence/language';
import { afterOf, bearersOf, indexing, NOTHING_BEFORE, outcomeOf, weighSentence } from '../src/evidence/match';
import { indexSource } from '../src/evidence/sources';
import { judgeSuccess } from '../src/evidence/success';
import type { Source, Verdict } from '../src/evidence/types';
import { CLASSES, weigh, type Class, type Weights } from '../src/evidence/weigh';
import { drained } from '../src/text/slices';
import { loadEvidenceCorpus } from '../test/support/evidence-corpus';
import { loadPractice } from '../test/support/evidence-practice';
import { toSource } from '../test/support/evidence-score';

interface Labelled {
  name: string;
  sources: readonly Source[];
  sentences: readonly { text: string; claims: readonly { start: number; end: number; verdict: Verdict }[] }[];
}

/** A number with its label: what `learned` gets to see, and what each answer comes to. */
interface Sample {
  document: string;
  signs: readonly string[];
  label: Class;
  verdict: Verdict | undefined;
  /** The verdict when it is taken to be shown. */
  shownAs: Verdict;
  text: string;
}

interface Read {
  samples: Sample[];
  /** What the rules of successes do, and how many claims there are in all. */
  labelled: number;
  found: number;
  hits: number;
}

function labelledDocuments(): Labelled[] {
  const corpus = loadEvidenceCorpus('development').map(({ name, sources, sentences }) => ({
    name,
    sources: sources.map(toSource),
    sentences: sentences.map(({ text, claims }) => ({
      text,
      claims: claims.map((claim) => {
        const start = text.indexOf(claim.text);
        return { start, end: start + claim.text.length, verdict: claim.verdict };
      }),
    })),
  }));
  const practice = readdirSync(join(__dirname, '../test/evidence/practice'))
    .filter((file) => file.endsWith('.txt'))
    .flatMap((file) => loadPractice(file).map((document, at) => ({ name: `${file}#${String(at)}`, ...document })));
  return [...corpus, ...practice];
}

/** The numbers of a document with their signs. */
function read({ name, sources, sentences }: Labelled): Read {
  const index = drained(indexing(sources.map(indexSource)));
  const language = languageOf(sentences.map(({ text }) => text).join('\n'));
  const effort = { left: 100_000 };
  const all: Read = { samples: [], labelled: 0, found: 0, hits: 0 };
  let before = NOTHING_BEFORE;
  for (const { text, claims } of sentences) {
    const found = claimsIn(text, language);
    const weighed = drained(weighSentence(text, found, before, { index, language, effort }));
    before = afterOf(text, before, weighed);
    const left = [...claims];
    const take = (start: number, end: number): (typeof left)[number] | undefined => {
      const at = left.findIndex((claim) => claim.start < end && start < claim.end);
      return at < 0 ? undefined : left.splice(at, 1)[0];
    };
    all.labelled += claims.length;
    for (const { start, end, said } of found.successes) {
      all.found++;
      if (take(start, end)?.verdict === judgeSuccess(said, index).verdict) all.hits++;
    }
    for (const each of weighed) {
      const { start, end } = each.claim;
      // A number within a statement of success that was not found as one is neither.
      if (claims.some((claim) => claim.start < start - 8 && start < claim.end)) continue;
      const verdict = take(start, end)?.verdict;
      const label = verdict === undefined ? 'none' : verdict === 'unsupported' ? 'open' : 'shown';
      const bearers = bearersOf(each);
      const shownAs = bearers.length > 0 ? outcomeOf(bearers).verdict : 'unsupported';
      all.samples.push({ document: name, signs: each.signs, label, verdict, shownAs, text: `${text} -> ${each.claim.text}` });
    }
  }
  return all;
}

const RATE = 0.3;

/** Softmax regression with L2, by gradient steps scaled for each weight. No chance in it, so it comes out the same. */
export function train(samples: readonly Sample[], l2: number, rounds: number, least = 3, weight: (s: Sample) => number = () => 1): Weights {
  const seen = new Map<string, Set<string>>();
  for (const { signs, document } of samples)
    for (const sign of signs) seen.set(sign, (seen.get(sign) ?? new Set()).add(document));
  const at = new Map([...seen].filter(([, documents]) => documents.size >= least).map(([sign], place) => [sign, place]));
  const rows = samples.map((sample) => ({
    places: sample.signs.flatMap((sign) => at.get(sign) ?? []),
    label: CLASSES.indexOf(sample.label),
    weight: weight(sample),
  }));
  const classes = CLASSES.length;
  const weights = new Float64Array(at.size * classes);
  const sums = new Float64Array(at.size * classes).fill(1e-6);
  const total = rows.reduce((sum, row) => sum + row.weight, 0);
  for (let round = 0; round < rounds; round++) {
    const gradient = weights.map((value) => (l2 * value) / total);
    for (const { places, label, weight: own } of rows) {
      const scores = CLASSES.map((_, one) => places.reduce((sum, place) => sum + (weights[place * classes + one] ?? 0), 0));
      const most = Math.max(...scores);
      const parts = scores.map((score) => Math.exp(score - most));
      const whole = parts.reduce((sum, part) => sum + part, 0);
      for (let one = 0; one < classes; one++) {
        const error = (own * ((parts[one] ?? 0) / whole - (one === label ? 1 : 0))) / total;
        for (const place of places) gradient[place * classes + one]! += error;
      }
    }
    for (let place = 0; place < weights.length; place++) {
      const slope = gradient[place]!;
      sums[place]! += slope * slope;
      weights[place]! -= (RATE * slope) / Math.sqrt(sums[place]!);
    }
  }
  return Object.fromEntries([...at].map(([sign, place]) => [sign, [...weights.slice(place * classes, (place + 1) * classes)]]));
}

export interface Count { labelled: number; found: number; hits: number; located: number }

export function evaluate(samples: readonly Sample[], decide: (s: Sample) => Class): Count {
  const count = { labelled: 0, found: 0, hits: 0, located: 0 };
  for (const sample of samples) {
    const answer = decide(sample);
    if (sample.verdict) count.labelled++;
    if (answer === 'none') continue;
    count.found++;
    const verdict = answer === 'shown' ? sample.shownAs : 'unsupported';
    if (sample.verdict) count.located++;
    if (verdict === sample.verdict) count.hits++;
  }
  return count;
}
export { labelledDocuments, read };
export type { Sample, Read, Labelled };
