import type { Position } from '../metric';

const OF = String.raw`(?:\s{0,3}(?:\/|of)\s{0,3}(\d{1,9}))?`;
/** `best epoch 3` says nothing of where the run is, and `epochs=10` is a setting. */
const EPOCH = new RegExp(
  String.raw`(?<![\w./-])(?<!\b(?:best|per|every|each|last|from|at|max|until) )epoch(?![a-z_])[\s:=#[(]{0,6}(\d{1,7}(?:\.\d{1,9})?)(?![\w.]*\.\w|-\w)${OF}`,
  'iu',
);
const STEP = new RegExp(
  String.raw`(?<![\w./-])(?<!\b(?:best|per|every|each|last|max) )(global[_ ]?step|step|iter|iteration|it|batch|update|round)(?![a-z_/])[\s:=#[(]{0,6}(\d{1,12})(?![\w.]*\.\w|-\w)${OF}`,
  'iu',
);
/** `Epoch: [3][ 10/100]`, `Train Epoch: 3 [640/60000 (1%)]` */
const BATCH_AFTER_EPOCH =
  /epoch[\s:=#[(]{0,6}\d{1,7}(?:\s?\/\s?\d{1,7})?\]?[\s,|-]{0,3}\[\s{0,6}(\d{1,12})\s?\/\s?(\d{1,12})/iu;
const HINT = /epoch|step|iter|batch|update|round|\bit\b/iu;

/** Where a line of words says that the run is. */
export function positionIn(line: string): Position {
  if (!HINT.test(line)) return {};
  const epoch = EPOCH.exec(line);
  const step = STEP.exec(line);
  const batch = epoch && BATCH_AFTER_EPOCH.exec(line);
  const at: Position = {};
  if (epoch) at.epoch = Number(epoch[1]);
  if (epoch?.[2] !== undefined) at.epochs = Number(epoch[2]);
  if (batch) [at.batch, at.batches] = [Number(batch[1]), Number(batch[2])];
  if (!step) return at;
  const [, word = '', count, total] = step;
  // A step with its number in the epoch, or a batch, is one of that epoch.
  const isInner = /^batch/iu.test(word) || (epoch !== null && total !== undefined);
  if (isInner && !batch)
    Object.assign(at, { batch: Number(count) }, total === undefined ? {} : { batches: Number(total) });
  else if (!isInner) Object.assign(at, { step: Number(count) }, total === undefined ? {} : { steps: Number(total) });
  return at;
}

export function hasPosition(at: Position): boolean {
  return at.epoch !== undefined || at.step !== undefined || at.batch !== undefined;
}
