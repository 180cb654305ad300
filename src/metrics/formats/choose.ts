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
  if (candidates.length === 0) return [];
  const isPlaced = hasPosition(at);
  const isAnchored = isPlaced || candidates.some(({ name }) => names.kindOf(name) === 'metric');
  const pairs: Pair[] = [];
  for (const { name, value, joint } of candidates) {
    const kind = names.kindOf(name);
    const isTaken = kind === 'metric' || (joint === 'sign' && TAKEN[kind](isAnchored, isPlaced));
    if (isTaken && pairs.length < MAX_PAIRS) pairs.push({ name, value });
  }
  return pairs;
}

const never = (): boolean => false;
const TAKEN: Readonly<Record<NameKind, (isAnchored: boolean, isPlaced: boolean) => boolean>> = {
  metric: () => true,
  weak: (isAnchored) => isAnchored,
  schedule: (isAnchored) => isAnchored,
  other: (_, isPlaced) => isPlaced,
  ...{ setting: never, position: never, time: never },
};

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
