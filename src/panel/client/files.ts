import type { Labels, PanelFile, ToHost } from '../protocol';
import { drawDiff } from './diff';
import { element, fill, glyph } from './element';

const KIND_GLYPH = { created: 'A', deleted: 'D', modified: 'M' } as const;

/** What the page itself remembers: which diffs are open. It may be lost at any time. */
export interface Opened {
  has(path: string): boolean;
  set(path: string, open: boolean): void;
}

interface Item {
  key: string;
  node: HTMLElement;
}

/** The list of changed files. A file that did not change keeps its element, and with it focus and scroll. */
export class FileList {
  readonly node = element('ul', { class: 'files', attributes: { role: 'list' } });
  #items = new Map<string, Item>();
  #nextId = 0;
  #said = '';
  readonly #send: (message: ToHost) => void;
  readonly #opened: Opened;

  constructor(send: (message: ToHost) => void, opened: Opened) {
    this.#send = send;
    this.#opened = opened;
  }

  redraw(files: readonly PanelFile[], labels: Labels): void {
    const kept = new Map<string, Item>();
    const said = JSON.stringify(labels);
    if (said !== this.#said) this.#items.forEach((item) => (item.key = ''));
    this.#said = said;
    // What is gone goes first: then what stays need not be moved, and a moved element would lose focus.
    const paths = new Set(files.map(({ path }) => path));
    for (const [path, { node }] of this.#items) if (!paths.has(path)) node.remove();
    files.forEach((file, index) => {
      const key = JSON.stringify([file.version, file.shown, file.kind]);
      const known = this.#items.get(file.path);
      const item = known?.key === key ? known : { key, node: this.#draw(file, labels) };
      kept.set(file.path, item);
      const focused = known !== item && known?.node.contains(document.activeElement);
      if (known && known !== item) known.node.replaceWith(item.node);
      const there = this.node.children[index];
      if (there !== item.node) this.node.insertBefore(item.node, there ?? null);
      if (focused) item.node.querySelector('button')?.focus();
    });
    this.#items = kept;
  }

  #draw(file: PanelFile, labels: Labels): HTMLElement {
    const body = element('div', { class: 'body', attributes: { id: `diff-${this.#nextId++}` } });
    const toggle = element(
      'button',
      {
        class: 'toggle',
        attributes: { type: 'button', 'aria-controls': body.id, title: file.shown },
        onClick: () => show(!this.#opened.has(file.path)),
      },
      glyph('›', 'twistie'),
      ...drawName(file, labels),
    );
    const show = (open: boolean): void => {
      this.#opened.set(file.path, open);
      toggle.setAttribute('aria-expanded', String(open));
      body.hidden = !open;
      // Drawn when it is opened: a thousand closed files cost a thousand lines, not a thousand diffs.
      if (open && !body.firstChild) body.append(this.#drawActions(file, labels), drawDiff(file, labels));
    };
    show(this.#opened.has(file.path));
    return element('li', { class: 'file' }, toggle, body);
  }

  #drawActions(file: PanelFile, labels: Labels): HTMLElement {
    const action = (text: string, label: string, type: 'openDiff' | 'openFile'): HTMLElement =>
      element('button', {
        class: 'link',
        text,
        attributes: { type: 'button', 'aria-label': fill(label, file.shown) },
        onClick: () => this.#send({ type, path: file.path }),
      });
    return element(
      'div',
      { class: 'actions' },
      action(labels.openDiff, labels.openDiffOf, 'openDiff'),
      file.kind === 'deleted' ? undefined : action(labels.openFile, labels.openFileOf, 'openFile'),
    );
  }
}

function drawName(file: PanelFile, labels: Labels): HTMLElement[] {
  const cut = Math.max(file.shown.lastIndexOf('/'), file.shown.lastIndexOf('\\')) + 1;
  const name = element(
    'span',
    { class: 'name' },
    element('span', { class: 'base', text: file.shown.slice(cut) }),
    element('span', { class: 'folder', text: file.shown.slice(0, Math.max(0, cut - 1)) }),
  );
  const kind = element(
    'span',
    { class: `kind ${file.kind}` },
    glyph(KIND_GLYPH[file.kind], ''),
    spoken(labels[file.kind]),
  );
  if (!file.counts) return [name, kind];
  const { added, removed } = file.counts;
  const counts = element(
    'span',
    { class: 'counts' },
    added > 0 ? glyph(`+${added}`, 'plus') : undefined,
    removed > 0 ? glyph(`−${removed}`, 'minus') : undefined,
    spoken(fill(labels.counts, added, removed)),
  );
  return [name, counts, kind];
}

/** Heard, not seen. */
export function spoken(text: string): HTMLElement {
  return element('span', { class: 'spoken', text: ` ${text} ` });
}
