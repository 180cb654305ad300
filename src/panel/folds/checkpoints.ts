import type { JournalEntry } from '../../agent/events';
import { lastRestore, restorePoints, type RestorePoint } from '../../agent/restore-points';
import type { PanelCheckpoint, PanelCheckpoints } from '../sections/checkpoints';

/** As many as the store of a folder holds at the most. */
export const MAX_POINTS = 500;
const MAX_TEXT = 200;

/** What is known of the files of a point, beside the journal. */
export interface KnownFiles {
  changed: number | null;
  stored: boolean;
}

export interface CheckpointsSource {
  branch: readonly JournalEntry[];
  /** Nothing is listed while nobody looks. */
  open: boolean;
  /** A session at work is keeping files just now: what has none yet need not stay so. */
  running: boolean;
  files: (point: RestorePoint) => KnownFiles | undefined;
  when: (at: number) => string;
}

export const NO_CHECKPOINTS: PanelCheckpoints = { rows: [], more: 0, undo: null };

/** The places that a session can be taken back to, newest first, and the way back from the last restore. */
export function checkpointRows(source: CheckpointsSource): PanelCheckpoints {
  const { branch, open } = source;
  const undo = undoOf(branch);
  if (!open) return { ...NO_CHECKPOINTS, undo };
  const points = restorePoints(branch).toReversed();
  return {
    rows: points.slice(0, MAX_POINTS).map((point) => rowOf(point, source)),
    more: Math.max(0, points.length - MAX_POINTS),
    undo,
  };
}

function rowOf(point: RestorePoint, { files, when, running }: CheckpointsSource): PanelCheckpoint {
  const { id, why, words, at, folders } = point;
  const known = files(point);
  const isEdits = folders.length === 0 && !running;
  return {
    ...{ id, why, text: headOf(words), when: when(Date.parse(at) || 0), changed: known?.changed ?? null },
    files: isEdits ? 'edits' : known?.stored === false && folders.length > 0 ? 'gone' : 'kept',
  };
}

function undoOf(branch: readonly JournalEntry[]): PanelCheckpoints['undo'] {
  const last = lastRestore(branch);
  if (!last) return null;
  return { id: last.id, what: last.restored.what };
}

/** Calls of a step, one after the other; a message in one line. */
function headOf(words: string): string {
  const line = words
    .slice(0, 4 * MAX_TEXT)
    .trim()
    .replaceAll(/\s*\n\s*/gu, ', ');
  const characters = [...line];
  return characters.length > MAX_TEXT ? `${characters.slice(0, MAX_TEXT).join('')}…` : line;
}
