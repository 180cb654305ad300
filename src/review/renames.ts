import { bytesOf } from './content';
import type { OpenFile } from './reviews';

export interface Rename {
  from: string;
  to: string;
}

/** Files that went and came with the same bytes: a person decides on both at once. Each file is in one pair at most. */
export function renamesIn(files: readonly OpenFile[]): Rename[] {
  const gone = new Map<string, string>();
  for (const { path, review } of files)
    if (review.current.kind === 'absent' && review.base.kind !== 'absent') gone.set(keyOf(bytesOf(review.base)), path);
  if (gone.size === 0) return [];
  return files.flatMap(({ path, review }) => {
    if (review.base.kind !== 'absent' || review.current.kind === 'absent') return [];
    const key = keyOf(bytesOf(review.current));
    const from = key === '' ? undefined : gone.get(key);
    if (from !== undefined) gone.delete(key);
    return from === undefined ? [] : [{ from, to: path }];
  });
}

function keyOf(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString('latin1');
}
