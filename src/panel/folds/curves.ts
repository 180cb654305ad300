import type { Observed } from '../../jobs/observe';
import { directionOf } from '../../ledger/best';
import { label } from '../../text/label';
import { MAX_CHARTS, MAX_CURVES_OF_A_CHART, type PanelChart } from '../sections/jobs';

type Series = ReturnType<Observed['series']>[number];

const MAX_NAME_CHARACTERS = 80;
/** Words that say which part of the data a value is of, and not what it is. */
const SPLIT_WORDS =
  /(?:^|(?<=[^a-z]))(?:train(?:ing)?|trn|val(?:id(?:ation)?)?(?:_\d+)?|eval(?:uation)?|test(?:ing)?|dev)(?=$|[^a-z])/giu;
/** Curves of results before those of settings that change. */
const SCHEDULE = /(?:^|[^a-z])(?:lr|learning.?rate|momentum|temperature|epoch|step)(?:[^a-z]|$)/iu;

/** The curves of a job as charts: the same metric on training and validation data in one. The most telling come first. */
export function chartsOf(series: readonly Series[]): { charts: PanelChart[]; more: number } {
  const groups = new Map<string, Series[]>();
  for (const one of series) {
    if (one.values === 0) continue;
    const key = `${one.axis} ${coreOf(one.name)}`;
    const group = groups.get(key) ?? [];
    group.push(one);
    groups.set(key, group);
  }
  const all = [...groups.values()].sort((a, b) => rankOf(a) - rankOf(b));
  return { charts: all.slice(0, MAX_CHARTS).map(chartOf), more: Math.max(0, all.length - MAX_CHARTS) };
}

/** The name without what it says of the data: `val_loss` and `loss` are one metric. */
function coreOf(name: string): string {
  const core = name
    .replaceAll(/([a-z])([A-Z])/gu, '$1_$2')
    .toLowerCase()
    .replaceAll(SPLIT_WORDS, ' ')
    .replaceAll(/[^\p{L}\p{N}@^]+/gu, ' ')
    .trim();
  return core === '' ? name : core;
}

function rankOf(group: readonly Series[]): number {
  const name = group[0]?.name ?? '';
  if (SCHEDULE.test(name)) return 3;
  // A single value is no curve.
  if (group.every(({ values }) => values < 2)) return 2;
  return directionOf(name) === undefined ? 1 : 0;
}

function chartOf(group: readonly Series[]): PanelChart {
  const [first] = group;
  const name = group.length === 1 ? (first?.name ?? '') : coreOf(first?.name ?? '');
  return {
    name: label(name, MAX_NAME_CHARACTERS),
    axis: first?.axis ?? 'count',
    better: directionOf(name) ?? null,
    curves: group.slice(0, MAX_CURVES_OF_A_CHART).map((one) => ({
      name: label(one.source === undefined ? one.name : `${one.name} (${one.source})`, MAX_NAME_CHARACTERS),
      xs: one.points.map(([x]) => x),
      ys: one.points.map(([, y]) => y),
    })),
  };
}

/** What a job's curves are told apart by from one look to the next: work for who draws them is done only when they grew. */
export function growthOf(series: readonly Series[]): string {
  return series.map(({ values }) => values).join(' ');
}
