import { MAX_PAIRS, type Pair, type Position } from '../metric';
import type { NameKind, Names } from '../names';
import { hasPosition } from './position';

/** How a value stands beside its name. `blank`: only a name that is always a metric is taken at its word. */
export type Joint = 'sign' | 'blank';
export type Candidate = Pair & { joint: Joint };

/**
 * Which of the numbers of a line are metrics. A metric's name counts always; beside it, or beside a position, the words
 * with other uses do and what a schedule changes; a name that says nothing counts beside a position only.
 */
export function chosen(candidates: readonly Candidate[], at: Position, names: Names): Pair[] {
  const kinds = candidates.map(({ name }) => names.kindOf(name));
  const isPlaced = hasPosition(at);
  const isAnchored = isPlaced || kinds.includes('metric');
  const takes: Readonly<Record<NameKind, boolean>> = {
    ...{ metric: true, weak: isAnchored, schedule: isAnchored, other: isPlaced },
    ...{ setting: false, position: false, time: false },
  };
  return candidates
    .filter(({ joint }, index) => {
      const kind = kinds[index] ?? 'other';
      return takes[kind] && (joint === 'sign' || kind === 'metric');
    })
    .slice(0, MAX_PAIRS)
    .map(({ name, value }) => ({ name, value }));
}

/** The position that named values tell: `epoch` and `step` of a record or a row. */
export function positionOf(pairs: readonly Pair[], names: Names): Position {
  const at: Position = {};
  for (const { name, value } of pairs) {
    if (!Number.isFinite(value) || value < 0 || names.kindOf(name) !== 'position') continue;
    if (/(?:^|[^a-z])ep(?:och)?$/iu.test(name)) at.epoch ??= value;
    else if (/batch/iu.test(name)) at.batch ??= value;
    else at.step ??= value;
  }
  return at;
}
