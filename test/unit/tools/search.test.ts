import assert from 'node:assert/strict';
import { SECRET_PATHS } from '../../../src/agent/protected-paths';
import type { SearchLine } from '../../../src/host/host';
import { glob } from '../../../src/tools/glob';
import { grep } from '../../../src/tools/grep';
import { ls } from '../../../src/tools/ls';
import { FakeSession, FOLDER, textOf } from '../../support/fake-tool-context';

const hit = (name: string, line: number, text: string, match = true): SearchLine => ({
  path: `${FOLDER}/${name}`,
  line,
  text,
  match,
});

describe('LS', () => {
  const session = new FakeSession({ files: { 'b.py': '', 'a.md': '', 'src/x.py': '', 'src/y.md': '', '.venv/z': '' } });

  it('lists folders first', async () => {
    assert.equal((await session.call(ls, {})).content, '.venv/\nsrc/\na.md\nb.py');
  });

  it('leaves out by name, by path from the workspace, and by folder', async () => {
    const list = async (input: object): Promise<unknown> => (await session.call(ls, input)).content;
    assert.equal(await list({ ignorePatterns: ['*.md', '.venv/'] }), 'src/\nb.py');
    assert.equal(await list({ directory_path: 'src', ignorePatterns: ['src/*.md'] }), 'x.py');
    assert.equal(
      await list({ directory_path: 'src', ignorePatterns: ['*'] }),
      'src has 2 entries, all of them left out by ignorePatterns.',
    );
  });

  it('stops at 500 entries and says how many more there are', async () => {
    const files = Object.fromEntries(Array.from({ length: 510 }, (_, index) => [`f${index}`, '']));
    const text = textOf(await new FakeSession({ files }).call(ls, {}));
    assert.equal(text.split('\n').length, 501);
    assert.match(text, /\[10 more entries; /);
  });

  it('says what is a file and what is not there', async () => {
    const text = async (directory_path: string): Promise<string> => textOf(await session.call(ls, { directory_path }));
    assert.equal(await text('a.md'), 'a.md is a file. Read it instead.');
    assert.equal(await text('scr'), 'There is no file or folder scr. Near it: src.');
  });
});

describe('Glob', () => {
  it('gives paths from the workspace folder, and says when there are more', async () => {
    const session = new FakeSession({ glob: { paths: [`${FOLDER}/src/a.py`, `${FOLDER}/b.py`], capped: true } });
    assert.equal(
      (await session.call(glob, { patterns: ['**/*.py'] })).content,
      'src/a.py\nb.py\n[More than 100 files match; these are the newest. Narrow the pattern.]',
    );
  });

  it('answers when nothing matches: that is no error', async () => {
    const output = await new FakeSession().call(glob, { patterns: ['*.rs', '*.go'] });
    assert.deepEqual([output.content, output.isError], ['No file matches *.rs, *.go in ..', undefined]);
  });

  it('says that the folder is not there or is a file', async () => {
    const session = new FakeSession({ files: { 'src/a': '' } });
    const text = async (folder: string): Promise<string> =>
      textOf(await session.call(glob, { patterns: ['*'], folder }));
    assert.match(await text('scr'), /^There is no file or folder scr\. Near it: src\.$/);
    assert.equal(await text('src/a'), 'src/a is a file. Give the folder to look in.');
  });
});

describe('Grep', () => {
  const found = (lines: SearchLine[], more = {}): FakeSession =>
    new FakeSession({ search: () => ({ lines, capped: false, timedOut: false, ...more }) });

  it('gives paths, counts or numbered lines', async () => {
    const lines = [hit('a.py', 3, 'x = 1'), hit('a.py', 4, 'y', false)];
    const rows = async (input: object): Promise<unknown> =>
      (await found(lines).call(grep, { pattern: 'x', ...input })).content;
    assert.equal(await rows({ output_mode: 'content' }), 'a.py:3:x = 1\na.py-4-y');
    assert.equal(await rows({ output_mode: 'content', line_numbers: false }), 'a.py:x = 1\na.py-y');
    const one = found([hit('a.py', 7, '')]);
    assert.equal((await one.call(grep, { pattern: 'x', output_mode: 'count' })).content, 'a.py:7');
    assert.equal((await one.call(grep, { pattern: 'x' })).content, 'a.py');
  });

  it('asks the host for what it was asked', async () => {
    const session = found([]);
    await session.call(grep, {
      pattern: 'x',
      path: '.',
      glob_pattern: '*.py',
      type: 'py',
      case_insensitive: true,
      context: 2,
      context_after: 5,
      head_limit: 9,
      multiline: true,
      output_mode: 'content',
    });
    assert.deepEqual(session.queries, [
      {
        pattern: 'x',
        path: FOLDER,
        glob: '*.py',
        exclude: SECRET_PATHS,
        type: 'py',
        caseInsensitive: true,
        multiline: true,
        before: 2,
        after: 5,
        output: 'content',
        limit: 9,
      },
    ]);
  });

  it('answers when nothing matches: that is no error', async () => {
    const output = await found([], { timedOut: true }).call(grep, { pattern: 'x' });
    assert.match(textOf(output), /^Nothing matches x in \.\.\n\[The search took too long/);
    assert.equal(output.isError, undefined);
  });

  it('says when it was capped', async () => {
    const output = await found([hit('a', 0, '')], { capped: true }).call(grep, { pattern: 'x', head_limit: 1 });
    assert.match(textOf(output), /\[Only the first 1 results\./);
  });

  it('keeps in a file what does not fit', async () => {
    const session = found(Array.from({ length: 250 }, (_, index) => hit('a', index + 1, 'x'.repeat(500))));
    const text = textOf(await session.call(grep, { pattern: 'x', output_mode: 'content' }));
    assert.ok(text.length < 51_000);
    assert.match(text, /\[\d+ more lines; all of it is in \/session\/call-1\.txt\]$/);
    assert.equal(session.kept.get('/session/call-1.txt')?.split('\n').length, 250);
  });
});
