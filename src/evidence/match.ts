import { claimsIn, type Found, type NumberClaim } from './claims';
import { agreeing, bestOf, withinBound, type Candidate } from './best';
import { deriveClaim, withSubject } from './derived';
import { aboutOf, ids, metricsOf, type About } from './fit';
import { guessOf, type Guess } from './guess';
import { languageOf, type Language } from './language';
import { indexSource, type Indexed, type Measure } from './sources';
import { nearestOf, signsOf } from './signs';
import { judgeSuccess } from './success';
import { termsOf } from './terms';
import { weigh } from './weigh';
import { drained, type Sliced } from '../text/slices';
import type { JudgedClaim, Place, Source, Verdict } from './types';

/** What a session ran, ready to be asked. */
export interface SourceIndex {
  all: readonly Indexed[];
  /** Of what can bear a claim, by value. */
  byValue: readonly Measure[];
  byMetric: ReadonlyMap<string, readonly Measure[]>;
  byRun: ReadonlyMap<Indexed, readonly Measure[]>;
  /** All words that stand by its numbers. */
  words: ReadonlySet<string>;
  /** All numbers in the titles of its runs. */
  asked: ReadonlySet<number>;
  /** The part that computed numbers are looked for in: all pairs of a long session would be too many. */
  recent?: SourceIndex;
}

/** So many numbers of the newest runs may be computed with. */
const MAX_COMPUTED_WITH = 1_500;

/** Of more numbers than these the newest are known. */
const MAX_MEASURES = 40_000;

export function* indexing(sources: readonly Indexed[]): Sliced<SourceIndex> {
  const known = newestOf(sources, MAX_MEASURES);
  const newest = newestOf(sources, MAX_COMPUTED_WITH);
  const whole = { ...(yield* indexed(known)), all: sources };
  return newest.length === sources.length && whole.byValue.length <= MAX_COMPUTED_WITH
    ? whole
    : { ...whole, recent: yield* indexed(newest, MAX_COMPUTED_WITH) };
}

function newestOf(sources: readonly Indexed[], most: number): Indexed[] {
  let count = 0;
  const at = sources.findLastIndex(({ measures }) => (count += measures.length) > most);
  return sources.slice(Math.min(at + 1, Math.max(0, sources.length - 1)));
}

function* indexed(sources: readonly Indexed[], most = MAX_MEASURES): Sliced<SourceIndex> {
  const all = sources
    .flatMap((indexed) => (indexed.bears ? indexed.measures.filter((measure) => !isOfFailure(measure)) : []))
    .slice(-most);
  const byMetric = new Map<string, Measure[]>();
  const byRun = new Map<Indexed, Measure[]>();
  const words = new Set<string>();
  let row: Measure['row'] | undefined;
  for (const [at, measure] of all.entries()) {
    if (at % 500 === 0) yield;
    for (const id of metricsOf(measure)) pushTo(byMetric, id, measure);
    pushTo(byRun, measure.source, measure);
    if (measure.row === row) continue;
    row = measure.row;
    for (const { id, kind } of row) if (kind === 'word') words.add(id);
  }
  for (const { title } of byRun.keys()) for (const { id, kind } of title) if (kind === 'word') words.add(id);
  const byValue = all.toSorted((one, other) => one.value - other.value);
  const asked = new Set(sources.flatMap((run) => [...run.asked]));
  return { all: sources, byValue, byMetric, byRun, words, asked };
}

function pushTo<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** A ledger's record of a run that failed bears no more than the run itself. */
function isOfFailure({ source, line }: Measure): boolean {
  if (source.source.kind !== 'ledger') return false;
  return /(?<![\p{L}])(?:failed|killed|stopped|crashed|aborted|error|cancell?ed|lost|running|unfinished)(?![\p{L}])/iu.test(
    source.source.lines[line] ?? '',
  );
}

/** What the sentences before a sentence leave it. */
export interface Before {
  metrics: ReadonlySet<string>;
  /** The places that bore the claims of the last sentence with any. */
  bearers: readonly Measure[];
  /** Those of the sentences before that. */
  older: readonly Measure[];
  sentence: string;
}

export const NOTHING_BEFORE: Before = { metrics: new Set(), bearers: [], older: [], sentence: '' };

/** So many numbers back "that is a gain of" may reach. */
const MAX_REMEMBERED = 8;

/** Judges the sentences of one answer, in order. Pauses behind each. */
export function* judgeSentences(sentences: readonly string[], index: SourceIndex): Sliced<JudgedClaim[][]> {
  const language = languageOf(sentences.join('\n'));
  let before = NOTHING_BEFORE;
  const effort: Effort = { left: MAX_EFFORT };
  let judged = 0;
  const all: JudgedClaim[][] = [];
  for (const sentence of sentences) {
    if (judged >= MAX_CLAIMS) break;
    yield;
    const { claims, after } = yield* matchSentence(sentence, before, { index, language, effort });
    before = after;
    judged += claims.length;
    all.push(claims);
  }
  return all;
}

export function matchSources(sentences: readonly string[], sources: readonly Source[]): JudgedClaim[][] {
  return drained(judgeSentences(sentences, drained(indexing(sources.map(indexSource)))));
}

/** A number of a sentence with all that was found for and against it. */
export interface Weighed {
  claim: NumberClaim;
  about: About;
  /** The line whose names fit what is said. */
  direct: Measure | undefined;
  /** What it can be computed of, or what keeps its bound. */
  computed: readonly Measure[] | undefined;
  /** One that agrees in value alone. */
  near: Measure | undefined;
  /** What it may be computed of. */
  guess: Guess | undefined;
  signs: readonly string[];
}

interface Asked {
  index: SourceIndex;
  language: Language;
  effort: Effort;
}

/** The numbers of one sentence, each with what speaks for and against it. */
export function* weighSentence(sentence: string, found: Found, before: Before, asked: Asked): Sliced<Weighed[]> {
  const { index, effort, language } = asked;
  const bearers: Measure[] = [];
  const results = found.numbers.filter(({ isRuledOut }) => !isRuledOut);
  const questions = found.numbers.map((claim): Question => {
    const about = aboutIn(sentence, claim, claim.isRuledOut ? [...results, claim].sort(inOrder) : results);
    return { claim, about, before, index, bearers, sentence, numbers: found.numbers, effort };
  });
  // First what stands in a run as it is; what is computed may be of numbers that the sentence only names behind it.
  const direct: (Measure | undefined)[] = [];
  const candidates: Candidate[][] = [];
  for (const question of questions) {
    yield;
    const agree = agreeing(question.claim, index);
    candidates.push(agree);
    const bearer = directOf(question, agree);
    if (bearer && !question.claim.isRuledOut) bearers.push(bearer);
    direct.push(bearer);
  }
  const weighed: Weighed[] = [];
  for (const [at, question] of questions.entries()) {
    yield;
    const bearer = direct[at];
    const computed = bearer || question.claim.isRuledOut ? undefined : computedOf(question);
    const { claim, about } = question;
    const near = bearer ?? nearestOf(question, candidates[at] ?? []);
    const guess = bearer || computed || question.claim.isRuledOut ? undefined : guessOf(question);
    const signs = signsOf(question, { direct: bearer, computed, near, guess }, language);
    weighed.push({ claim, about, direct: bearer, computed, near, guess, signs });
  }
  return weighed;
}

function inOrder(one: NumberClaim, other: NumberClaim): number {
  return one.start - other.start;
}

function directOf(question: Question, candidates: readonly Candidate[]): Measure | undefined {
  const { claim, about, before, sentence } = question;
  return (
    bestOf(question, candidates) ??
    (about.words.size + about.metrics.size === 0 && !claim.isWeak
      ? bestOf(withSubject(question), candidates)
      : undefined) ??
    (before.sentence !== '' && PRONOUN.test(sentence.slice(0, claim.start))
      ? bestOf(withTopic(question), candidates)
      : undefined)
  );
}

function computedOf(question: Question): readonly Measure[] | undefined {
  const { claim, bearers } = question;
  const derived = claim.isDoubtful && !bearers.length ? undefined : deriveClaim(question);
  if (derived) return derived;
  const bounded = claim.bound && !claim.isDoubtful ? bestOf(question, withinBound(question)) : undefined;
  return bounded && [bounded];
}

/** What is shown for a number that is taken to be shown. */
export function bearersOf({ direct, computed, near, guess }: Weighed): readonly Measure[] {
  return direct
    ? [direct]
    : (computed ?? (guess?.signs.includes('guess said') ? guess.measures : near ? [near] : (guess?.measures ?? [])));
}

function* matchSentence(
  sentence: string,
  before: Before,
  asked: Asked,
): Sliced<{ claims: JudgedClaim[]; after: Before }> {
  const found = claimsIn(sentence, asked.language);
  const weighed = yield* weighSentence(sentence, found, before, asked);
  const claims: JudgedClaim[] = found.successes.map((claim) => ({
    ...strip(claim),
    ...judgeSuccess(claim.said, asked.index),
  }));
  for (const each of weighed) {
    const verdict = weigh(each.signs);
    const bearers = bearersOf(each);
    if (verdict === 'none') continue;
    claims.push({ ...strip(each.claim), ...(verdict === 'shown' && bearers.length > 0 ? outcomeOf(bearers) : NONE) });
  }
  return { claims: claims.sort((one, other) => one.start - other.start), after: afterOf(sentence, before, weighed) };
}

/** What a sentence leaves the next one. */
export function afterOf(sentence: string, before: Before, weighed: readonly Weighed[]): Before {
  const results = weighed.filter(({ claim }) => !claim.isRuledOut);
  const metrics = new Set(results.flatMap(({ about }) => [...about.metrics]));
  const bearers = results.flatMap(({ direct }) => direct ?? []);
  return {
    metrics: metrics.size > 0 ? metrics : before.metrics,
    bearers: results.length > 0 ? bearers : before.bearers,
    older: results.length > 0 ? [...before.bearers, ...before.older].slice(0, MAX_REMEMBERED) : before.older,
    sentence,
  };
}

/** "It is down to 0.02 now": what "it" is was said before. */
const PRONOUN =
  /(?<![\p{L}])(?:it|they|this|that|these|those|which|both|er|sie|es|das|il|elle|ils|elles|cela|esto|eso|este|ese|lo)(?![\p{L}])/iu;

function withTopic(question: Question): Question {
  const { about, before } = question;
  const words = new Set([...about.words, ...ids(termsOf(before.sentence), 'word')]);
  return { ...question, about: { ...about, words, metrics: about.metrics.size > 0 ? about.metrics : before.metrics } };
}

function strip({
  kind,
  text,
  start,
  end,
  value,
}: JudgedClaim | NumberClaim | Found['successes'][number]): Omit<JudgedClaim, 'verdict' | 'evidence' | 'also'> {
  return { kind, text, start, end, value };
}

function aboutIn(sentence: string, claim: NumberClaim, numbers: readonly NumberClaim[]): About {
  const at = numbers.indexOf(claim);
  const first = numbers
    .slice(0, at + 1)
    .findLastIndex((other, index) => index === 0 || !isList(sentence, numbers[index - 1], other));
  const previous = numbers[first - 1];
  const next = numbers.slice(at + 1).find((other, index) => !isList(sentence, numbers[at + index], other));
  const blanked = numbers.reduce(
    (text, { start, end }) => text.slice(0, start) + ' '.repeat(end - start) + text.slice(end),
    sentence,
  );
  return aboutOf(blanked, claim, previous?.end ?? 0, next?.start ?? sentence.length);
}

/** Numbers with no word between them are of the same thing: the two ends of a range. */
function isList(sentence: string, one: NumberClaim | undefined, other: NumberClaim): boolean {
  return one !== undefined && /^\s*(?:to|-|–|\.\.|bis|à|a|〜|~|到|至)\s*$/iu.test(sentence.slice(one.end, other.start));
}

/** Nobody reads so many marks: the claims behind these are not looked at. */
const MAX_CLAIMS = 400;

/** How many numbers may still be looked at for one answer: behind that no number is computed. */
interface Effort {
  left: number;
}

const MAX_EFFORT = 100_000;

export interface Question {
  claim: NumberClaim;
  about: About;
  before: Before;
  index: SourceIndex;
  /** What bore the numbers of this sentence so far. */
  bearers: readonly Measure[];
  sentence: string;
  /** Its numbers, results or not. */
  numbers: readonly NumberClaim[];
  effort: Effort;
}

export interface Outcome {
  verdict: Verdict;
  evidence: Place | null;
  also: readonly Place[];
}

export const NONE: Outcome = { verdict: 'unsupported', evidence: null, also: [] };

export function outcomeOf(measures: readonly Measure[]): Outcome {
  const places = measures.map(({ source, line }) => ({
    source: source.source.id,
    line: line + (source.source.firstLine ?? 1),
  }));
  const [first, ...also] = places.filter(
    (place, at) => places.findIndex((other) => other.source === place.source && other.line === place.line) === at,
  );
  return {
    verdict: measures.some(({ source }) => source.isStale) ? 'stale' : 'supported',
    evidence: first ?? null,
    also,
  };
}
