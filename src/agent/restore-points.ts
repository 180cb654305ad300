import { checkpointsOf, type SessionCheckpoint } from './checkpoints';
import type { CheckpointFolder, JournalEntry, Restoration } from './events';

/** A place of a session that a person can go back to. */
export interface RestorePoint extends SessionCheckpoint {
  /** The message; of a step what it did, one call a line. */
  words: string;
}

/**
 * The places of a branch, oldest first: one a message, one a step that changed something, and what was kept before a
 * restore. Where nothing was kept, `folders` is empty and edits alone can be taken back.
 */
export function restorePoints(branch: readonly JournalEntry[]): RestorePoint[] {
  const at = new Map(branch.map(({ id }, index) => [id, index]));
  const kept = checkpointsOf(branch).filter(({ folders }) => folders.length > 0);
  const points = [
    ...kept,
    ...messages(branch, kept),
    // Where anything is kept at all, a step without a checkpoint is one that changed nothing, or is being kept just now.
    ...(kept.length > 0 ? [] : editSteps(branch)),
  ];
  const placeOf = ({ after, id }: SessionCheckpoint): number => at.get(after ?? id) ?? at.get(id) ?? 0;
  const sorted = points.map((point) => ({ point, place: placeOf(point) })).sort((a, b) => a.place - b.place);
  let last = 0;
  return sorted.map(({ point, place }) => {
    const words = point.why === 'step' ? workIn(branch.slice(last, place + 1)) : point.prompt;
    last = place + 1;
    return { ...point, words: words || point.prompt };
  });
}

/** Messages without a checkpoint of their own: where no edit came between, the next one holds the same files. */
function messages(branch: readonly JournalEntry[], kept: readonly SessionCheckpoint[]): SessionCheckpoint[] {
  const own = new Set(kept.flatMap(({ why, after }) => (why === 'prompt' ? [after] : [])));
  let next: CheckpointFolder[] = [];
  const found: SessionCheckpoint[] = [];
  for (const { id, at, event } of branch.toReversed()) {
    if (event.type === 'checkpoint' && event.folders.length > 0) next = event.folders;
    else if (event.type === 'change' || event.type === 'undo') next = [];
    else if (event.type === 'prompt' && !own.has(id))
      found.push({ id, at, why: 'prompt', after: id, folders: next, prompt: event.text });
  }
  return found;
}

/** Without checkpoints: after the results of each turn whose calls edited files. */
function editSteps(branch: readonly JournalEntry[]): SessionCheckpoint[] {
  const found: SessionCheckpoint[] = [];
  let [prompt, isChanged]: [string, boolean] = ['', false];
  let last: JournalEntry | undefined;
  const close = (): void => {
    if (isChanged && last) {
      const { id, at } = last;
      found.push({ id, at, why: 'step', after: id, folders: [], prompt });
    }
    isChanged = false;
  };
  for (const entry of branch) {
    const { event } = entry;
    if (event.type === 'turn-end' || event.type === 'run-end') close();
    if (event.type === 'prompt') prompt = event.text;
    if (event.type === 'change') isChanged = true;
    if (event.type === 'change' || event.type === 'tool-end') last = entry;
  }
  close();
  return found;
}

/** What the calls that may have changed something say of themselves. */
function workIn(entries: readonly JournalEntry[]): string {
  const ran = new Set(entries.flatMap(({ event }) => (event.type === 'tool-run' ? [event.call] : [])));
  const titles = entries.flatMap(({ event }) =>
    event.type === 'tool-start' && ran.has(event.call) ? [event.title] : [],
  );
  return titles.join('\n');
}

/** A restore that can be taken back: nobody has written to the session since. */
export interface LastRestore {
  id: string;
  at: string;
  /** The files before it. */
  folders: CheckpointFolder[];
  restored: Restoration;
}

export function lastRestore(branch: readonly JournalEntry[]): LastRestore | undefined {
  const { id, at, event } =
    branch.findLast(
      (entry) => entry.event.type === 'prompt' || (entry.event.type === 'checkpoint' && entry.event.restored),
    ) ?? {};
  if (id === undefined || at === undefined || event?.type !== 'checkpoint') return undefined;
  const { restored, folders } = event;
  return restored && restored.undoes === undefined ? { id, at, folders, restored } : undefined;
}
