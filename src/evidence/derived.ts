import { complementOf, harmonicOf, rateOf, shareOf, sumOf } from './derived-wholes';
import { readingsOf, type Reading } from './conversions';
import { contradicts, fitOf, ids, metricsOf, sharedWith } from './fit';
import type { Question } from './match';
import { agrees } from './numbers';
import type { Measure } from './sources';
import { termsOf } from './terms';

/** How a number may come of others, and the words that say so. */
interface Rule {
  /** In the sentence. */
  words: RegExp;
  dimensions: readonly string[];
  /** What comes of two numbers of the same kind. */
  of: (one: number, other: number) => number;
}

export const CHANGE =
  /(?<![\p{L}])(?:by|gain\p{L}*|more|less|fewer|smaller|larger|bigger|higher|lower|faster|slower|shorter|longer|better|worse|up|down|improve\p{L}*|reduc\p{L}*|shr[aiu]nk\p{L}*|cuts?|sav\p{L}+|gr[eo]w\p{L}*|r[io]se\p{L}*|fell|falls?|drop\p{L}*|difference|gap|delta|spread|range|advantage|margin|lead|edge|increase\p{L}*|decrease\p{L}*|relative|above|below|ahead|behind|than|change\p{L}*|lost|loses|loss of|contribut\p{L}*|adds?|costs?|worth|brings?|brought|lift|gewinn|mehr|weniger|kleiner|größer|besser|schlechter|schneller|langsamer|höher|niedriger|unterschied|differenz|verbesser\p{L}*|gesunken|gestiegen|sinkt|steigt|um|plus|moins|mieux|hausse|baisse|gagn\p{L}*|réduit\p{L}*|amélior\p{L}*|écart|différence|más|menos|mejor\p{L}*|peor|aument\p{L}*|reduc\p{L}*|baj\p{L}*|sub\p{L}*|diferencia)(?![\p{L}])|[+−]\d|提高|降低|提升|下降|减少|增加|快了|差距|比|相比|向上|改善|増|減|低下|上昇|差/iu;
export const RATIO =
  /(?<![\p{L}])per(?= \p{L})|times|fold|×|(?<![\p{L}])x(?![\p{L}])|(?<=\d)[- ]?(?:x|mal|fach)|fois|veces|倍|ratio|speed-?up/iu;

const RULES: readonly Rule[] = [
  {
    words: CHANGE,
    dimensions: ['points', 'none', 'time', 'bytes', 'count', 'percent', 'rate'],
    of: (one, other) => Math.abs(one - other),
  },
  { words: CHANGE, dimensions: ['percent'], of: (one, other) => 100 * Math.abs(one / other - 1) },
  // An error is what is left of an accuracy.
  {
    words: /error|fehler|erreur|misclass/iu,
    dimensions: ['percent'],
    of: (one, other) => (one <= 1 && other <= 1 ? 100 * Math.abs((1 - one) / (1 - other) - 1) : NaN),
  },
  { words: RATIO, dimensions: ['times', 'none'], of: (one, other) => one / other },
];

const MAX_POOL = 40;
/** Each of these is set against each. */
const MAX_PAIRED = 160;

/** The measured numbers that a claim can be computed of; the first is the one to show. */
export function deriveClaim(asked: Question): Measure[] | undefined {
  const index = asked.index.recent ?? asked.index;
  const { effort } = asked;
  if (effort.left <= 0) return undefined;
  effort.left -= index.byValue.length;
  const question = { ...withSubject(asked), index };
  return (
    pairOf(question) ??
    shareOf(question) ??
    sumOf(question) ??
    complementOf(question) ??
    rateOf(question) ??
    harmonicOf(question)
  );
}

/** "15 times smaller and 6.5 times faster": a clause without a subject has that of its sentence. */
export function withSubject(question: Question): Question {
  const { about, sentence, claim } = question;
  if (about.metrics.size > 0 || [...about.words].some((word) => !COMPARATIVES.has(word))) return question;
  return { ...question, about: { ...about, words: ids(termsOf(sentence.slice(0, claim.start)), 'word') } };
}

const COMPARATIVES = ids(
  termsOf(
    'times faster slower smaller larger bigger better worse higher lower shorter longer cheaper fold schneller kleiner rapide rápido percent points relative',
  ),
  'word',
);

/** What the sentence is about: numbers it names, those of the sentence before, and those that fit its words. */
export function poolOf({ about, before, bearers, index }: Question): Measure[] {
  const metrics = about.metrics.size > 0 ? about.metrics : before.metrics;
  const fitting = index.byValue
    .filter((measure) => fitOf(about, measure) > 0 || [...metrics].some((id) => metricsOf(measure).has(id)))
    .map((measure) => ({ measure, fit: fitOf(about, measure) }))
    .sort((one, other) => other.fit - one.fit)
    .slice(0, MAX_POOL)
    .map(({ measure }) => measure);
  const named = [...bearers, ...before.bearers];
  const others = named
    .slice(0, 6)
    .flatMap((measure) => (index.byRun.get(measure.source) ?? []).filter((other) => other.line === measure.line));
  const siblings = [...named.slice(0, 6), ...fitting.slice(0, 6)].flatMap((measure) =>
    (index.byRun.get(measure.source) ?? [])
      .filter(
        (other) =>
          signatureOf(other) === signatureOf(measure) || (measure.behind !== '' && measure.behind === other.behind),
      )
      .slice(0, MAX_POOL),
  );
  return [...new Set([...named, ...others, ...fitting, ...before.older, ...siblings])].slice(0, MAX_PAIRED);
}

function signatureOf({ key }: Measure): string {
  return key.map(({ id }) => id).join(' ');
}

function pairOf(question: Question): Measure[] | undefined {
  const { claim, about, sentence, bearers, before } = question;
  const lead = sentence.slice(0, claim.start);
  if (LEVEL_BEFORE.test(lead)) return undefined;
  if (
    claim.said.unit?.dimension !== 'times' &&
    COPULA.test(lead) &&
    !CHANGE_NOUN.test(lead) &&
    !COMPARATIVE.test(sentence.slice(claim.end, claim.end + 30))
  )
    return undefined;
  const dimension = claim.said.unit?.dimension ?? 'none';
  const rules = RULES.filter((rule) => rule.dimensions.includes(dimension) && rule.words.test(sentence));
  if (rules.length === 0) return undefined;
  const pool = poolOf(question);
  const behind = sentence.slice(claim.end, claim.end + 24);
  const named = new Set([...bearers, ...before.bearers]);
  const readings = readingsOf({ ...claim.said, value: Math.abs(claim.said.value) });
  let best: { pair: Measure[]; score: number } | undefined;
  for (const one of pool) {
    for (const other of pool) {
      if (one === other) continue;
      // The cheapest question first: most pairs come to another number.
      if (!rules.some((rule) => hits(question, readings, rule.of(one.value, other.value), one, rule === RULES[0])))
        continue;
      if (!(sameKind(one, other, about.splits) || areNamed(one, other, named)) || !isOfThis(question, one, other))
        continue;
      if (SPEED.test(behind) && one.unit && one.unit.dimension !== 'time' && one.unit.dimension !== 'rate') continue;
      const score =
        fitOf(about, one) +
        (named.has(one) ? 4 : 0) +
        (named.has(other) ? 4 : 0) +
        (one.source === other.source ? 1 : 0) +
        (one.source.isStale ? 0 : 0.5);
      if (!best || score > best.score) best = { pair: [one, other], score };
    }
  }
  return best?.pair;
}

/** "fell to 2.2 %" says where it is now, not by how much. */
const LEVEL_BEFORE =
  /(?<![\p{L}])(?:to|at|from|auf|bei|à|en|hasta|into|is now|reached|reaches|of now)\s*(?:about |only |around |roughly )?$/iu;

const SPEED = /^\s?(?:times )?(?:faster|slower|quicker|schneller|langsamer|plus rapide|más rápido)/iu;

/** "IoU is 0.795" states a level, unless it goes on with "higher" or its subject is a change. */
const COPULA =
  /(?<![\p{L}])(?:is|are|was|were|ist|sind|beträgt|liegt bei|est|sont|vaut|es|son)\s*(?:only |about |around |now |just )?$/iu;
const CHANGE_NOUN =
  /(?<![\p{L}])(?:gain|gap|difference|delta|improvement|reduction|saving|increase|decrease|drop|rise|lift|speed-?up|change|loss of|gewinn|unterschied|differenz|abstand|verbesserung|zuwachs|écart|différence|gain|baisse|hausse|amélioration|diferencia|mejora|reducción|aumento|ratio|factor|share|rate|proportion|that|this|das|cela|eso)(?![\p{L}])|差|提升|改善/iu;
const COMPARATIVE =
  /^[^,.;]{0,16}(?:as \p{L}+ as|more|less|fewer|\p{L}+er|better|worse|mehr|weniger|de plus|de moins|más|menos|up|down|above|below|ahead|behind)(?![\p{L}])/iu;

/** Numbers that the sentence itself sets against each other, or stand side by side in a line that it names. */
function areNamed(one: Measure, other: Measure, named: ReadonlySet<Measure>): boolean {
  if (one.unit?.dimension !== other.unit?.dimension || one.unit?.scales[0] !== other.unit?.scales[0]) return false;
  if (named.has(one) && named.has(other)) return true;
  const [mine, others] = [metricsOf(one), metricsOf(other)];
  const sameMetric = [...mine].some((id) => others.has(id)) || (mine.size === 0 && others.size === 0);
  return (
    (named.has(one) || named.has(other)) &&
    one.source === other.source &&
    one.line === other.line &&
    sameMetric &&
    ids(one.key, 'statistic').has('std') === ids(other.key, 'statistic').has('std')
  );
}

/** Two numbers of one thing: the same name, the same unit, two lines. */
function sameKind(one: Measure, other: Measure, splits: ReadonlySet<string>): boolean {
  if (one.unit?.dimension !== other.unit?.dimension || one.unit?.scales[0] !== other.unit?.scales[0]) return false;
  if (one.source === other.source && one.line === other.line && one.start === other.start) return false;
  const [mine, others] = [metricsOf(one), metricsOf(other)];
  if (mine.size > 0 || others.size > 0) {
    if (![...mine].some((id) => others.has(id))) return false;
  }
  const [split, otherSplit] = [ids(one.key, 'split'), ids(other.key, 'split')];
  if (
    split.size > 0 &&
    otherSplit.size > 0 &&
    ![...split].some((id) => otherSplit.has(id)) &&
    ![...split, ...otherSplit].every((id) => splits.has(id))
  )
    return false;
  const [statistic, otherStatistic] = [ids(one.key, 'statistic'), ids(other.key, 'statistic')];
  if ([...statistic].some((id) => !otherStatistic.has(id)) || statistic.size !== otherStatistic.size) return false;
  if (one.behind !== '' && one.behind === other.behind) return true;
  // Two columns of one row.
  if (
    one.source === other.source &&
    one.line === other.line &&
    one.step === other.step &&
    one.step < 1 &&
    mine.size === 0
  )
    return true;
  const names = ids(one.key, 'word');
  return mine.size > 0 || names.size === 0 || [...names].some((id) => ids(other.key, 'word').has(id));
}

/** The claim's own words contradict neither the one number nor, beside which one it is of, the other. */
function isOfThis({ about, bearers, before, index }: Question, one: Measure, other: Measure): boolean {
  if (contradicts(about, one) && contradicts(about, other)) return false;
  if (
    bearers.includes(one) ||
    bearers.includes(other) ||
    before.bearers.includes(one) ||
    before.bearers.includes(other)
  )
    return true;
  const isAlike =
    one.source === other.source &&
    ((one.behind !== '' && one.behind === other.behind) ||
      (one.key.length > 0 && signatureOf(one) === signatureOf(other)));
  const test = (check: (measure: Measure) => boolean): boolean =>
    isAlike ? [one, other].some(check) : [one, other].every(check);
  return test((measure) => {
    if ([...about.metrics].some((id) => metricsOf(measure).has(id))) return true;
    const { key, row, title } = sharedWith(about, measure);
    if (title.size > 0 && (index.byRun.get(measure.source)?.length ?? 0) <= 8) return true;
    return key.size > 0 || [...row].some((id) => !id.includes('='));
  });
}

function hits(
  { claim }: Question,
  readings: readonly Reading[],
  value: number,
  { unit }: Measure,
  isDifference: boolean,
): boolean {
  if (!Number.isFinite(value)) return false;
  if (!isDifference) return agrees({ value: Math.abs(claim.said.value), step: claim.said.step }, value);
  return readings.some((reading) => reading.fits(unit) && reading.distance <= 1 && agrees(reading, value));
}
