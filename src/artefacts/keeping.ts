import { sizeOf } from '../text/sizes';
import { countOf } from '../text/counting';
import type { Threatened } from './threats';

/**
 * - `held`: git or the trash has these very bytes already. - `clone`: shares the blocks until one side writes (reflink).
 * - `link`: a second name, which keeps the bytes when the first goes. - `copy`: bytes of its own.
 */
export type Way = 'held' | 'clone' | 'link' | 'copy' | 'none';

export interface Planned {
  file: Threatened;
  way: Way;
}

/** What the disk of the trash can do. */
export interface TrashFacts {
  device: number;
  clones: boolean;
  /** Bytes. */
  free: number;
}

/** Copied at the most for one call, and for what code is merely handed; and what stays free on the disk. */
export const MAX_COPY_BYTES = 2e9;
const MAX_MENTIONED_BYTES = 256e6;
export const MIN_FREE_BYTES = 1e9;

/**
 * How each file is kept. A link keeps nothing where the bytes may be written over in place, or by another name of the
 * file; there it takes a copy, and copies are bounded: the smallest first, so that as many as can be are kept. Pure.
 */
export function planKeeping(
  files: readonly Threatened[],
  { device, clones, free }: TrashFacts,
  { runsCode, isHeld }: { runsCode: boolean; isHeld: (file: Threatened) => boolean },
): Planned[] {
  const left = { asked: MAX_COPY_BYTES, mentioned: MAX_MENTIONED_BYTES, disk: free - MIN_FREE_BYTES };
  const wayOf = (file: Threatened): Way => {
    if (file.elsewhere === 'git' || isHeld(file)) return 'held';
    const isNear = file.device === device;
    if (isNear && clones) return 'clone';
    const goesWhole = file.harm === 'deletes' || file.harm === 'replaces';
    if (isNear && goesWhole && !runsCode && file.links === 1) return 'link';
    const bound = file.quiet ? 'mentioned' : 'asked';
    if (file.size > left[bound] || file.size > left.disk) return 'none';
    left[bound] -= file.size;
    left.disk -= file.size;
    return 'copy';
  };
  const order = [...files].sort((a, b) => Number(a.quiet) - Number(b.quiet) || a.size - b.size);
  const ways = new Map(order.map((file) => [file, wayOf(file)]));
  return files.map((file) => ({ file, way: ways.get(file) ?? 'none' }));
}

/** Why no copy can be kept of some of the files worth a question, for people. */
export function whyUnkept(planned: readonly Planned[], { free }: TrashFacts): string | undefined {
  const unkept = planned.filter(({ file, way }) => way === 'none' && !file.quiet).map(({ file }) => file);
  if (unkept.length === 0) return undefined;
  const bytes = unkept.reduce((total, { size }) => total + size, 0);
  const why =
    bytes <= MAX_COPY_BYTES
      ? `the disk of the trash has ${sizeOf(free)} free, and ${sizeOf(MIN_FREE_BYTES)} of it stay free`
      : `at most ${sizeOf(MAX_COPY_BYTES)} are copied for one call`;
  return `NO COPY can be kept of ${countOf(unkept.length, 'file|files')}, ${sizeOf(bytes)}: ${why}.`;
}
