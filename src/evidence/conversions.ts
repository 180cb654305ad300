import type { Said } from './numbers';
import { unitOf, type Unit } from './units';

/** A value under which a said number may stand in an output, and in which units. */
export interface Reading {
  value: number;
  step: number;
  /** How far it is from what was said: 0 is the same number in the same unit. */
  distance: number;
  fits: (unit: Unit | undefined) => boolean;
  /** A bare whole number is a count and no percentage. */
  isFraction?: true;
}

const isUnit = (dimension: Unit['dimension']) => (unit: Unit | undefined) => unit?.dimension === dimension;
const bare = (unit: Unit | undefined): boolean => unit === undefined || unit.dimension === 'count';
const TIMES = ['ns', 'us', 'ms', 's', 'min', 'h', 'd'];
const SIZES = ['b', 'kb', 'mb', 'gb', 'tb'];

/** All readings of a number: as it is, per cent and fraction, s and ms, MiB and GiB. */
export function readingsOf({
  value,
  step,
  unit,
  isGrouped,
}: Pick<Said, 'value' | 'step' | 'unit' | 'isGrouped'>): Reading[] {
  const read = (factor: number, distance: number, fits: Reading['fits']): Reading => ({
    value: value * factor,
    step: step * factor,
    distance,
    fits,
  });
  switch (unit?.dimension) {
    case 'percent':
    case 'points':
      return [
        read(1, 0, (of) => isUnit('percent')(of) || isUnit('points')(of)),
        read(0.01, 0.5, bare),
        { ...read(1, 1, bare), isFraction: true },
      ];
    case 'time':
      return [read(1, 0.5, bare), ...scaled(unit, TIMES, read)];
    case 'bytes':
      // "1.1T" of a listing has no B.
      return [read(1, 0.5, bare), ...unit.scales.map((scale) => read(scale, 1, bare)), ...scaled(unit, SIZES, read)];
    case 'rate':
      return [read(1, 0, (of) => isUnit('rate')(of) || bare(of))];
    case undefined:
    case 'times':
    case 'count':
      return [
        read(1, 0, bare),
        read(1, 0.5, () => true),
        // A log of a language that parts thousands by a point was read as a fraction.
        ...(isGrouped ? [read(0.001, 1, bare)] : []),
        ...(Math.abs(value) <= 1 && step < 1 ? [read(100, 1, isUnit('percent'))] : []),
        ...(Math.abs(value) > 1 && Math.abs(value) <= 100 && step < 1 ? [read(0.01, 2, bare)] : []),
      ];
  }
}

/** The same in each unit of its dimension; without a unit only where an output would leave it out. */
function scaled(
  unit: Unit,
  names: readonly string[],
  read: (factor: number, distance: number, fits: Reading['fits']) => Reading,
): Reading[] {
  const readings: Reading[] = [];
  for (const name of names) {
    const target = unitOf(name);
    if (!target) continue;
    for (const [from, to] of pairs(unit.scales, target.scales)) {
      const factor = from / to;
      const distance = factor === 1 ? 0 : 0.5;
      readings.push(
        read(
          factor,
          distance,
          (of) => of !== undefined && of.dimension === target.dimension && of.scales[0] === target.scales[0],
        ),
      );
      if (name === 's' || name === 'ms' || name === 'h') readings.push(read(factor, distance + 1, bare));
    }
  }
  return readings;
}

/** Decimal with decimal sizes, binary with binary: and either with a unit that has one scale. */
function pairs(from: readonly number[], to: readonly number[]): [number, number][] {
  const longest = Math.max(from.length, to.length);
  return Array.from({ length: longest }, (_, index) => [from[index] ?? from[0] ?? 1, to[index] ?? to[0] ?? 1]);
}
