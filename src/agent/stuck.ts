import type { JournalEntry } from './events';

export const NO_PROGRESS_MS = 10 * 60_000;
const FAILURES = 2;

export type Stuck = { kind: 'repeated-failure'; detail: string } | { kind: 'no-progress'; detail: string };

/**
 * Whether the run (the entries since the last prompt) turns in a circle: the last command failed as it did before without
 * having passed in between, or for ten minutes no file changed, no command passed that had not, and no person answered.
 */
export function stuckIn(branch: readonly JournalEntry[], now: number): Stuck | undefined {
  const failures = new Map<string, number>();
  const passed = new Set<string>();
  let progressAt = now;
  let repeated: string | undefined;
  for (const { event, at } of branch) {
    const time = Date.parse(at);
    const isByPerson = event.type === 'tool-decision' && event.by === 'user';
    if (event.type === 'prompt' || event.type === 'change' || event.type === 'undo' || isByPerson) progressAt = time;
    if (event.type === 'prompt') repeated = undefined;
    if (event.type !== 'tool-end' || event.view?.kind !== 'command') continue;
    const { command: written, exitCode } = event.view;
    const command = written.trim().replaceAll(/\s+/gu, ' ');
    if (exitCode === 0) {
      if (!passed.has(command)) progressAt = time;
      passed.add(command);
      failures.delete(command);
      if (repeated === command) repeated = undefined;
    } else if (exitCode !== null) {
      failures.set(command, (failures.get(command) ?? 0) + 1);
      repeated = (failures.get(command) ?? 0) >= FAILURES ? command : undefined;
    }
  }
  if (repeated !== undefined) return { kind: 'repeated-failure', detail: repeated };
  const minutes = Math.floor((now - progressAt) / 60_000);
  return now - progressAt >= NO_PROGRESS_MS ? { kind: 'no-progress', detail: String(minutes) } : undefined;
}
