import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CheckpointFolder } from '../../../src/agent/events';
import { DEFAULT_CHECKPOINTS } from '../../../src/checkpoints/bounds';
import { CheckpointStore, type StoreOptions } from '../../../src/checkpoints/store';
import { Shadow } from '../../../src/checkpoints/shadow';
import { setEnvironment } from '../../support/environment';

const never = new AbortController().signal;

describe('checkpoints', () => {
  let top: string;
  let folder: string;
  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), 'ml-engineer-checkpoints-')));
    folder = join(top, 'work');
    mkdirSync(folder);
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  const store = (more: Partial<StoreOptions> = {}): CheckpointStore =>
    new CheckpointStore({
      ...{ storage: join(top, 'storage'), folders: () => [folder], settings: () => DEFAULT_CHECKPOINTS },
      ...more,
    });
  const put = (name: string, text: string | Buffer, from = folder): void => {
    mkdirSync(dirname(join(from, name)), { recursive: true });
    writeFileSync(join(from, name), text);
  };
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: top, GIT_CONFIG_NOSYSTEM: '1' },
      stdio: 'pipe',
    });
  /** All there is but git's own, by name: link, or mode and bytes. */
  const stateOf = (at = folder): Record<string, string> =>
    Object.fromEntries(
      readdirSync(at, { recursive: true, encoding: 'latin1' })
        .filter((name) => !/(?:^|\/)\.git(?:\/|$)/u.test(name))
        .flatMap((name) => {
          const path = Buffer.from(`${at}/${name}`, 'latin1');
          const found = lstatSync(path);
          if (found.isDirectory()) return [];
          const what = found.isSymbolicLink()
            ? `-> ${readlinkSync(path)}`
            : `${(found.mode & 0o100).toString(8)} ${readFileSync(path, 'latin1')}`;
          return [[name, what]];
        }),
    );
  const taken = async (one: CheckpointStore): Promise<CheckpointFolder[]> => (await one.take()).folders;

  it('bring every file back as it was, and a restore is taken back by the state kept before it', async () => {
    put('src/a.py', 'one\r\ntwo');
    put('run.sh', '#!/bin/sh\n');
    chmodSync(join(folder, 'run.sh'), 0o755);
    put('blob.bin', Buffer.from([0, 255, 13, 10, 0]));
    put('.gitattributes', '* text=auto eol=crlf\n*.py filter=evil working-tree-encoding=UTF-16\n');
    put('two\nlines "and" more', 'odd');
    writeFileSync(Buffer.from(`${folder}/\xff\xfe.txt`, 'latin1'), 'bytes');
    symlinkSync('/etc/passwd', join(folder, 'out'));
    put('gone/deep/file', 'x');
    const checkpoints = store();
    const first = await taken(checkpoints);
    const before = stateOf();
    rmSync(join(folder, 'gone'), { recursive: true });
    rmSync(join(folder, 'out'));
    mkdirSync(join(folder, 'out'));
    put('out/file', 'a folder where a link was');
    put('src/a.py', 'other');
    chmodSync(join(folder, 'run.sh'), 0o644);
    put('new/one', 'made since');
    const after = stateOf();
    const { before: kept, restored } = await checkpoints.restore(first);
    assert.deepEqual(
      restored.map(({ failed }) => failed),
      [undefined],
    );
    assert.deepEqual(stateOf(), before);
    assert.ok(!existsSync(join(folder, 'new')), 'an empty folder is left');
    await checkpoints.restore(kept);
    assert.deepEqual(stateOf(), after);
    assert.equal(readFileSync('/etc/passwd', 'utf8').includes('a folder where'), false);
  });

  it("touch nothing of the user's repository, and start no program that it names", async () => {
    const trap = join(top, 'trap');
    git('init', '-q');
    put('a.py', 'a');
    git('add', 'a.py');
    git('commit', '-qm', 'first');
    for (const name of [
      'core.fsmonitor',
      'core.sshCommand',
      'filter.evil.clean',
      'filter.evil.smudge',
      'diff.evil.textconv',
    ])
      git('config', name, `touch ${trap}`);
    git('config', 'core.hooksPath', join(folder, 'hooks'));
    for (const hook of ['post-index-change', 'pre-commit', 'reference-transaction', 'post-checkout']) {
      put(`hooks/${hook}`, `#!/bin/sh\ntouch ${trap}\n`);
      chmodSync(join(folder, 'hooks', hook), 0o755);
    }
    put('.gitattributes', '* filter=evil diff=evil\n');
    put('staged.py', 'staged');
    git('add', 'staged.py');
    rmSync(trap, { force: true });
    const stateOfGit = (): unknown =>
      readdirSync(join(folder, '.git'), { recursive: true, encoding: 'utf8' }).map((name) => {
        const path = join(folder, '.git', name);
        return [name, lstatSync(path).isFile() ? readFileSync(path, 'latin1') : ''];
      });
    const before = stateOfGit();
    const restore = setEnvironment({ GIT_DIR: join(folder, '.git'), GIT_INDEX_FILE: join(folder, '.git', 'index') });
    const checkpoints = store();
    try {
      const first = await taken(checkpoints);
      put('a.py', 'b');
      const second = await taken(checkpoints);
      const [compared] = await checkpoints.compare(first, second);
      assert.deepEqual(compared?.files, [{ name: 'a.py', how: 'changed', added: 1, removed: 1 }]);
      await checkpoints.restore(first);
    } finally {
      restore();
    }
    assert.equal(readFileSync(join(folder, 'a.py'), 'utf8'), 'a');
    assert.deepEqual(stateOfGit(), before);
    assert.ok(!existsSync(trap));
  });

  it('honour .gitignore, .agentignore and the size limit, and leave what is in the way of a restore', async () => {
    put('.gitignore', 'data/\n');
    put('.agentignore', 'secret.txt\n');
    put('data/train.csv', 'x');
    put('secret.txt', 'x');
    put('node_modules/a.js', 'x');
    put('model.pt', Buffer.alloc(2_000));
    put('grows', 'small');
    const checkpoints = store({ settings: () => ({ ...DEFAULT_CHECKPOINTS, fileBytes: 1_000 }) });
    const first = await checkpoints.take();
    assert.match(first.notes.join('\n'), /leave out 1 large file \(2.*model\.pt/u);
    put('grows', Buffer.alloc(3_000, 'g'));
    put('kept', 'k');
    const second = await checkpoints.take();
    assert.deepEqual(second.notes, [], 'it is said once');
    const [compared] = await checkpoints.compare(first.folders, second.folders);
    assert.deepEqual(
      compared?.files.map(({ name, how }) => [name, how]),
      [
        ['grows', 'deleted'],
        ['kept', 'added'],
      ],
    );
    for (const name of ['data/train.csv', 'secret.txt', 'node_modules/a.js', 'model.pt'])
      assert.equal(await checkpoints.content(second.folders[0]!, name), undefined, name);
    const { restored } = await checkpoints.restore(first.folders);
    assert.deepEqual(restored[0]?.kept, ['grows']);
    assert.equal(statSync(join(folder, 'grows')).size, 3_000);
    assert.ok(!existsSync(join(folder, 'kept')));
    for (const name of ['data/train.csv', 'secret.txt', 'node_modules/a.js', 'model.pt'])
      assert.ok(existsSync(join(folder, name)));
  });

  it('cover several folders and the repositories inside them', async () => {
    const other = join(top, 'other');
    put('b', 'b', other);
    put('a', 'a');
    put('inner/c', 'c');
    execFileSync('git', ['init', '-q', join(folder, 'inner')], { env: { PATH: process.env['PATH'], HOME: top } });
    const checkpoints = store({ folders: () => [folder, other, folder] });
    const first = await taken(checkpoints);
    assert.deepEqual(
      first.map((one) => one.folder),
      [folder, other, join(folder, 'inner')],
    );
    for (const [name, from] of [
      ['a', folder],
      ['b', other],
      ['inner/c', folder],
    ] as const)
      put(name, 'changed', from);
    await checkpoints.restore(first);
    assert.deepEqual([stateOf(), stateOf(other)], [{ a: '0 a', 'inner/c': '0 c' }, { b: '0 b' }]);
    assert.ok(existsSync(join(folder, 'inner', '.git', 'HEAD')));
  });

  it('are made by two windows at once, and after one that was killed', async () => {
    put('a', 'a');
    const [one, two] = [store(), store()];
    const first = await taken(one);
    const gitDir = join(top, 'storage', readdirSync(join(top, 'storage'))[0]!);
    writeFileSync(join(gitDir, 'index.lock'), '');
    writeFileSync(join(gitDir, `index.${process.pid}-dead`), 'half');
    for (let turn = 0; turn < 3; turn++) {
      put('a', `${turn}`);
      const both = await Promise.all([taken(one), taken(two), taken(one)]);
      for (const [kept] of both) assert.equal((await one.content(kept!, 'a'))?.toString(), `${turn}`);
    }
    await two.restore(first);
    assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'a');
  });

  it('are the same where nothing changed, of an empty folder too', async () => {
    const checkpoints = store();
    const empty = await taken(checkpoints);
    assert.deepEqual(await taken(checkpoints), empty);
    assert.deepEqual(
      await taken(store()),
      empty.map(({ folder: same }) => ({ folder: same, commit: (empty[0] as CheckpointFolder).commit })),
    );
    put('a', 'a');
    await taken(checkpoints);
    await checkpoints.restore(empty);
    assert.deepEqual(stateOf(), {});
  });

  it('refuse a home folder, and say that there is no git, that it takes too long or that the disk refuses', async () => {
    const home = await store({ folders: () => [homedir(), '/'] }).take();
    assert.deepEqual(home.folders, []);
    assert.match(home.notes.join('\n'), /no project folder/u);
    put('a', 'a');
    const slow = store({ limits: { first: 1, later: 1 } });
    assert.match((await slow.take()).notes.join('\n'), /takes too long/u);
    assert.deepEqual(await slow.take(), { folders: [], notes: [] });
    const full = await store({ storage: '/dev/null/storage' }).take();
    assert.match(full.notes.join('\n'), /No checkpoint of .*work: /u);
    const restore = setEnvironment({ PATH: join(top, 'nothing') });
    try {
      const missing = await store().take();
      assert.deepEqual(missing.folders, []);
      assert.match(missing.notes.join('\n'), /no git.*what commands change cannot/u);
    } finally {
      restore();
    }
  });

  it('write nothing where a file changed while a restore was on its way', async () => {
    put('a', 'one');
    const shadow = new Shadow({
      ...{ folder, gitDir: join(top, 'shadow'), ignore: [], bounds: { fileBytes: 1e6, newFiles: 100, newBytes: 1e7 } },
    });
    const first = await shadow.snapshot(never);
    put('a', 'two!');
    const now = await shadow.snapshot(never);
    put('a', 'typed since');
    await assert.rejects(shadow.restore(now, first.commit, never), /not uptodate|overwritten/u);
    assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'typed since');
  });

  it('of a lower limit take no file away that was too large for them', async () => {
    put('a', 'a');
    put('large', 'x'.repeat(3_000));
    const small = store({ settings: () => ({ ...DEFAULT_CHECKPOINTS, fileBytes: 1_000 }) });
    const first = await taken(small);
    put('a', 'b');
    put('new', 'n');
    const { restored } = await store().restore(first);
    assert.deepEqual(stateOf(), { a: '0 a', large: `0 ${'x'.repeat(3_000)}` });
    assert.deepEqual(restored[0]?.kept, ['large']);
  });

  it('counts what differs between pairs at once, and leaves out what is no longer stored', async () => {
    put('a', 'a');
    const checkpoints = store();
    const commits: string[] = [];
    for (const [name, text] of [
      ['a', 'a'],
      ['b', 'b'],
      ['a\nb', 'c'],
      ['a', 'd'],
    ] as const) {
      put(name, text);
      commits.push((await taken(checkpoints))[0]!.commit);
    }
    const [one, two, three, four] = commits as [string, string, string, string];
    const gone = 'f'.repeat(40);
    const pairs = [
      { from: one, to: two },
      { from: two, to: two },
      { from: one, to: four },
      { from: three, to: gone },
      { from: two, to: three },
    ];
    assert.deepEqual([...(await checkpoints.counts(folder, pairs)).values()], [1, 0, 3, 1]);
    assert.deepEqual([...(await checkpoints.held(folder, [one, gone, '--all']))], [one]);
  });

  it('of a process that ends early are pruned at its end, once for all processes', async () => {
    put('a', 'a');
    const settings = () => ({ ...DEFAULT_CHECKPOINTS, count: 1 });
    const first = store({ settings });
    const made: string[] = [];
    for (const text of ['b', 'c', 'd']) {
      put('a', text);
      made.push((await taken(first))[0]!.commit);
    }
    const refs = (): number =>
      readdirSync(join(top, 'storage'), { recursive: true, encoding: 'utf8' }).filter((name) =>
        /checkpoints\/\d+-/u.test(name),
      ).length;
    assert.equal(refs(), 3);
    await first.tidy();
    assert.equal(refs(), 1);
    put('a', 'e');
    const second = store({ settings });
    await taken(second);
    await second.tidy();
    assert.equal(refs(), 2, 'done lately by another process');
  });

  it('that lay elsewhere are taken over', async () => {
    put('a', 'a');
    const first = await taken(store({ storage: join(top, 'before') }));
    put('a', 'b');
    await store({ earlier: join(top, 'before') }).restore(first);
    assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'a');
  });

  it('are pruned by number and size, and the newest stays', async () => {
    const shadow = new Shadow({
      ...{ folder, gitDir: join(top, 'shadow'), ignore: [], bounds: { fileBytes: 1e6, newFiles: 100, newBytes: 1e7 } },
    });
    const commits: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      put('a', `${turn}`);
      commits.push((await shadow.snapshot(never)).commit);
    }
    assert.equal(await shadow.prune({ count: 4, days: 30, bytes: 1e9 }, never), 2);
    assert.equal(await shadow.prune({ count: 4, days: 30, bytes: 1 }, never), 3);
    assert.equal((await shadow.content(commits[5]!, 'a'))?.toString(), '5');
    assert.equal(await shadow.prune({ count: 4, days: 0, bytes: 1e9 }, never), 1);
  });
});
