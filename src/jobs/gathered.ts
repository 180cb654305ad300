import { setTimeout as delay } from 'node:timers/promises';

/** Looks of one moment go out together. */
const GATHER_MS = 25;
/** Who looked lately will look again. */
const LATELY_MS = 60_000;
const HURRY_MS = 30_000;
const HURRIED_EVERY_MS = 700;

export interface Gathered<T> {
  /**
   * What was last heard of a key; asked anew where that is old, or older than what is known by now (ms since the epoch).
   * `undefined`: the answer does not name it.
   */
  of(key: string, known?: number): Promise<T | undefined>;
  /** Something was done to it: it is asked for often for a while. */
  hurry(key: string): void;
}

/**
 * One question for many: however many jobs are looked at, and however often, a queue is asked once in a while for all of
 * them. Whoever looks after all of a cluster's users minds each question.
 */
export function gathered<T>(
  ask: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>,
  everyMs: number,
): Gathered<T> {
  const heard = new Map<string, { at: number; looked: number; answer: Promise<T | undefined> }>();
  const hurried = new Map<string, number>();
  let next: { keys: Set<string>; answer: Promise<ReadonlyMap<string, T>> } | undefined;

  const isFresh = (key: string, now: number): boolean => {
    const every = (hurried.get(key) ?? 0) > now ? HURRIED_EVERY_MS : everyMs;
    return now - (heard.get(key)?.at ?? 0) < every;
  };
  const open = (now: number): NonNullable<typeof next> => {
    const keys = new Set<string>();
    const answer = delay(GATHER_MS).then(() => {
      next = undefined;
      return ask([...keys]);
    });
    next = { keys, answer };
    for (const [key, { looked }] of heard)
      if (now - looked < LATELY_MS) void join(key, now, looked);
      else heard.delete(key);
    return next;
  };
  const join = (key: string, now: number, looked: number): Promise<T | undefined> => {
    const { keys, answer } = next ?? open(now);
    keys.add(key);
    const own = answer.then((all) => all.get(key));
    // Who looks next hears of it as well.
    own.catch(() => undefined);
    heard.set(key, { at: now, looked, answer: own });
    return own;
  };
  return {
    of(key, since = 0) {
      const now = Date.now();
      const known = heard.get(key);
      if (!known || known.at < since || !isFresh(key, now)) return join(key, now, now);
      known.looked = now;
      return known.answer;
    },
    hurry(key) {
      hurried.set(key, Date.now() + HURRY_MS);
      heard.delete(key);
    },
  };
}
