import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { EventTarget, parseHTML } from 'linkedom';
import type { PanelState, ToPage } from '../../src/panel/protocol';
import { NO_JOBS } from '../../src/panel/folds/jobs';
import { NO_RUNS } from '../../src/panel/folds/runs';
import { composer, sessionList } from './composer-state';

/** As much of a DOM element as tests look at; the project's own types know no DOM. */
export interface Node {
  textContent: string;
  outerHTML: string;
  hidden: boolean;
  value: string;
  parentNode: Node | null;
  click(): void;
  focus(): void;
  dispatchEvent(event: object): boolean;
  getAttribute(name: string): string | null;
  querySelector(selector: string): Node | null;
  querySelectorAll(selector: string): Iterable<Node>;
}

export interface Page {
  document: Node;
  Event: new (type: string, init: object) => object;
  sent: unknown[];
  saved: unknown[];
  receive(data: unknown): void;
  /** Puts text into a field, as typing does. */
  type(field: Node, text: string): void;
  press(node: Node, key: string): void;
}

const bundles = new Map<string, Promise<string>>();

/** A script of the page, as the product has it. */
export function bundled(entry: string): Promise<string> {
  const known = bundles.get(entry) ?? bundle(entry);
  bundles.set(entry, known);
  return known;
}

async function bundle(entry: string): Promise<string> {
  const built = await build({
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryPoints: [entry],
  });
  return built.outputFiles[0]?.text ?? '';
}

/** The page's bundle. */
export const buildPage = (): Promise<string> => bundled('src/panel/client/main.tsx');

type Listener = (this: unknown, event: { currentTarget: unknown }) => unknown;

/** This DOM calls listeners on the element that the event began at; a browser calls them on their own. And it has no layout. */
function actAsBrowser(): void {
  const prototype = EventTarget.prototype as unknown as {
    addEventListener: (this: unknown, type: string, listener: Listener, options: unknown) => void;
    scrollIntoView?: () => void;
    isBound?: boolean;
  };
  if (prototype.isBound) return;
  prototype.isBound = true;
  prototype.scrollIntoView = () => undefined;
  const add = prototype.addEventListener;
  prototype.addEventListener = function (type, listener, options) {
    add.call(this, type, (event) => listener.call(event.currentTarget, event), options);
  };
}

/** Runs the real bundle, as the webview would, in a DOM without an editor round it. */
export function openPage(bundle: string, saved?: unknown): Page {
  actAsBrowser();
  const { document, Event } = parseHTML('<html lang="en"><body><main id="panel"></main></body></html>') as unknown as {
    document: Node;
    Event: new (type: string, init: object) => object;
  };
  const listeners: ((event: { data: unknown }) => void)[] = [];
  const page: Page = {
    document,
    Event,
    sent: [],
    saved: [],
    receive: (data) => listeners.forEach((listener) => listener({ data })),
    type: (field, text) => {
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    },
    press: (node, key) => {
      node.dispatchEvent(Object.assign(new Event('keydown', { bubbles: true, cancelable: true }), { key }));
    },
  };
  const api = {
    postMessage: (message: unknown) => page.sent.push(message),
    getState: () => saved,
    setState: (state: unknown) => page.saved.push(state),
  };
  const stand = {
    addEventListener: (_: string, listener: (event: { data: unknown }) => void) => listeners.push(listener),
  };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the bundle is our own, and this is how a page gets it
  new Function('window', 'document', 'acquireVsCodeApi', bundle)(stand, document, () => api);
  return page;
}

export function get(page: Page, selector: string): Node {
  const node = page.document.querySelector(selector);
  assert.ok(node, `nothing matches ${selector}`);
  return node;
}

export const texts = (page: Page, selector: string): string[] =>
  [...page.document.querySelectorAll(selector)].map((node) => node.textContent);

/** What the page does by itself, it draws a moment later. */
export const drawn = (): Promise<void> => new Promise((done) => setTimeout(done));

/** A state with nothing in it but a title, and what is given. */
export function stateMessage(
  some: Partial<PanelState> & Pick<PanelState, 'labels'>,
): Extract<ToPage, { type: 'state' }> & { state: PanelState } {
  const whole = {
    head: { title: 'Fix it', status: { kind: 'running' as const, detail: '' } },
    asking: { questions: [], waiting: [] },
    agents: [],
    todos: [],
    skills: [],
    changes: { files: [], moreFiles: 0 },
    checkpoints: { rows: [], more: 0, undo: null },
    activity: { session: 's', running: true, writing: null, calls: [], agents: [] },
    meter: NO_METER,
    composer,
    sessions: sessionList,
    runs: NO_RUNS,
    jobs: NO_JOBS,
  };
  return { type: 'state', state: { ...whole, ...some } };
}

export const NO_METER: PanelState['meter'] = {
  context: null,
  tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  session: { name: '', usd: 0, unknown: 0 },
  today: null,
  costs: { session: { models: [], droids: [], skills: [] }, today: null },
  budgets: [],
  compute: null,
};
