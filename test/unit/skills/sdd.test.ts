import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { GitWorkspace, type ScriptEnd } from '../../support/git-workspace';

const PLAN = `# Plan: windows

- **Goal:** x

## Global constraints

- **Latency:** 20 ms

## File map

| a | b |

## Tasks

### Task 1: load the events

\`\`\`\`markdown
### Task 2: only an example in a fence
\`\`\`
still inside
\`\`\`\`

#### Steps

- [ ] one

### Task 2: baseline

- [ ] two

### Task 10: the model

- [ ] ten

## Afterwards

Not of a task.
`;

describe('sdd.py', function () {
  this.timeout(60_000);
  let repo: GitWorkspace;
  beforeEach(() => {
    repo = new GitWorkspace();
    repo.put({ 'docs/plans/windows.md': PLAN });
  });
  afterEach(() => repo.remove());

  const plan = 'docs/plans/windows.md';
  const run = (...words: string[]): ScriptEnd => repo.run('subagent-driven-development/scripts/sdd.py', words);
  function done<T>(...words: string[]): T {
    const { code, out, err } = run(...words);
    assert.equal(code, 0, err);
    return JSON.parse(out) as T;
  }
  function refused(words: string[], reason: RegExp): void {
    const { code, out, err } = run(...words);
    assert.deepEqual({ code, out }, { code: 1, out: '' });
    assert.match(err, reason);
  }

  it('makes a ledger that git does not see, names the plan in it, and finds it again with what was logged', () => {
    repo.commit('plan', { [plan]: PLAN });
    refused(['log', plan, 'too early'], /Run: sdd\.py start/u);
    const first = done<{ folder: string; resumed: boolean; tasks: string[]; head: string }>('start', plan);
    assert.equal(first.resumed, false);
    assert.equal(first.head, repo.git('rev-parse', 'HEAD'));
    assert.deepEqual(first.tasks, ['1: Task 1: load the events', '2: Task 2: baseline', '10: Task 10: the model']);
    assert.equal(repo.git('status', '--porcelain', '--untracked-files=all'), '');
    done('log', plan, 'task 1 begins\n# at 1a2b3c4');
    const again = done<{ resumed: boolean; ledger_text: string }>('start', plan);
    assert.equal(again.resumed, true);
    assert.match(
      again.ledger_text,
      /^# Ledger of docs\/plans\/windows\.md\n- \d{4}-\d\d-\d\d \d\d:\d\d task 1 begins # at 1a2b3c4\n$/u,
    );
  });

  it('keeps two plans of one name apart, and works before the first commit', () => {
    repo.put({ 'old/windows.md': PLAN, 'docs/plans/Ünïcode & more.md': PLAN });
    const folders = [plan, 'old/windows.md', 'docs/plans/Ünïcode & more.md'].map(
      (each) => done<{ folder: string; head: string | null }>('start', each).folder,
    );
    assert.equal(new Set(folders).size, 3);
    assert.match(folders[2] ?? '', /\.sdd[\\/]Ünïcode-more-[0-9a-f]{6}$/u);
  });

  it('cuts a task out with the global constraints, and takes nothing in a fence for a heading', () => {
    const { brief, report } = done<{ brief: string; report: string }>('brief', plan, '1');
    const text = readFileSync(brief, 'utf8');
    assert.match(text, /^## Global constraints\n\n- \*\*Latency:\*\* 20 ms\n\n### Task 1: load/u);
    assert.match(text, /only an example in a fence[\s\S]*#### Steps\n\n- \[ \] one\n$/u);
    assert.doesNotMatch(text, /baseline|File map/u);
    assert.match(report, /task-1-report\.md$/u);
    const last = readFileSync(done<{ brief: string }>('brief', plan, '10').brief, 'utf8');
    assert.match(last, /ten\n$/u);
  });

  it('reads a plan with CRLF and a byte order mark', () => {
    repo.put({ [plan]: `\uFEFF${PLAN.replaceAll('\n', '\r\n')}` });
    assert.match(
      readFileSync(done<{ brief: string }>('brief', plan, '2').brief, 'utf8'),
      /### Task 2: baseline\n\n- \[ \] two\n$/u,
    );
  });

  it('names the tasks there are when one is missing or stands there twice', () => {
    refused(['brief', plan, '3'], /No tasks are numbered 3\. Tasks of the plan: Task 1: load the events; Task 2/u);
    repo.put({ [plan]: '### Task 1: a\n\n### Task 1: b\n' });
    refused(['brief', plan, '1'], /2 tasks are numbered 1/u);
    repo.put({ [plan]: 'nothing\n' });
    refused(['brief', plan, '1'], /none \(a task begins/u);
    refused(['brief', 'none.md', '1'], /cannot be read/u);
    repo.put({ 'bytes.md': Buffer.from([0xff, 0xfe, 0x00]) });
    refused(['start', 'bytes.md'], /cannot be read/u);
  });

  describe('package', () => {
    interface Package {
      package: string;
      commits: number;
      left_out: string[];
      uncommitted: number;
    }
    const make = (...words: string[]): Package => done<Package>('package', plan, ...words);

    it('holds log, stat and the diff with ten lines of context for every commit of the range', () => {
      const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`);
      const base = repo.commit('base', { 'a.py': lines.join('\n') });
      repo.commit('change the middle', { 'a.py': lines.with(20, 'changed').join('\n') });
      repo.commit('add a file', { 'ünï name.py': 'x = 1\n', 'weights.bin': Buffer.from([0, 1, 2]) });
      const { package: path, commits } = make('task-1', base);
      const text = readFileSync(path, 'utf8');
      assert.equal(commits, 2);
      assert.match(text, /## Commits\n\n\w+ add a file\n\w+ change the middle\n/u);
      assert.match(text, /ünï name\.py +\| +1 \+/u);
      assert.match(text, /^ line 10$/mu);
      assert.doesNotMatch(text, /^ line 9$/mu);
      assert.match(text, /^\+changed$/mu);
      assert.match(text, /Binary files .*weights\.bin differ/u);
      assert.equal(repo.git('status', '--porcelain', '--untracked-files=all'), `?? ${plan}`);
    });

    it('takes root as base for the first commits', () => {
      repo.commit('first', { 'a.py': 'x = 1\n' });
      assert.match(readFileSync(make('all', 'root').package, 'utf8'), /\w+ first\n[\s\S]*^\+x = 1$/mu);
    });

    it('leaves a huge file out of the diff and says so', () => {
      const base = repo.commit('base', { 'a.py': '1\n' });
      repo.commit('much', { 'out put.ipynb': 'x\n'.repeat(4_000), 'a.py': '2\n' });
      const { package: path, left_out: left } = make('task-1', base);
      assert.deepEqual(left, ['out put.ipynb']);
      const text = readFileSync(path, 'utf8');
      assert.match(text, /Left out, over 3000 changed lines: out put\.ipynb/u);
      assert.match(text, /^\+2$/mu);
      assert.ok(text.length < 4_000);
    });

    it('runs no external diff and no text conversion of the repository', () => {
      const base = repo.commit('base', { 'a.py': '1\n', '.gitattributes': '*.py diff=evil\n' });
      repo.commit('next', { 'a.py': '2\n' });
      repo.git('config', 'diff.evil.textconv', 'touch ran; cat');
      repo.git('config', 'diff.external', 'touch ran');
      assert.match(readFileSync(make('task-1', base).package, 'utf8'), /^\+2$/mu);
      assert.doesNotMatch(repo.git('status', '--porcelain'), /ran/u);
    });

    it('counts what is not committed, since the reviewer will not see it', () => {
      const base = repo.commit('base', { 'a.py': '1\n', [plan]: PLAN });
      repo.commit('next', { 'a.py': '2\n' });
      repo.put({ 'a.py': '3\n', 'b.py': '' });
      assert.equal(make('task-1', base).uncommitted, 2);
    });

    it('refuses an empty range, unknown ends, ends on two branches and names that are paths', () => {
      refused(['package', plan, 'task-1', 'root'], /There is no commit HEAD/u);
      const base = repo.commit('base', { 'a.py': '1\n' });
      refused(['package', plan, 'task-1', base], /nothing to review/u);
      refused(['package', plan, 'task-1', 'v9'], /There is no commit v9/u);
      refused(['package', plan, '../out', base], /is no name for a file/u);
      repo.git('checkout', '--quiet', '-b', 'other');
      const other = repo.commit('other', { 'b.py': '1\n' });
      repo.git('checkout', '--quiet', 'main');
      repo.commit('next', { 'a.py': '2\n' });
      refused(['package', plan, 'task-1', other], /is not an ancestor/u);
    });
  });

  it('does not write through a .sdd that is a link', () => {
    symlinkSync(join(repo.folder, 'docs'), join(repo.folder, '.sdd'));
    refused(['start', plan], /is a link/u);
  });

  it('works in the tree it runs in, wherever the plan lies', () => {
    const base = repo.commit('base', { 'a.py': '1\n' });
    const tree = join(repo.folder, '..', 'tree');
    repo.git('worktree', 'add', '--quiet', '-b', 'work', tree);
    repo.put({ 'b.py': 'made here\n' }, tree);
    repo.git('-C', tree, 'add', 'b.py');
    repo.git('-C', tree, 'commit', '--quiet', '--message', 'in the tree');
    const words = ['package', join(repo.folder, plan), 'task-1', base];
    const { code, out, err } = repo.run('subagent-driven-development/scripts/sdd.py', words, tree);
    assert.equal(code, 0, err);
    const path = (JSON.parse(out) as { package: string }).package;
    assert.ok(path.startsWith(join(tree, '.sdd', 'windows-')), path);
    assert.match(readFileSync(path, 'utf8'), /^\+made here$/mu);
    assert.ok(!existsSync(join(repo.folder, '.sdd')));
  });

  it('says in a sentence that it runs in no repository', () => {
    const outside = join(repo.folder, '..');
    const words = ['start', join(repo.folder, plan)];
    const { code, err } = repo.run('subagent-driven-development/scripts/sdd.py', words, outside);
    assert.equal(code, 1);
    assert.match(err, /not a git repository/u);
    assert.equal(run('brief', plan).code, 2);
    assert.equal(run('--help').code, 0);
  });
});
