import assert from 'node:assert/strict';
import { moveIn, rowsOf, treeOf, type TreeRow } from '../../../src/panel/client/file-tree';
import type { PanelFile } from '../../../src/panel/sections/changes';
import { buildPage, drawn, get, openPage, stateMessage, type Node, type Page } from '../../support/panel-page';
import { labels } from './labels';

function file(shown: string, some: Partial<PanelFile> = {}): PanelFile {
  return {
    ...{ path: `/w/${shown}`, shown, kind: 'modified', reviewed: false, version: '1' },
    counts: { added: 2, removed: 1 },
    diff: { kind: 'text', hunks: [], moreRows: 0 },
    ...some,
  };
}

const open = (): boolean => false;
const lines = (rows: TreeRow[]): string[] => rows.map(({ level, name }) => `${'-'.repeat(level)}${name}`);
const rows = (...names: string[]): TreeRow[] => rowsOf(treeOf(names.map((name) => file(name))), open);

describe('the tree of changed files', () => {
  it('orders names as the explorer does', () => {
    assert.deepEqual(lines(rows('b10', 'B9', 'a', 'README.md')), ['-a', '-B9', '-b10', '-README.md']);
  });

  it('joins folders that hold one folder alone, and puts folders before files', () => {
    assert.deepEqual(lines(rows('z.py', 'src/a/b/two.py', 'src/a/b/one.py', 'docs/x.md')), [
      '-docs',
      '--x.md',
      '-src/a/b',
      '--one.py',
      '--two.py',
      '-z.py',
    ]);
    assert.deepEqual(lines(rows('src/a/b.py', 'src/c.py')), ['-src', '--a', '---b.py', '--c.py']);
  });

  it('counts lines and files of each folder, also where a file was not counted', () => {
    const tree = rowsOf(treeOf([file('a/b/1'), file('a/2'), file('a/3', { counts: null })]), open);
    const folders = tree.flatMap((row) =>
      row.kind === 'folder' ? [[row.name, row.folder.size, row.folder.counts]] : [],
    );
    assert.deepEqual(folders, [
      ['a', 3, { added: 4, removed: 2 }],
      ['b', 1, { added: 2, removed: 1 }],
    ]);
  });

  it('keeps the root of a path outside, cuts at a drive alone, and leaves a backslash in a name', () => {
    assert.deepEqual(lines(rows('/etc/x/y')), ['-/etc/x', '--y']);
    assert.deepEqual(lines(rows('C:\\a\\b')), ['-C:/a', '--b']);
    assert.deepEqual(lines(rows('a\\b')), ['-a\\b']);
    assert.deepEqual(lines(rows('__proto__/constructor')), ['-__proto__', '--constructor']);
  });

  it('leaves out what is in a folded folder, and says each place among its siblings', () => {
    const tree = rowsOf(treeOf([file('a/1'), file('b/2'), file('3')]), (id) => id === 'a/');
    assert.deepEqual(lines(tree), ['-a', '-b', '--2', '-3']);
    assert.deepEqual(
      tree.map(({ at, of }) => [at, of]),
      [
        [1, 3],
        [2, 3],
        [1, 1],
        [3, 3],
      ],
    );
  });

  it('moves by the pattern for trees', () => {
    const tree = rows('a/1.py', 'b.py', 'bb.py');
    const [folder, inside, b, bb] = tree.map(({ id }) => id) as [string, string, string, string];
    const move = (from: string, key: string) => moveIn(tree, from, key, (row) => row.kind === 'folder');
    assert.deepEqual(move(folder, 'ArrowDown'), { go: inside });
    assert.deepEqual(move(folder, 'ArrowUp'), { go: folder });
    assert.deepEqual(move(folder, 'ArrowRight'), { go: inside });
    assert.deepEqual(move(folder, 'ArrowLeft'), { turn: false });
    assert.deepEqual(move(inside, 'ArrowLeft'), { go: folder });
    assert.deepEqual(move(inside, 'ArrowRight'), { turn: true });
    assert.deepEqual(move(inside, 'Enter'), { turn: true });
    assert.deepEqual(move(folder, 'End'), { go: bb });
    assert.deepEqual(move(bb, 'Home'), { go: folder });
    assert.deepEqual(move(b, 'B'), { go: bb });
    assert.deepEqual(move(bb, 'b'), { go: b });
    assert.equal(move(b, 'Tab'), undefined);
    assert.equal(move('gone', 'End'), undefined);
  });
});

describe('the tree of changed files, in the page', () => {
  let bundle = '';
  before(async () => {
    bundle = await buildPage();
  });
  const show = (files: PanelFile[], saved?: unknown): Page => {
    const page = openPage(bundle, saved);
    page.receive(stateMessage({ labels, changes: { files, moreFiles: 0 } }));
    return page;
  };
  const items = (page: Page): Node[] => [...page.document.querySelectorAll('[role=treeitem]')];

  it('folds a folder by a key, and remembers that', async () => {
    const page = show([file('a/1.py'), file('b.py')]);
    assert.equal(items(page).length, 3);
    page.press(items(page)[0] as Node, 'ArrowLeft');
    await drawn();
    assert.deepEqual(
      items(page).map((item) => item.getAttribute('aria-expanded')),
      ['false', 'false'],
    );
    assert.equal(items(show([file('a/1.py'), file('b.py')], page.saved.at(-1))).length, 2);
  });

  it('is reached by Tab at one line, which the arrows move', async () => {
    const page = show([file('a.py'), file('b.py')]);
    page.press(items(page)[0] as Node, 'ArrowDown');
    await drawn();
    assert.deepEqual(
      items(page).map((item) => item.getAttribute('tabIndex')),
      ['-1', '0'],
    );
  });

  it('decides on a file and on a folder without unfolding, and offers that only where something is undecided', async () => {
    const open = { id: 'h', mixed: false, made: [], todo: '' };
    const hunks = [{ header: '@@', rows: [], open }];
    const undecided: Partial<PanelFile> = { diff: { kind: 'text', hunks, moreRows: 0 } };
    const page = show([
      file('a/1.py', undecided),
      file('a/b/2.py', undecided),
      file('a/b/3.py', { ...undecided, reviewed: true }),
      file('c.py'),
    ]);
    const buttons = [...page.document.querySelectorAll('.line-actions button')];
    const said = buttons.map((button) => button.getAttribute('aria-label'));
    assert.deepEqual(
      said.filter((_, index) => index % 2 === 0),
      ['a', 'a/b', 'a/b/2.py', 'a/1.py'].map((name) => labels.acceptFile.replace('{0}', name)),
    );
    for (const button of buttons.slice(0, 2)) button.click();
    buttons.at(-1)?.click();
    await drawn();
    assert.deepEqual(page.sent.slice(1), [
      { type: 'accept', paths: ['/w/a/b/2.py', '/w/a/1.py'] },
      { type: 'reject', paths: ['/w/a/b/2.py', '/w/a/1.py'] },
      { type: 'reject', path: '/w/a/1.py' },
    ]);
    assert.equal(items(page)[0]?.getAttribute('aria-expanded'), 'true');
    assert.deepEqual(
      buttons.map((button) => button.getAttribute('tabIndex')),
      ['0', '0', '-1', '-1', '-1', '-1', '-1', '-1'],
    );
  });

  it('draws the lines near what is seen of a thousand files', () => {
    const page = show(Array.from({ length: 1_000 }, (_, n) => file(`src/part${n % 20}/f${n}.py`)));
    const count = items(page).length;
    assert.ok(count > 20 && count < 100, `${count} lines are drawn`);
    assert.equal(items(page)[0]?.getAttribute('aria-setsize'), '1');
  });

  it('says of a file that it is new, gone, renamed or binary', () => {
    const binary = { kind: 'none', why: 'binary' } as const;
    const page = show([
      file('a', { kind: 'created', from: 'old' }),
      file('b', { kind: 'deleted' }),
      file('c', { diff: binary, counts: null }),
    ]);
    const [one, two, three] = items(page).map((item) => item.getAttribute('aria-label') ?? '');
    assert.match(one ?? '', /^a, created.*renamedFrom old/u);
    assert.match(two ?? '', /^b, deleted/u);
    assert.match(three ?? '', /^c, modified.*binaryMark/u);
    assert.equal(get(page, '.kind.created').textContent.trim().startsWith('R'), true);
  });
});
