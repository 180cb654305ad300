import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { LABEL_KEYS, type Labels, type ToPage } from '../../src/panel/protocol';
import type { ActivityRow } from '../../src/panel/sections/activity';
import type { PanelMeter } from '../../src/panel/sections/meter';
import { PROJECT } from '../support/journey';
import { buildPage, stateMessage } from '../support/panel-page';

const ROWS = 3_000;
const labels = Object.fromEntries(LABEL_KEYS.map((key) => [key, `${key} {0} {1}`])) as Labels;

/** Rows of many heights, none as high as it is taken for before it was drawn. */
function rowOf(index: number): ActivityRow {
  const isText = index % 3 === 0;
  return {
    ...{ id: `e${index}`, at: 0, more: !isText },
    ...(isText
      ? { kind: 'text', text: 'word '.repeat((index * 7) % 70) + index }
      : { kind: 'call', text: `run ${index}`, state: 'done', call: `c${index}`, ms: 3, by: 'user', why: 'once' }),
  };
}

const meter: PanelMeter = {
  context: { tokens: 50_000, window: 200_000, parts: [{ part: 'system', tokens: 50_000 }] },
  tokens: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 },
  session: { name: '', usd: 1, unknown: 0 },
  today: 3,
  models: [{ name: 'm', usd: 1, unknown: 1 }],
  droids: [],
  skills: [],
  budgets: [{ name: 'b', used: 1, limit: 2, unit: 'usd' }],
};

const IN_PAGE = `
  window.feed = () => document.querySelector('.feed');
  window.frames = async () => { for (let n = 0; n < 4; n++) await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))); };
  window.topOf = (id) => document.querySelector('[data-row="' + id + '"]')?.getBoundingClientRect().top;
  window.seen = () => {
    const middle = feed().getBoundingClientRect().top + feed().clientHeight / 2;
    return [...feed().querySelectorAll('article')].find((row) => row.getBoundingClientRect().top >= middle).dataset.row;
  };
  window.jumps = async () => {
    let worst = 0;
    for (let step = 0; step < 40; step++) {
      const [id, by] = [seen(), step < 25 ? -130 : 130];
      const before = topOf(id);
      feed().scrollTop += by;
      await frames();
      worst = Math.max(worst, Math.abs(topOf(id) - (before - by)));
    }
    return worst;
  };`;

describe('a long timeline in a browser', () => {
  let browser: Browser;
  let page: Page;
  before(async () => {
    const { launchBrowser } = (await import(resolve(PROJECT, 'scripts', 'editor-server.mjs'))) as {
      launchBrowser: () => Promise<Browser>;
    };
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 350, height: 900 } });
    const style = await readFile(join(PROJECT, 'media', 'panel.css'), 'utf8');
    await page.setContent(`<html lang="en"><title>x</title><style>${style}</style><main id="panel"></main></html>`);
    await page.evaluate('window.acquireVsCodeApi = () => ({ postMessage() {}, getState() {}, setState() {} })');
    await page.addScriptTag({ content: await buildPage() });
    await page.evaluate(IN_PAGE);
    await take(stateMessage({ labels, meter }));
    const changed = Array.from({ length: ROWS }, (_, at) => ({ at, row: rowOf(at) }));
    await take({ type: 'rows', epoch: 1, length: ROWS, changed });
    await page.evaluate('frames()');
  });
  after(() => browser?.close());

  function take(message: ToPage): Promise<unknown> {
    return page.evaluate(`window.dispatchEvent(new MessageEvent('message', { data: ${JSON.stringify(message)} }))`);
  }

  it('begins at its end, stays there while it grows, and never jumps while it is read', async () => {
    const isAtEnd = 'Math.abs(feed().scrollHeight - feed().scrollTop - feed().clientHeight) < 2';
    assert.equal(await page.evaluate(isAtEnd), true);
    await take({ type: 'rows', epoch: 1, length: ROWS + 1, changed: [{ at: ROWS, row: rowOf(ROWS) }] });
    await page.evaluate('frames()');
    assert.equal(await page.evaluate(isAtEnd), true);

    await page.evaluate('feed().scrollTop = feed().scrollHeight / 2');
    await page.evaluate('frames()');
    const worst = await page.evaluate<number>('jumps()');
    assert.ok(worst < 3, `a row that was read jumped by ${worst} px`);

    const read = await page.evaluate<[string, number]>('[seen(), topOf(seen())]');
    await take({ type: 'rows', epoch: 1, length: ROWS + 2, changed: [{ at: ROWS + 1, row: rowOf(ROWS + 1) }] });
    await page.evaluate('frames()');
    assert.equal(await page.evaluate(`topOf('${read[0]}')`), read[1]);
  });

  it('brings into sight what is searched for and where the keys go, and keeps the focus there', async () => {
    await page.fill('.search input', 'run 1000');
    await page.keyboard.press('Enter');
    const inSight = (id: string): Promise<unknown> =>
      page.waitForFunction(
        `(() => { const [box, row] = [feed(), document.querySelector('[data-row="${id}"]')].map((node) => node?.getBoundingClientRect()); return row && row.top >= box.top - 1 && row.bottom <= box.bottom + 1; })()`,
      );
    await inSight('e1000');
    await page.fill('.search input', '');
    await page.locator('[data-row=e1000]').focus();
    for (const [key, id] of [
      ['End', `e${ROWS + 1}`],
      ['Home', 'e0'],
      ['PageDown', 'e10'],
    ] as const) {
      await page.keyboard.press(key);
      await inSight(id);
      await page.waitForFunction(`document.activeElement?.dataset.row === '${id}'`);
    }
    // Out of sight it keeps the focus, so that the keys go on from there.
    await page.evaluate('feed().scrollTop = feed().scrollHeight');
    await page.evaluate('frames()');
    assert.equal(await page.evaluate('document.activeElement.dataset.row'), 'e10');
  });

  it('has nothing that axe finds, and fits into 200 px', async () => {
    await page.locator('.meter .toggle').click();
    await page.addScriptTag({ path: require.resolve('axe-core') });
    // The colours are the editor's, which are not here.
    const found = await page.evaluate<unknown[]>(
      `axe.run(document, { rules: { 'color-contrast': { enabled: false } } }).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))`,
    );
    assert.deepEqual(found, []);
    await page.setViewportSize({ width: 200, height: 900 });
    await page.evaluate('frames()');
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 200);
  });
});
