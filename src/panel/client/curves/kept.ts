import type { CurvesMessage } from '../../sections/jobs';

type OfJob = CurvesMessage['jobs'][number];

/** The charts of jobs as the page has them, by job. A job whose curves did not change keeps the same object. */
export type TakenCurves = ReadonlyMap<string, OfJob>;

export const NO_CURVES: TakenCurves = new Map();

/** More than can be unfolded at once: what was folded is sent again when it is unfolded. */
const MAX_KEPT = 24;

export function withCurves(taken: TakenCurves, { jobs }: CurvesMessage): TakenCurves {
  const kept = new Map(taken);
  for (const one of jobs) {
    kept.delete(one.id);
    kept.set(one.id, one);
  }
  for (const id of kept.keys()) {
    if (kept.size <= MAX_KEPT) break;
    kept.delete(id);
  }
  return kept;
}
