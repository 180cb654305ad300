import type { Line } from './lines';

/** So many states of a line are all read, and of twice as many each second one. */
const ALL_READ = 1_024;
const ODD = /nan|inf/iu;

/**
 * A bar is drawn thousands of times, and its first states say as much as all of them. Which are passed over depends on
 * nothing but the log: those that say NaN or infinity never are, nor what ends a line.
 */
export class Thinning {
  #line = 0;
  #states = 0;

  skips({ text, number, redrawn }: Line): boolean {
    if (number !== this.#line) this.#states = 0;
    this.#line = number;
    if (!redrawn) return false;
    this.#states += 1;
    const each = 2 ** Math.max(0, Math.floor(Math.log2(this.#states / ALL_READ)));
    return this.#states % each !== 0 && !ODD.test(text);
  }
}
