import { formatEntry } from '../../src/agent/journal';
import type { DurableEvent } from '../../src/agent/events';

/** A journal of a size: turns with calls whose results are of every size up to what is kept in the journal. */
export function longJournal(bytes: number): string {
  const lines: string[] = [];
  let size = 0;
  const add = (event: DurableEvent): void => {
    const parent = lines.length === 0 ? null : `e${lines.length}`;
    const line = formatEntry({ id: `e${lines.length + 1}`, parent, at: '2026-11-25T00:00:00.000Z', event });
    size += line.length;
    lines.push(line);
  };
  add({
    ...{ type: 'session-start', version: 2, folders: [], droid: 'd', model: 'm' },
    system: 'x'.repeat(20_000),
    tools: [],
  });
  for (let at = 0; size < bytes; at++) {
    const call = `c${at}`;
    const input = { file_path: `src/${at}.py` };
    add({ type: 'block-end', block: { type: 'tool_use', id: call, name: 'Read', input } as never });
    add({ type: 'tool-start', call, name: 'Read', input, title: `Reading src/${at}.py` });
    const content = 'epoch 1 loss=0.25 "auc" ä\n'.repeat((at * 37) % 1_200);
    add({ type: 'tool-end', call, content, isError: false, durationMs: 3 });
  }
  return lines.join('');
}
