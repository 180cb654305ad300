import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../src/agent/tool';
import { MIN_FREE_BYTES, planKeeping, whyUnkept, type Planned, type Way } from '../../../src/artefacts/keeping';
import { named, restorables, restore, type Outcome } from '../../../src/artefacts/restore';
import type { Threatened } from '../../../src/artefacts/threats';
import { Trash } from '../../../src/artefacts/trash';
import { ArtefactWorkspace } from '../../support/artefact-workspace';

const never = new AbortController().signal;
const WHAT = { session: 's', call: 'c', tool: 'Execute', title: 'rm -rf data' };

describe('the trash', () => {
  let workspace: ArtefactWorkspace;
  let storage: string;
  let trash: Trash;

  beforeEach(() => {
    workspace = new ArtefactWorkspace();
    storage = mkdtempSync(join(tmpdir(), 'storage-'));
    trash = new Trash(join(storage, 'trash'));
  });
  afterEach(async () => {
    await workspace.remove();
    await rm(storage, { recursive: true, force: true });
  });

  const at = (name: string): string => join(workspace.path, name);
  const file = (name: string, more: Partial<Threatened> = {}): Threatened => {
    const { size, mtimeMs: mtime, mode, ino: inode, dev: device, nlink: links } = statSync(at(name));
    const facts = { size, mtime, mode, inode, device, links, git: 'none', elsewhere: 'nowhere' } as const;
    return { ...facts, path: at(name), shown: name, kind: 'data set', harm: 'deletes', quiet: false, ...more };
  };
  const keep = (way: Way, ...names: string[]): Promise<unknown> =>
    trash.keep(
      names.map((name): Planned => ({ file: file(name), way })),
      WHAT,
      never,
    );
  const restoreAll = async (conflict: 'beside' | 'replace' = 'beside'): Promise<Outcome[]> => {
    const outcomes: Outcome[] = [];
    for (const one of await restorables(trash)) outcomes.push(await restore(trash, one, conflict, never));
    return outcomes;
  };
  const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

  for (const way of ['link', 'copy'] as const) {
    it(`gives back what was kept as a ${way}, with its mode and its time, and forgets it then`, async () => {
      workspace.put({ 'data/a.csv': 'rows' });
      const before = statSync(at('data/a.csv'));
      await keep(way, 'data/a.csv');
      rmSync(at('data'), { recursive: true });
      assert.deepEqual(
        (await restoreAll()).map(({ how }) => how),
        ['restored'],
      );
      assert.equal(readFileSync(at('data/a.csv'), 'utf8'), 'rows');
      const after = statSync(at('data/a.csv'));
      assert.equal(after.mode, before.mode);
      assert.ok(Math.abs(after.mtimeMs - before.mtimeMs) < 2);
      assert.equal(after.nlink, 1);
      assert.deepEqual(namesIn(trash.folder), []);
    });
  }

  it('keeps its folders and copies from other users of the machine', async () => {
    workspace.put({ 'a.csv': 'rows' });
    await keep('copy', 'a.csv');
    const [batch] = await trash.batches();
    assert.ok(batch?.files[0]);
    assert.equal(statSync(trash.folder).mode & 0o777, 0o700);
    assert.equal(statSync(join(trash.folder, batch.id)).mode & 0o777, 0o700);
    assert.equal(statSync(join(trash.folder, batch.id, 'files')).mode & 0o777, 0o700);
    assert.equal(statSync(trash.contentOf(batch, batch.files[0])).mode & 0o777, 0o600);
    assert.equal(statSync(join(trash.folder, batch.id, 'manifest.jsonl')).mode & 0o777, 0o600);
  });

  it('holds a copy of this very state only, and a second name not at all', async () => {
    workspace.put({ 'a.csv': 'rows', 'b.csv': 'rows' });
    await keep('copy', 'a.csv');
    await keep('link', 'b.csv');
    const isHeld = await trash.holder();
    assert.equal(isHeld(file('a.csv')), true);
    assert.equal(isHeld(file('b.csv')), false);
    writeFileSync(at('a.csv'), 'more rows');
    assert.equal(isHeld(file('a.csv')), false);
  });

  it('keeps nothing by halves: cut short, failed, or left by a process that is gone', async () => {
    workspace.put({ 'a.csv': 5_000_000, 'b.csv': 5_000_000 });
    const stop = new AbortController();
    const planned = ['a.csv', 'b.csv'].map((name): Planned => ({ file: file(name), way: 'copy' }));
    const cut = trash.keep(planned, WHAT, stop.signal);
    stop.abort();
    await assert.rejects(cut, { name: 'AbortError' });
    assert.deepEqual(namesIn(trash.folder), []);
    mkdirSync(join(trash.folder, '.part-999999999-x', 'files'), { recursive: true });
    // A folder where a file was: nothing of the call is kept.
    const gone = planned.map((one) => ({ ...one, file: { ...one.file } }));
    rmSync(at('b.csv'));
    mkdirSync(at('b.csv'));
    await assert.rejects(trash.keep(gone, WHAT, never));
    assert.deepEqual(namesIn(trash.folder), []);
    assert.deepEqual(await restorables(trash), []);
  });

  it('leaves out a file that is gone already', async () => {
    workspace.put({ 'a.csv': 'rows', 'b.csv': 'rows' });
    const planned = ['a.csv', 'b.csv'].map((name): Planned => ({ file: file(name), way: 'link' }));
    rmSync(at('a.csv'));
    assert.equal((await trash.keep(planned, WHAT, never)).length, 1);
  });

  it('keeps no link that a file became, nor what it leads to', async () => {
    workspace.put({ 'a.csv': 'rows', secret: 'key' });
    for (const way of ['link', 'copy'] as const) {
      const planned: Planned = { file: file('a.csv'), way };
      renameSync(at('a.csv'), at('aside'));
      symlinkSync(at('secret'), at('a.csv'));
      await assert.rejects(trash.keep([planned], WHAT, never));
      rmSync(at('a.csv'));
      renameSync(at('aside'), at('a.csv'));
    }
    assert.deepEqual(namesIn(trash.folder), []);
  });

  it('does not offer a second name that was written through since', async () => {
    workspace.put({ 'a.csv': 'rows' });
    await keep('link', 'a.csv');
    assert.equal((await restorables(trash))[0]?.now, 'there');
    writeFileSync(at('a.csv'), 'else', { flag: 'r+' });
    assert.deepEqual(await restorables(trash), []);
  });

  it('never writes over another file: it comes beside, or the present one is kept first', async () => {
    workspace.put({ 'model.pt': 'old' });
    await keep('copy', 'model.pt');
    writeFileSync(at('model.pt'), 'newer');
    assert.deepEqual(await restoreAll(), [{ how: 'beside', path: at('model.restored.pt') }]);
    assert.equal(readFileSync(at('model.pt'), 'utf8'), 'newer');
    await keep('copy', 'model.restored.pt');
    rmSync(at('model.restored.pt'));
    workspace.put({ 'model.restored.pt': 'third' });
    assert.deepEqual(await restoreAll('replace'), [{ how: 'restored', path: at('model.restored.pt') }]);
    assert.equal(readFileSync(at('model.restored.pt'), 'utf8'), 'old');
    const [kept] = await restorables(trash);
    assert.equal(kept?.batch.tool, 'Restore');
    assert.equal(kept && readFileSync(trash.contentOf(kept.batch, kept.file), 'utf8'), 'third');
  });

  it('has nothing to do where the same content lies', async () => {
    workspace.put({ 'a.csv': 'rows' });
    await keep('copy', 'a.csv');
    rmSync(at('a.csv'));
    workspace.put({ 'a.csv': 'rows' });
    assert.deepEqual(await restoreAll(), [{ how: 'same', path: at('a.csv') }]);
  });

  it('follows no link that its folder became', async () => {
    workspace.put({ 'data/a.csv': 'rows', 'elsewhere/x': '' });
    await keep('link', 'data/a.csv');
    rmSync(at('data'), { recursive: true });
    symlinkSync(at('elsewhere'), at('data'));
    const [outcome] = await restoreAll();
    assert.match(outcome?.how === 'failed' ? outcome.why : '', /is a link by now/u);
    assert.deepEqual(namesIn(at('elsewhere')), ['x']);
  });

  it('is used by two windows at once, and reads past a torn manifest', async () => {
    workspace.put(Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`data/${n}.npy`, n + 1])));
    const names = Array.from({ length: 60 }, (_, n) => `data/${n}.npy`);
    const other = new Trash(trash.folder);
    const planned = names.map((name): Planned => ({ file: file(name), way: 'link' }));
    await Promise.all([trash.keep(planned.slice(0, 30), WHAT, never), other.keep(planned.slice(30), WHAT, never)]);
    mkdirSync(join(trash.folder, '20260101T000000-abcdef'));
    writeFileSync(join(trash.folder, '20260101T000000-abcdef', 'manifest.jsonl'), '{"at":"x","ses');
    rmSync(at('data'), { recursive: true });
    const [mine, theirs] = [await restorables(trash), await restorables(other)];
    assert.deepEqual([mine.length, theirs.length], [60, 60]);
    const first = mine[0];
    assert.ok(first);
    const both = await Promise.all([restore(trash, first, 'beside', never), restore(other, first, 'beside', never)]);
    assert.ok(both.some(({ how }) => how === 'restored'));
    assert.equal(namesIn(at('data')).filter((name) => name.includes('restored')).length, 0);
  });

  it('names a file by its id, and by its call all that are lost', async () => {
    workspace.put({ 'a.csv': 'a', 'b.csv': 'b' });
    await keep('link', 'a.csv', 'b.csv');
    rmSync(at('a.csv'));
    const all = await restorables(trash);
    const [id = ''] = all.map(({ batch }) => batch.id);
    assert.deepEqual(
      named(all, [id]).map((one) => one.file.path),
      [at('a.csv')],
    );
    assert.deepEqual(
      named(all, [`${id}/1`]).map((one) => one.file.path),
      [at('b.csv')],
    );
    assert.throws(() => named(all, ['20260101T000000-abcdef']), UserError);
  });

  describe('the way a file is kept', () => {
    const FACTS = { device: 1, clones: false, free: 100e9 };
    const one = (more: Partial<Threatened>): Threatened => {
      workspace.put({ x: 'x' });
      return { ...file('x'), device: 1, size: 1e6, ...more };
    };
    const ways = (files: Threatened[], facts = FACTS, runsCode = false): Way[] =>
      planKeeping(files, facts, { runsCode, isHeld: () => false }).map(({ way }) => way);

    it('is a link only where nothing may write into the bytes', () => {
      assert.deepEqual(ways([one({ harm: 'deletes', size: 50e9 })]), ['link']);
      assert.deepEqual(ways([one({ harm: 'replaces', size: 50e9 })]), ['link']);
      for (const more of [{ harm: 'overwrites' }, { harm: 'may write' }, { links: 2 }, { device: 2 }] as const)
        assert.deepEqual(ways([one(more)]), ['copy'], JSON.stringify(more));
      assert.deepEqual(ways([one({})], FACTS, true), ['copy']);
    });

    it('is a clone where the disk has them, whatever the size', () => {
      const big = one({ harm: 'overwrites', size: 50e9 });
      assert.deepEqual(ways([big], { ...FACTS, clones: true }), ['clone']);
      assert.deepEqual(ways([{ ...big, device: 2 }], { ...FACTS, clones: true }), ['none']);
    });

    it('is nothing beyond the bounds, and then it says why', () => {
      const harm = 'overwrites';
      const files = [one({ harm, size: 3e9 }), one({ harm, size: 1.5e9 }), one({ harm, size: 0.4e9 })];
      assert.deepEqual(ways(files), ['none', 'copy', 'copy']);
      const tight = { ...FACTS, free: MIN_FREE_BYTES + 0.5e9 };
      assert.deepEqual(ways(files, tight), ['none', 'none', 'copy']);
      assert.deepEqual(ways([one({ harm, quiet: true, size: 0.5e9 })]), ['none']);
      const planned = planKeeping(files, FACTS, { runsCode: false, isHeld: () => false });
      assert.equal(
        whyUnkept(planned, FACTS),
        'NO COPY can be kept of 1 file, 3.0 GB: at most 2.0 GB are copied for one call.',
      );
      const small = planKeeping([one({ harm })], { ...FACTS, free: 1e6 }, { runsCode: false, isHeld: () => false });
      assert.match(whyUnkept(small, { ...FACTS, free: 1e6 }) ?? '', /the disk of the trash has 1\.0 MB free/u);
    });

    it('is none of the trash for what is held elsewhere', () => {
      assert.deepEqual(ways([one({ elsewhere: 'git' })]), ['held']);
      linkSync(at('x'), at('y'));
      assert.equal(planKeeping([file('x')], FACTS, { runsCode: false, isHeld: () => true })[0]?.way, 'held');
    });
  });
});
