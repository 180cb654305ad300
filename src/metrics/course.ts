import type { Metric, Position, Reading } from './metric';

/** So long after the line that sums an epoch up its checkpoint may still be written. */
const SETTLED_MS = 5_000;

/** Where a run is, put together from its lines: an epoch's header stands far above its steps. */
export class Course {
  at: Position = {};
  /** The last epoch that a whole line summed up, and when that was. */
  #summed: { epoch: number; time: number } | undefined;
  #ended = 0;
  /** The first epoch that was seen. */
  first = 1;
  #isFirst = true;

  /** Takes a line in, and gives where its values belong. */
  move(reading: Reading, time: number): Pick<Metric, 'epoch' | 'step' | 'part'> {
    const before = this.at.epoch;
    this.at = this.with(reading);
    const { epoch } = this.at;
    this.#count(before, epoch, reading, time);
    const { batch, batches, step } = reading.at;
    const place: Pick<Metric, 'epoch' | 'step' | 'part'> = {};
    if (epoch !== undefined) place.epoch = epoch;
    if (step !== undefined) place.step = step;
    if (batch !== undefined && batches !== undefined && batches > 0) place.part = Math.min(1, batch / batches);
    return place;
  }

  with({ at }: Reading): Position {
    const isNew = at.epoch !== undefined && at.epoch !== this.at.epoch;
    const all: Position = { ...this.at };
    // What a bar said holds until the next one, and never over an epoch's end.
    if (isNew || at.bar !== undefined || at.batch !== undefined) {
      delete all.bar;
      delete all.batch;
      delete all.batches;
      delete all.remaining;
    }
    return Object.assign(all, at);
  }

  /** Ends of epochs that were seen: the next one began, or a line summed it up a while ago. */
  epochsEnded(now: number): number {
    const isSettled = this.#summed !== undefined && now - this.#summed.time >= SETTLED_MS;
    return this.#ended + (isSettled ? 1 : 0);
  }

  #count(before: number | undefined, epoch: number | undefined, reading: Reading, time: number): void {
    if (epoch === undefined) return;
    if (this.#isFirst) this.first = epoch;
    this.#isFirst = false;
    const whole = Math.floor(epoch);
    if (before !== undefined && whole !== Math.floor(before)) {
      this.#ended += 1;
      this.#summed = undefined;
    }
    if (reading.at.epoch === undefined || !sumsUp(reading)) return;
    // Trainers that count in parts of epochs say 1.0 at the end of the first.
    this.#summed = { epoch: whole, time: this.#summed?.epoch === whole ? this.#summed.time : time };
  }
}

/** A line with an epoch and its metrics, but no step of it. */
function sumsUp({ at, pairs, redrawn }: Reading): boolean {
  const isInner = at.batch !== undefined || at.step !== undefined || redrawn === true;
  return !isInner && pairs.length > 0 && Number.isInteger(at.epoch);
}
