import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { LABEL_KEYS, type Labels, type PanelState, type ToPage } from '../../src/panel/protocol';
import type { ActivityRow } from '../../src/panel/sections/activity';
import type { PanelMeter } from '../../src/panel/sections/meter';
import { composer } from '../support/composer-state';
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
  costs: { session: { models: [{ name: 'm', usd: 1, unknown: 1 }], droids: [], skills: [] }, today: null },
  budgets: [{ name: 'b', used: 1, limit: 2, unit: 'usd' }],
  compute: null,
};

/** One of each thing that the page can show, with names that do not break. */
function fullState(long: string): Partial<PanelState> {
  const choices = (['once', 'session', 'always', 'deny'] as const).map((choice) => ({
    choice,
    label: `${choice} ${long}`,
  }));
  return {
    head: { title: long, status: { kind: 'limit', detail: `This message has used its 50 turns. ${long}` } },
    asking: {
      questions: [
        { id: 'q', title: long, body: long, facts: [long], losses: [long], reasons: [long], editable: long, choices },
      ],
      waiting: [long],
    },
    agents: [
      {
        session: 'g',
        name: long,
        description: long,
        state: 'running',
        background: true,
        turns: 1,
        cost: '$1',
        detail: long,
      },
    ],
    todos: [
      { id: 't', content: long, status: 'in_progress' },
      { id: 'u', content: 'second', status: 'pending' },
    ],
    skills: [{ name: long, state: 'loaded', reason: long }],
    composer: {
      ...composer,
      effort: 'xhigh',
      droid: long,
      busy: true,
      attachments: [{ id: 'a', label: long, icon: 'file' }],
      said: [long],
      queue: [{ id: 'w', text: long }],
      notice: { lines: [long], buttons: [{ id: 'mlEngineer.goOn', label: `Go On With Another ${long}` }] },
    },
    sessions: {
      rows: [
        { id: 's', title: long, used: 'now', atWork: false, current: true, terminal: true, elsewhere: '' },
        { id: 'x', title: 'other', used: 'now', atWork: false, current: false, terminal: false, elsewhere: long },
      ],
      more: 3,
      deleted: long,
    },
  };
}

const IN_PAGE = `
  window.nameOf = (node) => node.dataset.row ?? (node.getAttribute('aria-label') ?? node.textContent).trim() + ' in ' + (node.closest('[role=region]')?.getAttribute('aria-label') ?? '');
  window.isSeen = (node) => node.checkVisibility() && node.getBoundingClientRect().width > 0;
  window.actions = () => [...document.querySelectorAll('button, input, textarea, a[href]')]
    .filter((node) => isSeen(node) && !node.disabled && node.tabIndex >= 0 && !node.closest('.feed')).map(nameOf);
  window.cutOff = () => [...document.querySelectorAll('button, input, textarea, p')]
    .filter((node) => isSeen(node) && !node.closest('.spoken') && (node.getBoundingClientRect().right > innerWidth + 1 || node.getBoundingClientRect().left < -1)).map(nameOf);
  window.focused = () => {
    const node = document.activeElement;
    if (!node || node === document.body) return ['', true];
    const ring = getComputedStyle(node);
    const box = node.closest('.box');
    const hasRing = ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) > 0;
    return [nameOf(node), hasRing || (node.matches('.prompt') && getComputedStyle(box).borderColor === 'rgb(0, 100, 200)')];
  };
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
    await page.setContent(
      `<html lang="en"><title>x</title><style>:root { --vscode-focusBorder: rgb(0, 100, 200); } ${style}</style><main id="panel"></main></html>`,
    );
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

  it('full of everything fits into 200 px, and shows by Tab alone where the keys go, to each of its actions', async () => {
    const long = 'a-name-without-a-break/'.repeat(6);
    await take(stateMessage({ labels, meter, ...fullState(long) }));
    await page.setViewportSize({ width: 200, height: 1_200 });
    await page.locator('.sessions .toggle').click();
    await page.evaluate('frames()');
    assert.deepEqual(await page.evaluate(`window.cutOff()`), []);

    await page.evaluate('document.activeElement.blur()');
    const seen = new Set<string>();
    const ringless: string[] = [];
    for (let stops = 0; stops < 150; stops++) {
      await page.keyboard.press('Tab');
      const [name, hasRing] = await page.evaluate<[string, boolean]>('window.focused()');
      // Behind the last one the browser itself has the focus, then it begins at the first.
      if (name === '') continue;
      if (seen.has(name)) break;
      seen.add(name);
      if (!hasRing) ringless.push(name);
    }
    assert.deepEqual(ringless, []);
    const unreached = (await page.evaluate<string[]>('window.actions()')).filter((name) => !seen.has(name));
    assert.deepEqual(unreached, []);

    // The words are stand-ins, of which one is no part of the other.
    const found = await page.evaluate<unknown[]>(
      `axe.run(document, { rules: { 'color-contrast': { enabled: false }, 'label-content-name-mismatch': { enabled: false } } }).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))`,
    );
    assert.deepEqual(found, []);
    const to = process.env['ML_ENGINEER_SCREENSHOTS'];
    if (to) await page.screenshot({ path: join(to, 'panel-full-200px.png'), fullPage: true });
  });
});
