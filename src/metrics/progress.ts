import type { Position } from './metric';

/** How far a run is. */
export interface Progress {
  /** From 0 to 1; absent where nothing says how much there is. */
  fraction?: number;
  epoch?: number;
  epochs?: number;
  step?: number;
  steps?: number;
  /** Seconds that it takes yet: as its own bar says, or by the time it took so far. */
  remaining?: number;
}

/**
 * How far a run is, by its epochs, else by its steps, else by its one bar. A bar of one epoch says nothing of how long the
 * run takes.
 *
 * @param first the first epoch that was seen: some count from 0, and one that goes on begins later
 * @param elapsed seconds since it began
 */
export function progressOf(at: Position, first: number, elapsed: number): Progress | undefined {
  const { epoch, epochs, step, steps, batch, batches, bar } = at;
  const head = {
    ...(epoch === undefined ? {} : { epoch }),
    ...(epochs === undefined ? {} : { epochs }),
    ...(step === undefined ? {} : { step }),
    ...(steps === undefined ? {} : { steps }),
  };
  const part = batch !== undefined && batches ? batch / batches : undefined;
  const done = fractionOf({ ...at, ...(part === undefined ? {} : { bar: part }) }, first);
  if (done === undefined) return Object.keys(head).length > 0 ? head : undefined;
  const fraction = Math.min(1, Math.max(0, done));
  const own = epochs === undefined && steps === undefined && bar !== undefined ? at.remaining : undefined;
  // At the start nothing can be said by the time it took.
  const guessed = fraction > 0.001 && elapsed > 0 ? (elapsed * (1 - fraction)) / fraction : undefined;
  const remaining = own ?? guessed;
  return { ...head, fraction, ...(remaining === undefined ? {} : { remaining }) };
}

function fractionOf({ epoch, epochs, step, steps, bar }: Position, first: number): number | undefined {
  if (epoch !== undefined && epochs) {
    const base = first === 0 ? 0 : 1;
    return Number.isInteger(epoch) ? (epoch - base + (bar ?? 0)) / epochs : epoch / epochs;
  }
  if (step !== undefined && steps) return step / steps;
  return epoch === undefined ? bar : undefined;
}
