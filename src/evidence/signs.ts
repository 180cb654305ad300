import { isOutdone, type Candidate } from './best';
import { readingsOf } from './conversions';
import { fitOf, ids, isBeginning, metricsOf, reasonsAgainst } from './fit';
import type { Language } from './language';
import type { Question, Weighed } from './match';
import { agrees, type Said } from './numbers';
import type { Indexed, Measure } from './sources';
import { PLACE_NAME, SETTING_NAME } from './setting-words';
import { normal } from './terms';

/**
 * What is seen of a number, its sentence and what was run, each by a name. `weights.json` holds what each is worth,
 * learned from labelled sentences by scripts/train-evidence.ts.
 */
export function signsOf(
  question: Question,
  { direct, computed, near, guess }: Pick<Weighed, 'direct' | 'computed' | 'near' | 'guess'>,
  language: Language,
): string[] {
  const { claim, about, bearers, before } = question;
  const rule = claim.isRuledOut ? 'out' : claim.isWeak ? 'weak' : 'stated';
  const state = direct
    ? 'direct'
    : computed
      ? 'computed'
      : guess?.signs.includes('guess said')
        ? 'guess'
        : near
          ? 'near'
          : guess
            ? 'chance'
            : 'nowhere';
  const form = formOf(claim.said);
  const others = bearers.filter((measure) => measure !== direct);
  return [
    'any',
    `rule ${rule}`,
    `state ${state}`,
    `rule ${rule}, state ${state}`,
    ...claim.signs.flatMap((sign) => [`sign ${sign}`, `sign ${sign}, ${state}`]),
    `language ${language === 'en' ? 'en' : language === 'zh' || language === 'ja' ? 'unspaced' : 'other'}`,
    `form ${form}`,
    `form ${form}, ${state}`,
    `digits ${String(digitsOf(claim.said))}, ${state}`,
    ...(claim.bound ? [`bound ${state}`] : []),
    ...(isRound(question) ? [`round ${state}`] : []),
    ...(claim.inFailure ? [`failure ${standsInFailure(question) ? 'printed' : ''}`] : []),
    ...(about.metrics.size > 0 ? ['metric said', `metric said, ${state}`] : []),
    ...(others.length > 0 ? [`company ${state}`] : []),
    ...(before.bearers.length > 0 ? [`company before`] : []),
    ...(standsInTitle(question) ? ['title', `title ${state}`] : []),
    ...(near ? signsOfMeasure(question, near, direct ? 'direct' : 'near', rule) : []),
    ...(guess?.signs ?? []),
    ...(guess ? [`guess form ${form}`, `guess digits ${String(digitsOf(claim.said))}`] : []),
    ...wordsAround(question),
  ];
}

function signsOfMeasure(question: Question, measure: Measure, state: 'direct' | 'near', rule: string): string[] {
  const { about, bearers } = question;
  const fit = fitOf(about, measure);
  const keyMetrics = ids(measure.key, 'metric');
  const setting =
    keyMetrics.size > 0
      ? undefined
      : SETTING_NAME.test(measure.name)
        ? 'setting'
        : PLACE_NAME.test(measure.name)
          ? 'place'
          : undefined;
  return [
    `${state} fit ${String(Math.min(6, Math.floor(fit)))}`,
    `${rule}, ${state} fit ${fit >= 4 ? 'well' : fit >= 2 ? 'some' : 'hardly'}`,
    ...missingIn(question, measure).map((missing) => `${state} ${missing}`),
    ...(state === 'direct' && isOutdone(question, measure) ? ['direct outdone'] : []),
    ...reasonsAgainst(about, measure).map((reason) => `${state} but ${reason}`),
    ...(setting ? [`${state} ${setting}`] : []),
    ...(keyMetrics.size > 0 ? [`${state} of metric`] : metricsOf(measure).size > 0 ? [`${state} by metric`] : []),
    ...(about.metrics.size > 0 && keyMetrics.size > 0 && ![...about.metrics].some((id) => keyMetrics.has(id))
      ? [`${state} other metric`]
      : []),
    ...(measure.source.isStale ? [`${state} stale`] : []),
    ...(measure.unit ? [`${state} unit`] : []),
    ...(bearers.some(({ source, line }) => source === measure.source && line === measure.line)
      ? [`${state} beside`]
      : []),
  ];
}

/** What the claim names that other runs or lines have and this one has not, and the settings that it shares. */
function missingIn({ about, index, numbers, claim }: Question, { key, row, source, which }: Measure): string[] {
  const terms = [...key, ...row, ...source.title];
  const lacking = [...about.words].filter(
    (id) => index.words.has(id) && !terms.some((term) => term.id === id || isBeginning(term.id, id)),
  ).length;
  const values = new Set([...which.values()].flatMap((each) => [...each]));
  const settings = numbers.filter((other) => other !== claim && other.isRuledOut).map(({ said }) => said.value);
  const isOf = (value: number, run: Indexed): boolean => run.asked.has(value);
  const known = settings.filter((value) => index.asked.has(value));
  const own = known.filter((value) => isOf(value, source) || values.has(String(value)));
  return [
    `lacks ${String(Math.min(2, lacking))}`,
    ...(own.length > 0 ? ['has setting'] : []),
    ...(own.length < known.length ? ['lacks setting'] : []),
  ];
}

/** The number that agrees in value, whatever else speaks against it. */
export function nearestOf(question: Question, candidates: readonly Candidate[]): Measure | undefined {
  let best: { measure: Measure; score: number } | undefined;
  for (const { measure, distance } of candidates) {
    const score =
      fitOf(question.about, measure) -
      2 * reasonsAgainst(question.about, measure).length -
      distance * 0.5 +
      (measure.source.isStale ? 0 : 0.4);
    if (!best || score > best.score) best = { measure, score };
  }
  return best?.measure;
}

function formOf({ unit, step, value }: Said): string {
  if (unit) return unit.dimension;
  if (step < 1) return Math.abs(value) <= 1 ? 'fraction' : 'decimal';
  return Math.abs(value) < 10 ? 'digit' : Math.abs(value) < 100 ? 'small' : 'count';
}

function digitsOf({ value, step }: Said): number {
  return Math.min(4, String(Math.round(Math.abs(value / step))).replace(/0+$/u, '').length);
}

/** What was counted is seldom a power of two or 500: such numbers are set. */
function isRound({ claim: { said } }: Question): boolean {
  const { value, unit, step } = said;
  if (unit || step < 1 || value < 2) return false;
  return (
    Number.isInteger(Math.log2(value)) || (value >= 100 && /^(?:[125]|10|15|25|32|48|64|75)0+$/u.test(String(value)))
  );
}

/** A failed run printed it: its sentence tells of that failure. */
function standsInFailure({ claim, index }: Question): boolean {
  return index.all.some(
    ({ source, measures }) =>
      source.failed &&
      measures.some((measure) =>
        readingsOf(claim.said).some((reading) => reading.fits(measure.unit) && agrees(reading, measure.value)),
      ),
  );
}

/** A command names it: what is asked for is no result. */
function standsInTitle({ claim, index }: Question): boolean {
  return index.asked.has(claim.said.value);
}

/** The words beside the number, nearest first. */
function wordsAround({ claim, sentence }: Question): string[] {
  const before = tokens(sentence.slice(Math.max(0, claim.start - 60), claim.start))
    .slice(-3)
    .reverse();
  const behind = tokens(sentence.slice(claim.said.digitsEnd, claim.said.digitsEnd + 60)).slice(0, 2);
  return [
    ...before.map((word, at) => `before ${String(at + 1)} ${word}`),
    ...behind.map((word, at) => `behind ${String(at + 1)} ${word}`),
    ...new Set(tokens(sentence).map((word) => `word ${word}`)),
    ...(before.length === 0 ? ['first'] : []),
    ...(behind.length === 0 ? ['last'] : []),
    ...(sentence.startsWith('|') ? ['row'] : []),
  ];
}

function tokens(text: string): string[] {
  return (
    normal(text).match(/\p{Script=Han}|[\p{Script=Hiragana}\p{Script=Katakana}ー]+|\p{L}+|\d+|[^\s\p{L}\d]/gu) ?? []
  ).map((word) => (/^\d/u.test(word) ? '0' : word));
}
