import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { ToolError } from '../../src/agent/tool';
import type { CommandRequest, GlobQuery, Host, SearchQuery } from '../../src/host/host';

/** A host over an empty workspace folder of its own. */
export interface HostUnderTest {
  host: Host;
  /** Absolute and resolved. */
  folder: string;
  close?(): Promise<void>;
}

/** What a host can do beside holding files; what it lacks is not asked of it. */
export interface Powers {
  /** Starts programs, and honours ignore files as ripgrep does. */
  programs: boolean;
}

const BYTES = {
  'plain text': Buffer.from('a\nb\n'),
  'no final newline': Buffer.from('a\nb'),
  'Windows line ends': Buffer.from('a\r\nb\r\n'),
  'a byte mark': Buffer.from('\ufeffa\n'),
  'UTF-16': Buffer.from('\ufeffä\n', 'utf16le'),
  'bytes that are no text': Buffer.from([0, 255, 254, 1, 128, 10]),
  nothing: Buffer.alloc(0),
};

const glob = (folder: string, more: Partial<GlobQuery>): GlobQuery => ({
  folder,
  patterns: ['**/*'],
  exclude: [],
  limit: 100,
  ...more,
});
const search = (path: string, more: Partial<SearchQuery>): SearchQuery => ({
  pattern: 'needle',
  path,
  caseInsensitive: false,
  multiline: false,
  before: 0,
  after: 0,
  output: 'content',
  limit: 100,
  ...more,
});

/** What every host owes the tools. Registers mocha tests; `open` is called before each. */
export function describeHost(name: string, { programs }: Powers, open: () => Promise<HostUnderTest>): void {
  describe(`the contract of a host, kept by ${name}`, () => {
    const { signal } = new AbortController();
    let under: HostUnderTest;
    let host: Host;
    const at = (path: string): string => `${under.folder}/${path}`;
    const put = (path: string, text: string): Promise<void> => host.write(at(path), Buffer.from(text));
    const textAt = async (path: string): Promise<string | undefined> => {
      const found = await host.read(at(path));
      return found && Buffer.from(found.bytes).toString();
    };
    beforeEach(async () => {
      under = await open();
      ({ host } = under);
    });
    afterEach(() => under.close?.());

    it('resolves relative paths and .. against the first folder, and tells inside from outside', async () => {
      const inside = { path: at('b.py'), shown: 'b.py', inside: true };
      assert.deepEqual(await host.locate('b.py'), inside);
      assert.deepEqual(await host.locate('sub/../b.py'), inside);
      assert.deepEqual(await host.locate(at('./b.py')), inside);
      assert.equal((await host.locate('.')).shown, '.');
      assert.equal((await host.locate('../elsewhere')).inside, false);
      assert.equal((await host.locate(`${under.folder}-twin/b.py`)).inside, false);
    });

    for (const [what, bytes] of Object.entries(BYTES)) {
      it(`gives back ${what} byte for byte`, async () => {
        await host.write(at('deep/er/file'), bytes);
        assert.ok(Buffer.from((await host.read(at('deep/er/file')))?.bytes ?? []).equals(bytes));
        assert.equal((await host.stat(at('deep/er/file')))?.size, bytes.length);
      });
    }

    it('knows files from folders, and nothing of what is not there', async () => {
      await put('sub/a.py', 'x');
      assert.equal((await host.stat(at('sub/a.py')))?.type, 'file');
      assert.equal((await host.stat(at('sub')))?.type, 'directory');
      assert.equal(await host.stat(at('sub/b.py')), undefined);
      assert.equal(await host.stat(at('sub/a.py/b')), undefined);
      assert.equal(await host.read(at('sub/b.py')), undefined);
      assert.equal(await host.read(at('sub')), undefined);
    });

    it('replaces a file whole, and deletes one for null, also one that is not there', async () => {
      await put('a.py', 'a longer text than what follows');
      await put('a.py', 'short');
      assert.equal(await textAt('a.py'), 'short');
      await host.write(at('a.py'), null);
      assert.equal(await host.stat(at('a.py')), undefined);
      await host.write(at('a.py'), null);
    });

    it('refuses to write below a file, saying so, and leaves it', async () => {
      await put('a.py', 'stays');
      await assert.rejects(
        put('a.py/b.py', 'x'),
        (error) => error instanceof ToolError && /a file/u.test(error.message),
      );
      assert.equal(await textAt('a.py'), 'stays');
    });

    it('lists folders first, each part by name', async () => {
      for (const path of ['b.py', 'a.py', 'z/x.py', 'c/x.py']) await put(path, 'x');
      assert.deepEqual(
        (await host.list(under.folder)).map((entry) => `${entry.name} ${entry.type}`),
        ['c directory', 'z directory', 'a.py file', 'b.py file'],
      );
    });

    it('globs by patterns without what is excluded, and says when there are more', async () => {
      for (const path of ['a.py', 'b.py', 'sub/c.py', 'sub/d.txt']) await put(path, 'x');
      const found = await host.glob(glob(under.folder, { patterns: ['**/*.py'], exclude: ['b.py'] }), signal);
      assert.deepEqual(found.paths.toSorted(), [at('a.py'), at('sub/c.py')]);
      assert.equal(found.capped, false);
      const capped = await host.glob(glob(under.folder, { limit: 2 }), signal);
      assert.deepEqual([capped.paths.length, capped.capped], [2, true]);
    });

    it('searches lines with their numbers, counts, and files', async () => {
      await put('a.py', 'one\nneedle\nthree needle needle\n');
      await put('sub/b.py', 'nothing here\n');
      const lines = async (more: Partial<SearchQuery>): Promise<string[]> => {
        const result = await host.search(search(under.folder, more), signal);
        return result.lines.map(({ path, line, text, match }) => `${path} ${line} ${text.trim()} ${match}`);
      };
      assert.deepEqual(await lines({}), [`${at('a.py')} 2 needle true`, `${at('a.py')} 3 three needle needle true`]);
      assert.deepEqual(await lines({ pattern: 'NEEDLE' }), []);
      assert.equal((await lines({ pattern: 'NEEDLE', caseInsensitive: true })).length, 2);
      assert.deepEqual(await lines({ pattern: '^needle', before: 1 }), [
        `${at('a.py')} 1 one false`,
        `${at('a.py')} 2 needle true`,
      ]);
      const files = await host.search(search(under.folder, { output: 'files' }), signal);
      assert.deepEqual(
        files.lines.map(({ path }) => path),
        [at('a.py')],
      );
    });

    it('answers a bad regular expression with what is wrong with it', async () => {
      await put('a.py', 'x\n');
      await assert.rejects(
        host.search(search(under.folder, { pattern: '(open' }), signal),
        (error) => error instanceof ToolError && /unclosed group|Unterminated group/u.test(error.message),
      );
    });

    it('reports nothing for a file that no language service looks at', async () => {
      await put('a.unknown', 'x');
      assert.deepEqual(await host.diagnostics(at('a.unknown'), 'now'), []);
    });

    it('names the day and the system', async () => {
      const facts = await host.environment();
      assert.match(facts.date, /^\d{4}-\d\d-\d\d$/u);
      assert.notEqual(facts.os, '');
    });

    if (!programs) return;

    const run = (command: string, more: Partial<CommandRequest> = {}, until = signal): ReturnType<Host['run']> =>
      host.run(
        { command, cwd: under.folder, timeoutMs: 20_000, title: 'a test', onOutput: () => undefined, ...more },
        until,
      );

    it('judges a link by where it leads', async () => {
      await run('ln -s /etc out && mkdir sub && ln -s sub in');
      assert.equal((await host.locate('out/hosts')).inside, false);
      assert.deepEqual(await host.locate('in/x'), {
        path: at('sub/x'),
        shown: 'sub/x',
        inside: true,
        given: 'in/x',
      });
    });

    it('keeps the mode of a file that is written', async () => {
      await put('run.sh', 'echo one\n');
      await run('chmod 750 run.sh');
      await put('run.sh', 'echo two\n');
      assert.match((await run('stat -c %a run.sh || stat -f %Lp run.sh')).output, /^750/u);
    });

    it('leaves out what is ignored and what version control keeps for itself', async () => {
      await run('git init -q .');
      for (const path of ['.gitignore', 'kept.py', 'skipped.log', 'sub/skipped.log'])
        await put(path, '*.log\n# needle\n');
      const { paths } = await host.glob(glob(under.folder, { patterns: ['**/*.py', '**/config', '*.md'] }), signal);
      assert.deepEqual(paths, [at('kept.py')]);
      const found = await host.search(search(under.folder, { output: 'files' }), signal);
      assert.ok(!found.lines.some(({ path }) => /skipped|\.git\//u.test(path)));
    });

    it('brings back nothing that is ignored, hidden or secret, whatever the pattern names', async () => {
      await run('git init -q . && mkdir -p out .github && echo out/ > .gitignore');
      for (const path of ['out/a.log', 'b.log', '.env', '.github/ci.yml', 'key.pem', 'sub/c.py'])
        await put(path, 'needle\n');
      const globbed = async (...patterns: string[]): Promise<string[]> =>
        (await host.glob(glob(under.folder, { patterns }), signal)).paths.toSorted();
      assert.deepEqual(await globbed('**/*.log'), [at('b.log')]);
      assert.deepEqual(await globbed('out/**', '.git/**'), []);
      assert.deepEqual(await globbed('.github/*.yml'), [at('.github/ci.yml')]);
      assert.deepEqual(await globbed('*.py'), [at('sub/c.py')]);
      const hits = async (more: Partial<SearchQuery>): Promise<string[]> =>
        (
          await host.search(
            search(under.folder, { output: 'files', exclude: ['**/*.pem', '**/.env'], ...more }),
            signal,
          )
        ).lines.map(({ path }) => path);
      assert.deepEqual(await hits({}), [at('b.log'), at('sub/c.py')]);
      assert.deepEqual(await hits({ glob: '*.log' }), [at('b.log')]);
      assert.deepEqual(await hits({ glob: 'sub/*.py' }), [at('sub/c.py')]);
      assert.deepEqual(await hits({ glob: 'other/*.py' }), []);
      assert.deepEqual(await hits({ glob: '!*.log' }), [at('sub/c.py')]);
      assert.deepEqual(await hits({ glob: '*.{py,md}' }), [at('sub/c.py')]);
      assert.deepEqual(await hits({ glob: '.env' }), []);
      assert.deepEqual(await hits({ type: 'py' }), [at('sub/c.py')]);
      await assert.rejects(hits({ type: 'nothing' }), /unrecognized file type/u);
    });

    it('says which line of .agentignore names a path or a word, and finds and lists none of what is named', async () => {
      for (const path of ['a.py', 'sub/b.py', 'private/c.py']) await put(path, 'needle\n');
      await put('.agentignore', '/a.py\nprivate/\n');
      assert.equal((await host.locate('private/c.py')).ignored, 'line 2 of .agentignore (private/)');
      assert.equal((await host.locate('sub/b.py')).ignored, undefined);
      assert.equal(await host.ignores(['cat', '*.py'], under.folder), 'line 1 of .agentignore (/a.py)');
      assert.equal(await host.ignores(['cat', 'a.py'], at('sub')), undefined);
      assert.deepEqual(
        (await host.list(under.folder)).map(({ name }) => name),
        ['sub', '.agentignore'],
      );
      assert.deepEqual((await host.glob(glob(under.folder, { patterns: ['**/*.py'] }), signal)).paths, [
        at('sub/b.py'),
      ]);
      const { lines } = await host.search(search(under.folder, { output: 'files' }), signal);
      assert.deepEqual(
        lines.map(({ path }) => path),
        [at('sub/b.py')],
      );
    });

    it('cuts a long line between characters, and gives counts, odd names and Windows lines right', async () => {
      await put('wide.txt', `${'x'.repeat(499)}${'\u{1f600}'.repeat(20)} needle\n`);
      await put('od d\tname.txt', 'one\r\nneedle needle\r\n');
      const { lines } = await host.search(search(under.folder, {}), signal);
      assert.deepEqual(
        lines.map(({ path, text }) => [path, text]),
        [
          [at('od d\tname.txt'), 'needle needle'],
          [at('wide.txt'), `${'x'.repeat(499)} [line cut, 546 characters]`],
        ],
      );
      const counted = await host.search(search(under.folder, { output: 'count' }), signal);
      assert.deepEqual(
        counted.lines.map(({ line }) => line),
        [2, 1],
      );
    });

    it('gives what a command prints as it comes, both streams in order, and its exit code', async () => {
      let live = '';
      const result = await run('echo out; echo err >&2; echo out again; exit 3', {
        onOutput: (text) => (live += text),
      });
      assert.deepEqual([result.output, result.exitCode, result.timedOut], ['out\nerr\nout again\n', 3, false]);
      assert.equal(live, result.output);
    });

    it('ends a command with all it started, at once on stop and at its time limit', async () => {
      const started = Date.now();
      const stopped = new AbortController();
      setTimeout(() => stopped.abort(), 300);
      const work = run('sleep 61.25 & sleep 61.25; echo after', {}, stopped.signal);
      await work.catch(() => undefined);
      assert.ok(Date.now() - started < 5_000);
      const limited = await run('sleep 61.25 & sleep 61.25', { timeoutMs: 300 });
      assert.equal(limited.timedOut, true);
      assert.equal((await run("ps -eo args | grep -c '^sleep 61.2[5]' || true")).output.trim(), '0');
    });

    it('lets a command that has a log outlast its time, keeps all it prints there, and stops it with all it started', async () => {
      await put('on.log', '');
      const command = 'echo first; sleep 0.6; printf "1%%\\r2%%\\r3%%\\n"; sleep 62.25 & sleep 62.25';
      const result = await run(command, { timeoutMs: 300, openLog: async () => at('on.log') });
      assert.deepEqual([result.output, result.background?.command], ['first\n', command]);
      const id = result.background?.id ?? 0;
      while ((await textAt('on.log'))?.includes('3%') !== true) await delay(50);
      assert.equal(await textAt('on.log'), 'first\n3%\n');
      assert.equal(host.background().find((one) => one.id === id)?.ended, undefined);
      assert.ok((await host.stopBackground(id))?.ended);
      assert.equal((await run("ps -eo args | grep -c '^sleep 62.2[5]' || true")).output.trim(), '0');
      assert.equal(await host.stopBackground(999), undefined);
    });

    it('tells how a background command ended, and holds a small part of a large output only', async () => {
      await put('on.log', '');
      const command = 'sleep 0.3; seq 1 8000000; echo end; exit 4';
      const before = process.memoryUsage().rss;
      const result = await run(command, { timeoutMs: 100, openLog: async () => at('on.log') });
      while (!result.background?.ended) await delay(50);
      assert.equal(result.background.ended.exitCode, 4);
      const text = (await textAt('on.log')) ?? '';
      assert.equal(text.length, 62_888_897 + 'end\n'.length - 1, text.slice(-20));
      assert.ok(text.startsWith('1\n2\n') && text.endsWith('\n8000000\nend\n'));
      assert.ok(process.memoryUsage().rss - before < 400_000_000);
    });

    it('hands a command no key and nothing of the program that starts it', async () => {
      const names = ['ANTHROPIC_API_KEY', 'NODE_OPTIONS', 'VSCODE_PID', 'ELECTRON_RUN_AS_NODE', 'GIT_ASKPASS'];
      const before = names.map((name) => [name, process.env[name]] as const);
      for (const name of names) process.env[name] = name === 'NODE_OPTIONS' ? '--no-warnings' : 'leaked';
      try {
        const { output } = await run('env');
        assert.doesNotMatch(output, /leaked|--no-warnings/u);
        assert.match(output, /^PATH=/mu);
      } finally {
        for (const [name, value] of before)
          if (value === undefined) delete process.env[name];
          else process.env[name] = value;
      }
    });
  });
}
