import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { GitWorkspace, type ScriptEnd } from '../../support/git-workspace';

interface Created {
  path: string;
  base: string;
  links: string[];
  venv: string | null;
  setup: string[];
  uncommitted_left_behind: number;
  problems: string[];
}

describe('worktree.py', function () {
  this.timeout(60_000);
  let repo: GitWorkspace;
  beforeEach(() => {
    repo = new GitWorkspace();
  });
  afterEach(() => repo.remove());

  const run = (words: string[], folder?: string, environment?: NodeJS.ProcessEnv): ScriptEnd =>
    repo.run('using-git-worktrees/scripts/worktree.py', words, folder, environment);
  const status = (folder?: string): Record<string, unknown> =>
    JSON.parse(run(['status'], folder).out) as Record<string, unknown>;
  function create(...words: string[]): Created {
    const { code, out, err } = run(['create', ...words]);
    assert.equal(code, 0, err);
    return JSON.parse(out) as Created;
  }
  function refused(words: string[], reason: RegExp, folder?: string): void {
    const { code, out, err } = run(words, folder);
    assert.deepEqual({ code, out }, { code: 1, out: '' });
    assert.match(err, reason);
  }

  it('makes a worktree that git sees nowhere, without a commit or a change to a tracked file', () => {
    const head = repo.commit('first', { 'a.py': '1\n' });
    const { path, base, problems } = create('feature/new loss'.replace(' ', '-'));
    assert.equal(path, join(repo.folder, '.worktrees', 'feature-new-loss'));
    assert.equal(base, head);
    assert.deepEqual(problems, []);
    assert.equal(readFileSync(join(path, 'a.py'), 'utf8'), '1\n');
    assert.equal(repo.git('status', '--porcelain', '--untracked-files=all'), '');
    assert.equal(repo.git('rev-parse', 'main'), head);
    assert.match(repo.git('worktree', 'list'), /\[feature\/new-loss\]/u);
  });

  it('says from within a worktree that it is isolated, and makes none inside it', () => {
    repo.commit('first', { 'a.py': '1\n' });
    assert.equal(status()['isolated'], false);
    const { path } = create('one');
    assert.deepEqual([status(path)['isolated'], status(path)['branch']], [true, 'one']);
    refused(['create', 'two'], /is a worktree already, on branch one/u, path);
  });

  it('takes neither a submodule nor a detached HEAD for isolation', () => {
    const inner = new GitWorkspace();
    try {
      inner.commit('first', { 'b.py': '2\n' });
      repo.commit('first', { 'a.py': '1\n' });
      repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.folder, 'sub');
      const found = status(join(repo.folder, 'sub'));
      assert.deepEqual([found['isolated'], found['submodule_of']], [false, repo.folder]);
      repo.git('checkout', '--quiet', '--detach');
      assert.deepEqual([status()['isolated'], status()['branch']], [false, null]);
    } finally {
      inner.remove();
    }
  });

  it('answers for the folder it runs in when a hook has set GIT_DIR', () => {
    repo.commit('first', { 'a.py': '1\n' });
    const { code, out } = run(['status'], repo.folder, { GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere' });
    assert.equal(code, 0);
    assert.equal((JSON.parse(out) as { top: string }).top, repo.folder);
  });

  it('uses the folder for worktrees that is there, and refuses one that git tracks', () => {
    repo.commit('first', { 'a.py': '1\n' });
    mkdirSync(join(repo.folder, 'worktrees'));
    assert.equal(create('one').path, join(repo.folder, 'worktrees', 'one'));
    repo.commit('second', { 'kept/here.txt': 'x\n' });
    refused(['create', 'two', '--folder', 'kept'], /holds tracked files/u);
    refused(['create', 'two', '--folder', '.'], /cannot hold its worktrees/u);
    assert.equal(create('two', '--folder', '../beside').path, join(repo.folder, '..', 'beside', 'two'));
    assert.equal(repo.git('status', '--porcelain', '--untracked-files=all'), '');
  });

  it('refuses a folder whose own .gitignore lets git see the worktree', () => {
    repo.commit('first', { 'a.py': '1\n' });
    repo.put({ '.worktrees/.gitignore': '*.log\n' });
    refused(['create', 'one'], /git does not ignore .*\.worktrees/u);
    assert.equal(readFileSync(join(repo.folder, '.worktrees/.gitignore'), 'utf8'), '*.log\n');
  });

  it('refuses names that are no branch, are taken, or are missing, and says what to do', () => {
    refused(['create', 'one'], /no commit yet/u);
    repo.commit('first', { 'a.py': '1\n' });
    refused(['create', 'a..b'], /no name for a branch/u);
    refused(['create', '--', '-f'], /no name for a branch/u);
    refused(['create', 'main'], /Pass --existing/u);
    refused(['create', 'new', '--existing'], /Leave --existing out/u);
    refused(['create', 'new', '--base', 'v9'], /There is no commit v9/u);
    refused(['create', 'main', '--existing'], /main/u);
    create('a/b');
    refused(['create', 'a-b'], /is there already/u);
    assert.equal(run(['create']).code, 2);
  });

  it('checks out a branch that exists, and tracks no remote branch it starts from', () => {
    const first = repo.commit('first', { 'a.py': '1\n' });
    repo.commit('second', { 'a.py': '2\n' });
    repo.git('branch', 'old', first);
    assert.equal(create('old', '--existing').base, first);
    repo.git('update-ref', 'refs/remotes/origin/main', first);
    assert.equal(create('from-remote', '--base', 'origin/main').base, first);
    assert.throws(() => repo.git('rev-parse', '--verify', '--quiet', 'from-remote@{upstream}'));
  });

  it('links data and checkpoints instead of copying, hidden from git even where only a folder is ignored', () => {
    repo.commit('first', { '.gitignore': 'data/\ncheckpoints\n', 'a.py': '1\n' });
    repo.put({ 'data/train.csv': 'x\n', 'data/parts/1.csv': 'y\n', 'checkpoints/best.pt': 'w' });
    const { path, links, problems } = create('run', '--link', 'data', '--link', 'checkpoints');
    assert.deepEqual(links, ['data/*', 'checkpoints']);
    assert.deepEqual(problems, []);
    assert.equal(readlinkSync(join(path, 'checkpoints')), join(repo.folder, 'checkpoints'));
    assert.ok(lstatSync(join(path, 'data')).isDirectory());
    assert.equal(realpathSync(join(path, 'data/parts/1.csv')), join(repo.folder, 'data/parts/1.csv'));
    const { out } = run(['status'], path);
    assert.equal((JSON.parse(out) as { uncommitted: number }).uncommitted, 0);
  });

  it('tells of a link that git would commit, and refuses links that lead astray', () => {
    repo.commit('first', { 'a.py': '1\n', 'src/b.py': '2\n' });
    repo.put({ 'big.bin': 'x' });
    assert.match(create('one', '--link', 'big.bin').problems.join(), /does not ignore big\.bin/u);
    refused(['create', 'two', '--link', 'src'], /holds tracked files/u);
    refused(['create', 'two', '--link', '../repo2'], /is not inside/u);
    refused(['create', 'two', '--link', 'none'], /There is no none/u);
    assert.ok(!existsSync(join(repo.folder, '.worktrees', 'two')));
  });

  it('names the install commands and the changes that stay behind', () => {
    repo.commit('first', { 'requirements.txt': '', 'pyproject.toml': '', 'package.json': '{}' });
    repo.put({ 'new.py': '', 'package.json': '{ }' });
    const { setup, uncommitted_left_behind: left } = create('one');
    assert.deepEqual(setup, ['python -m pip install -r requirements.txt', 'npm install']);
    assert.equal(left, 2);
  });

  it('makes an environment of its own that git does not see', () => {
    repo.commit('first', { 'a.py': '1\n' });
    const { path, venv, problems } = create('one', '--venv');
    assert.deepEqual(problems, []);
    assert.equal(venv, join(path, '.venv'));
    assert.equal(status(path)['uncommitted'], 0);
  });

  it('keeps the worktree and says why when no environment can be made', () => {
    repo.commit('first', { '.venv': 'a file\n' });
    const { venv, problems } = create('one', '--venv');
    assert.equal(venv, null);
    assert.match(problems.join(), /No virtual environment could be made/u);
  });

  it('says in a sentence that a folder is no repository', () => {
    refused(['status'], /not a git repository/u, join(repo.folder, '..'));
  });
});
