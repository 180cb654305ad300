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

/** Runs it to its end, and lets others have their turn in between. */
export async function inSlices<T>(work: Sliced<T>): Promise<T> {
  let until = performance.now() + SLICE_MS;
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (performance.now() < until) continue;
    await new Promise((resume) => setImmediate(resume));
    until = performance.now() + SLICE_MS;
  }
}
