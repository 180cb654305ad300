import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { pageMarkup } from '../../src/panel/markup';
import type { PanelState, ToHost, ToPage } from '../../src/panel/protocol';
import { bundled } from './panel-page';

const PROJECT = resolve(__dirname, '..', '..');
const TYPES: Record<string, string> = { html: 'text/html', css: 'text/css', js: 'text/javascript', ttf: 'font/ttf' };

interface Look {
  width?: number;
  height?: number;
  /** More rules, as the editor gives them to a page: the colours of a theme. */
  style?: string;
  language?: string;
  reducedMotion?: 'reduce' | 'no-preference';
}

/** What runs in the page before the product's script: the editor's side of it, and ears for what must not happen. */
const BEFORE = `
  window.sent = [];
  window.acquireVsCodeApi = () => ({ postMessage: (message) => sent.push(message), getState() {}, setState() {} });
  window.refused = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => refused.push([violatedDirective, blockedURI, sample].join(' ')));
  window.take = (message) => window.dispatchEvent(new MessageEvent('message', { data: message }));
  window.frames = async () => { for (let n = 0; n < 3; n++) await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))); };`;

/** The panel's page as the product serves it, its policy with it, in a real browser. */
export class BrowserPage {
  /** Addresses asked for that are not of the page's own files. */
  readonly asked: string[] = [];
  /** Windows and dialogs that came up, and faults that the page told of. */
  readonly events: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly browser: Browser,
    private readonly server: Server,
  ) {}

  static async open({ width = 350, height = 900, style = '', language = 'en', reducedMotion }: Look = {}) {
    const server = await serve(style, language);
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { launchBrowser } = (await import(join(PROJECT, 'scripts', 'editor-server.mjs'))) as {
      launchBrowser: () => Promise<Browser>;
    };
    const browser = await launchBrowser();
    const context = await browser.newContext({
      viewport: { width, height },
      ...(reducedMotion === undefined ? {} : { reducedMotion }),
    });
    const page = await context.newPage();
    const opened = new BrowserPage(page, context, browser, server);
    opened.#listen(origin);
    await page.addInitScript(BEFORE);
    await page.goto(`${origin}/page.html`);
    await page.waitForFunction(`sent.some(({ type }) => type === 'ready')`);
    return opened;
  }

  #listen(origin: string): void {
    const { page, context, asked, events } = this;
    context.on('request', (request) => {
      if (!request.url().startsWith(`${origin}/`)) asked.push(request.url());
    });
    context.on('page', (other) => events.push(`a window: ${other.url()}`));
    page.on('framenavigated', (frame) => {
      if (frame.url() !== `${origin}/page.html`) events.push(`went to ${frame.url()}`);
    });
    page.on('dialog', (dialog) => {
      events.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('pageerror', (error) => events.push(`an error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') events.push(`a fault: ${message.text()}`);
    });
  }

  async take(message: ToPage): Promise<void> {
    await this.page.evaluate(`take(${JSON.stringify(message)})`);
  }

  async draw(state: Partial<PanelState>): Promise<void> {
    await this.take({ type: 'state', state });
    await this.page.evaluate('frames()');
  }

  /** What the page has sent since it was asked last. */
  sent(): Promise<ToHost[]> {
    return this.page.evaluate<ToHost[]>('sent.splice(0)');
  }

  /** What the page's policy had to refuse. */
  refused(): Promise<string[]> {
    return this.page.evaluate<string[]>('refused');
  }

  async close(): Promise<void> {
    await this.browser.close();
    await new Promise((closed) => this.server.close(closed));
  }
}

async function serve(style: string, language: string): Promise<Server> {
  const file = (...parts: string[]): Promise<Buffer> => readFile(join(PROJECT, ...parts));
  const icons = join('node_modules', '@vscode', 'codicons', 'dist');
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '', 'http://x').pathname.slice(1);
    const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain';
    const answer = (text: string | Buffer | undefined): void => {
      response.writeHead(text === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` }).end(text ?? '');
    };
    const files: Record<string, () => Promise<string | Buffer>> = {
      'page.html': async () => markup(request.headers.host ?? '', language),
      'media/panel.css': async () => `${String(await file('media', 'panel.css'))}\n${style}`,
      'dist/codicon.css': () => file(icons, 'codicon.css'),
      'dist/codicon.ttf': () => file(icons, 'codicon.ttf'),
      'dist/panel.js': () => bundled('src/panel/client/main.tsx'),
      'dist/panel-colours.js': () => bundled('src/panel/client/colours/main.ts'),
      'dist/panel-curves.js': () => bundled('src/panel/client/curves/main.ts'),
      // A browser asks for it by itself.
      'favicon.ico': async () => '',
    };
    void (files[name]?.() ?? Promise.resolve(undefined)).then(answer, () => answer(undefined));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}

function markup(host: string, language: string): string {
  const origin = `http://${host}`;
  return pageMarkup({ language, nonce: 'of-this-page', origin, address: (...parts) => `${origin}/${parts.join('/')}` });
}
