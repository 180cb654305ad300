import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { GitWorkspace } from '../../support/git-workspace';

interface Found {
  uncommitted: { count: number; first: string[] };
  artefacts: { count: number; first: string[] };
  other_ignored: { count: number; first: string[] };
  commits_not_on_base: number | null;
  commits_not_pushed: number;
}

describe('leftovers.py', () => {
  let repo: GitWorkspace;
  let tree: string;
  beforeEach(() => {
    repo = new GitWorkspace();
    repo.commit('first', { 'a.py': '1\n', '.gitignore': '*.pt\n*.log\n.venv/\ncheckpoints\n' });
    tree = join(repo.folder, '..', 'tree');
    repo.git('worktree', 'add', '--quiet', '-b', 'work', tree);
  });
  afterEach(() => repo.remove());

  function look(code: number, ...words: string[]): Found {
    const ended = repo.run('finishing-a-development-branch/scripts/leftovers.py', [tree, ...words]);
    assert.equal(ended.code, code, ended.out + ended.err);
    return JSON.parse(ended.out) as Found;
  }

  it('finds nothing in a clean worktree whose environment and links come back by themselves', () => {
    repo.put({ '.venv/lib/model.pt': 'x', '.venv/.gitignore': '*\n' }, tree);
    repo.put({ 'checkpoints/best.pt': 'x' });
    symlinkSync(join(repo.folder, 'checkpoints'), join(tree, 'checkpoints'));
    const found = look(0, '--base', 'main');
    assert.deepEqual([found.uncommitted.count, found.artefacts.count, found.other_ignored.count], [0, 0, 0]);
    assert.equal(found.commits_not_on_base, 0);
  });

  it('shows the checkpoint that git would delete without a word', () => {
    repo.put({ 'runs/7/ünï best.pt': 'weights', 'train.log': 'x' }, tree);
    const found = look(1);
    assert.deepEqual(found.artefacts.first, ['runs/7/ünï best.pt (7 bytes)']);
    assert.deepEqual(found.other_ignored.first, ['train.log']);
    // The fact that the skill warns of, of the git that runs here.
    repo.git('worktree', 'remove', tree);
    assert.ok(!existsSync(tree));
  });

  it('counts uncommitted files and commits that no one else has', () => {
    repo.put({ 'a.py': '2\n', 'new.py': 'x' }, tree);
    assert.deepEqual(look(1).uncommitted.first, [' M a.py', '?? new.py']);
    execFileSync('git', ['-C', tree, 'add', '.']);
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
    execFileSync('git', ['-C', tree, ...identity, 'commit', '--quiet', '--message', 'work']);
    assert.deepEqual([look(1, '--base', 'main').commits_not_on_base, look(1).commits_not_pushed], [1, 2]);
    repo.git('update-ref', 'refs/remotes/origin/work', 'work');
    assert.equal(look(0, '--base', 'main').commits_not_pushed, 0);
  });

  it('ends with 2 where it cannot tell', () => {
    const run = (...words: string[]): { code: number | null; err: string } =>
      repo.run('finishing-a-development-branch/scripts/leftovers.py', words);
    assert.equal(run(tree, '--base', 'nowhere').code, 2);
    assert.match(run(join(repo.folder, '..')).err, /not a git repository/u);
    assert.equal(run(join(repo.folder, 'none')).code, 2);
  });
});
