import { directionOf, type Direction } from './best';
import { compare, type Run } from './parse';
import { metricOf, seedsText } from './repeats';

export interface Query {
  /** Words that must all stand in it. */
  filter?: string | undefined;
  /** `time` (the default), `duration`, `title`, `state`, or a metric. A `-` before it turns it round. */
  sort?: string | undefined;
}

const SORTS = ['time', 'duration', 'title', 'state'];

/** A sort as somebody gave it: what is no word of ours is a metric, whose whole name `metric` tells. */
export function sortNamed(given: string, metric: (given: string) => string): string {
  const turned = given.startsWith('-') ? '-' : '';
  const name = given.slice(turned.length);
  return SORTS.includes(name) ? given : `${turned}${metric(name)}`;
}

/** Runs that hold every word, sorted: newest first, or by a metric with the best first. Runs without come last. Pure. */
export function queried(runs: readonly Run[], { filter = '', sort = 'time' }: Query): Run[] {
  const words = filter.toLowerCase().split(/\s+/u).filter(Boolean);
  const found = words.length === 0 ? [...runs] : runs.filter((run) => holds(run, words));
  const isTurned = sort.startsWith('-');
  const order = orderOf(isTurned ? sort.slice(1) : sort);
  const side = isTurned ? -1 : 1;
  return found.sort((a, b) => order(a, b, side) || compare(b.record.at, a.record.at) || b.line - a.line);
}

function holds({ record, tracker = '', hypothesis = '', verdict = '' }: Run, words: readonly string[]): boolean {
  const { id, title, command, state, code, droid = '', group = '', metrics } = record;
  const branch = [code?.branch ?? '', code?.commit ?? ''];
  const names = metrics.map(({ name }) => name);
  const text = [
    id,
    tracker,
    group,
    title,
    command,
    state,
    hypothesis,
    verdict,
    ...branch,
    droid,
    seedsText(record),
    ...names,
  ]
    .join('\n')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

type Order = (a: Run, b: Run, side: number) => number;

function orderOf(sort: string): Order {
  const texts: Record<string, (run: Run) => string> = {
    title: ({ record }) => record.title.toLowerCase(),
    state: ({ record }) => record.state,
  };
  const text = Object.hasOwn(texts, sort) ? texts[sort] : undefined;
  if (text) return (a, b, side) => side * compare(text(a), text(b));
  if (sort === 'time') return (a, b, side) => side * (compare(b.record.at, a.record.at) || b.line - a.line);
  if (sort === 'duration') return byNumber(({ record }) => record.seconds ?? undefined, 'min');
  return byNumber(({ record }) => metricOf(record, sort), directionOf(sort) ?? 'max');
}

function byNumber(of: (run: Run) => number | undefined, direction: Direction): Order {
  const sign = direction === 'max' ? -1 : 1;
  return (a, b, side) => {
    const [x, y] = [of(a), of(b)];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
    return side * sign * (x - y);
  };
}

/** The run of an id, or of the last letters of one that no other ends with. Case does not count. */
export function runNamed(runs: readonly Run[], given: string): Run | undefined {
  const wanted = given.trim().toLowerCase();
  const exact = runs.find(({ record }) => record.id.toLowerCase() === wanted);
  if (exact || wanted.length < 4) return exact;
  const ending = runs.filter(({ record }) => record.id.toLowerCase().endsWith(wanted));
  return ending.length === 1 ? ending[0] : undefined;
}
