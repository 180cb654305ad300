import { claimsIn, type Found, type NumberClaim } from './claims';
import { readingsOf, type Reading } from './conversions';
import { deriveClaim, withSubject } from './derived';
import { aboutOf, contradicts, fitOf, ids, metricsOf, sharedWith, type About } from './fit';
import { languageOf, type Language } from './language';
import { agrees } from './numbers';
import { indexSource, type Indexed, type Measure } from './sources';
import { judgeSuccess } from './success';
import { termsOf } from './terms';
import type { JudgedClaim, Place, Source, Verdict } from './types';

/** What a session ran, ready to be asked. */
export interface SourceIndex {
  all: readonly Indexed[];
  /** Of what can bear a claim, by value. */
  byValue: readonly Measure[];
  byMetric: ReadonlyMap<string, readonly Measure[]>;
  byRun: ReadonlyMap<Indexed, readonly Measure[]>;
  /** The part that computed numbers are looked for in: all pairs of a long session would be too many. */
  recent?: SourceIndex;
}

/** So many numbers of the newest runs may be computed with. */
const MAX_COMPUTED_WITH = 1_500;

export function indexOf(sources: readonly Indexed[]): SourceIndex {
  const newest: Indexed[] = [];
  let count = 0;
  for (const each of sources.toReversed()) {
    if (newest.length > 0 && count + each.measures.length > MAX_COMPUTED_WITH) break;
    count += each.measures.length;
    newest.unshift(each);
  }
  const whole = indexed(sources);
  return newest.length === sources.length ? whole : { ...whole, recent: indexed(newest) };
}

function indexed(sources: readonly Indexed[]): SourceIndex {
  const all = sources.flatMap((indexed) =>
    indexed.bears ? indexed.measures.filter((measure) => !isOfFailure(measure)) : [],
  );
  const byMetric = new Map<string, Measure[]>();
  const byRun = new Map<Indexed, Measure[]>();
  for (const measure of all) {
    for (const id of metricsOf(measure)) pushTo(byMetric, id, measure);
    pushTo(byRun, measure.source, measure);
  }
  return { all: sources, byValue: all.toSorted((one, other) => one.value - other.value), byMetric, byRun };
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

export interface Matched {
  claims: JudgedClaim[];
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

/** Judges the sentences of one answer, in order. */
export function matchSentences(sentences: readonly string[], index: SourceIndex): JudgedClaim[][] {
  const language = languageOf(sentences.join('\n'));
  let before = NOTHING_BEFORE;
  const effort: Effort = { left: MAX_EFFORT };
  let judged = 0;
  return sentences.map((sentence) => {
    if (judged >= MAX_CLAIMS) return [];
    const { claims, after } = matchSentence(sentence, before, { index, language, effort });
    before = after;
    judged += claims.length;
    return claims;
  });
}

export function matchSources(sentences: readonly string[], sources: readonly Source[]): JudgedClaim[][] {
  return matchSentences(sentences, indexOf(sources.map(indexSource)));
}

function matchSentence(
  sentence: string,
  before: Before,
  { index, language, effort }: { index: SourceIndex; language: Language; effort: Effort },
): { claims: JudgedClaim[]; after: Before } {
  const found = claimsIn(sentence, language);
  const bearers: Measure[] = [];
  const metrics = new Set<string>();
  const claims: JudgedClaim[] = found.successes.map((claim) => ({
    ...strip(claim),
    ...judgeSuccess(claim.said, index),
  }));
  const asked = found.numbers.map((claim) => ({ claim, about: aboutIn(sentence, claim, found) }));
  // First what stands in a run as it is; what is computed may be of numbers that the sentence only names behind it.
  const direct = asked.map(({ claim, about }) => {
    for (const id of about.metrics) metrics.add(id);
    const candidates = agreeing(claim, index);
    const question = { claim, about, before, index, bearers, sentence, effort };
    const bearer =
      bestOf(question, candidates) ??
      (about.words.size + about.metrics.size === 0 && !claim.isWeak
        ? bestOf(withSubject(question), candidates)
        : undefined) ??
      (before.sentence !== '' && PRONOUN.test(sentence.slice(0, claim.start))
        ? bestOf(withTopic(question), candidates)
        : undefined);
    if (bearer) bearers.push(bearer);
    return bearer;
  });
  for (const [at, { claim, about }] of asked.entries()) {
    const bearer = direct[at];
    const outcome = bearer
      ? outcomeOf([bearer])
      : judgeOther({ claim, about, before, index, bearers, sentence, effort });
    if (outcome) claims.push({ ...strip(claim), ...outcome });
  }
  const after = {
    metrics: metrics.size > 0 ? metrics : before.metrics,
    bearers: claims.length > 0 ? bearers : before.bearers,
    older: claims.length > 0 ? [...before.bearers, ...before.older].slice(0, MAX_REMEMBERED) : before.older,
    sentence,
  };
  return { claims: claims.sort((one, other) => one.start - other.start), after };
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

function aboutIn(sentence: string, claim: NumberClaim, { numbers }: Found): About {
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

const MAX_EFFORT = 300_000;

export interface Question {
  claim: NumberClaim;
  about: About;
  before: Before;
  index: SourceIndex;
  /** What bore the numbers of this sentence so far. */
  bearers: readonly Measure[];
  sentence: string;
  effort: Effort;
}

export interface Outcome {
  verdict: Verdict;
  evidence: Place | null;
  also: readonly Place[];
}

export const NONE: Outcome = { verdict: 'unsupported', evidence: null, also: [] };

/** A number that stands in no run as it is. `undefined`: it is no claim after all. */
function judgeOther(question: Question): Outcome | undefined {
  const { claim, index } = question;
  const derived = claim.isDoubtful && !question.bearers.length ? undefined : deriveClaim(question);
  if (derived) return outcomeOf(derived);
  const bounded = claim.bound && !claim.isDoubtful ? bestOf(question, withinBound(question)) : undefined;
  if (bounded) return outcomeOf([bounded]);
  if (claim.isWeak || isRound(question) || (claim.inFailure && standsInFailure(claim, index))) return undefined;
  return NONE;
}

/** What was counted is seldom a power of two or 500: such numbers are set. */
function isRound({ claim: { said, bound, start }, about, sentence }: Question): boolean {
  const { value, unit, step } = said;
  if (unit || bound || step < 1 || value < 2 || about.metrics.size > 0) return false;
  if (ROUGHLY.test(sentence.slice(0, start))) return false;
  return (
    Number.isInteger(Math.log2(value)) || (value >= 100 && /^(?:[125]|10|15|25|32|48|64|75)0+$/u.test(String(value)))
  );
}

const ROUGHLY = /(?:about|around|roughly|some|nearly|almost|~|≈|etwa|rund|environ|unos|约|約)\s?$/iu;

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

export interface Candidate {
  measure: Measure;
  distance: number;
}

const MAX_CANDIDATES = 400;

/** The measured numbers that round to what was said, in any unit it may stand in. */
export function agreeing({ said }: Pick<NumberClaim, 'said'>, { byValue }: SourceIndex): Candidate[] {
  const candidates: Candidate[] = [];
  for (const reading of readingsOf(said)) {
    const slack = (reading.step / 2) * 1.000001 + 1e-12;
    for (let at = firstAtLeast(byValue, reading.value - slack); at < byValue.length; at++) {
      const measure = byValue[at];
      if (!measure || measure.value > reading.value + slack || candidates.length > MAX_CANDIDATES) break;
      if (reading.fits(measure.unit) && agrees(reading, measure.value) && isFineEnough(reading, measure))
        candidates.push({ measure, distance: reading.distance });
    }
  }
  return candidates;
}

/** A number said with more digits than were measured is a guess at the rest; zeros are none. */
function isFineEnough(
  reading: Pick<Reading, 'value' | 'step' | 'isFraction'>,
  { value, step, unit }: Measure,
): boolean {
  if (reading.isFraction && step >= 1) return false;
  // A single digit is a count, not a rounded fraction.
  if (reading.step >= 1 && Math.abs(reading.value) < 10 && !unit && !Number.isInteger(value)) return false;
  return step <= reading.step * 1.000001 || Math.abs(value - reading.value) < 1e-9 * Math.max(1, Math.abs(value));
}

function firstAtLeast(sorted: readonly Measure[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.value ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function withinBound({ claim, about, index }: Question): Candidate[] {
  const { bound, said } = claim;
  const pool = [...about.metrics].flatMap((id) => index.byMetric.get(id) ?? []);
  const all = (pool.length > 0 ? pool : index.byValue).slice(0, 2_000);
  return readingsOf(said).flatMap((reading) =>
    all
      .filter(
        (measure) =>
          reading.fits(measure.unit) &&
          (bound === 'below' ? measure.value <= reading.value : measure.value >= reading.value),
      )
      .filter(
        (measure) => measure.value !== 0 && measure.value / reading.value > 0.4 && measure.value / reading.value < 2.5,
      )
      .filter((measure) => fitOf(about, measure) >= (isNear(measure.value, reading.value) ? 0.5 : 2))
      .map((measure) => ({ measure, distance: reading.distance })),
  );
}

/** "A bit less than 6 hours" is said of 5:52. */
function isNear(measured: number, bound: number): boolean {
  return Math.abs(measured / bound - 1) < 0.1;
}

/** The candidate that fits what is said of the number, unless another number fits it better. */
export function bestOf(question: Question, candidates: readonly Candidate[]): Measure | undefined {
  const { about } = question;
  const scored = candidates
    .filter(({ measure }) => !contradicts(isBaseline(question) ? withoutWhich(about) : about, measure))
    .map(({ measure, distance }) => ({ measure, fit: fitOf(about, measure), distance, score: 0 }))
    .filter(({ measure, fit }) => isFitting(question, measure, fit));
  for (const each of scored)
    each.score = each.fit - each.distance * 0.5 + freshness(each.measure) + wholeness(each.measure);
  scored.sort(
    (one, other) =>
      other.score - one.score ||
      other.measure.source.source.at - one.measure.source.source.at ||
      other.measure.line - one.measure.line,
  );
  return scored.find(({ measure }) => isBaseline(question) || !isBeaten(measure, question))?.measure;
}

function isFitting({ claim, bearers }: Question, measure: Measure, fit: number): boolean {
  if (claim.isDoubtful) return fit >= 4 || (fit >= 1 && speaksForItself(claim, measure));
  return (
    (fit > 0 && !(claim.isWeak && isSmall(claim) && fit < 2)) ||
    speaksForItself(claim, measure) ||
    (digitsOf(claim) >= 2 &&
      !claim.said.unit &&
      claim.said.step >= 1 &&
      bearers.some(({ source, line }) => source === measure.source && Math.abs(line - measure.line) <= 3))
  );
}

/** How many digits of a number tell something: zeros at its end do not. */
function digitsOf({ said }: NumberClaim): number {
  const all = String(Math.round(Math.abs(said.value / said.step)));
  return all.length >= 3 && all.replace(/0+$/u, '').length >= 2 ? 3 : all.replace(/0+$/u, '').length;
}

/** "from 0.031", "against 4.1 %": what it is compared with is often something else than the clause names. */
function isBaseline({ sentence, claim }: Question): boolean {
  return /(?<![\p{L}])(?:from|against|instead of|compared (?:with|to)|versus|vs\.?|than|von|gegenüber|statt|contre|au lieu de|frente a|en lugar de|desde)\s(?:about |only |the )?$/iu.test(
    sentence.slice(Math.max(0, claim.start - 40), claim.start),
  );
}

function withoutWhich(about: About): About {
  return { ...about, which: new Map(), withWords: new Set(), withoutWords: new Set() };
}

/** Of equal lines the one that sums up is meant. */
function wholeness({ row }: Measure): number {
  return row.some(({ id }) => id === 'total' || id === 'mean') ? 0.3 : 0;
}

function freshness({ source }: Measure): number {
  return source.isStale ? 0 : 0.4;
}

/** With nothing in common but the number, it must be one that does not come about by chance. */
function isSmall({ said }: NumberClaim): boolean {
  return said.step >= 1 && Math.abs(said.value) < 10;
}

function speaksForItself(claim: NumberClaim, { value, unit }: Measure): boolean {
  const digits = digitsOf(claim);
  const { said } = claim;
  const hasUnit = said.unit !== undefined && unit !== undefined && unit.dimension === said.unit.dimension;
  const isSame = said.unit?.scales.some(
    (scale) => value === said.value || (scale >= 1e6 && value === said.value * scale),
  );
  return digits >= 3 || (digits >= 2 && (hasUnit || isSame === true));
}

const MAX_RIVALS = 400;

/** Whether another number of the same metric, or in the same place of the same run, shares more of what is said. */
function isBeaten(measure: Measure, { about, index, claim }: Question): boolean {
  const own = sharedSet(about, measure);
  const rivals = rivalsOf(measure, about, index);
  const readings = readingsOf(claim.said);
  return rivals.slice(0, MAX_RIVALS).some((rival) => {
    if (rival === measure || (rival.source === measure.source && rival.line === measure.line)) return false;
    if (measure.unit && rival.unit?.dimension !== measure.unit.dimension) return false;
    if (readings.some((reading) => agrees(reading, rival.value)) || contradicts(about, rival)) return false;
    const other = sharedSet(about, rival);
    return other.size > own.size && [...own].every((id) => other.has(id));
  });
}

function rivalsOf(measure: Measure, { metrics }: About, { byMetric, byRun }: SourceIndex): readonly Measure[] {
  const own = metricsOf(measure);
  const shared = [...metrics].filter((id) => own.has(id));
  // Lists are in the order of their runs: the newest are asked.
  if (shared.length > 0) return shared.flatMap((id) => (byMetric.get(id) ?? []).slice(-MAX_RIVALS));
  const name = signature(measure);
  return (byRun.get(measure.source) ?? []).filter((other) => signature(other) === name);
}

function signature({ key }: Measure): string {
  return key.map(({ id }) => id).join(' ');
}

function sharedSet(about: About, measure: Measure): Set<string> {
  const { key, row } = sharedWith(about, measure);
  return new Set([...key, ...row]);
}

/** A failed run printed it: its sentence tells of that failure. */
function standsInFailure({ said }: NumberClaim, { all }: SourceIndex): boolean {
  return all.some(
    ({ source, measures }) =>
      source.failed &&
      measures.some((measure) =>
        readingsOf(said).some((reading) => reading.fits(measure.unit) && agrees(reading, measure.value)),
      ),
  );
}
