import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, realpath, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { createNodeHost } from '../../../src/host/node';
import { encode, type Encoding } from '../../../src/text/encoding';
import { edit } from '../../../src/tools/edit';
import { multiEdit } from '../../../src/tools/multi-edit';
import { notebookEdit } from '../../../src/tools/notebook-edit';
import { read } from '../../../src/tools/read';
import { FakeSession, textOf } from '../../support/fake-tool-context';

const text = fc.stringMatching(/^[ab \n]{0,24}$/);
const change = fc.record(
  {
    old_str: fc.stringMatching(/^[ab \n]{1,4}$/),
    new_str: fc.stringMatching(/^[abc\n$&1]{0,4}$/),
    change_all: fc.boolean(),
  },
  { requiredKeys: ['old_str', 'new_str'] },
);

describe('an edit, whatever the file and the change', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-edit-')));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A session on the real disk that has read `a.py` with this content. */
  async function onDisk(content: Uint8Array, mode = 0o644): Promise<{ session: FakeSession; path: string }> {
    const path = join(folder, 'a.py');
    await writeFile(path, content);
    await chmod(path, mode);
    const session = new FakeSession({ host: createNodeHost({ folders: [folder] }) });
    await session.call(read, { file_path: 'a.py' });
    return { session, path };
  }

  it('is in a MultiEdit what it is alone: the same bytes, or the same refusal and no byte changed', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(change, { minLength: 1, maxLength: 4 }), async (content, changes) => {
        const [one, many] = [new FakeSession({ files: { a: content } }), new FakeSession({ files: { a: content } })];
        for (const session of [one, many]) await session.call(read, { file_path: 'a' });
        let failed: { index: number; message: string } | undefined;
        for (const [index, single] of changes.entries()) {
          const output = await one.call(edit, { file_path: 'a', ...single });
          if (output.isError) failed = { index, message: textOf(output) };
          if (failed) break;
        }
        const output = await many.call(multiEdit, { file_path: 'a', changes });
        if (failed) {
          assert.ok(textOf(output).startsWith(`changes[${failed.index}] failed`), textOf(output));
          assert.ok(textOf(output).endsWith(failed.message), textOf(output));
        } else if (one.text('a') === content) assert.match(textOf(output), /undo each other/u);
        assert.equal(many.text('a'), failed ? content : one.text('a'));
      }),
      { numRuns: 500 },
    );
  });

  const line = fc.stringMatching(/^[a-z (){}=.é]{0,12}$/);
  const file = fc.record({
    before: fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 6 }),
    after: fc.array(fc.tuple(fc.constantFrom('\n', '\r\n'), line), { maxLength: 6 }),
    encoding: fc.constantFrom<Encoding>('utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be', 'latin1'),
    mode: fc.constantFrom(0o600, 0o666, 0o775, 0o444),
  });

  it('leaves every byte around it, the mark, mixed line ends, the end of the file and the mode', async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.constantFrom('', 'new', "$& $1 $$ $` $'", '\\n\\1'), async (given, wanted) => {
        const { before, after, encoding, mode } = given;
        const build = (middle: string): Uint8Array =>
          encode({ text: [...before.flat(), middle, ...after.flat()].join(''), encoding });
        const { session, path } = await onDisk(build('é MARK HERE'), mode);
        const changes = [
          { old_str: 'MARK', new_str: 'MIDDLE' },
          { old_str: 'MIDDLE HERE', new_str: wanted },
        ];
        const output = await session.call(multiEdit, { file_path: 'a.py', changes });
        assert.notEqual(output.isError, true, textOf(output));
        assert.deepEqual(await readFile(path), Buffer.from(build(`é ${wanted}`)));
        assert.equal((await stat(path)).mode & 0o777, mode);
        await rm(path);
      }),
      { numRuns: 150 },
    );
  });

  it('touches nothing where a change fails: bytes, time and file are as they were', async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.nat(3), async ({ before, encoding }, good) => {
        const bytes = Buffer.from(encode({ text: `${before.flat().join('')}é GOOD twice twice`, encoding }));
        const { session, path } = await onDisk(bytes);
        await utimes(path, 1_000_000_000, 1_000_000_000);
        const old = await stat(path);
        const fine = Array.from({ length: good }, () => ({ old_str: 'GOOD', new_str: 'GOOD +' }));
        for (const bad of ['NOT THERE', 'twice']) {
          const changes = [...fine, { old_str: bad, new_str: 'x' }];
          const output = await session.call(multiEdit, { file_path: 'a.py', changes });
          assert.ok(textOf(output).startsWith(`changes[${good}] failed`), textOf(output));
        }
        const now = await stat(path);
        assert.deepEqual(await readFile(path), bytes);
        assert.deepEqual([now.mtimeMs, now.ctimeMs, now.ino], [old.mtimeMs, old.ctimeMs, old.ino]);
        assert.deepEqual(await readdir(folder), ['a.py']);
      }),
      { numRuns: 60 },
    );
  });
});

describe('an edit of a notebook, whatever its layout', () => {
  const hostile = fc.constantFrom(
    '',
    'x = 1\n',
    '"',
    '\\',
    '\\"',
    '{"cells": [',
    ']}',
    '\u2028é😀\n',
    '\r\n',
    '\ud800',
  );
  const layout = fc.record({
    indent: fc.constantFrom<string | number>(0, 1, 2, '\t'),
    lineEnd: fc.constantFrom('\n', '\r\n'),
  });
  const cell = fc.record({ source: fc.array(hostile, { maxLength: 4 }), output: hostile, list: fc.boolean() });
  const change = fc.record({
    mode: fc.constantFrom('insert', 'replace', 'delete', 'move'),
    at: fc.nat(),
    to: fc.nat(),
    new_source: fc.array(hostile, { maxLength: 4 }).map((parts) => parts.join('')),
    cell_type: fc.option(fc.constantFrom('code', 'markdown'), { nil: undefined }),
  });
  /** What a JSON.stringify of the parsed file would change: numbers, escapes, a key that is there twice, white space. */
  const ODD = '{"a": 1.0, "a":1e999,"b" :"\\u00e9\\/" , "c":[ ]}';

  it('leaves every other cell and all around them byte for byte, and its own cell is what was meant', async () => {
    await fc.assert(
      fc.asyncProperty(layout, fc.array(cell, { minLength: 1, maxLength: 5 }), change, async (look, given, wanted) => {
        const { indent, lineEnd } = look;
        const [newline, pad] =
          indent === 0 ? ['', ''] : [lineEnd, typeof indent === 'number' ? ' '.repeat(indent) : indent];
        const raws = given.map(({ source, output, list }, index) =>
          JSON.stringify(
            {
              id: `c${index}`,
              outputs: [output],
              metadata: 0,
              cell_type: 'code',
              execution_count: 1,
              source: list ? source : source.join(''),
            },
            null,
            indent,
          )
            .replaceAll('\n', newline + pad + pad)
            .replace(/"metadata":( ?)0/u, (_, space: string) => `"metadata":${space}${ODD}`),
        );
        const separator = `,${newline}${pad}${pad}`;
        const [head, tail] = [
          `{${newline}${pad}"cells":[${newline}${pad}${pad}`,
          `${newline}${pad}],"metadata":${ODD},"nbformat":4,"nbformat_minor":5}`,
        ];
        const build = (cells: string[]): string => head + cells.join(separator) + tail;
        const session = new FakeSession({ files: { 'n.ipynb': build(raws) } });
        await session.call(read, { file_path: 'n.ipynb' });
        const { mode, new_source, cell_type } = wanted;
        const [at, to] = [wanted.at % raws.length, wanted.to % raws.length];
        const after = to === 0 ? 'start' : `c${to - 1}`;
        const output = await session.call(notebookEdit, {
          file_path: 'n.ipynb',
          mode,
          ...(mode === 'insert' ? { after } : { cell_id: `c${at}` }),
          ...(mode === 'move' ? { after } : {}),
          ...(mode === 'insert' || mode === 'replace' ? { new_source, cell_type } : {}),
        });
        const text = session.text('n.ipynb');
        if (output.isError) {
          assert.match(textOf(output), /nothing to (?:change|move)\.$/u);
          return assert.equal(text, build(raws));
        }
        if (mode === 'delete')
          return assert.equal(
            text,
            raws.length === 1
              ? `{${newline}${pad}"cells":[]${tail.slice(tail.indexOf(']') + 1)}`
              : build(raws.toSpliced(at, 1)),
          );
        if (mode === 'move') {
          const rest = raws.toSpliced(at, 1);
          return assert.equal(text, build(rest.toSpliced(to > at ? to - 1 : to, 0, raws[at] ?? '')));
        }
        const place = mode === 'insert' ? to : at;
        const [before, behind] = [raws.slice(0, place), raws.slice(mode === 'insert' ? place : place + 1)];
        assert.ok(text.startsWith(head + before.map((raw) => raw + separator).join('')));
        assert.ok(text.endsWith(behind.map((raw) => separator + raw).join('') + tail));
        const now = (
          JSON.parse(text) as { cells: { source: string | string[]; cell_type: string; outputs?: string[] }[] }
        ).cells[place];
        assert.equal([now?.source].flat().join(''), new_source.replaceAll('\r\n', '\n'));
        assert.equal(now?.cell_type, cell_type ?? 'code');
        assert.deepEqual(
          now?.outputs,
          now?.cell_type !== 'code' ? undefined : mode === 'insert' ? [] : [given[at]?.output],
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
