import assert from 'node:assert/strict';
import fc from 'fast-check';
import { create } from '../../../src/tools/create';
import { edit } from '../../../src/tools/edit';
import { read } from '../../../src/tools/read';
import { encode, type Encoding } from '../../../src/text/encoding';
import { FakeSession, textOf, type FakeOptions } from '../../support/fake-tool-context';

async function opened(content: string | Uint8Array, options: FakeOptions = {}): Promise<FakeSession> {
  const session = new FakeSession({ ...options, files: { 'a.py': content } });
  await session.call(read, { file_path: 'a.py' });
  return session;
}
const change = (old_str: string, new_str: string, more: object = {}): object => ({
  file_path: 'a.py',
  old_str,
  new_str,
  ...more,
});

describe('Edit', () => {
  it('changes the one place and shows its lines as they now are', async () => {
    const session = await opened('a\nb\nc\n');
    const output = await session.call(edit, change('b', 'B1\nB2'));
    assert.equal(session.text('a.py'), 'a\nB1\nB2\nc\n');
    assert.equal(output.content, 'Edited a.py (+2 -1).\n 1\ta\n+2\tB1\n+3\tB2\n 4\tc');
    assert.deepEqual(output.view, {
      kind: 'diff',
      path: session.absolute('a.py'),
      diff: '@@ -1,3 +1,4 @@\n a\n-b\n+B1\n+B2\n c',
      added: 2,
      removed: 1,
    });
    assert.equal(session.changes.length, 1);
  });

  it('refuses a file that was not read, and leaves it', async () => {
    const session = new FakeSession({ files: { 'a.py': 'b' } });
    const output = await session.call(edit, change('b', 'c'));
    assert.equal(
      output.content,
      'a.py was not read in this session. Read it first, so that the edit rests on what it says.',
    );
    assert.equal(session.text('a.py'), 'b');
  });

  it('names the lines of several places, and changes them all when told to', async () => {
    const session = await opened('x = 1\ny = 2\nx = 1\n');
    const output = await session.call(edit, change('x = 1', 'x = 3'));
    assert.match(textOf(output), /^old_str stands 2 times in a\.py, at lines 1, 3\. /);
    await session.call(edit, change('x = 1', 'x = 3', { change_all: true }));
    assert.equal(session.text('a.py'), 'x = 3\ny = 2\nx = 3\n');
  });

  it('shows the closest region and what differs when nothing matches', async () => {
    const session = await opened('import os\n\ndef train(rate):\n    loss = step(rate)\n    return loss\n');
    const output = await session.call(edit, change('def train(rate):\n    loss = stop(rate)\n    return loss', ''));
    assert.equal(
      output.content,
      [
        'old_str does not stand in a.py. The closest text is at lines 3 to 5:',
        '3\tdef train(rate):',
        '4\t    loss = step(rate)',
        '5\t    return loss',
        'First difference, line 4:',
        '  in the file: "    loss = step(rate)"',
        '  in old_str:  "    loss = stop(rate)"',
      ].join('\n'),
    );
  });

  it('never replaces by likeness: other indentation is no match', async () => {
    const session = await opened('if x:\n    y()\n    z()\n');
    const output = await session.call(edit, change('  y()\n  z()', 'w()'));
    assert.equal(output.isError, true);
    assert.match(textOf(output), /in the file: {1}" {4}y\(\)"\n {2}in old_str: {2}" {2}y\(\)"$/);
  });

  it('says that nothing is alike', async () => {
    const output = await (await opened('abc\n')).call(edit, change('something else altogether', 'x'));
    assert.equal(output.content, 'old_str does not stand in a.py, and nothing like it. Read the file again.');
  });

  it('refuses what changes nothing', async () => {
    const session = await opened('a\nb\n');
    assert.match(textOf(await session.call(edit, change('a', 'a'))), /are the same/);
    assert.match(textOf(await session.call(edit, change('a  \nb', 'a\nb'))), /already reads as new_str/);
    assert.equal(session.changes.length, 0);
  });

  it('forgives line ends, trailing spaces and a byte order mark, and nothing else', async () => {
    const session = await opened('a  \r\nb\t\r\nc\r\n');
    await session.call(edit, change('\ufeffa\nb', 'x\ny'));
    assert.equal(session.text('a.py'), 'x\r\ny\t\r\nc\r\n');
  });

  it('takes the replacement literally', async () => {
    const session = await opened('a\n');
    await session.call(edit, change('a', "$& $1 $$ $` $'"));
    assert.equal(session.text('a.py'), "$& $1 $$ $` $'\n");
  });

  it('still edits a unique place of a file that changed since, and says so', async () => {
    const session = await opened('a\nb\n');
    session.put('a.py', 'new\na\nb\n');
    const output = await session.call(edit, change('b', 'c'));
    assert.match(textOf(output), /It had changed since it was read; old_str still stood there once\./);
    assert.equal(session.text('a.py'), 'new\na\nc\n');
  });

  it('changes no several places of a file that changed since', async () => {
    const session = await opened('b\n');
    session.put('a.py', 'b\nb\n');
    const output = await session.call(edit, change('b', 'c', { change_all: true }));
    assert.match(textOf(output), /has changed since it was read, and old_str stands 2 times in it, at lines 1, 2\./);
    assert.equal(session.text('a.py'), 'b\nb\n');
  });

  it('may be followed by another edit without a new read', async () => {
    const session = await opened('a\n');
    await session.call(edit, change('a', 'b'));
    assert.doesNotMatch(textOf(await session.call(edit, change('b', 'c'))), /had changed/);
  });

  it('rests on unsaved text, and keeps it as what undo goes back to', async () => {
    const session = await opened('disk\n', { unsaved: { 'a.py': 'typed\n' } });
    const output = await session.call(edit, change('typed', 'edited'));
    assert.doesNotMatch(textOf(output), /had changed/);
    assert.equal(session.text('a.py'), 'edited\n');
    assert.equal(Buffer.from(session.images[0]?.before ?? []).toString(), 'typed\n');
  });

  it('refuses a notebook and names NotebookEdit', async () => {
    const session = new FakeSession({ files: { 'a.ipynb': '{"cells":[]}' } });
    const output = await session.call(edit, { file_path: 'a.ipynb', old_str: 'a', new_str: 'b' });
    assert.match(textOf(output), /^a\.ipynb is a notebook: its cells are edited with NotebookEdit/);
  });

  it('refuses a binary file and a missing one', async () => {
    const session = await opened(Buffer.from('a\u0000b'));
    assert.equal((await session.call(edit, change('a', 'c'))).content, 'a.py is not text.');
    const missing = await session.call(edit, { ...change('a', 'c'), file_path: 'b.py' });
    assert.match(textOf(missing), /^There is no file or folder b\.py\. Near it: a\.py\.$/);
  });

  it('refuses a character that the encoding of the file does not have', async () => {
    const bytes = Buffer.from('café', 'latin1');
    const session = await opened(bytes);
    assert.equal(
      (await session.call(edit, change('caf', '★'))).content,
      'a.py: the file is Latin-1, which has no "★".',
    );
    assert.deepEqual(session.bytes('a.py'), bytes);
  });

  it('gives the problems that were not there before, and only those', async () => {
    const old = { severity: 'warning' as const, line: 1, message: 'unused' };
    const session = await opened('a\nb\n', {
      diagnostics: {
        now: [old],
        after: [{ ...old, line: 5 }, old, { severity: 'error', line: 2, message: 'no y', source: 'pyright' }],
      },
    });
    const text = textOf(await session.call(edit, change('b', 'y')));
    assert.ok(
      text.endsWith('New problems reported for this file:\n1: warning: unused\n2: error: no y (pyright)'),
      text,
    );
  });

  it('passes on what the host says of a write that failed', async () => {
    const session = await opened('a\n', { failingWrite: new Error('EROFS') });
    await assert.rejects(session.call(edit, change('a', 'b')), /EROFS/);
    assert.equal(session.text('a.py'), 'a\n');
  });

  it('bounds what it shows of a large change', async () => {
    const session = await opened('x\n'.repeat(300));
    const text = textOf(await session.call(edit, change('x', 'y', { change_all: true })));
    assert.match(text, /\[200 more lines around changes\]$/);
  });

  it('previews the diff without changing anything', async () => {
    const session = await opened('a\n');
    const preview = await edit.preview?.(edit.input.parse(change('a', 'b')), session.context());
    assert.deepEqual(preview, { title: 'Edit a.py', body: '@@ -1,1 +1,1 @@\n-a\n+b', language: 'diff' });
    assert.equal(session.text('a.py'), 'a\n');
  });

  const line = fc.stringMatching(/^[a-z (){}=.é]{0,12}$/);
  const file = fc.record({
    lines: fc.array(line, { minLength: 1, maxLength: 8 }),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    encoding: fc.constantFrom<Encoding>('utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be', 'latin1'),
    finalNewline: fc.boolean(),
  });

  it('keeps line ends, mark, encoding and the end of the file, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.array(line, { minLength: 1, maxLength: 3 }), async (given, added) => {
        const { lineEnd, encoding } = given;
        const end = given.finalNewline ? lineEnd : '';
        const build = (middle: string[]): Uint8Array =>
          encode({ text: [...given.lines, ...middle, 'é last'].join(lineEnd) + end, encoding });
        const session = await opened(build(['MARK', 'HERE']));
        const output = await session.call(edit, change('MARK\nHERE', added.join('\n')));
        assert.notEqual(output.isError, true, textOf(output));
        assert.deepEqual(session.bytes('a.py'), Buffer.from(build(added)));
      }),
    );
  });

  it('leaves the bytes as they were when it fails', async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.string(), fc.boolean(), async (given, replacement, all) => {
        const bytes = encode({
          text: [...given.lines, 'é twice', 'é twice'].join(given.lineEnd),
          encoding: given.encoding,
        });
        const session = await opened(bytes);
        const calls = [change('NOT THERE', replacement, { change_all: all }), change('é twice', `${replacement}!`)];
        for (const input of calls) assert.equal((await session.call(edit, input)).isError, true);
        assert.deepEqual(session.bytes('a.py'), Buffer.from(bytes));
        assert.equal(session.changes.length, 0);
      }),
    );
  });
});

describe('Create', () => {
  it('makes a file, with its diff for people and no echo for the model', async () => {
    const session = new FakeSession();
    const output = await session.call(create, { file_path: 'src/new.py', content: 'a\nb\n' });
    assert.equal(session.text('src/new.py'), 'a\nb\n');
    assert.equal(output.content, 'Created src/new.py (+2 -0).');
    assert.equal(session.changes[0]?.before, null);
    assert.equal(output.view?.kind, 'diff');
  });

  it('does not overwrite what was not read, or changed since', async () => {
    const session = new FakeSession({ files: { 'a.py': 'old' } });
    const unread = await session.call(create, { file_path: 'a.py', content: 'new' });
    assert.equal(unread.content, 'a.py exists and was not read in this session. Read it, then change it with Edit.');
    await session.call(read, { file_path: 'a.py' });
    session.put('a.py', 'other');
    const changed = await session.call(create, { file_path: 'a.py', content: 'new' });
    assert.equal(changed.content, 'a.py has changed since it was read. Read it again, then change it with Edit.');
    assert.equal(session.text('a.py'), 'other');
  });

  it('overwrites what was read, and shows the lines that changed', async () => {
    const session = new FakeSession({ files: { 'a.py': 'a\nb\n' } });
    await session.call(read, { file_path: 'a.py' });
    const output = await session.call(create, { file_path: 'a.py', content: 'a\nc\n' });
    assert.equal(output.content, 'Edited a.py (+1 -1).\n 1\ta\n+2\tc');
  });

  it('does not overwrite what the user typed and the model did not see', async () => {
    const files = { 'a.py': 'disk' };
    const session = new FakeSession({ files });
    await session.call(read, { file_path: 'a.py' });
    const unsaved: Record<string, string> = {};
    const later = new FakeSession({ files, unsaved });
    await later.call(read, { file_path: 'a.py' });
    unsaved['a.py'] = 'typed';
    assert.match(
      textOf(await later.call(create, { file_path: 'a.py', content: 'x' })),
      /has changed since it was read/,
    );
  });

  it('refuses a folder, a device, and a notebook that would be none', async () => {
    const session = new FakeSession({ files: { 'src/a': '' } });
    const text = async (file_path: string, content = ''): Promise<string> =>
      textOf(await session.call(create, { file_path, content }));
    assert.equal(await text('src'), 'src is a folder.');
    assert.match(await text('/dev/zero'), /no regular file/);
    assert.match(await text('n.ipynb', 'print()'), /^n\.ipynb would not be a notebook/);
    assert.equal(await text('n.ipynb', '{"cells":[]}'), 'Created n.ipynb (+1 -0).');
  });
});
