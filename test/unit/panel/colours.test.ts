import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { createColouring } from '../../../src/panel/client/colouring';
import type { Paint, Piece } from '../../../src/panel/client/colours/pieces';
import { piecesOf } from '../../../src/panel/client/pieces';
import type { PanelRow } from '../../../src/panel/sections/changes';

// The highlighter's types bring those of a browser, which the rest of the project must not see: the page's own project checks them.
const { paint } = createRequire(__filename)('../../../src/panel/client/colours/paint') as { paint: Paint };

const rowsOf = (...lines: string[]): PanelRow[] =>
  lines.map((line, at) => ({ sign: line[0] as PanelRow['sign'], line: at, text: line.slice(1), cut: false }));

function painted(name: string, rows: readonly PanelRow[]): Piece[][] {
  const steps = paint(name, rows);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** What is coloured of each line, as `kind:text`. */
function said(name: string, ...lines: string[]): string[] {
  const rows = rowsOf(...lines);
  return painted(name, rows).map((pieces, at) =>
    pieces.map(([from, to, kind]) => `${kind}:${rows[at]?.text.slice(from, to)}`).join(' '),
  );
}

describe('the colours of diffs', () => {
  it('know a language by the name of the file', () => {
    const line: Record<string, [line: string, wanted: RegExp]> = {
      'a/b.py': ['def f(x): return None', /keyword:def .*keyword:return.*keyword:None/u],
      'a.TSX': ['const a = "b"; // c', /keyword:const.*string:"b".*comment:\/\/ c/u],
      'x.yml': ['lr: 0.1 # rate', /name:lr:.*number:0\.1.*comment:# rate/u],
      'pyproject.toml': ['[tool]', /keyword:\[tool\]/u],
      'a.json': ['{"a": [1, true]}', /name:"a".*number:1.*keyword:true/u],
      Dockerfile: ['FROM python:3.11', /keyword:FROM/u],
      'Dockerfile.gpu': ['RUN pip install torch', /keyword:RUN/u],
      Makefile: ['# c', /comment:# c/u],
      'run.sh': ['if true; then echo "$A"; fi', /keyword:if.*keyword:then.*keyword:fi/u],
      'k.cu': ['__global__ void f(int a) { return; } // x', /comment:\/\/ x/u],
      'm.go': ['func main() { return }', /keyword:func.*keyword:return/u],
      'l.rs': ['let x: u8 = 1;', /keyword:let.*number:1/u],
      'A.java': ['public class A {}', /keyword:public/u],
      'q.sql': ["SELECT 'a' FROM t", /keyword:SELECT.*string:'a'.*keyword:FROM/u],
      'r.md': ['# Title', /keyword:# Title/u],
    };
    for (const [name, [text, wanted]] of Object.entries(line)) assert.match(said(name, `+${text}`)[0] ?? '', wanted);
    for (const name of ['a.unknown', 'py', '', '.', 'constructor', '__proto__'])
      assert.deepEqual(said(name, '+def f(): return 1'), [''], name);
  });

  it('read the earlier and the later lines each as a text of its own', () => {
    const lines = said('a.py', ' x = 1', '-"""begun', '+y = 2', ' z = "s"', '-end"""');
    assert.deepEqual(lines, ['number:1', 'string:"""begun', 'number:2', 'string:"s"', 'string:end"""']);
  });

  it('go on over lines, also where the hunk begins within', () => {
    assert.deepEqual(said('a.py', ' def f():', '+    """One', '+    two"""', ' x = 1').slice(1), [
      'string:    """One'.replace('    ', ''),
      'string:    two"""',
      'number:1',
    ]);
    assert.deepEqual(said('a.py', ' words of a text', '+more for words', ' """', ' x = 1'), [
      'string:words of a text',
      'string:more for words',
      'string:"""',
      'number:1',
    ]);
    assert.deepEqual(said('a.ts', '  * for if', '+ * new', '  */', ' a = 1;'), [
      'comment: * for if',
      'comment: * new',
      'comment: */',
      'number:1',
    ]);
    // What only looks like an end is none, and a text that begins is no end.
    assert.match(said('a.ts', " glob('src/**/*.ts');", '+const a = 1;')[1] ?? '', /keyword:const/u);
    assert.match(said('a.py', ' def f():', '+    """', '+    for words')[0] ?? '', /keyword:def/u);
  });

  it('hold over a text that is longer than what is read at once', () => {
    const long = Array.from({ length: 100 }, (_, at) => `+for word ${at} in a text that goes on and on and on`);
    const lines = said('a.py', '+x = """', ...long, '+"""', '+return 1');
    assert.deepEqual(
      lines.slice(1, 101),
      long.map((line) => `string:${line.slice(1)}`),
    );
    assert.equal(lines.at(-1), 'keyword:return number:1');
  });

  it('leave what is too long plain, and go on behind it', () => {
    const lines = said('a.py', `+x = "${'a'.repeat(1_000)}"`, '+return 1');
    assert.deepEqual(lines, ['', 'keyword:return number:1']);
    const many = said('a.py', ...Array.from({ length: 2_000 }, () => `+return ${'1'.repeat(40)}`));
    assert.notEqual(many[0], '');
    assert.equal(many.at(-1), '');
  });

  it('come to an end for lines that are made to take long', () => {
    for (const [name, text] of [
      ['a.c', 'a '],
      ['a.cs', 'a'],
      ['a.html', '<script>'],
      ['a.ini', 'a.'],
      ['a.js', '('],
    ] as const)
      assert.equal(
        painted(name, rowsOf(...Array.from({ length: 80 }, () => `+${text.repeat(490 / text.length)}`))).length,
        80,
      );
  });

  it('keep to the places of the text, whatever it holds', () => {
    const hostile = [
      '<img src=x onerror="alert(1)">',
      '</script><script>',
      '\u001b[31m\u202e',
      '&lt;',
      '\ud83d',
      '日本語 "x"',
    ];
    for (const name of ['a.html', 'a.py', 'a.ts', 'a.md', 'a.sh'])
      for (const pieces of painted(name, rowsOf(...hostile.map((text) => `+${text}`))))
        pieces.forEach(([from, to], nth) => assert.ok(from < to && from >= (pieces[nth - 1]?.[1] ?? 0)));
  });

  it('are cut where a mark begins and ends', () => {
    assert.deepEqual(
      piecesOf(
        10,
        [[2, 4]],
        [
          [0, 3, 'keyword'],
          [5, 6, 'string'],
        ],
      ),
      [
        { isMark: false, parts: [{ from: 0, to: 2, kind: 'keyword' }] },
        {
          isMark: true,
          parts: [
            { from: 2, to: 3, kind: 'keyword' },
            { from: 3, to: 4, kind: undefined },
          ],
        },
        {
          isMark: false,
          parts: [
            { from: 4, to: 5, kind: undefined },
            { from: 5, to: 6, kind: 'string' },
            { from: 6, to: 10, kind: undefined },
          ],
        },
      ],
    );
  });
});

describe('the script of the colours', () => {
  it('is asked for once, with the first diff, and what was painted is known from then on', async () => {
    let asked = 0;
    let bring: ((paint: Paint) => void) | undefined;
    const colouring = createColouring((loaded) => {
      asked++;
      bring = loaded;
    });
    const rows = rowsOf('+return 1');
    assert.equal(colouring.known('a.py', rows), undefined);
    assert.equal(asked, 0);
    const told = Promise.all([
      new Promise<void>((done) => colouring.ask('a.py', rows, done)),
      new Promise<void>((done) => colouring.ask('a.py', rowsOf('+x'), done)),
    ]);
    const calledOff = colouring.ask('b.py', rows, () => assert.fail('was called off'));
    calledOff();
    bring?.(paint);
    await told;
    assert.equal(asked, 1);
    assert.deepEqual(colouring.known('a.py', rowsOf('+return 1')), [
      [
        [0, 6, 'keyword'],
        [7, 8, 'number'],
      ],
    ]);
    assert.equal(colouring.known('b.py', rows), undefined);
  });
});
