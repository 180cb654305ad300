import assert from 'node:assert/strict';
import type { PanelState } from '../../../src/panel/protocol';
import type { PanelAgent } from '../../../src/panel/sections/agents';
import type { PanelQuestion } from '../../../src/panel/sections/asking';
import type { PanelFile } from '../../../src/panel/sections/changes';
import { buildPage, drawn, get, openPage, stateMessage, texts, type Node, type Page } from '../../support/panel-page';
import { labels } from './labels';

const MAX_BUNDLE_BYTES = 150_000;
const HOSTILE = '<img src=x onerror="alert(1)">';

let bundle = '';
const open = (saved?: unknown): Page => openPage(bundle, saved);

function fileOf(shown: string, text: string, version = '1'): PanelFile {
  return {
    path: `/work/${shown}`,
    shown,
    kind: 'modified',
    reviewed: false,
    version,
    counts: { added: 1, removed: 0 },
    diff: {
      kind: 'text',
      hunks: [{ header: '@@ -1,0 +1,1 @@', rows: [{ sign: '+', line: 1, text, cut: false }] }],
      moreRows: 0,
    },
  };
}

interface Some extends Partial<Omit<PanelState, 'head' | 'asking' | 'changes'>> {
  title?: string;
  status?: PanelState['head']['status'];
  questions?: PanelQuestion[];
  waiting?: string[];
  files?: PanelFile[];
}

function state(some: Some = {}): { type: 'state'; state: PanelState } {
  const { title = 'Fix it', status = { kind: 'running', detail: '' }, ...rest } = some;
  const { questions = [], waiting = [], files = [], ...sections } = rest;
  return stateMessage({
    head: { title, status },
    asking: { questions, waiting },
    changes: { files, moreFiles: 0 },
    labels,
    ...sections,
  });
}

describe('panel page', () => {
  before(async () => {
    bundle = await buildPage();
  });

  it('is small', () => {
    assert.ok(Buffer.byteLength(bundle) < MAX_BUNDLE_BYTES, `${Buffer.byteLength(bundle)} bytes`);
  });

  it('makes no code from text', () => {
    assert.doesNotMatch(bundle, /\beval\(|new Function|document\.write|insertAdjacentHTML/u);
  });

  it('draws sections that come alone, once it has all', () => {
    const page = open();
    const { head, ...others } = state({ todos: [{ id: '1', content: 'a', status: 'pending' }] }).state;
    page.receive({ type: 'state', state: others });
    assert.equal(texts(page, '.todo').length, 0);
    page.receive({ type: 'state', state: { head } });
    page.receive({ type: 'state', state: { head: { ...head, title: 'Other' } } });
    assert.deepEqual([texts(page, '.title'), texts(page, '.todo .content')], [['Other'], ['a']]);
  });

  it('names skills with what became of them, and nothing where there are none', () => {
    const page = open();
    page.receive(state());
    assert.equal(page.document.querySelector('[aria-label^="skills"]'), null);
    const reason = 'the work is on <b>x</b>';
    page.receive(state({ skills: [{ name: 'drift', state: 'offered', reason }] }));
    assert.deepEqual(texts(page, '.skill span'), ['drift', `${labels.offered}: ${reason}`]);
  });

  it('says ready, and what to do while there is nothing', () => {
    const page = open();
    assert.deepEqual(page.sent, [{ type: 'ready' }]);
    page.receive(state({ status: { kind: 'none', detail: '' } }));
    assert.match(get(page, '#panel').textContent, /emptyBody/u);
    get(page, 'button').click();
    assert.deepEqual(page.sent.at(-1), { type: 'openChat' });
  });

  it('shows hostile names, diffs, todos and messages as text', async () => {
    const page = open();
    page.receive(
      state({
        title: HOSTILE,
        status: { kind: 'failed', detail: HOSTILE },
        todos: [{ id: '1', content: HOSTILE, status: 'pending' }],
        files: [fileOf(`${HOSTILE}/${HOSTILE}`, `</span>${HOSTILE}`)],
        labels: { ...labels, changes: HOSTILE },
      }),
    );
    get(page, '.toggle').click();
    await drawn();
    assert.deepEqual([...page.document.querySelectorAll('img, script, [onerror]')], []);
    assert.equal(get(page, '.code').textContent, `</span>${HOSTILE}`);
    assert.equal(get(page, '.todo .content').textContent, HOSTILE);
    assert.equal(get(page, '.base').textContent, HOSTILE);
    assert.match(get(page, '.status').textContent, /<img/u);
  });

  it('makes control characters and direction marks visible', async () => {
    const page = open();
    page.receive(state({ files: [fileOf('a\u202egpj.py', '\u001b[31mred\u0007 \u2066x')] }));
    get(page, '.toggle').click();
    await drawn();
    assert.equal(get(page, '.base').textContent, 'a⟨U+202E⟩gpj.py');
    assert.equal(get(page, '.code').textContent, '␛[31mred␇ ⟨U+2066⟩x');
  });

  it('draws todos with progress, and marks the one in work', () => {
    const page = open();
    const todo = (content: string, status: 'pending' | 'in_progress' | 'completed') => ({
      id: content,
      content,
      status,
    });
    page.receive(state({ todos: [todo('a', 'completed'), todo('b', 'in_progress'), todo('c', 'pending')] }));
    const bar = get(page, '[role=progressbar]');
    assert.deepEqual(
      ['aria-valuenow', 'aria-valuemax', 'aria-valuetext'].map((name) => bar.getAttribute(name)),
      ['1', '3', 'progress 1 3'],
    );
    assert.equal(get(page, '[aria-current=step] .content').textContent, 'b');
    page.receive(state({ todos: [todo('d', 'completed')] }));
    assert.deepEqual(texts(page, '.todo .content'), ['d']);
  });

  it('lets a person tick, move, remove and add todos, and keeps what is typed', async () => {
    const page = open();
    const todo = (id: string) => ({ id, content: `do ${id}`, status: 'pending' as const });
    page.receive(state({ todos: [todo('a'), todo('b'), todo('c')] }));
    const rows = [...page.document.querySelectorAll('.todo')];
    const buttons = rows.map((row) => [...row.querySelectorAll('button')]);
    assert.deepEqual(
      [buttons[0]?.[0], buttons[2]?.[1]].map((button) => button?.getAttribute('disabled')),
      ['', ''],
      'the first does not go up, nor the last down',
    );
    buttons[1]?.[0]?.click();
    buttons[0]?.[1]?.click();
    buttons[1]?.[1]?.click();
    buttons[2]?.[2]?.click();
    const box = rows[1]?.querySelector('input') as Node & { checked: boolean };
    box.checked = true;
    box.dispatchEvent(new page.Event('change', { bubbles: true }));
    const field = get(page, '.add-todo input') as Node & { checked: boolean };
    field.value = 'check the split';
    field.dispatchEvent(new page.Event('input', { bubbles: true }));
    await drawn();
    assert.deepEqual(page.saved.at(-1), { opened: [], drafts: { todo: 'check the split' } });
    (get(page, '.add-todo') as Node & { checked: boolean }).dispatchEvent(
      new page.Event('submit', { bubbles: true, cancelable: true }),
    );
    await drawn();
    assert.deepEqual(page.saved.at(-1), { opened: [], drafts: {} });
    assert.deepEqual(
      page.sent.slice(1).map((message) => (message as { edit: unknown }).edit),
      [
        { kind: 'move', id: 'b', before: 'a' },
        { kind: 'move', id: 'a', before: 'c' },
        { kind: 'move', id: 'b', before: null },
        { kind: 'remove', id: 'c' },
        { kind: 'tick', id: 'b', done: true },
        { kind: 'add', content: 'check the split' },
      ],
    );
  });

  it('opens and closes a diff, asks the host for the real one, and remembers what was open', async () => {
    const page = open();
    page.receive(state({ files: [fileOf('src/a.py', 'x')] }));
    const toggle = get(page, '.toggle');
    const item = get(page, '.file');
    assert.equal(item.getAttribute('aria-expanded'), 'false');
    toggle.click();
    await drawn();
    assert.equal(item.getAttribute('aria-expanded'), 'true');
    assert.deepEqual(page.saved.at(-1), { opened: ['/work/src/a.py'], drafts: {} });
    for (const button of page.document.querySelectorAll('.actions button')) button.click();
    assert.deepEqual(page.sent.slice(1), [
      { type: 'openDiff', path: '/work/src/a.py' },
      { type: 'openFile', path: '/work/src/a.py' },
    ]);

    const reopened = open(page.saved.at(-1));
    reopened.receive(state({ files: [fileOf('src/a.py', 'x')] }));
    assert.equal(get(reopened, '.code').textContent, 'x');
  });

  it('keeps the elements of files that did not change when others come, change and go', () => {
    const page = open();
    page.receive(state({ files: [fileOf('a', '1'), fileOf('b', '1'), fileOf('c', '1')] }));
    const [, b] = page.document.querySelectorAll('.file');
    page.receive(state({ files: [fileOf('b', '1'), fileOf('c', '2', '2'), fileOf('d', '1')] }));
    const files = [...page.document.querySelectorAll('.file')];
    assert.equal(files[0], b);
    assert.deepEqual(texts(page, '.base'), ['b', 'c', 'd']);
    page.receive(state({ files: [] }));
    assert.deepEqual(texts(page, '.base'), []);
  });

  it('comes back from the empty page and goes back to it', () => {
    const page = open();
    page.receive(state({ status: { kind: 'none', detail: '' } }));
    page.receive(state({ files: [fileOf('a', '1')] }));
    assert.deepEqual([texts(page, '.base'), texts(page, '.empty')], [['a'], []]);
    page.receive(state({ status: { kind: 'none', detail: '' } }));
    assert.equal(texts(page, '.empty').length, 1);
  });

  it('drops a message it does not understand and keeps what it shows', () => {
    const page = open();
    page.receive(state({ files: [fileOf('a', '1')] }));
    const error = console.error;
    console.error = () => undefined;
    try {
      for (const message of [null, {}, { type: 'state' }, { type: 'state', state: { files: HOSTILE } }])
        page.receive(message);
    } finally {
      console.error = error;
    }
    assert.deepEqual(texts(page, '.base'), ['a']);
  });

  const agent = (some: Partial<PanelAgent> = {}): PanelAgent => ({
    session: 's-agent-1',
    name: 'scout',
    description: 'look',
    state: 'running',
    background: true,
    turns: 2,
    cost: '$0.01',
    detail: 'Reading a.py',
    ...some,
  });

  it('shows each subagent with its state, and keeps the focus on its button while it works on', () => {
    const page = open();
    page.receive(
      state({
        agents: [agent(), agent({ session: 's-agent-2', name: 'fixer', background: false, state: 'done', detail: '' })],
      }),
    );
    assert.match(get(page, '.agents').textContent, /scout[^]*Reading a\.py[^]*2[^]*\$0\.01/u);
    const [open1, stop1, ...rest] = [...page.document.querySelectorAll('.agent button')];
    assert.equal(rest.length, 1, 'one that is not in the background, or done, is not stopped here');
    open1?.click();
    stop1?.click();
    assert.deepEqual(page.sent.slice(1), [
      { type: 'openTranscript', session: 's-agent-1' },
      { type: 'stopAgent', session: 's-agent-1' },
    ]);
    page.receive(state({ agents: [agent({ turns: 3, detail: HOSTILE })] }));
    assert.equal(page.document.querySelector('.agent button'), open1);
    assert.equal(page.document.querySelector('.agent img'), null);
    assert.equal([...page.document.querySelectorAll('.agent')].length, 1);
    page.receive(state({ agents: [agent({ state: 'done', detail: '' })] }));
    assert.equal([...page.document.querySelectorAll('.agent button')].length, 1);
  });

  const question: PanelQuestion = {
    id: 'q1',
    title: `Subagent fixer: Run a command`,
    body: `rm -rf data ${HOSTILE} \u202e</pre>`,
    facts: ['Pre-flight passed 1 minute ago.'],
    losses: ['data/x.csv: data set, 3 MB'],
    reasons: ['Why you are asked: may lose data'],
    editable: null,
    choices: [
      { choice: 'once', label: 'Allow Once' },
      { choice: 'deny', label: 'Deny' },
    ],
  };

  it('asks with the whole text and its own buttons, and a card goes when it was answered', () => {
    const page = open();
    page.receive(state({ questions: [question, { ...question, id: 'q2' }] }));
    assert.deepEqual(texts(page, '.question .would')[0], `rm -rf data ${HOSTILE} ⟨U+202E⟩</pre>`);
    assert.equal(page.document.querySelector('.question img'), null);
    assert.deepEqual(texts(page, '.choices > button:not(.link)'), ['Allow Once', 'Deny', 'Allow Once', 'Deny']);
    assert.deepEqual(texts(page, '.losses li'), Array(2).fill('data/x.csv: data set, 3 MB'));
    const [first] = [...page.document.querySelectorAll('.question')];
    [...page.document.querySelectorAll('.choices > button:not(.link)')][3]?.click();
    assert.deepEqual(page.sent.slice(1), [{ type: 'answer', id: 'q2', choice: 'deny' }]);
    page.receive(state({ questions: [question], todos: [{ id: '1', content: 'x', status: 'pending' }] }));
    assert.deepEqual([...page.document.querySelectorAll('.question')], [first]);
    page.receive(state({}));
    assert.deepEqual([...page.document.querySelectorAll('.question')], []);
  });

  it('lets a command be written anew before it runs, and a refusal say why', async () => {
    const page = open();
    page.receive(state({ questions: [{ ...question, body: 'rm -rf data', editable: 'rm -rf data' }] }));
    const write = async (text: string): Promise<void> => {
      const field = get(page, '.writing');
      field.value = text;
      field.dispatchEvent(new page.Event('input', { bubbles: true }));
      await drawn();
      get(page, '.choices .primary').click();
    };
    const [edit, deny] = [...page.document.querySelectorAll('.choices .link')];
    edit?.click();
    await drawn();
    assert.equal(get(page, '.writing').value, 'rm -rf data');
    await write('ls data');
    get(page, '.choices .secondary').click();
    await drawn();
    [...page.document.querySelectorAll('.choices .link')][1]?.click();
    await drawn();
    await write('keep the data');
    assert.ok(deny);
    assert.deepEqual(page.sent.slice(1), [
      { type: 'answer', id: 'q1', choice: 'once', edited: 'ls data' },
      { type: 'answer', id: 'q1', choice: 'deny', why: 'keep the data' },
    ]);
  });

  it('asks also where there is no session to show', () => {
    const page = open();
    page.receive(state({ title: '', status: { kind: 'none', detail: '' }, questions: [question] }));
    assert.equal(texts(page, '.question').length, 1);
  });

  it('says that the chat waits, and leads there', () => {
    const page = open();
    page.receive(state({ waiting: ['Run a command'] }));
    assert.match(get(page, '.waiting').textContent, /Run a command/u);
    get(page, '.waiting button').click();
    assert.deepEqual(page.sent.slice(1), [{ type: 'goToChat' }]);
    page.receive(state({}));
    assert.equal(get(page, '.waiting').textContent, '');
  });
});
