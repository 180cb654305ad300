import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { parseHTML } from 'linkedom';
import type { PanelState } from '../../../src/panel/protocol';
import type { PanelComposer } from '../../../src/panel/sections/composer';
import type { PanelSessionRow } from '../../../src/panel/sections/sessions';
import { composer, sessionList } from '../../support/composer-state';
import { stateMessage } from '../../support/panel-page';
import { labels } from './labels';

const HOSTILE = '<img src=x onerror="alert(1)">';

interface Element {
  textContent: string;
  value: string;
  hidden: boolean;
  disabled: boolean;
  click(): void;
  getAttribute(name: string): string | null;
  dispatchEvent(event: object): boolean;
}
interface Document {
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
}
interface Dom {
  document: Document;
  Event: new (type: string, init: object) => object;
  HTMLElement: { prototype: object };
}

let bundle = '';

/** The real bundle in a DOM without an editor round it, as a person at a keyboard uses it. */
class Page {
  readonly sent: { type: string; [key: string]: unknown }[] = [];
  /** What the host was told last of what stands in the prompt: it comes a moment after the last key. */
  typed: unknown;
  saved: unknown;
  readonly #dom: Dom;
  readonly #listeners: ((event: { data: unknown }) => void)[] = [];

  constructor(saved?: unknown) {
    this.#dom = parseHTML('<html><body><main id="panel"></main></body></html>') as unknown as Dom;
    // This DOM does not lay anything out.
    Object.assign(this.#dom.HTMLElement.prototype, {
      scrollIntoView: () => undefined,
      setSelectionRange: () => undefined,
    });
    const api = {
      postMessage: (message: { type: string; text?: string }) => {
        if (message.type === 'typed') this.typed = message.text;
        else this.sent.push(message);
      },
      getState: () => saved,
      setState: (state: unknown) => (this.saved = state),
    };
    const stand = {
      addEventListener: (_: string, listener: (event: { data: unknown }) => void) => this.#listeners.push(listener),
    };
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the bundle is our own, and this is how a page gets it
    new Function('window', 'document', 'acquireVsCodeApi', bundle)(stand, this.#dom.document, () => api);
  }

  async receive(
    some: { composer?: Partial<PanelComposer>; sessions?: Partial<PanelState['sessions']> } = {},
  ): Promise<void> {
    const { state } = stateMessage({
      head: { title: 'Fix it', status: { kind: 'done', detail: '' } },
      labels,
      composer: { ...composer, ...some.composer },
      sessions: { ...sessionList, ...some.sessions },
    });
    for (const listener of this.#listeners) listener({ data: { type: 'state', state } });
    await drawn();
  }

  get prompt(): Element {
    return this.get('textarea');
  }

  get(selector: string): Element {
    const found = this.#dom.document.querySelector(selector);
    assert.ok(found, `nothing matches ${selector}`);
    return found;
  }

  all(selector: string): Element[] {
    return [...this.#dom.document.querySelectorAll(selector)];
  }

  button(label: string): Element {
    const found = this.all('button').find(
      (one) => one.getAttribute('aria-label') === label || one.textContent === label,
    );
    assert.ok(found, `no button ${label}`);
    return found;
  }

  async type(text: string): Promise<void> {
    this.prompt.value = text;
    await this.fire('input', {});
  }

  async fire(type: string, fields: object): Promise<void> {
    this.prompt.dispatchEvent(Object.assign(new this.#dom.Event(type, { bubbles: true, cancelable: true }), fields));
    await drawn();
  }

  key(key: string, fields: object = {}): Promise<void> {
    return this.fire('keydown', { key, keyCode: 0, ...fields });
  }

  get last(): unknown {
    return this.sent.at(-1);
  }
}

const drawn = (): Promise<void> => new Promise((done) => setTimeout(done, 5));

describe('panel page: the composer', () => {
  before(async () => {
    const built = await build({
      bundle: true,
      format: 'iife',
      target: 'es2022',
      write: false,
      jsx: 'automatic',
      jsxImportSource: 'preact',
      entryPoints: ['src/panel/client/main.tsx'],
    });
    bundle = built.outputFiles[0]?.text ?? '';
  });

  it('sends by Enter, writes a line by Shift+Enter, and leaves Enter to an input method', async () => {
    const page = new Page();
    await page.receive();
    await page.type('fix it');
    await page.key('Enter', { shiftKey: true });
    await page.key('Enter', { isComposing: true });
    await page.key('Enter', { keyCode: 229 });
    assert.deepEqual(page.sent.slice(1), []);
    await page.key('Enter');
    assert.deepEqual(page.last, { type: 'send', text: 'fix it' });
    assert.equal(page.prompt.value, '');
    await page.key('Enter');
    await page.type(' \n ');
    await page.key('Enter');
    assert.equal(page.sent.length, 2, 'nothing is sent where nothing is written');
  });

  it('steers by Ctrl+Enter and by its button while a run is at work, which alone can be stopped', async () => {
    const page = new Page();
    await page.receive();
    assert.throws(() => page.button(labels.stopRun), /no button/u);
    await page.receive({ composer: { busy: true } });
    await page.type('look at tests first');
    await page.key('Enter', { ctrlKey: true });
    assert.deepEqual(page.last, { type: 'steer', text: 'look at tests first' });
    await page.type('and this');
    page.button(labels.steer).click();
    assert.deepEqual(page.last, { type: 'steer', text: 'and this' });
    page.button(labels.stopRun).click();
    assert.deepEqual(page.last, { type: 'stopRun' });
  });

  it('keeps what was typed when the page is gone, and takes what comes back in once', async () => {
    const page = new Page();
    await page.receive();
    await page.type('half a thought');
    const again = new Page(page.saved);
    await again.receive({ composer: { draft: { version: 'v1', text: 'refused' } } });
    assert.equal(again.prompt.value, 'refused\n\nhalf a thought');
    await again.type('');
    const third = new Page(again.saved);
    await third.receive({ composer: { draft: { version: 'v1', text: 'refused' } } });
    assert.equal(third.prompt.value, '');
    await third.receive({ composer: { draft: { version: 'v2', text: 'refused again' } } });
    assert.equal(third.prompt.value, 'refused again');
  });

  it('tells the host what is typed, and takes it from there where the page has forgotten it', async () => {
    const page = new Page();
    await page.receive();
    await page.type('half a');
    await page.type('half a thought');
    while (page.typed === undefined) await drawn();
    assert.equal(page.typed, 'half a thought');
    const again = new Page();
    await again.receive({ composer: { typed: 'half a thought' } });
    assert.equal(again.prompt.value, 'half a thought');
    await again.type('');
    await again.receive({ composer: { typed: 'half a thought' } });
    assert.equal(again.prompt.value, '');
    while (again.typed === undefined) await drawn();
    assert.equal(again.typed, '');
    const kept = new Page(page.saved);
    await kept.receive({ composer: { typed: 'half' } });
    assert.equal(kept.prompt.value, 'half a thought', 'the page itself knows better');
  });

  const item = (id: string, text: string): PanelComposer['suggestions']['items'][number] => ({
    ...{ id, text, label: text, detail: `in ${text}`, icon: 'file' },
  });

  it('suggests for @ anywhere and / at the beginning, and shows only the answer to the latest word', async () => {
    const page = new Page();
    await page.receive();
    await page.type('look at @da');
    const asked = page.last as { request: number };
    assert.deepEqual(asked, { type: 'suggest', request: asked.request, kind: '@', query: 'da' });
    await page.receive({ composer: { suggestions: { request: asked.request - 1, items: [item('old', 'old')] } } });
    assert.deepEqual(page.all('[role=option]'), []);
    const items = [item('a', 'data.py'), item('b', HOSTILE)];
    await page.receive({ composer: { suggestions: { request: asked.request, items } } });
    assert.deepEqual(
      page.all('[role=option]').map((option) => option.getAttribute('aria-selected')),
      ['true', 'false'],
    );
    assert.deepEqual(page.all('img'), []);
    await page.key('ArrowDown');
    await page.key('ArrowDown');
    assert.equal(page.prompt.getAttribute('aria-activedescendant'), 'suggestion-0');
    await page.key('Enter');
    assert.deepEqual(page.last, { type: 'attach', id: 'a' });
    assert.equal(page.prompt.value, 'look at @data.py ');
    assert.deepEqual(page.all('[role=option]'), []);

    await page.type('a/b');
    await page.type('/ed');
    assert.deepEqual(page.last, { type: 'suggest', request: asked.request + 1, kind: '/', query: 'ed' });
    await page.receive({ composer: { suggestions: { request: asked.request + 1, items: [item('s', 'eda')] } } });
    await page.key('Tab');
    assert.equal(page.prompt.value, '/eda ');
    assert.equal(page.sent.filter(({ type }) => type === 'attach').length, 1, 'a skill is called by its word alone');
  });

  it('closes suggestions by Escape, and Enter sends again', async () => {
    const page = new Page();
    await page.receive();
    await page.type('@x');
    const { request } = page.last as { request: number };
    await page.receive({ composer: { suggestions: { request, items: [item('a', 'x.py')] } } });
    await page.key('Escape');
    await page.key('Enter');
    assert.deepEqual(page.last, { type: 'send', text: '@x' });
  });

  it('reads pasted images, and names those that no model takes or that are too large', async () => {
    const page = new Page();
    await page.receive();
    const read: string[] = [];
    Object.assign(globalThis, {
      FileReader: class {
        result = 'data:image/png;base64,QUJD';
        onload: () => void = () => undefined;
        readAsDataURL({ name }: { name: string }): void {
          read.push(name);
          this.onload();
        }
      },
    });
    const file = (name: string, type: string, size = 10): object => ({ name, type, size });
    const paste = (...files: object[]): Promise<void> => page.fire('paste', { clipboardData: { files } });
    await paste(file('a.png', 'image/png'));
    assert.deepEqual(page.last, { type: 'attachImage', name: 'a.png', data: 'QUJD' });
    await paste(file('b.svg', 'image/svg+xml'));
    assert.match(page.get('[role=alert].reason').textContent, /wrongType b\.svg/u);
    await paste(file('c.png', 'image/png', 6_000_000));
    assert.match(page.get('[role=alert].reason').textContent, /tooLarge c\.png/u);
    assert.deepEqual(read, ['a.png']);
    // Several at once: each is named, and of too many the first are taken.
    await paste(file('d.txt', 'text/plain'), file('e.png', 'image/png', 6_000_000));
    assert.match(page.get('[role=alert].reason').textContent, /wrongType d\.txt[^]*tooLarge e\.png/u);
    const attachments = Array.from({ length: 8 }, (_, id) => ({ id: `${id}`, label: 'x', icon: 'file-media' }));
    await page.receive({ composer: { attachments } });
    await paste(...['f', 'g', 'h', 'i'].map((name) => file(`${name}.png`, 'image/png')));
    assert.match(page.get('[role=alert].reason').textContent, /tooMany 10 2/u);
    assert.deepEqual(read, ['a.png', 'f.png', 'g.png']);
  });

  it('takes what is dropped anywhere on the page: images as they are, files of the editor by their addresses', async () => {
    const page = new Page();
    await page.receive();
    const drag = (type: string, types: string[], files: object[], list = ''): Promise<void> =>
      page.fire(type, { relatedTarget: null, dataTransfer: { types, files, getData: () => list } });
    const editors = 'application/vnd.code.uri-list';
    await drag('dragover', [editors], []);
    assert.ok(page.all('.box.over').length === 1);
    await drag('dragleave', [editors], []);
    assert.deepEqual(page.all('.box.over'), []);
    await drag('drop', [editors], [], '# of two\r\nfile:///w/a.py\r\nfile:///w/b%20c.py\r\n');
    assert.deepEqual(page.last, { type: 'attachFiles', uris: ['file:///w/a.py', 'file:///w/b%20c.py'] });
    const many = Array.from({ length: 30 }, (_, n) => `file:///w/${n}`);
    await drag('drop', [editors], [], [`file:///${'x'.repeat(5_000)}`, ...many].join('\n'));
    assert.deepEqual(page.last, { type: 'attachFiles', uris: many.slice(0, 20) });
    const sent = page.sent.length;
    await drag('drop', [editors], []);
    await drag('drop', ['text/plain'], []);
    assert.equal(page.sent.length, sent);
    await drag('drop', ['Files'], [{ name: 'b.svg', type: 'image/svg+xml', size: 10 }]);
    assert.match(page.get('[role=alert].reason').textContent, /wrongType b\.svg/u);
  });

  it('shows what is attached, waits and must be known as text, each with its way back', async () => {
    const page = new Page();
    await page.receive({
      composer: {
        attachments: [{ id: 'f', label: HOSTILE, icon: 'file' }],
        said: ['now'],
        queue: [{ id: 'q', text: `${HOSTILE}\u202e` }],
        notice: { lines: [HOSTILE], buttons: [{ id: 'mlEngineer.setApiKey', label: 'Set API Key' }] },
      },
    });
    assert.deepEqual(page.all('img'), []);
    const said = page.all('.waiting-message .content').map(({ textContent }) => textContent);
    assert.deepEqual(said, ['saidMeanwhile now {1}', `${HOSTILE}⟨U+202E⟩`]);
    for (const label of [`detach ${HOSTILE} {1}`, `takeBack ${HOSTILE}⟨U+202E⟩ {1}`, 'Set API Key', labels.dismiss])
      page.button(label).click();
    page.button(labels.sendWaiting).click();
    page.button('model Auto {1}').click();
    // A model that takes no effort offers none.
    assert.doesNotMatch(page.get('.pickers').textContent, /effort/u);
    await page.receive({ composer: { effort: 'high' } });
    page.button('effort high {1}').click();
    assert.deepEqual(page.sent.slice(1), [
      { type: 'detach', id: 'f' },
      { type: 'unqueue', id: 'q' },
      { type: 'press', id: 'mlEngineer.setApiKey' },
      { type: 'dismiss' },
      { type: 'sendWaiting' },
      { type: 'pick', what: 'model' },
      { type: 'pick', what: 'effort' },
    ]);
    await page.receive();
    assert.equal(page.get('.notice').textContent, '');
  });

  it('stays the same element when a session comes and goes, so that nobody loses the word they type', async () => {
    const page = new Page();
    await page.receive();
    const { prompt } = page;
    await page.type('half');
    await page.receive({ composer: { busy: true, queue: [{ id: 'q', text: 'x' }] } });
    assert.equal(page.prompt, prompt);
    assert.equal(page.prompt.value, 'half');
  });
});

describe('panel page: the sessions', () => {
  const row = (some: Partial<PanelSessionRow> = {}): PanelSessionRow => ({
    ...{
      id: 's1',
      title: 'Fix the split',
      used: 'today',
      atWork: false,
      current: false,
      terminal: false,
      elsewhere: '',
    },
    ...some,
  });

  it('asks for the list only while it is open, also after the page was gone', async () => {
    const page = new Page();
    await page.receive();
    assert.deepEqual(page.sent.slice(1), []);
    page.get('.sessions .toggle').click();
    assert.deepEqual(page.last, { type: 'listSessions', query: '' });
    const again = new Page(page.saved);
    await again.receive();
    assert.deepEqual(again.last, { type: 'listSessions', query: '' });
    again.get('.sessions .toggle').click();
    assert.deepEqual(again.last, { type: 'listSessions', query: null });
  });

  it('goes on with a session of this folder, shows the others, and deletes with a way back', async () => {
    const page = new Page();
    await page.receive();
    page.get('.sessions .toggle').click();
    const rows = [
      row({ title: HOSTILE, current: true }),
      row({ id: 's2', title: '', elsewhere: '/other', terminal: true }),
      row({ id: 's3', atWork: true }),
    ];
    await page.receive({ sessions: { rows, more: 3 } });
    assert.deepEqual(page.all('img'), []);
    const opens = page.all('.session-open');
    assert.deepEqual(
      opens.map(({ disabled }) => disabled),
      [false, true, false],
    );
    assert.equal(opens[0]?.getAttribute('aria-current'), 'true');
    assert.match(opens[1]?.textContent ?? '', /untitled[^]*inTerminal[^]*elsewhere \/other/u);
    opens[0]?.click();
    assert.deepEqual(page.last, { type: 'openSession', id: 's1' });
    page.button('sessionActions untitled {0} {1} {1}').click();
    assert.deepEqual(page.last, { type: 'sessionActions', id: 's2' });
    assert.equal(page.button('deleteSession Fix the split {1}').disabled, true, 'one at work is not deleted');
    page.button(`deleteSession ${HOSTILE} {1}`).click();
    assert.deepEqual(page.last, { type: 'deleteSession', id: 's1' });
    await page.receive({ sessions: { rows: [], deleted: HOSTILE } });
    assert.deepEqual(page.all('img'), []);
    page.button(labels.undo).click();
    assert.deepEqual(page.last, { type: 'undoDelete' });
  });
});
