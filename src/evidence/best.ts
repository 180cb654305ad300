import type { NumberClaim } from './claims';
import { readingsOf, type Reading } from './conversions';
import { contradicts, fitOf, metricsOf, sharedWith, type About } from './fit';
import type { Question, SourceIndex } from './match';
import { agrees } from './numbers';
import type { Measure } from './sources';

// Which measured number is the one that was said: of those that agree in value, the one whose names fit best.

export interface Candidate {
  measure: Measure;
  distance: number;
}

const MAX_CANDIDATES = 250;
const MAX_WEIGHED = 12;

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

export function withinBound({ claim, about, index }: Question): Candidate[] {
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
  return scored.slice(0, MAX_WEIGHED).find(({ measure }) => isBaseline(question) || !isBeaten(measure, question))
    ?.measure;
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

const MAX_RIVALS = 150;

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

/** Whether a number of the same name in another run shares more of what is said, the title of its run taken in. */
export function isOutdone({ about, index, claim }: Question, measure: Measure): boolean {
  const all = (of: Measure): Set<string> => {
    const { key, row, title } = sharedWith(about, of);
    return new Set([...key, ...row, ...title]);
  };
  const own = all(measure);
  const readings = readingsOf(claim.said);
  return rivalsOf(measure, about, index)
    .slice(-MAX_RIVALS)
    .some((rival) => {
      if (rival.source === measure.source && rival.line === measure.line) return false;
      if (signature(rival) !== signature(measure) || readings.some((reading) => agrees(reading, rival.value)))
        return false;
      const other = all(rival);
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

const SIGNATURES = new WeakMap<Measure['key'], string>();

function signature({ key }: Measure): string {
  const known = SIGNATURES.get(key) ?? key.map(({ id }) => id).join(' ');
  SIGNATURES.set(key, known);
  return known;
}

function sharedSet(about: About, measure: Measure): Set<string> {
  const { key, row } = sharedWith(about, measure);
  return new Set([...key, ...row]);
}
