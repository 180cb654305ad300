import type { RestorePoint } from '../agent/restore-points';
import { pairOf } from './shadow';
import type { CheckpointStore } from './store';

/** What is known of a point's files. */
export interface PointFiles {
  /** How many differ from the point before it; `null` where that is not known. */
  changed: number | null;
  /** They are still stored. */
  stored: boolean;
}

/** Commits never change, so what is known of a pair of them is asked once. */
export type KnownCounts = Map<string, number>;

/** Of each point how many files differ from the one before, one git a folder for all of them. Never throws. */
export async function changedCounts(
  store: CheckpointStore,
  points: readonly RestorePoint[],
  known: KnownCounts = new Map(),
): Promise<PointFiles[]> {
  const folders = [...new Set(points.flatMap((point) => point.folders.map(({ folder }) => folder)))];
  const commitIn = (point: RestorePoint | undefined, folder: string): string | undefined =>
    point?.folders.find((one) => one.folder === folder)?.commit;
  const held = new Set<string>();
  for (const folder of folders) {
    const commits = points.map((point) => commitIn(point, folder));
    const pairs = commits.flatMap((to, at) => {
      const from = commits.slice(0, at).findLast((one) => one !== undefined);
      return from === undefined || to === undefined || known.has(pairOf({ from, to })) ? [] : [{ from, to }];
    });
    const all = commits.filter((commit) => commit !== undefined);
    const [there, counts] = await Promise.all([
      store.held(folder, [...new Set(all)]).catch(() => new Set<string>()),
      pairs.length === 0 ? NO_COUNTS : store.counts(folder, pairs).catch(() => NO_COUNTS),
    ]);
    for (const commit of there) held.add(commit);
    for (const [pair, count] of counts) known.set(pair, count);
  }
  const last = new Map<string, string>();
  return points.map((point) => {
    const counts = point.folders.map(({ folder, commit: to }) => {
      const from = last.get(folder);
      last.set(folder, to);
      return from === undefined ? undefined : known.get(pairOf({ from, to }));
    });
    const told = counts.filter((count) => count !== undefined);
    const changed = told.length === 0 ? null : told.reduce((sum, count) => sum + count, 0);
    return { changed, stored: point.folders.every(({ commit }) => held.has(commit)) };
  });
}

const NO_COUNTS: ReadonlyMap<string, number> = new Map();
