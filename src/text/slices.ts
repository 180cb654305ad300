/** Work that may pause at each `yield`, and gives its result at its end. */
export type Sliced<T> = Generator<undefined, T>;

/** Runs it to its end at once. */
export function drained<T>(work: Sliced<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** So long others may wait for their turn. */
const SLICE_MS = 15;

/**
 * Runs it to its end, and lets others have their turn in between. `undefined` where it has worked for more than
 * `patienceMs`: it is left behind then. What others did meanwhile does not count.
 */
export async function inSlices<T>(work: Sliced<T>, patienceMs: number): Promise<T | undefined>;
export async function inSlices<T>(work: Sliced<T>): Promise<T>;
export async function inSlices<T>(work: Sliced<T>, patienceMs = Infinity): Promise<T | undefined> {
  let worked = 0;
  for (;;) {
    const began = performance.now();
    do {
      const { done, value } = work.next();
      if (done === true) return value;
    } while (performance.now() - began < SLICE_MS);
    worked += performance.now() - began;
    if (worked > patienceMs) return undefined;
    await new Promise((resume) => setImmediate(resume));
  }
}
