import { readingsOf } from './conversions';
import { CHANGE, poolOf, RATIO, withSubject } from './derived';
import { fitOf, metricsOf } from './fit';
import type { Question } from './match';
import { agrees } from './numbers';
import type { Measure } from './sources';

/** What a number may have been computed of, where no rule of `derived.ts` says so: only more or less likely. */
export interface Guess {
  measures: readonly Measure[];
  signs: readonly string[];
}

interface Operation {
  name: 'difference' | 'change' | 'ratio' | 'share' | 'rest' | 'sum';
  of: (one: number, other: number) => number;
  /** Its result has the unit of what it is computed of. */
  keepsUnit?: true;
  isPercent?: true;
  words: RegExp;
}

const SHARE = /(?<![\p{L}])(?:of|share|part|rate|only|dont|davon|von|de|del|des)(?![\p{L}])|%|占|割合/iu;
const REST =
  /(?<![\p{L}])(?:other|rest|remain\p{L}*|left|not|never|without|kein\p{L}*|nicht|übrig\p{L}*|reste\p{L}*|pas|sans|sin|quedan?|restantes?)(?![\p{L}])|残|没有/iu;
const SUM = /(?<![\p{L}])(?:total|all|both|together|altogether|sum|zusammen|insgesamt|ensemble|juntos)(?![\p{L}])|共/iu;

const OPERATIONS: readonly Operation[] = [
  { name: 'difference', of: (one, other) => Math.abs(one - other), keepsUnit: true, words: CHANGE },
  { name: 'change', of: (one, other) => 100 * Math.abs(one / other - 1), isPercent: true, words: CHANGE },
  { name: 'ratio', of: (one, other) => one / other, words: RATIO },
  { name: 'share', of: (one, other) => (one < other ? (100 * one) / other : NaN), isPercent: true, words: SHARE },
  { name: 'rest', of: (one, other) => (one < other ? 100 - (100 * one) / other : NaN), isPercent: true, words: REST },
  { name: 'sum', of: (one, other) => one + other, keepsUnit: true, words: SUM },
];

const MAX_POOL = 30;
/** So many pairs come to it that it means nothing. */
const MAX_HITS = 12;

/** The likeliest pair of measured numbers that comes to the number, with what speaks for it. */
export function guessOf(asked: Question): Guess | undefined {
  const index = asked.index.recent ?? asked.index;
  if (asked.effort.left <= 0) return undefined;
  asked.effort.left -= index.byValue.length;
  const question = { ...withSubject(asked), index };
  const { bearers, before } = question;
  const pool = poolOf(question).slice(0, MAX_POOL);
  const named = new Set([...bearers, ...before.bearers]);
  let best: { pair: readonly Measure[]; operation: Operation; score: number; signs: string[] } | undefined;
  let hits = 0;
  for (const operation of OPERATIONS) {
    for (const one of pool) {
      for (const other of pool) {
        if (!isPair(operation, one, other) || !comesTo(question, operation, one, other)) continue;
        hits++;
        const { score, signs } = weightOf(question, operation, [one, other], named);
        if (!best || score > best.score) best = { pair: [one, other], operation, score, signs };
      }
    }
  }
  if (!best || hits > MAX_HITS) return undefined;
  return {
    measures: best.pair,
    signs: [
      `guess ${best.operation.name}`,
      `guess ${String(Math.min(8, Math.floor(best.score)))}`,
      `guess of ${hits > 3 ? 'many' : hits > 1 ? 'few' : 'one'}`,
      ...best.signs,
    ],
  };
}

function isPair({ name, keepsUnit }: Operation, one: Measure, other: Measure): boolean {
  if (one === other || one.value === other.value || other.value === 0) return false;
  if ((name === 'difference' || name === 'sum') && one.value < other.value) return false;
  if (name === 'sum' && one.unit?.dimension === 'percent') return false;
  const sameUnit = one.unit?.dimension === other.unit?.dimension && one.unit?.scales[0] === other.unit?.scales[0];
  return sameUnit && (keepsUnit === true || one.value > 0);
}

function comesTo({ claim: { said } }: Question, operation: Operation, one: Measure, other: Measure): boolean {
  const value = operation.of(one.value, other.value);
  if (!Number.isFinite(value) || value === 0) return false;
  const size = { value: Math.abs(said.value), step: said.step };
  if (operation.keepsUnit)
    return readingsOf({ ...said, ...size }).some(
      (reading) => reading.fits(one.unit) && reading.distance <= 1 && agrees(reading, value),
    );
  const dimension = said.unit?.dimension;
  if (operation.isPercent) return dimension === 'percent' && agrees(size, value);
  return (dimension === undefined || dimension === 'times' || dimension === 'count') && agrees(size, value);
}

/** Two numbers of one name, or of one line, that the text has just spoken of are likelier than two of anything. */
function weightOf(
  { about, sentence }: Question,
  { words }: Operation,
  [one, other]: readonly [Measure, Measure],
  named: ReadonlySet<Measure>,
): { score: number; signs: string[] } {
  const [mine, others] = [metricsOf(one), metricsOf(other)];
  const sameMetric = [...mine].some((id) => others.has(id));
  const sameName = one.name !== '' && one.name === other.name;
  const sameLine = one.source === other.source && one.line === other.line;
  const isSaid = words.test(sentence);
  const fits = [one, other].filter((measure) => fitOf(about, measure) >= 1).length;
  const known = [one, other].filter((measure) => named.has(measure)).length;
  const otherMetric = !sameMetric && (mine.size > 0 || others.size > 0);
  return {
    score:
      known * 2 +
      fits +
      (sameMetric || sameName ? 2 : 0) +
      (sameLine ? 1 : 0) +
      (isSaid ? 2 : 0) -
      (otherMetric ? 3 : 0),
    signs: [
      `guess ${isSaid ? 'said' : 'unsaid'}`,
      `guess known ${String(known)}`,
      `guess fits ${String(fits)}`,
      ...(sameMetric ? ['guess same metric'] : []),
      ...(sameName ? ['guess same name'] : []),
      ...(sameLine ? ['guess same line'] : []),
      ...(one.source !== other.source ? ['guess two runs'] : []),
      ...(otherMetric ? ['guess two metrics'] : []),
    ],
  };
}
