import { numberText } from '../ledger/comparison';
import { metricOf } from '../ledger/repeats';
import type { RunRecord } from '../ledger/record';
import type { Difference } from './differences';

/** Of the value, where nobody says another: what threads and cards make of the same sum. */
export const DEFAULT_TOLERANCE = 0.001;

export interface Verdict {
  /** `undefined` where there is nothing to compare: it did not end well, or printed none of the metrics. */
  cameBack: boolean | undefined;
  metrics: { name: string; then: number; now: number | undefined; isWithin: boolean }[];
  differences: Difference[];
}

/** Whether a run's metrics came back. `tolerance` is a share of the value then. Pure. */
export function verdictOf(
  then: RunRecord,
  now: RunRecord,
  { tolerance, differences }: { tolerance: number; differences: readonly Difference[] },
): Verdict {
  const metrics = then.metrics.flatMap(({ name, last }) => {
    if (last === null) return [];
    const again = metricOf(now, name);
    const isWithin = again !== undefined && Math.abs(again - last) <= tolerance * Math.abs(last) + Number.EPSILON;
    return [{ name, then: last, now: again, isWithin }];
  });
  const canTell = now.state === 'ok' && metrics.some((one) => one.now !== undefined);
  const texts = new Set<string>();
  return {
    cameBack: canTell ? metrics.every(({ isWithin }) => isWithin) : undefined,
    metrics,
    differences: differences.filter(({ text }) => !texts.has(text) && texts.add(text)),
  };
}

/** The verdict in words. `about` says with which packages and where it ran. Pure. */
export function verdictText(id: string, { cameBack, metrics, differences }: Verdict, about: readonly string[]): string {
  const heads = { true: 'came back', false: 'did not come back', undefined: 'could not be compared' };
  const lines = metrics.map(({ name, then, now, isWithin }) => {
    const again = now === undefined ? 'none' : numberText(now);
    return `  ${name}: ${numberText(then)} then, ${again} now${isWithin ? '' : ' (outside the tolerance)'}`;
  });
  const differ = differences.map(({ kind, text }) => `  ${kind}: ${text}`);
  const nothing =
    cameBack === true
      ? 'Nothing that is recorded differs.'
      : 'Nothing that is recorded differs: what is left is chance in the code (threads, cards), or what no record holds.';
  return [
    `Run ${id} ${heads[`${cameBack}`]}.`,
    ...(lines.length > 0 ? lines : ['  It has no metric to compare.']),
    ...(differ.length > 0 ? ['What differs:', ...differ] : [nothing]),
    ...about,
  ].join('\n');
}
