// Learns what each sign of a number is worth (src/evidence/weights.json) from all labelled sentences, and says how well
// that goes on documents that were left out: npx tsx scripts/train-evidence.ts [--write]
import { createHash } from 'node:crypto';
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
  name: string;
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
  const all: Read = { name, samples: [], labelled: 0, found: 0, hits: 0 };
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
      all.samples.push({
        document: name,
        signs: each.signs,
        label,
        verdict,
        shownAs,
        text: `${text} -> ${each.claim.text}`,
      });
    }
  }
  return all;
}

/** Documents that were new to the hand-written rules. On the others the rules look better than they are. */
const NEW_TO_RULES =
  /^(?:tenth|eleventh|twelfth)\.txt|^(?:card-toxicity-classifier|chat-churn-boosting|de-pumpen-ausfall|decision-embedding-size|deploy-feature-store|drift-credit-scores|es-consumo-electrico|fr-prevision-vent|incident-overwritten-checkpoint|ja-defect-detection|load-scoring-api|notebook-sensor-anomalies|pr-cache-features|quality-loan-table|readme-qa-finetune|report-augmentation|search-xgb-grid|standup-vision-release|tests-dataloader|zh-garbage-sorting)$/u;
/** So often each of them counts. */
const NEW_COUNTS = 3;

const RATE = 0.3;
const ROUNDS = 150;
const L2 = 3;
/** A sign of fewer documents tells nothing. */
const LEAST_DOCUMENTS = 3;
const FOLDS = 8;

interface Row {
  places: readonly number[];
  label: number;
  weight: number;
}

/** Softmax regression with L2, by gradient steps scaled for each weight. No chance in it, so it comes out the same. */
function train(samples: readonly Sample[]): Weights {
  const at = placesOf(samples);
  const rows = samples.map(({ signs, label, document }) => ({
    places: signs.flatMap((sign) => at.get(sign) ?? []),
    label: CLASSES.indexOf(label),
    weight: NEW_TO_RULES.test(document) ? NEW_COUNTS : 1,
  }));
  const classes = CLASSES.length;
  const weights = new Float64Array(at.size * classes);
  const sums = new Float64Array(at.size * classes).fill(1e-6);
  for (let round = 0; round < ROUNDS; round++) {
    const gradient = gradientOf(rows, weights);
    for (const [place, slope] of gradient.entries()) {
      const sum = (sums[place] ?? 0) + slope * slope;
      sums[place] = sum;
      weights[place] = (weights[place] ?? 0) - (RATE * slope) / Math.sqrt(sum);
    }
  }
  return Object.fromEntries(
    [...at].map(([sign, place]) => [sign, [...weights.slice(place * classes, (place + 1) * classes)]]),
  );
}

function placesOf(samples: readonly Sample[]): Map<string, number> {
  const seen = new Map<string, Set<string>>();
  for (const { signs, document } of samples)
    for (const sign of signs) seen.set(sign, (seen.get(sign) ?? new Set()).add(document));
  return new Map(
    [...seen].filter(([, documents]) => documents.size >= LEAST_DOCUMENTS).map(([sign], place) => [sign, place]),
  );
}

function gradientOf(rows: readonly Row[], weights: Float64Array): Float64Array {
  const classes = CLASSES.length;
  const total = rows.reduce((sum, { weight }) => sum + weight, 0);
  const gradient = weights.map((value) => (L2 * value) / total);
  for (const { places, label, weight } of rows) {
    const scores = CLASSES.map((_, one) => places.reduce((sum, at) => sum + (weights[at * classes + one] ?? 0), 0));
    const most = Math.max(...scores);
    const parts = scores.map((score) => Math.exp(score - most));
    const whole = parts.reduce((sum, part) => sum + part, 0);
    for (const [one, part] of parts.entries()) {
      const error = (weight * (part / whole - (one === label ? 1 : 0))) / total;
      for (const place of places) gradient[place * classes + one] = (gradient[place * classes + one] ?? 0) + error;
    }
  }
  return gradient;
}

interface Count {
  labelled: number;
  found: number;
  hits: number;
}

function countOf(reads: readonly Read[], decide: (sample: Sample) => Class): Count {
  const count = { labelled: 0, found: 0, hits: 0 };
  for (const { samples, labelled, found, hits } of reads) {
    count.labelled += labelled;
    count.found += found;
    count.hits += hits;
    for (const sample of samples) {
      const answer = decide(sample);
      if (answer === 'none') continue;
      count.found++;
      if ((answer === 'shown' ? sample.shownAs : 'unsupported') === sample.verdict) count.hits++;
    }
  }
  return count;
}

/** Each document judged by what was learned from others. */
function crossValidated(reads: readonly Read[]): (sample: Sample) => Class {
  const folds = new Map(reads.map(({ name }) => [name, parseInt(sha(name), 16) % FOLDS]));
  const all = reads.flatMap(({ samples }) => samples);
  const learned = Array.from({ length: FOLDS }, (_, fold) =>
    train(all.filter(({ document }) => folds.get(document) !== fold)),
  );
  return ({ document, signs }) => weigh(signs, learned[folds.get(document) ?? 0]);
}

function sha(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8);
}

function say(name: string, { labelled, found, hits }: Count): void {
  console.log(
    `${name}: precision ${(hits / found).toFixed(3)}, recall ${(hits / labelled).toFixed(3)} (${String(labelled)} claims)`,
  );
}

/** Two digits tell enough, and what adds next to nothing is left out. */
function short(weights: Weights): Weights {
  return Object.fromEntries(
    Object.entries(weights)
      .map(([sign, values]) => [sign, values.map((value) => Math.round(value * 100) / 100)] as const)
      .filter(([, values]) => values.some((value) => Math.abs(value) >= 0.05))
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

function main(): void {
  const reads = labelledDocuments().map(read);
  const isNew = ({ name }: Read): boolean => NEW_TO_RULES.test(name);
  if (!process.argv.includes('--quick')) {
    const decide = crossValidated(reads);
    say('left out, new to the rules', countOf(reads.filter(isNew), decide));
    say(
      'left out, known to the rules',
      countOf(
        reads.filter((each) => !isNew(each)),
        decide,
      ),
    );
  }
  const weights = short(train(reads.flatMap(({ samples }) => samples)));
  say(
    'all, with what was learned from all',
    countOf(reads, ({ signs }) => weigh(signs, weights)),
  );
  if (process.argv.includes('--write')) {
    const rows = Object.entries(weights).map(([sign, values]) => `  ${JSON.stringify(sign)}: [${values.join(', ')}]`);
    writeFileSync(join(__dirname, '../src/evidence/weights.json'), `{\n${rows.join(',\n')}\n}\n`);
  }
}

main();
