import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanSessions, outdated } from '../../../src/host/session-cleanup';
import { lockSession } from '../../../src/host/session-lock';

const DAY_MS = 86_400_000;
const aged = (id: string, days: number, bytes = 1): { id: string; bytes: number; usedAt: number } => ({
  id,
  bytes,
  usedAt: -days * DAY_MS,
});

describe('the clean-up of sessions', () => {
  it('takes what is old, and what is more than fits, the oldest first', () => {
    const limits = { days: 90, bytes: 100, atLeast: 0 };
    assert.deepEqual(outdated([aged('a', 91), aged('b', 89)], 0, limits), ['a']);
    assert.deepEqual(outdated([aged('a', 3, 50), aged('b', 1, 50), aged('c', 2, 50)], 0, limits), ['a']);
  });

  it('keeps the latest whatever they are, all where that is wished, and those of a clock that went back', () => {
    const all = [aged('a', 300, 500), aged('b', 200, 500), aged('c', -5, 1)];
    assert.deepEqual(outdated(all, 0, { days: 90, bytes: 100, atLeast: 2 }), ['a']);
    assert.deepEqual(outdated(all, 0, { days: 0, bytes: 100, atLeast: 0 }), []);
  });

  it('removes them once a day, but none that is at work and nothing that is no session', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'clean-'));
    const make = async (id: string, file = 'journal.jsonl'): Promise<void> => {
      await mkdir(join(folder, id, 'blobs'), { recursive: true });
      await writeFile(join(folder, id, file), '{}\n');
      await utimes(join(folder, id, file), 0, 0);
    };
    for (const id of ['old', 'busy', 'again']) await make(id);
    await make('notes', 'readme.txt');
    const release = await lockSession(join(folder, 'busy'));
    const limits = { days: 1, bytes: 1e9, atLeast: 0 };
    assert.deepEqual((await cleanSessions(folder, limits)).sort(), ['again', 'old']);
    await make('later');
    assert.deepEqual(await cleanSessions(folder, limits), []);
    assert.deepEqual((await readdir(folder)).sort(), ['.cleaned', 'busy', 'later', 'notes']);
    await release();
    await rm(folder, { recursive: true, force: true });
  });
});
