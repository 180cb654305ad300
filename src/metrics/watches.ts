import * as z from 'zod';
import { diskGuard, memoryGuard, nanGuard, silenceGuard, targetGuard } from './faults';
import type { Around, Fired, Guard } from './guard';
import type { Line } from './lines';
import type { Metric } from './metric';
import { patternGuard } from './pattern';
import { trendGuard } from './trend';

/** As they stand in a job's record: a rule's name and what it takes. */
export interface WatchWish {
  kind: string;
  [key: string]: unknown;
}

const off = z.literal(true).optional();
const metric = z.string().min(1).max(200);

/** A kind of watch: what it takes, in words for who asks for one, and its rule. */
const KINDS: Readonly<Record<string, (wish: WatchWish) => Guard | Promise<Guard>>> = {
  nan: kind(z.strictObject({ metric: metric.optional() }), (given) => nanGuard(given.metric)),
  memory: kind(z.strictObject({}), () => memoryGuard()),
  silence: kind(z.strictObject({ minutes: z.number().positive().max(1e6).default(30) }), ({ minutes }) =>
    silenceGuard(minutes),
  ),
  disk: kind(z.strictObject({ gb: z.number().positive().max(1e6).default(1) }), ({ gb }) => diskGuard(gb)),
  target: kind(
    z
      .strictObject({ metric, above: z.number().optional(), below: z.number().optional() })
      .refine(({ above, below }) => above !== undefined || below !== undefined, 'give above or below'),
    targetGuard,
  ),
  diverging: kind(z.strictObject({ metric: metric.optional() }), (given) => trendGuard('diverging', given.metric)),
  flat: kind(z.strictObject({ metric: metric.optional() }), (given) => trendGuard('flat', given.metric)),
  pattern: kind(z.strictObject({ regex: z.string().min(1) }), ({ regex }) => patternGuard(regex)),
};

/** They hold without being asked for. */
const DEFAULTS = ['nan', 'memory', 'silence', 'disk'];

function kind<T extends object>(
  schema: z.ZodType<T>,
  guard: (given: T) => Guard | Promise<Guard>,
): (wish: WatchWish) => Guard | Promise<Guard> {
  return ({ kind: _, off: __, ...rest }) => guard(schema.parse(rest));
}

/** Why a watch cannot be had; `undefined` where it can. */
export async function faultOf(wish: WatchWish): Promise<string | undefined> {
  const make = Object.hasOwn(KINDS, wish.kind) ? KINDS[wish.kind] : undefined;
  if (!make) return `There is no watch "${wish.kind}". ${WATCH_WORDS}`;
  const isOff = off.safeParse(wish['off']);
  if (!isOff.success) return `The watch "${wish.kind}" cannot be had: off is true or not there. ${WATCH_WORDS}`;
  try {
    await make(wish);
    return undefined;
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    return `The watch "${wish.kind}" cannot be had: ${why}. ${WATCH_WORDS}`;
  }
}

/** What can be asked for, for the model. */
export const WATCH_WORDS =
  'Held unasked: nan, memory, silence {minutes: 30}, disk {gb: 1}; {kind, off: true} leaves one out. Others: target {metric, above or below}, diverging {metric}, flat {metric}, pattern {regex}.';

/** The watches of a job: those that were asked for, and those that hold unasked. One of an unknown version is passed over. */
export async function guardsOf(wishes: readonly WatchWish[]): Promise<Guard[]> {
  const named = new Set(wishes.map((wish) => wish.kind));
  const unasked = DEFAULTS.filter((one) => !named.has(one)).map((one) => ({ kind: one }));
  const wanted: WatchWish[] = [...unasked, ...wishes].filter((wish: WatchWish) => wish['off'] !== true);
  const guards = wanted.map(async (wish) =>
    (await faultOf(wish)) === undefined ? KINDS[wish.kind]?.(wish) : undefined,
  );
  return (await Promise.all(guards)).filter((guard) => guard !== undefined);
}

/** All watches of one job as one. */
export function together(guards: readonly Guard[]): Required<Guard> {
  const ofMetrics = guards.filter((guard) => 'metric' in guard);
  const ofLines = guards.filter((guard) => 'line' in guard);
  return {
    metric(seen: Metric) {
      for (const guard of ofMetrics) guard.metric?.(seen);
    },
    line(line: Line) {
      for (const guard of ofLines) guard.line?.(line);
    },
    look(around: Around) {
      for (const guard of guards) guard.look?.(around);
    },
    fired: (): Fired[] => guards.flatMap((guard) => guard.fired()),
  };
}

/** What holds over a job, for the model. */
export function watchedFor(wishes: readonly WatchWish[]): string {
  const named = new Set(wishes.map((wish) => wish.kind));
  const kinds = [
    ...DEFAULTS.filter((one) => !named.has(one)),
    ...wishes.filter((wish) => wish['off'] !== true).map((wish) => wish.kind),
  ];
  return kinds.length === 0 ? 'Nothing is watched for.' : `Watched for: ${[...new Set(kinds)].join(', ')}.`;
}
