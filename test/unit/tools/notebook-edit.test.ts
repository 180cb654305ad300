import assert from 'node:assert/strict';
import { create } from '../../../src/tools/create';
import { edit } from '../../../src/tools/edit';
import { notebookEdit } from '../../../src/tools/notebook-edit';
import { read } from '../../../src/tools/read';
import { FakeSession, textOf } from '../../support/fake-tool-context';

/** As Jupyter writes it: one space a level, keys in order, a line end at the end. */
const NOTEBOOK = `{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "intro",
   "metadata": {"scale": 1.0},
   "source": [
    "# Churn\\n",
    "text"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 3,
   "id": "fit",
   "metadata": {},
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "0.91\\n"
     ]
    }
   ],
   "source": [
    "model.fit(X, y)\\n",
    "model.score(X, y)"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "plot",
   "metadata": {},
   "outputs": [],
   "source": []
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 5
}
`;
const opened = async (content = NOTEBOOK): Promise<FakeSession> => {
  const session = new FakeSession({ files: { 'n.ipynb': content } });
  await session.call(read, { file_path: 'n.ipynb' });
  return session;
};
const told = async (session: FakeSession, input: object): Promise<string> =>
  textOf(await session.call(notebookEdit, { file_path: 'n.ipynb', ...input }));
const shown = async (session: FakeSession): Promise<string> =>
  textOf(await session.call(read, { file_path: 'n.ipynb' }));

describe('NotebookEdit', () => {
  it('replaces the source alone, and says that the outputs are from before', async () => {
    const session = await opened();
    assert.equal(
      await told(session, {
        mode: 'replace',
        cell_id: 'fit',
        new_source: 'model.fit(X, y)\nmodel.score(X_test, y_test)\n',
      }),
      [
        'Changed cell fit of n.ipynb (+1 -1).',
        ' 1\tmodel.fit(X, y)',
        '+2\tmodel.score(X_test, y_test)',
        'It has not run since: its outputs and count are from before.',
        'The cells around it now:',
        '  intro markdown: # Churn',
        '> fit code [3]: model.fit(X, y)',
        '  plot code [ ]: (empty)',
      ].join('\n'),
    );
    assert.equal(session.text('n.ipynb'), NOTEBOOK.replace('"model.score(X, y)"', '"model.score(X_test, y_test)\\n"'));
    assert.match(await shown(session), /=== cell fit code \[3\] \(edited since these outputs were made\)/u);
    session.put('n.ipynb', session.text('n.ipynb').replace('"execution_count": 3', '"execution_count": 4'));
    assert.match(await shown(session), /=== cell fit code \[4\]\n/u);
  });

  it('replaces a part of the source', async () => {
    const session = await opened();
    await told(session, {
      mode: 'replace',
      cell_id: 'fit',
      old_str: 'score(X, y)',
      new_str: "score($&, '$1')",
      new_source: '',
    });
    assert.equal(
      session.text('n.ipynb'),
      NOTEBOOK.replace('score(X, y)', () => "score($&, '$1')"),
    );
  });

  it('inserts a cell that looks like its neighbours, with an id of its own, where it is told', async () => {
    const session = await opened();
    const text = await told(session, { mode: 'insert', after: 'intro', new_source: 'import os\n\nos.cpu_count()' });
    const id = /^Inserted cell ([0-9a-f]{8}) of n\.ipynb \(\+3 -0\)\./u.exec(text)?.[1] ?? '';
    assert.ok(
      text.endsWith(`intro markdown: # Churn\n> ${id} code [ ]: import os\n  fit code [3]: model.fit(X, y)`),
      text,
    );
    const cell = `  {\n   "cell_type": "code",\n   "execution_count": null,\n   "id": "${id}",\n   "metadata": {},\n   "outputs": [],\n   "source": [\n    "import os\\n",\n    "\\n",\n    "os.cpu_count()"\n   ]\n  },\n`;
    const at = NOTEBOOK.indexOf('  {\n   "cell_type": "code",\n   "execution_count": 3');
    assert.equal(session.text('n.ipynb'), NOTEBOOK.slice(0, at) + cell + NOTEBOOK.slice(at));
    await told(session, { mode: 'insert', after: 'start', cell_type: 'markdown', new_source: 'First' });
    await told(session, { mode: 'insert', after: 'end', cell_type: 'raw', new_source: 'Last' });
    const sources = (JSON.parse(session.text('n.ipynb')) as { cells: { source: string[] }[] }).cells.map(
      ({ source }) => source[0],
    );
    assert.deepEqual(sources, ['First', '# Churn\n', 'import os\n', 'model.fit(X, y)\n', undefined, 'Last']);
  });

  it('deletes and moves cells whole, back and forth to the same bytes', async () => {
    const session = await opened();
    assert.equal(
      await told(session, { mode: 'move', cell_id: 'fit', after: 'start' }),
      'Moved cell fit of n.ipynb.\nThe cells around it now:\n> fit code [3]: model.fit(X, y)\n  intro markdown: # Churn',
    );
    await told(session, { mode: 'move', cell_id: 'fit', after: 'intro' });
    assert.equal(session.text('n.ipynb'), NOTEBOOK);
    assert.equal(
      await told(session, { mode: 'delete', cell_id: 'fit' }),
      'Deleted cell fit of n.ipynb (+0 -2).\nIts output went with it.\nThe cells around it now:\n  intro markdown: # Churn\n  plot code [ ]: (empty)',
    );
    const [start, end] = [
      NOTEBOOK.indexOf('  {\n   "cell_type": "code"'),
      NOTEBOOK.lastIndexOf('  {\n   "cell_type": "code"'),
    ];
    assert.equal(session.text('n.ipynb'), NOTEBOOK.slice(0, start) + NOTEBOOK.slice(end));
  });

  it('empties a notebook and fills it again in its own layout', async () => {
    const one =
      '{\n\t"cells": [\n\t\t{\n\t\t\t"cell_type": "raw",\n\t\t\t"metadata": {},\n\t\t\t"source": []\n\t\t}\n\t],\n\t"nbformat": 4\n}';
    const session = await opened(one);
    assert.match(await told(session, { mode: 'delete', cell_id: 'cell-0' }), /now:\n\(none\)$/u);
    assert.equal(session.text('n.ipynb'), '{\n\t"cells": [],\n\t"nbformat": 4\n}');
    assert.equal(await shown(session), 'n.ipynb is a notebook without cells.');
    assert.match(
      await told(session, { mode: 'delete', cell_id: 'cell-0' }),
      /has no cells yet: insert one after "start"/u,
    );
    await told(session, { mode: 'insert', cell_type: 'raw', new_source: '' });
    assert.equal(session.text('n.ipynb'), one);
  });

  it('takes outputs and count from a code cell that becomes text, and says so; and gives them to one that becomes code', async () => {
    const session = await opened();
    const text = await told(session, { mode: 'replace', cell_id: 'fit', cell_type: 'markdown' });
    assert.match(text, /\nIts output went with it\.\n/u);
    await told(session, { mode: 'replace', cell_id: 'intro', cell_type: 'code', new_source: 'x' });
    const { cells } = JSON.parse(session.text('n.ipynb')) as { cells: object[] };
    assert.deepEqual(cells.slice(0, 2), [
      { cell_type: 'code', execution_count: null, id: 'intro', metadata: { scale: 1 }, outputs: [], source: ['x'] },
      { cell_type: 'markdown', id: 'fit', metadata: {}, source: ['model.fit(X, y)\n', 'model.score(X, y)'] },
    ]);
    assert.ok(session.text('n.ipynb').includes('"metadata": {"scale": 1.0}'), 'numbers stay as they are written');
  });

  it('answers an unknown id with the cells there are', async () => {
    assert.equal(
      await told(await opened(), { mode: 'delete', cell_id: 'fitt' }),
      [
        'n.ipynb has no cell fitt. Did you mean fit? Its cells:',
        'intro markdown: # Churn',
        'fit code [3]: model.fit(X, y)',
        'plot code [ ]: (empty)',
      ].join('\n'),
    );
  });

  it('says what stands closest, and where several stand, in the cell', async () => {
    const session = await opened();
    assert.equal(
      await told(session, { mode: 'replace', cell_id: 'fit', old_str: 'model.score(X, z)', new_str: '' }),
      [
        'old_str does not stand in cell fit of n.ipynb. The closest text is at lines 2 to 2:',
        '2\tmodel.score(X, y)',
        'First difference, line 2:',
        '  in the file: "model.score(X, y)"',
        '  in old_str:  "model.score(X, z)"',
      ].join('\n'),
    );
    assert.equal(
      await told(session, { mode: 'replace', cell_id: 'fit', old_str: '(X, y)', new_str: '' }),
      'old_str stands 2 times in cell fit of n.ipynb, at lines 1, 2. Give more of the text around the one you mean.',
    );
    assert.equal(session.text('n.ipynb'), NOTEBOOK);
  });

  it('names cells without ids by place, and tells that the names move', async () => {
    const session = await opened(
      NOTEBOOK.replaceAll(/ +"id": .*\n/gu, '').replace('"nbformat_minor": 5', '"nbformat_minor": 4'),
    );
    assert.match(await shown(session), /=== cell cell-1 code \[3\]/u);
    const text = await told(session, { mode: 'insert', after: 'cell-0', new_source: 'x' });
    assert.match(
      text,
      /^Inserted cell cell-1 of n\.ipynb \(\+1 -0\)\.\nCells without an id of their own are named by place/u,
    );
    assert.doesNotMatch(session.text('n.ipynb'), /"id"/u);
  });

  it('tells cells of one id apart by place', async () => {
    const session = await opened(NOTEBOOK.replace('"id": "plot"', '"id": "fit"'));
    assert.equal(
      await told(session, { mode: 'delete', cell_id: 'fit' }),
      '2 cells of n.ipynb have the id fit. Name the one you mean by its place:\ncell-1 code [3]: model.fit(X, y)\ncell-2 code [ ]: (empty)',
    );
    await told(session, { mode: 'replace', cell_id: 'cell-2', new_source: 'plot()' });
    assert.match(session.text('n.ipynb'), /"source": \[\n {4}"plot\(\)"\n {3}\]/u);
  });

  it('goes by the cells that were read, not by the layout or the count an editor gave them when it saved', async () => {
    const session = await opened();
    const saved = JSON.parse(NOTEBOOK.replace('"execution_count": 3', '"execution_count": null')) as object;
    session.put('n.ipynb', JSON.stringify(saved));
    assert.match(await told(session, { mode: 'replace', cell_id: 'fit', new_source: 'fit()' }), /^Changed cell fit/u);
    session.put('n.ipynb', JSON.stringify(JSON.parse(session.text('n.ipynb')), null, 2));
    assert.match(await told(session, { mode: 'delete', cell_id: 'plot' }), /^Deleted cell plot/u);
    session.put('n.ipynb', session.text('n.ipynb').replace('fit()', 'fit(typed)'));
    assert.match(await told(session, { mode: 'delete', cell_id: 'fit' }), /has changed since it was read/u);
  });

  it('does nothing unseen to a notebook that changed since it was read', async () => {
    const session = await opened();
    const changed = NOTEBOOK.replace('text"', 'other text"');
    session.put('n.ipynb', changed);
    for (const input of [
      { mode: 'delete', cell_id: 'fit' },
      { mode: 'replace', cell_id: 'fit', new_source: 'x' },
    ])
      assert.match(await told(session, input), /^n\.ipynb has changed since it was read\. Read it again before you/u);
    assert.equal(session.text('n.ipynb'), changed);
    await told(session, { mode: 'replace', cell_id: 'fit', old_str: 'score', new_str: 'rate' });
    assert.equal(session.text('n.ipynb'), changed.replace('score', 'rate'));
  });

  const refusals: [string, string, object, RegExp][] = [
    ['an empty file', '', {}, /it is empty\. Nothing was changed\. Write it with Create/u],
    [
      'broken JSON',
      '{"cells": [',
      {},
      /it is not valid JSON \(.*\)\. Nothing was changed\. Its plain text can be repaired with Edit/u,
    ],
    [
      'nbformat 3',
      '{"worksheets":[{"cells":[]}],"nbformat":3}',
      {},
      /it is nbformat 3, with worksheets.*jupyter nbconvert/u,
    ],
    ['nbformat 5', '{"cells":[],"nbformat":5}', {}, /it is nbformat 5, not 4/u],
    ['other JSON', '[1]', {}, /it has no list of cells/u],
    ['no cell_id', NOTEBOOK, { cell_id: '' }, /^To replace a cell, give its cell_id\.$/u],
    ['no source', NOTEBOOK, { cell_id: 'fit' }, /^To replace a cell, give new_source, or old_str with new_str\.$/u],
    ['both ways', NOTEBOOK, { cell_id: 'fit', new_source: 'x', old_str: 'y', new_str: 'z' }, /, not both\.$/u],
    ['an edit that changes nothing', NOTEBOOK, { cell_id: 'plot', new_source: '' }, /reads so already/u],
    ['an insert of nothing', NOTEBOOK, { mode: 'insert' }, /give its new_source\.$/u],
    ['a move to where it is', NOTEBOOK, { mode: 'move', cell_id: 'fit', after: 'intro' }, /stands there already/u],
    ['a move to nowhere', NOTEBOOK, { mode: 'move', cell_id: 'fit' }, /say after which: a cell id, start or end\.$/u],
    [
      'attachments lost',
      NOTEBOOK.replace('"id": "intro"', '"id": "intro", "attachments": {"a.png": {}}'),
      { cell_id: 'intro', cell_type: 'code' },
      /holds attachments, which a code cell cannot have/u,
    ],
    ['a cell that is none', '{"cells":[3],"nbformat":4}', { cell_id: 'cell-0', new_source: 'x' }, /is no JSON object/u],
  ];
  for (const [what, content, input, expected] of refusals) {
    it(`refuses ${what} with what helps, and leaves the file`, async () => {
      const session = await opened(content);
      assert.match(await told(session, { mode: 'replace', cell_id: 'x', ...input }), expected);
      assert.equal(session.text('n.ipynb'), content);
      assert.equal(session.changes.length, 0);
    });
  }

  it('is for notebooks that were read', async () => {
    const session = new FakeSession({ files: { 'n.ipynb': NOTEBOOK, 'a.py': 'x' } });
    assert.match(await told(session, { mode: 'delete', cell_id: 'fit' }), /^n\.ipynb was not read in this session/u);
    await session.call(read, { file_path: 'a.py' });
    assert.equal(
      await told(session, { file_path: 'a.py', mode: 'delete', cell_id: 'x' }),
      'a.py is no notebook. Change it with Edit.',
    );
  });

  it('is quick beside outputs of tens of megabytes, and leaves them', async () => {
    const huge = NOTEBOOK.replace('"0.91\\n"', `"${'A\\"'.repeat(10_000_000)}"`);
    const session = await opened(huge);
    const began = Date.now();
    await told(session, { mode: 'replace', cell_id: 'fit', new_source: 'x' });
    assert.ok(Date.now() - began < 5_000, `${Date.now() - began} ms`);
    assert.equal(
      session.text('n.ipynb').length,
      huge.length - '"model.fit(X, y)\\n",\n    "model.score(X, y)"'.length + 3,
    );
  });

  it('previews the source that changes', async () => {
    const session = await opened();
    const preview = async (input: object): Promise<unknown> =>
      notebookEdit.preview?.(notebookEdit.input.parse({ file_path: 'n.ipynb', ...input }), session.context());
    assert.deepEqual(await preview({ mode: 'replace', cell_id: 'plot', new_source: 'plot()' }), {
      title: 'Replace cell plot of n.ipynb',
      body: '@@ -1,0 +1,1 @@\n+plot()',
      language: 'diff',
    });
    assert.deepEqual(await preview({ mode: 'move', cell_id: 'plot', after: 'start' }), {
      title: 'Move cell plot of n.ipynb',
      body: 'Move cell plot of n.ipynb',
      language: 'diff',
    });
    assert.equal(session.text('n.ipynb'), NOTEBOOK);
  });
});

describe('a notebook', () => {
  it('is not edited as text, nor overwritten', async () => {
    const session = await opened();
    const asText = await session.call(edit, { file_path: 'n.ipynb', old_str: 'Churn', new_str: 'x' });
    assert.match(textOf(asText), /^n\.ipynb is a notebook: its cells are edited with NotebookEdit/u);
    const over = await session.call(create, { file_path: 'n.ipynb', content: '{"cells":[],"nbformat":4}' });
    assert.match(textOf(over), /^n\.ipynb is a notebook already: its cells are edited with NotebookEdit/u);
    assert.equal(session.text('n.ipynb'), NOTEBOOK);
  });

  it('that is broken is repaired as text', async () => {
    const session = await opened(NOTEBOOK.replace('"cells"', '<<<<<<< HEAD\n"cells"'));
    await session.call(edit, { file_path: 'n.ipynb', old_str: '<<<<<<< HEAD\n', new_str: '' });
    assert.equal(session.text('n.ipynb'), NOTEBOOK);
  });
});
