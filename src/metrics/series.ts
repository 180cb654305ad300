import type { Metric, Split } from './metric';

/** A curve as it is kept, sent and drawn: plain JSON, of bounded size. */
export interface Series {
  name: string;
  split?: Split;
  /** The file beside the log that it was read from, relative to the job's folder of work; absent for the log. */
  source?: string;
  /** What the first number of a point counts; `count` where nothing better was printed: the values in their order. */
  axis: 'step' | 'epoch' | 'count';
  /** In the order of the axis. `null` stands for NaN and infinity. Of many values between two points lowest and highest are kept. */
  points: [number, number | null][];
  /** How many values there were. */
  values: number;
}

/** Of one curve: twice as many points at most. */
export const MAX_BUCKETS = 256;
/** Of one job. Who logs more names than that logs something else than metrics. */
export const MAX_SERIES = 200;

interface Spot {
  step: number;
  epoch: number;
  count: number;
  value: number;
}

interface Bucket {
  low?: Spot;
  high?: Spot;
  /** Where a value was that is no number. */
  odd?: Spot;
}

/** Keeps a curve of any length in bounded memory: where there are too many buckets, each two become one. */
export class Curve {
  #buckets: Bucket[] = [];
  #width = 1;
  #inLast = 0;
  #count = 0;
  /** False once a value had none, or it ran back: then it is no axis. */
  #hasSteps = true;
  #hasEpochs = true;
  #last = { step: -Infinity, epoch: -Infinity };

  constructor(private readonly head: Pick<Series, 'name' | 'split' | 'source'>) {}

  add({ step, epoch, part, value }: Metric): void {
    const along = epoch === undefined ? undefined : epoch + (part === undefined ? 0 : part - 1);
    this.#hasSteps &&= step !== undefined && step >= this.#last.step;
    this.#hasEpochs &&= along !== undefined && along >= this.#last.epoch;
    this.#last = { step: step ?? 0, epoch: along ?? 0 };
    this.#put({ step: step ?? 0, epoch: along ?? 0, count: this.#count, value });
    this.#count += 1;
  }

  get series(): Series {
    const axis = this.#hasSteps ? 'step' : this.#hasEpochs ? 'epoch' : 'count';
    const points = this.#buckets
      .flatMap(spotsOf)
      .map((spot): Series['points'][number] => [spot[axis], Number.isFinite(spot.value) ? spot.value : null]);
    return { ...this.head, axis, points, values: this.#count };
  }

  #put(spot: Spot): void {
    if (this.#buckets.length === 0 || this.#inLast >= this.#width) {
      if (this.#buckets.length >= MAX_BUCKETS) this.#halve();
      if (this.#inLast >= this.#width || this.#buckets.length === 0) {
        this.#buckets.push({});
        this.#inLast = 0;
      }
    }
    const last = this.#buckets.at(-1);
    if (last) join(last, Number.isFinite(spot.value) ? { low: spot, high: spot } : { odd: spot });
    this.#inLast += 1;
  }

  #halve(): void {
    const halved: Bucket[] = [];
    for (let at = 0; at < this.#buckets.length; at += 2) {
      const bucket = { ...this.#buckets[at] };
      join(bucket, this.#buckets[at + 1] ?? {});
      halved.push(bucket);
    }
    this.#buckets = halved;
    this.#inLast = this.#width * 2;
    this.#width *= 2;
  }
}

function join(into: Bucket, other: Bucket): void {
  if (other.low && (!into.low || other.low.value < into.low.value)) into.low = other.low;
  if (other.high && (!into.high || other.high.value > into.high.value)) into.high = other.high;
  into.odd ??= other.odd as Spot;
}

function spotsOf({ low, high, odd }: Bucket): Spot[] {
  const spots = [low, low === high ? undefined : high, odd].filter((spot) => spot !== undefined);
  return spots.sort((a, b) => a.count - b.count);
}
