import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Planned } from '../../../src/artefacts/keeping';
import { cleanTrashes, DEFAULT_TRASH_RETENTION, emptyTrash, sizeOfTrash } from '../../../src/artefacts/retention';
import { Trash, trashFolder } from '../../../src/artefacts/trash';
import { ArtefactWorkspace } from '../../support/artefact-workspace';

const never = new AbortController().signal;
const DAY_MS = 86_400_000;

describe('what the trash keeps', () => {
  let workspace: ArtefactWorkspace;
  let storage: string;
  let trash: Trash;

  beforeEach(() => {
    workspace = new ArtefactWorkspace();
    storage = mkdtempSync(join(tmpdir(), 'storage-'));
    trash = new Trash(trashFolder(storage, workspace.path));
  });
  afterEach(async () => {
    await workspace.remove();
    await rm(storage, { recursive: true, force: true });
  });

  const keep = async (name: string, way: Planned['way'] = 'copy'): Promise<void> => {
    const path = join(workspace.path, name);
    workspace.put({ [name]: 1_000 });
    const { size, mtimeMs: mtime, mode, ino: inode, dev: device, nlink: links } = statSync(path);
    const facts = { size, mtime, mode, inode, device, links, git: 'none', elsewhere: 'nowhere' } as const;
    const file = { ...facts, path, shown: name, kind: 'model', harm: 'deletes', quiet: false } as const;
    await trash.keep([{ file, way }], { session: 's', call: 'c', tool: 'Execute', title: name }, never);
  };
  const held = async (): Promise<number> => (await trash.batches()).length;
  const clean = (over: Partial<typeof DEFAULT_TRASH_RETENTION>, now = Date.now()): Promise<string[]> =>
    cleanTrashes(storage, { ...DEFAULT_TRASH_RETENTION, ...over }, now);

  it('goes after its days, but for the last calls', async () => {
    for (const name of ['a.pt', 'b.pt', 'c.pt']) await keep(name);
    assert.equal((await clean({ days: 30, atLeast: 1 }, Date.now() + 31 * DAY_MS)).length, 2);
    assert.equal(await held(), 1);
  });

  it('goes when it is more than may be kept, and stays while a second name of a file takes no space', async () => {
    for (const name of ['a.pt', 'b.pt']) await keep(name, 'link');
    assert.deepEqual(await clean({ bytes: 500, atLeast: 0 }), []);
    rmSync(join(workspace.path, 'a.pt'));
    rmSync(join(workspace.path, 'b.pt'));
    assert.equal((await clean({ bytes: 1_500, atLeast: 0 }, Date.now() + 2 * DAY_MS)).length, 1);
  });

  it('is looked at once a day, and for good with 0 days', async () => {
    await keep('a.pt');
    assert.deepEqual(await clean({ days: 0, bytes: 1, atLeast: 0 }), []);
    assert.deepEqual(await clean({ bytes: 1, atLeast: 0 }), []);
    assert.equal((await clean({ bytes: 1, atLeast: 0 }, Date.now() + 2 * DAY_MS)).length, 1);
  });

  it('is counted and emptied', async () => {
    assert.deepEqual(await sizeOfTrash(trash), { calls: 0, files: 0, bytes: 0 });
    await keep('a.pt');
    const { calls, files, bytes } = await sizeOfTrash(trash);
    assert.deepEqual({ calls, files, bytes }, { calls: 1, files: 1, bytes: 1_000 });
    await emptyTrash(trash);
    assert.equal(await held(), 0);
    assert.ok(existsSync(join(workspace.path, 'a.pt')));
  });
});
