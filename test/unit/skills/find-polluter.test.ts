import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { python, type Ended } from '../../support/python';

const root = resolve(__dirname, '../../..');
const script = join(root, 'skills/root-cause-tracing/scripts/find_polluter.py');
const UNITTEST = 'python3 -m unittest {}';
const MOCHA = `node ${join(root, 'node_modules/mocha/bin/mocha.js')} {}`;

const clean = 'import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertTrue(True)\n';
const leaving = (path: string): string =>
  `import unittest, os\nclass T(unittest.TestCase):\n    def test(self): os.makedirs(${JSON.stringify(path)})\n`;

describe('find_polluter', function () {
  this.timeout(60_000);
  let folder: string;
  const put = async (files: Record<string, string>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  };
  const find = (...args: string[]): Promise<Ended> => python([script, ...args], folder);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polluter of '));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('names the test file that leaves a path behind, stops there and leaves the trace', async () => {
    await put({ 'tests/test_a.py': clean, 'tests/test_b.py': leaving('.cache'), 'tests/test_c.py': leaving('later') });
    const { code, stdout, stderr } = await find('--path', '.cache', '--run', UNITTEST, 'tests/test_*.py');
    assert.equal(code, 1, stderr);
    assert.equal(stdout, 'tests/test_b.py\n');
    assert.match(stderr, /\[2\/3\] tests\/test_b\.py\n\.cache is there after tests\/test_b\.py/u);
    assert.ok(existsSync(join(folder, '.cache')));
    assert.ok(!existsSync(join(folder, 'later')));
  });

  it('ends with 0 when no file leaves it', async () => {
    await put({ 'test_a.py': clean });
    const { code, stdout, stderr } = await find('--path', 'x', '--run', UNITTEST, 'test_*.py');
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /when it runs alone/u);
  });

  it('works with mocha', async () => {
    await put({
      'a.test.cjs': "it('a', () => {});",
      'b.test.cjs': "it('b', () => require('node:fs').mkdirSync('left'));",
    });
    assert.equal((await find('--path', 'left', '--run', MOCHA, '*.test.cjs')).stdout, 'b.test.cjs\n');
  });

  it('finds files at every depth of **, none included, and takes ./ for what it is, each file once', async () => {
    await put({ 'tests/test_top.py': clean, 'tests/deep/er/test_low.py': clean });
    const run = "python3 -c \"import sys; open('seen', 'a').write(sys.argv[1] + chr(10))\" {}";
    const { code, stderr } = await find('--path', 'x', '--run', run, './tests/**/test_*.py', 'tests/test_top.py');
    assert.equal(code, 0, stderr);
    assert.deepEqual(stderr.match(/^\[.*$/gmu), ['[1/2] tests/deep/er/test_low.py', '[2/2] tests/test_top.py']);
  });

  it('keeps blanks, brackets, braces and leading dashes of names', async () => {
    const names = ['my test.py', 'test_[1].py', 'test_{}.py', '-test.py', 'it\'s "$HOME".py'];
    await put(Object.fromEntries(names.map((name) => [name, ''])));
    const run = 'python3 -c "import os, sys; assert os.path.isfile(sys.argv[1]); print(sys.argv)" {}';
    const { code, stderr } = await find('--path', 'x', '--run', run, '--', ...names);
    assert.equal(code, 0, stderr);
    assert.equal(stderr.match(/^\[/gmu)?.length, names.length);
    assert.doesNotMatch(stderr, /did not end with 0/u);
  });

  it('gives the dotted name where it is asked for', async () => {
    await put({ 'pkg/__init__.py': '', 'pkg/test_a.py': leaving('left') });
    const { stdout } = await find('--path', 'left', '--run', 'python3 -m unittest {module}', 'pkg/test_a.py');
    assert.equal(stdout, 'pkg/test_a.py\n');
  });

  it('finds it also in a file whose tests fail, and through a link that leads nowhere', async () => {
    await put({ 'test_a.py': 'import os\nos.symlink("/nowhere", "left")\nraise SystemExit(1)\n' });
    const { code, stderr } = await find('--path', 'left', '--run', 'python3 {}', 'test_a.py');
    assert.equal(code, 1);
    assert.match(stderr, /its run did not end with 0/u);
  });

  it('asks a check instead of a path, for state that is no file', async () => {
    await put({ state: 'good', 'a.py': '', 'b.py': "open('state', 'w').write('bad')" });
    const check = "python3 -c \"import sys; sys.exit(open('state').read() != 'good')\"";
    const { code, stdout, stderr } = await find('--check', check, '--run', 'python3 {}', '?.py');
    assert.deepEqual([code, stdout], [1, 'b.py\n']);
    assert.match(stderr, /the check ended with 1 after b\.py/u);
  });

  describe('cannot tell, and says why, when', () => {
    const cases: Array<[string, RegExp, string[]]> = [
      [
        'the trace was there before',
        /^Cannot tell: old is there before the first test ran/u,
        ['--path', 'old', '?.py'],
      ],
      ['a dead link was there before', /^Cannot tell: dead is there/u, ['--path', 'dead', '?.py']],
      ['the check fails at the start', /^Cannot tell: the check ended with 1/u, ['--check', 'false', '?.py']],
      ['no file was given', /^Cannot tell: no test file was given/u, ['--path', 'x']],
      ['no file matches', /^Cannot tell: no file matches none\*\.py/u, ['--path', 'x', 'none*.py']],
      ['only folders match', /^Cannot tell: no file matches fold/u, ['--path', 'x', 'fold']],
    ];
    for (const [when, message, args] of cases)
      it(when, async () => {
        await put({ 'a.py': '', old: '', 'fold/x': '' });
        await symlink('/nowhere', join(folder, 'dead'));
        const { code, stdout, stderr } = await find('--run', 'python3 {}', ...args);
        assert.deepEqual([code, stdout], [2, '']);
        assert.match(stderr, message);
      });

    it('every run failed, and it shows what the last one printed', async () => {
      await put({ 'a.py': "raise SystemExit('no such fixture')", 'b.py': 'raise SystemExit(5)' });
      const { code, stderr } = await find('--path', 'x', '--run', 'python3 {}', 'b.py', 'a.py');
      assert.equal(code, 2);
      assert.match(stderr, /no run ended with 0.*\nno such fixture/u);
    });

    it('there is no such program', async () => {
      await put({ 'a.py': '' });
      const { code, stderr } = await find('--path', 'x', '--run', 'no-such-runner {}', 'a.py');
      assert.equal(code, 2);
      assert.match(stderr, /there is no program no-such-runner/u);
    });

    it('a run did not end in its time, and nothing of it goes on', async () => {
      const beat = 'import time\nwhile True: open("beat", "a").write("x"); time.sleep(0.01)';
      await put({
        'a.py': '',
        'b.py': `import subprocess, sys; subprocess.run([sys.executable, "-c", ${JSON.stringify(beat)}])`,
      });
      const { code, stderr } = await find('--path', 'x', '--timeout', '2', '--run', 'python3 {}', 'a.py', 'b.py');
      assert.equal(code, 2);
      assert.match(stderr, /1 of 2 runs did not end within 2 s/u);
      const beats = async (): Promise<number> => (await stat(join(folder, 'beat'))).size;
      const then = await beats();
      await delay(300);
      assert.equal(await beats(), then);
    });

    it('the command is incomplete', async () => {
      for (const args of [
        ['--path', 'x', '--run', 'python3', 'a.py'],
        ['--run', 'python3 {}', 'a.py'],
        ['--path', '', '--run', 'python3 {}', 'a.py'],
      ])
        assert.equal((await find(...args)).code, 2);
    });
  });

  it('does not wait for what a test started in the background', async () => {
    const start = 'import subprocess, sys; subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])';
    await put({ 'a.py': start });
    const started = Date.now();
    assert.equal((await find('--path', 'x', '--run', 'python3 {}', 'a.py')).code, 0);
    assert.ok(Date.now() - started < 60_000);
  });
});
