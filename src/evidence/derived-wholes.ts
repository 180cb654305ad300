import { readingsOf } from './conversions';
import { contradicts, fitOf, ids } from './fit';
import type { Question } from './match';
import { agrees } from './numbers';
import type { Measure } from './sources';

const SHARE =
  /%|％|percent|per cent|prozent|pour cent|por ciento|share|of (?:them|all|the)|rate|quota|anteil|taux|tasa|占|割合|比例|の割合/iu;
const SUM =
  /(?<![\p{L}])(?:in all|in total|total|altogether|together|combined|overall|sum|all|both|zusammen|insgesamt|gesamt|au total|ensemble|en total|en conjunto|juntos)(?![\p{L}])|总共|共|合计|一共|合計|全部で/iu;
const MEAN =
  /(?<![\p{L}])(?:mean|average\p{L}*|on average|durchschnitt\p{L}*|mittel\p{L}*|moyenne|en moyenne|media|promedio|de media)(?![\p{L}])|平均/iu;
const PER =
  /(?<![\p{L}])(?:per|each|every|a second|pro|je|par|chaque|por|cada)(?![\p{L}])|\/s|毎秒|每秒|1 ?秒|每|平均|あたり/iu;
const COMPLEMENT =
  /(?<![\p{L}])(?:error|errors|other|rest|remaining|wrong|fehler\p{L}*|übrigen|erreur\p{L}*|reste|error\p{L}*|resto|misclassif\p{L}*|incorrect\p{L}*|miss\p{L}*|lost|fehl\p{L}*|manqu\p{L}*|falt\p{L}*|missing)(?![\p{L}])|错误|誤り|残り|其余/iu;

const MAX_COUNTS = 60;

/** A share of a whole: both are counts of one run, one of them named by the claim. */
export function shareOf(question: Question): Measure[] | undefined {
  const { claim, sentence, about, bearers, before, index } = question;
  const asPercent = claim.said.unit?.dimension === 'percent';
  const asFraction = !claim.said.unit && claim.said.value <= 1 && claim.said.step < 1;
  if (!(asPercent || asFraction) || !SHARE.test(sentence + (asFraction ? 'rate' : ''))) return undefined;
  const named = new Set([...bearers, ...before.bearers]);
  const isAbout = (measure: Measure): boolean =>
    named.has(measure) || (fitOf(about, measure) >= 1 && !contradicts(about, measure));
  let best: { pair: Measure[]; score: number } | undefined;
  for (const [, measures] of index.byRun) {
    const parts = measures.filter(isAbout).slice(0, MAX_COUNTS);
    for (const part of parts) {
      const near = measures.filter((whole) => Math.abs(whole.line - part.line) <= 12).slice(0, 4 * MAX_COUNTS);
      for (const whole of near) {
        if (whole === part || whole.value <= 0 || !isWholeOf(part, whole, named)) continue;
        const share = (part.value / whole.value) * (asPercent ? 100 : 1);
        const rest = (asPercent ? 100 : 1) - share;
        if (
          share > 100.5 ||
          !(
            agrees(claim.said, share) ||
            ((COMPLEMENT.test(sentence) || (named.has(part) && named.has(whole))) && agrees(claim.said, rest))
          )
        )
          continue;
        const score =
          fitOf(about, part) +
          fitOf(about, whole) +
          (part.line === whole.line ? 3 : 0) +
          (named.has(part) ? 3 : 0) +
          (named.has(whole) ? 3 : 0);
        if (!best || score > best.score) best = { pair: [part, whole], score };
      }
    }
  }
  return best?.pair;
}

function isWholeOf(part: Measure, whole: Measure, named: ReadonlySet<Measure>): boolean {
  if (part.unit?.dimension !== whole.unit?.dimension || part.unit?.dimension === 'percent') return false;
  if (whole.value < part.value) return false;
  if (named.has(part) && named.has(whole)) return true;
  const isCount = Number.isInteger(part.value) && Number.isInteger(whole.value);
  if (isCount) return part.line === whole.line ? true : WHOLE.test(whole.context) || ids(whole.key, 'word').size > 0;
  if (part.line !== whole.line) return false;
  if (ids(part.key, 'statistic').has('std')) return true;
  return (
    part.unit !== undefined &&
    part.unit.scales[0] === whole.unit?.scales[0] &&
    /of|out of|\/|von|sur|de/u.test(part.context)
  );
}

const WHOLE = /total|all|lines|rows|files|n=|samples|images|scanned|requests/iu;

/** Sums and means of a name's numbers over the lines of a run, or of the numbers of one line. */
export function sumOf(question: Question): Measure[] | undefined {
  const { claim, sentence, about, index } = question;
  const combine = SUM.test(sentence) ? 'sum' : MEAN.test(sentence) ? 'mean' : undefined;
  const isExact = !claim.said.unit && Number.isInteger(claim.said.value) && claim.said.value >= 1000;
  if (!combine && !isExact) return undefined;
  const across = combine === 'sum' ? sumAcross(question) : undefined;
  if (across) return across;
  for (const [, measures] of index.byRun) {
    const groups = new Map<string, Measure[]>();
    for (const measure of measures) {
      const name = measure.key.map(({ id }) => id).join(' ');
      const unit = measure.unit?.dimension ?? '';
      for (const key of [`name ${name} ${unit}`, `line ${String(measure.line)} ${unit} ${String(measure.step)}`])
        groups.set(key, [...(groups.get(key) ?? []), measure].slice(-200));
    }
    for (const [key, group] of groups) {
      if (
        group.length < 2 ||
        (key.startsWith('name') && combine && !isExact && !group.some((measure) => fitOf(about, measure) > 0))
      )
        continue;
      const addends = combination(group, claim.said, combine ?? 'sum');
      if (addends) return addends;
    }
  }
  return undefined;
}

/** "Together that is 2,165 images": the same count of several runs. */
function sumAcross({ claim, about, before, index }: Question): Measure[] | undefined {
  if (claim.said.unit || !Number.isInteger(claim.said.value)) return undefined;
  const counts = new Map<string, Measure[]>();
  for (const measures of index.byRun.values()) {
    const seen = new Set<string>();
    for (const measure of measures) {
      const name = measure.key.map(({ id }) => id).join(' ');
      if (name === '' || measure.unit || !Number.isInteger(measure.value) || seen.has(name)) continue;
      seen.add(name);
      counts.set(name, [...(counts.get(name) ?? []), measure]);
    }
  }
  return [...counts.values()]
    .filter((group) => group.length >= 2 && group.length <= 8)
    .filter((group) => group.some((measure) => fitOf(about, measure) > 0 || before.bearers.includes(measure)))
    .find((group) => group.reduce((sum, { value }) => sum + value, 0) === claim.said.value);
}

function combination(
  group: readonly Measure[],
  said: Question['claim']['said'],
  combine: 'sum' | 'mean',
): Measure[] | undefined {
  let sum = 0;
  for (const [at, { value }] of group.entries()) {
    sum += value;
    if (at === 0) continue;
    const value_ = combine === 'sum' ? sum : sum / (at + 1);
    const isWhole = at === group.length - 1 || combine === 'sum';
    if (isWhole && readingsOf(said).some((reading) => reading.fits(group[0]?.unit) && agrees(reading, value_)))
      return group.slice(0, at + 1);
  }
  return undefined;
}

/** What is not right is wrong: one minus accuracy. */
export function complementOf(question: Question): Measure[] | undefined {
  const { claim, sentence, index, before, bearers } = question;
  const isRight = question.about.metrics.has('accuracy');
  if (!isRight && !COMPLEMENT.test(sentence)) return undefined;
  const accuracies = isRight
    ? ['cer', 'wer', 'error'].flatMap((id) => index.byMetric.get(id) ?? [])
    : [...(index.byMetric.get('accuracy') ?? []), ...bearers, ...before.bearers];
  const value = claim.said.unit?.dimension === 'percent' ? claim.said.value / 100 : claim.said.value;
  const step = claim.said.unit?.dimension === 'percent' ? claim.said.step / 100 : claim.said.step;
  const found = accuracies.find((measure) => {
    if (contradicts({ ...question.about, metrics: new Set() }, measure)) return false;
    const fraction = measure.unit?.dimension === 'percent' ? measure.value / 100 : measure.value;
    return fraction > 0 && fraction <= 1 && agrees({ value, step }, 1 - fraction);
  });
  return found && [found];
}

/** A rate and the time for one: 7.24 it/s is 138 ms a step; 64 in 0.163 s are 393 a second. */
export function rateOf(question: Question): Measure[] | undefined {
  const { claim, sentence, about, index, bearers } = question;
  if (!PER.test(sentence)) return undefined;
  const dimension = claim.said.unit?.dimension;
  const scale = claim.said.unit?.scales[0] ?? 1;
  if (dimension === 'time') {
    const each = eachOf(question);
    const rates = index.byValue.filter((measure) => measure.unit?.dimension === 'rate' && measure.value > 0);
    const best = rates
      .filter((measure) =>
        agrees({ value: claim.said.value * scale, step: claim.said.step * scale }, 1 / measure.value),
      )
      .sort((one, other) => fitOf(about, other) - fitOf(about, one));
    return best[0] ? [best[0]] : each;
  }
  const times = [...bearers, ...index.byValue].filter(
    (measure) => measure.unit?.dimension === 'time' && measure.value > 0,
  );
  for (const time of times.slice(0, 500)) {
    const seconds = time.value * (time.unit?.scales[0] ?? 1);
    const counts = (index.byRun.get(time.source) ?? []).filter(
      (measure) => measure.line === time.line && !measure.unit && Number.isInteger(measure.value),
    );
    if (counts.some((count) => agrees(claim.said, count.value / seconds)) || agrees(claim.said, 1 / seconds))
      return [time];
  }
  return undefined;
}

/** The time for one of many: 93.5 s for 6,980 queries. */
function eachOf({ claim, index }: Question): Measure[] | undefined {
  if (claim.said.unit?.dimension !== 'time') return undefined;
  const scale = claim.said.unit.scales[0] ?? 1;
  const said = { value: claim.said.value * scale, step: claim.said.step * scale };
  for (const measures of index.byRun.values()) {
    const times = measures.filter(({ unit }) => unit?.dimension === 'time').slice(0, 60);
    const counts = measures.filter(({ unit, value }) => !unit && Number.isInteger(value) && value > 1).slice(0, 60);
    for (const time of times) {
      const count = counts.find(
        ({ value, line }) =>
          Math.abs(line - time.line) <= 3 && agrees(said, (time.value * (time.unit?.scales[0] ?? 1)) / value),
      );
      if (count) return [time, count];
    }
  }
  return undefined;
}

/** F1 of the precision and the recall of one line or run. */
export function harmonicOf({ claim, about, index }: Question): Measure[] | undefined {
  if (!about.metrics.has('f1')) return undefined;
  const value = claim.said.unit?.dimension === 'percent' ? claim.said.value / 100 : claim.said.value;
  const step = claim.said.unit?.dimension === 'percent' ? claim.said.step / 100 : claim.said.step;
  for (const precision of index.byMetric.get('precision') ?? []) {
    const recall = (index.byMetric.get('recall') ?? []).find(
      (other) =>
        other.source === precision.source &&
        Math.abs(other.line - precision.line) <= 3 &&
        agrees({ value, step }, (2 * precision.value * other.value) / (precision.value + other.value)),
    );
    if (recall && !contradicts({ ...about, metrics: new Set() }, precision)) return [precision, recall];
  }
  return undefined;
}
