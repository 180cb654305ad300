import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BrowserPage } from '../support/browser-page';
import { fullPanel } from '../support/full-panel';
import { PROJECT } from '../support/journey';
import { panelWords } from '../support/panel-words';

type Themes = Record<string, Record<string, string>>;

/** Words as they come: long ones, a path, a sentence. */
const TEXT = 'Train the churn model again with src/features/transformations_of_customers.py and compare';

/** Everything that a page can be seen of: unfolded, and with what only shows under the pointer or the focus. */
const ALL_SEEN =
  ':root { background: var(--vscode-sideBar-background); } .todo-actions, .line-actions, .step-head > .icon-button:last-child { opacity: 1 !important; }';

const IN_PAGE = `
  // What a theme says nothing of is not there, so that what stands in for it counts.
  window.dress = (variables) => { for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value === '' ? null : value); };
  window.unfold = () => { for (const node of document.querySelectorAll('.toggle[aria-expanded=false], [role=treeitem][aria-expanded=false] > *, .feed [aria-expanded=false]')) node.click(); };
  window.cutOff = () => [...document.querySelectorAll('body *')]
    .filter((node) => node.checkVisibility() && node.getBoundingClientRect().width > 0 && !node.closest('.spoken, .lines, pre, .run-compared table'))
    .filter((node) => { const { left, right } = node.getBoundingClientRect(); const { overflowX, display } = getComputedStyle(node); return right > innerWidth + 1 || left < -1 || (overflowX === 'visible' && display !== 'inline' && node.scrollWidth > node.clientWidth + 1 && node.children.length === 0); })
    .map((node) => node.tagName + '.' + node.className + ' ' + node.textContent.slice(0, 80));
  window.contrast = (where = document) => axe.run(where, { runOnly: ['color-contrast'], resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ nodes }) => nodes.map(({ html, any }) => [any[0].data.contrastRatio, any[0].data.fgColor, any[0].data.bgColor, html.slice(0, 160)].join(' '))));`;

describe('the looks of the panel', () => {
  let themes: Themes;
  let opened: BrowserPage;
  before(async () => {
    themes = JSON.parse(await readFile(join(PROJECT, 'test', 'fixtures', 'themes.json'), 'utf8')) as Themes;
    opened = await BrowserPage.open({ height: 1_000, style: ALL_SEEN });
    const { page } = opened;
    // Not as a script of the page, which takes none but its own.
    await page.evaluate(await readFile(require.resolve('axe-core'), 'utf8'));
    await page.evaluate(IN_PAGE);
    const { state, rows } = await fullPanel(TEXT, panelWords());
    await opened.draw(state);
    await opened.take(rows);
    await dress('Default Dark Modern');
    await page.evaluate('unfold()');
    await page.waitForSelector('[class^=ink-]');
    await page.evaluate('frames()');
  });
  after(() => opened?.close());

  async function dress(theme: string): Promise<void> {
    await opened.page.evaluate(`dress(${JSON.stringify(themes[theme])})`);
    await opened.page.evaluate('frames()');
  }

  async function screenshot(name: string): Promise<void> {
    const to = process.env['ML_ENGINEER_SCREENSHOTS'];
    if (to) await opened.page.screenshot({ path: join(to, `${name}.png`), fullPage: true });
  }

  it('are drawn with colours that every theme was asked for', async () => {
    const css = await readFile(join(PROJECT, 'media', 'panel.css'), 'utf8');
    const used = [...new Set(css.match(/--vscode-[\w-]+/gu))].sort();
    assert.equal(Object.keys(themes).length, 4);
    for (const [theme, variables] of Object.entries(themes))
      assert.deepEqual(Object.keys(variables), used, `${theme}: run scripts/themes.ts`);
  });

  it('can be read in each of the four themes, in every section', async () => {
    for (const theme of Object.keys(themes)) {
      await dress(theme);
      assert.deepEqual(await opened.page.evaluate<string[]>('contrast()'), [], theme);
      // What is searched for, and where the keys are, has another colour behind it.
      await opened.page.fill('.search input', 'churn');
      await opened.page.locator('.file').first().focus();
      await opened.page.evaluate('frames()');
      const found = await opened.page.evaluate<string[]>(`contrast({ include: ['.feed', '.files'] })`);
      assert.deepEqual(found, [], `${theme}, found and focused`);
      await opened.page.fill('.search input', '');
      await screenshot(`panel-${theme.toLowerCase().replaceAll(' ', '-')}`);
    }
    await dress('Default Dark Modern');
  });

  it('move, and stand still for who wants no motion', async () => {
    const { page } = opened;
    const moving = `document.getAnimations().map(({ animationName }) => animationName).sort()`;
    const slow = `[...document.querySelectorAll('*')].filter((node) => getComputedStyle(node).transitionDuration !== '0s').map((node) => node.className)`;
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    assert.ok((await page.evaluate<string[]>(moving)).includes('pulse'));
    assert.notDeepEqual(await page.evaluate(slow), []);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.evaluate('frames()');
    assert.deepEqual(await page.evaluate(moving), []);
    assert.deepEqual(await page.evaluate(slow), []);
  });

  // The page has half of that then; the editor's side bar is never narrower than 170.
  it('fit at 200 % into a side bar of 340 px, in the language with the longest words too', async () => {
    const { page } = opened;
    for (const language of [undefined, 'de'])
      for (const width of [350, 170]) {
        await page.setViewportSize({ width, height: 1_000 });
        await opened.draw({ labels: panelWords(language) });
        await screenshot(`panel-${language ?? 'en'}-${width}px`);
        assert.deepEqual(await page.evaluate('cutOff()'), [], `${language} ${width}`);
        assert.ok(
          (await page.evaluate<number>('document.documentElement.scrollWidth')) <= width,
          `${language} ${width}`,
        );
      }
  });
});
