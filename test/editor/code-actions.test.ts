import assert from 'node:assert/strict';
import { mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { AttachedTexts } from '../../src/vscode/attached-texts';
import { cellText, problemText, testAttachments } from '../../src/vscode/attachment-texts';
import { COMMANDS } from '../../src/vscode/command-names';
import { symbolAt } from '../../src/vscode/symbol-at';

const CODE = '{\n  "seed": 7,\n  "nested": {\n    "rows": 10\n  }\n}\n';

describe('the code action', () => {
  let document: vscode.TextDocument;
  const problems = vscode.languages.createDiagnosticCollection('test');

  before(async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-action-')));
    await writeFile(join(folder, 'params.json'), CODE);
    document = await vscode.workspace.openTextDocument(join(folder, 'params.json'));
    await vscode.window.showTextDocument(document);
  });
  after(() => problems.dispose());

  const titles = async (range: vscode.Range, kind?: string): Promise<string[]> => {
    const args = kind === undefined ? [] : [kind];
    const found = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      range,
      ...args,
    );
    return found.map(({ title }) => title).filter((title) => title.startsWith('Ask ML engineer'));
  };

  it('is offered on a selection, and at a place only when it is asked for', async () => {
    assert.deepEqual(await titles(new vscode.Range(1, 0, 2, 0)), ['Ask ML engineer']);
    assert.deepEqual(await titles(new vscode.Range(1, 4, 1, 4)), ['Ask ML engineer about this function or class']);
  });

  it('is not offered where something else is asked for, such as what runs on save', async () => {
    assert.deepEqual(await titles(new vscode.Range(1, 0, 2, 0), 'source.fixAll'), []);
    assert.deepEqual(await titles(new vscode.Range(1, 0, 2, 0), 'quickfix'), []);
    assert.deepEqual(await titles(new vscode.Range(1, 0, 2, 0), 'refactor'), ['Ask ML engineer']);
  });

  it('names a problem on one short line with nothing hidden in it, and at most three', async () => {
    const range = new vscode.Range(1, 2, 1, 8);
    const hostile = `un\u202eknown\nname ${'x'.repeat(5_000)}`;
    problems.set(
      document.uri,
      [hostile, 'b', 'c', 'd', 'e'].map((text) => new vscode.Diagnostic(range, text)),
    );
    const found = await titles(new vscode.Range(1, 3, 1, 3), 'quickfix');
    assert.equal(found.length, 3);
    assert.match(found[0] ?? '', /^Ask ML engineer to fix: un⟨U\+202E⟩known name x+…$/u);
    assert.ok(found.every((title) => title.length < 110 && !title.includes('\n')));
    problems.clear();
  });

  it('finds the innermost function or class, when a language service knows it', async () => {
    const registered = vscode.languages.registerDocumentSymbolProvider(
      { pattern: '**/params.json' },
      {
        provideDocumentSymbols: () => {
          const outer = symbol('Outer', vscode.SymbolKind.Class, 0, 5);
          const inner = symbol('inner', vscode.SymbolKind.Method, 2, 4);
          inner.children = [symbol('variable', vscode.SymbolKind.Variable, 3, 3)];
          outer.children = [symbol('other', vscode.SymbolKind.Method, 1, 1), inner];
          return [outer];
        },
      },
    );
    const lineOf = async (line: number): Promise<number | undefined> =>
      (await symbolAt(document.uri, new vscode.Position(line, 1)))?.start.line;
    assert.equal(await lineOf(3), 2);
    assert.equal(await lineOf(0), 0);
    assert.equal(await lineOf(6), undefined);
    registered.dispose();
  });

  it('takes any arguments from other extensions without doing anything', async () => {
    for (const command of [COMMANDS.fixProblem, COMMANDS.askSymbol, COMMANDS.askTest])
      for (const value of [undefined, null, 7, 'text', {}, { test: 7 }, [{}]])
        await vscode.commands.executeCommand(command, value, value);
  });
});

describe('what is attached and lies in no file', () => {
  it('is read back as it was kept, shortened in its middle, and only the last ones', async () => {
    const texts = new AttachedTexts();
    const read = (uri: vscode.Uri): string => new TextDecoder().decode(texts.readFile(uri));
    const first = texts.add('../a/b?c\n\u202e.txt', 'body');
    assert.doesNotMatch(first.path.slice(1), /\/.*\/|\n|\u202e/u);
    assert.equal(read(first), 'body');
    assert.ok(texts.stat(first).permissions === vscode.FilePermission.Readonly);
    const long = read(texts.add('long', `begin ${'x'.repeat(1_000_000)} end`));
    assert.ok(long.length < 41_000);
    assert.match(long, /^begin [^]*characters left out[^]* end$/u);
    for (let count = 0; count < 19; count++) texts.add('more', 'text');
    assert.throws(() => texts.readFile(first), /FileNotFound|EntryNotFound/u);
  });

  it('is served to the editor itself', async () => {
    // The extension's own store, not this test's: what it never kept is not there.
    const uri = vscode.Uri.from({ scheme: 'ml-engineer-attached', path: '/999/nothing' });
    await assert.rejects(
      async () => vscode.workspace.fs.stat(uri),
      /FileNotFound|EntryNotFound|does not exist|nonexistent/iu,
    );
  });

  it('says of a problem where it is, who reports it and what belongs to it', () => {
    const uri = vscode.Uri.file('/elsewhere/a.py');
    const problem = new vscode.Diagnostic(
      new vscode.Range(4, 2, 4, 9),
      'unknown name',
      vscode.DiagnosticSeverity.Warning,
    );
    problem.source = 'pylint';
    problem.code = { value: 'E0602', target: uri };
    problem.relatedInformation = [
      new vscode.DiagnosticRelatedInformation(new vscode.Location(uri, problem.range), 'seen here'),
    ];
    const [name, text] = problemText(uri, problem);
    assert.equal(name, 'Problem in a.py');
    assert.match(text, /a\.py:5:3: Warning \(pylint E0602\)\nunknown name\n {2}\S*a\.py:5: seen here/u);
  });

  it('says of a failed test what it expected, and attaches both the test and where it failed', () => {
    const uri = vscode.Uri.file('/elsewhere/test_a.py');
    const message = vscode.TestMessage.diff('not equal', '1', '2');
    message.location = new vscode.Location(vscode.Uri.file('/elsewhere/a.py'), new vscode.Range(8, 0, 8, 0));
    const { places, text } = testAttachments({ name: 'test_one', uri, range: new vscode.Range(1, 0, 3, 0), message });
    assert.match(text[1], /Test: test_one[^]*Failed at: \S*a\.py:9\nnot equal\nExpected:\n1\nActual:\n2/u);
    assert.deepEqual(
      places.map((place) => [place.uri.path, place.range?.start.line, place.range?.isEmpty]),
      [
        ['/elsewhere/test_a.py', 1, false],
        ['/elsewhere/a.py', 8, false],
      ],
    );
    assert.deepEqual(testAttachments({ name: 'no file' }).places, []);
  });

  it('says of a cell where it stands, and what it printed', async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-cell-')));
    const outputs = [{ output_type: 'stream', name: 'stderr', text: 'NameError: x' }];
    const cells = [
      { id: 'one', cell_type: 'markdown', metadata: {}, source: '# one' },
      { id: 'abc', cell_type: 'code', metadata: {}, source: 'print(x)', execution_count: 4, outputs },
    ];
    const notebookJson = { cells, metadata: { language_info: { name: 'python' } }, nbformat: 4, nbformat_minor: 5 };
    await writeFile(join(folder, 'a.ipynb'), JSON.stringify(notebookJson));
    const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(join(folder, 'a.ipynb')));
    const [name, text] = cellText(notebook.cellAt(1));
    assert.match(name, /^Cell 2 of a\.ipynb$/u);
    assert.match(text, /cell 2 \(id abc\) of [^]*print\(x\)[^]*NameError: x/u);
  });
});

function symbol(name: string, kind: vscode.SymbolKind, first: number, last: number): vscode.DocumentSymbol {
  const range = new vscode.Range(first, 0, last, 20);
  return new vscode.DocumentSymbol(name, '', kind, range, new vscode.Range(first, 0, first, 1));
}
