import type { Metric } from './metric';
import { Curve, MAX_SERIES, type Series } from './series';

/** What is kept of a job's metrics: of each the latest value and the curve. */
export class Board {
  readonly #latest = new Map<string, Metric>();
  readonly #curves = new Map<string, Curve>();

  add(metric: Metric): void {
    const { name, split, source } = metric;
    const key = source === undefined ? name : `${source}\n${name}`;
    let curve = this.#curves.get(key);
    if (!curve) {
      if (this.#curves.size >= MAX_SERIES) return;
      curve = new Curve({ name, ...(split ? { split } : {}), ...(source === undefined ? {} : { source }) });
      this.#curves.set(key, curve);
    }
    curve.add(metric);
    this.#latest.set(key, metric);
  }

  /** Of each metric the latest, in the order in which they came up; those of the log first. */
  get latest(): Metric[] {
    const all = [...this.#latest.values()];
    return [...all.filter((one) => one.source === undefined), ...all.filter((one) => one.source !== undefined)];
  }

  get series(): Series[] {
    return [...this.#curves.values()].map((curve) => curve.series);
  }
}
