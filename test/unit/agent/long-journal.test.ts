import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatEntry } from '../../../src/agent/journal';
import { Session } from '../../../src/agent/session';
import type { DurableEvent } from '../../../src/agent/events';
import { fileStore } from '../../../src/host/file-store';

/** Enough for the ratio to be that of 100 MB, which docs/journal.md gives. */
const BYTES = 30e6;
/** Of what it takes to read the file and parse each line. */
const MAX_RATIO = 1.6;
const ROUNDS = 5;

/** Turns with calls whose results are of every size up to what is kept in the journal. */
function longJournal(): string {
  const lines: string[] = [];
  let size = 0;
  const add = (event: DurableEvent): void => {
    const parent = lines.length === 0 ? null : `e${lines.length}`;
    const line = formatEntry({ id: `e${lines.length + 1}`, parent, at: '2026-11-25T00:00:00.000Z', event });
    size += line.length;
    lines.push(line);
  };
  add({
    type: 'session-start',
    version: 2,
    folders: [],
    droid: 'd',
    model: 'm',
    system: 'x'.repeat(20_000),
    tools: [],
  });
  for (let at = 0; size < BYTES; at++) {
    const call = `c${at}`;
    add({
      type: 'block-end',
      block: { type: 'tool_use', id: call, name: 'Read', input: { file_path: `src/${at}.py` } } as never,
    });
    add({
      type: 'tool-start',
      call,
      name: 'Read',
      input: { file_path: `src/${at}.py` },
      title: `Reading src/${at}.py`,
    });
    const content = 'epoch 1 loss=0.25 "auc" ä\n'.repeat((at * 37) % 1_200);
    add({ type: 'tool-end', call, content, isError: false, durationMs: 3 });
  }
  return lines.join('');
}

describe('a long journal', function () {
  this.timeout(120_000);

  it(`opens in less than ${MAX_RATIO} times what reading and parsing its lines takes`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'long-'));
    try {
      const path = join(folder, 'journal.jsonl');
      await writeFile(path, longJournal());
      const pairs: { ours: number; floor: number }[] = [];
      for (let round = 0; round < ROUNDS && !pairs.some(({ ours, floor }) => ours < floor * MAX_RATIO); round++) {
        const began = performance.now();
        const parsed = (await readFile(path, 'utf8'))
          .split('\n')
          .map((line) => (line === '' ? undefined : (JSON.parse(line) as unknown)));
        const middle = performance.now();
        const session = await Session.open('s', fileStore(folder));
        pairs.push({ floor: middle - began, ours: performance.now() - middle });
        assert.equal(session.entries.length, parsed.length - 1);
        assert.equal(session.branch.length, parsed.length - 1);
      }
      const best = pairs.at(-1);
      const told = pairs.map(({ ours, floor }) => `${Math.round(ours)} ms of ${Math.round(floor)} ms`).join(', ');
      assert.ok(best && best.ours < best.floor * MAX_RATIO, told);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
