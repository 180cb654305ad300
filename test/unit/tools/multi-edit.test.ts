import assert from 'node:assert/strict';
import { multiEdit } from '../../../src/tools/multi-edit';
import { read } from '../../../src/tools/read';
import { FakeSession, textOf, type FakeOptions } from '../../support/fake-tool-context';

async function opened(content: string, options: FakeOptions = {}): Promise<FakeSession> {
  const session = new FakeSession({ ...options, files: { 'a.py': content } });
  await session.call(read, { file_path: 'a.py' });
  return session;
}
const changes = (...pairs: [string, string, boolean?][]): object => ({
  file_path: 'a.py',
  changes: pairs.map(([old_str, new_str, change_all]) => ({ old_str, new_str, ...(change_all ? { change_all } : {}) })),
});
const TRAIN = 'import os\n\nrate = 0.1\ndepth = 3\nfit(rate)\nscore(rate)\n';

describe('MultiEdit', () => {
  it('makes its changes in order, as one change of the file, and shows the lines and the new problems', async () => {
    const session = await opened(TRAIN, {
      diagnostics: { now: [], after: [{ severity: 'warning', line: 1, message: 'unused', source: 'ruff' }] },
    });
    const output = await session.call(
      multiEdit,
      changes(['rate', 'step', true], ['step = 0.1', 'step = 0.2'], ['depth = 3\n', '']),
    );
    assert.equal(session.text('a.py'), 'import os\n\nstep = 0.2\nfit(step)\nscore(step)\n');
    assert.equal(
      output.content,
      [
        'Edited a.py (+3 -4).',
        ' 1\timport os',
        ' 2\t',
        '+3\tstep = 0.2',
        '+4\tfit(step)',
        '+5\tscore(step)',
        'New problems reported for this file:',
        '1: warning: unused (ruff)',
      ].join('\n'),
    );
    assert.equal(session.changes.length, 1);
  });

  it('names the change that matches nothing, with the closest text, and makes none', async () => {
    const session = await opened(TRAIN);
    const output = await session.call(multiEdit, changes(['import os\n\n', ''], ['rate = 0.2\ndepth = 3', 'x']));
    assert.equal(output.isError, true);
    assert.equal(
      output.content,
      [
        'changes[1] failed, so none was made. Line numbers count the changes before it as made.',
        'old_str does not stand in a.py. The closest text is at lines 1 to 2:',
        '1\trate = 0.1',
        '2\tdepth = 3',
        'First difference, line 1:',
        '  in the file: "rate = 0.1"',
        '  in old_str:  "rate = 0.2"',
      ].join('\n'),
    );
    assert.equal(session.text('a.py'), TRAIN);
    assert.equal(session.changes.length, 0);
  });

  it('names the change that matches several places, with their lines, and makes none', async () => {
    const session = await opened(TRAIN);
    const output = await session.call(multiEdit, changes(['rate', 'r'], ['depth', 'd']));
    assert.equal(
      output.content,
      'changes[0] failed, so none was made.\nold_str stands 3 times in a.py, at lines 3, 5, 6. Give more of the text around the one you mean, or set change_all.',
    );
    assert.equal(session.text('a.py'), TRAIN);
  });

  it('refuses what changes nothing: equal texts, changes that undo each other, an empty list', async () => {
    const session = await opened(TRAIN);
    const text = async (input: object): Promise<string> => textOf(await session.call(multiEdit, input));
    assert.match(await text(changes(['depth', 'd'], ['os', 'os'])), /^changes\[1\] failed[^]*are the same/u);
    assert.equal(
      await text(changes(['depth', 'd'], ['d = 3', 'depth = 3'])),
      'The changes undo each other: a.py would stay as it is.',
    );
    assert.equal(multiEdit.input.safeParse(changes()).success, false);
    assert.equal(session.changes.length, 0);
  });

  it('refuses a file that was not read, and a notebook', async () => {
    const session = new FakeSession({ files: { 'a.py': 'b', 'a.ipynb': '{"cells":[]}' } });
    assert.match(textOf(await session.call(multiEdit, changes(['b', 'c']))), /^a\.py was not read in this session\./u);
    const notebook = await session.call(multiEdit, { ...changes(['b', 'c']), file_path: 'a.ipynb' });
    assert.match(textOf(notebook), /NotebookEdit/u);
  });

  it('previews all its changes as one diff without making them', async () => {
    const session = await opened('a\nb\n');
    const given = multiEdit.input.parse(changes(['a', 'x'], ['x\nb', 'y']));
    assert.deepEqual(await multiEdit.preview?.(given, session.context()), {
      title: 'Edit a.py',
      body: '@@ -1,2 +1,1 @@\n-a\n-b\n+y',
      language: 'diff',
    });
    assert.equal(session.text('a.py'), 'a\nb\n');
  });
});
