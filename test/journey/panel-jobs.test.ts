import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LABEL_KEYS, type Labels } from '../../src/panel/protocol';
import type { PanelChart, PanelJobs } from '../../src/panel/sections/jobs';
import { BrowserPage } from '../support/browser-page';
import { curvesOf, DETAIL, lossChart, panelJob, panelJobs } from '../support/jobs-panel';
import { stateMessage } from '../support/panel-page';

const labels = Object.fromEntries(LABEL_KEYS.map((key) => [key, `${key} {0} {1}`])) as Labels;
const THEME =
  '--vscode-focusBorder: #0064c8; --vscode-charts-blue: #0000ff; --vscode-charts-green: #00a000; --vscode-charts-lines: #808080; --vscode-errorForeground: #ff0000; --vscode-foreground: #000000';
const JOB = panelJob({ detail: DETAIL });
const chart = (name: string, xs: number[], ys: (number | null)[]): PanelChart => ({
  ...{ name, axis: 'step', better: null },
  curves: [{ name, xs, ys }],
});
/** What a log may say, and a chart cannot draw as it is. */
const STRANGE: PanelChart[] = [
  chart('huge', [1, 2, 3], [1e308, -1e308, 1]),
  chart('tiny', [1, 2, 3], [1e-320, 2e-310, 0]),
  chart('no number', [1, 2], [null, null]),
  chart('one', [5], [0.1]),
  chart('level', [0, 1, 2], [7, 7, 7]),
  chart('far', [0, 1e14, 1e300], [1, 2, 3]),
];

const AXE = readFileSync(require.resolve('axe-core'), 'utf8');

/** How many pixels of the charts have a colour. */
const INK = `window.ink = (red, green, blue) => [...document.querySelectorAll('.plot canvas')].reduce((sum, canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4)
    if (data[at + 3] > 200 && Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue) < 60) sum += 1;
  return sum;
}, 0)`;

describe('the curves of jobs in a browser', () => {
  let shown: BrowserPage;
  before(async () => {
    shown = await BrowserPage.open({ style: `:root { ${THEME} }` });
    await shown.page.evaluate(INK);
  });
  beforeEach(() => shown.page.setViewportSize({ width: 350, height: 900 }));
  after(() => shown?.close());

  async function open(jobs: PanelJobs, charts: PanelChart[]): Promise<void> {
    await shown.draw(stateMessage({ labels, jobs: panelJobs([]) }).state);
    await shown.draw({ jobs });
    if (charts.length > 0) await shown.take(curvesOf(JOB.id, charts));
  }
  /** The page's policy lets no words become code, so it is asked again from here until it says so. */
  async function until(what: string): Promise<void> {
    while (!(await shown.page.evaluate<boolean>(what))) await shown.page.evaluate('frames()');
  }
  /** The scripts that the page asked for. */
  const scripts = (): Promise<string[]> =>
    shown.page.evaluate<string[]>(
      `performance.getEntriesByType('resource').map(({ name }) => name.replace(/^.*[/]/, '')).filter((name) => name.endsWith('.js'))`,
    );
  async function isClean(): Promise<void> {
    assert.deepEqual([await shown.refused(), shown.events, shown.asked], [[], [], []]);
  }
  const inked = (...colour: number[]): Promise<void> => until(`ink(${colour.join()}) > 20`);

  it('come in a script of their own with the first of them, and keep to the policy of the page', async () => {
    await open(panelJobs([JOB]), []);
    await shown.page.locator('.job').waitFor();
    assert.ok(!(await scripts()).includes('panel-curves.js'));
    await shown.take(curvesOf(JOB.id, [lossChart(512)]));
    await inked(0, 0, 255);
    await inked(0, 160, 0);
    // The value that is none has its mark.
    await until('ink(255, 0, 0) > 3');
    await shown.take(curvesOf(JOB.id, [lossChart(30)]));
    await shown.take(curvesOf(JOB.id, [lossChart(30, { curves: [] })]));
    await until('ink(0, 0, 255) === 0');
    await shown.take(curvesOf(JOB.id, STRANGE));
    await shown.page.locator('.plot canvas').nth(5).waitFor();
    await inked(0, 0, 255);
    assert.equal((await scripts()).filter((name) => name === 'panel-curves.js').length, 1);
    await isClean();
  });

  it('take the colours of another theme and the width of another panel at once, and have nothing that axe finds', async () => {
    await open(panelJobs([JOB, panelJob({ id: 'x', state: 'failed', exit: '1', fired: ['nan: loss is NaN'] })]), [
      lossChart(40),
    ]);
    await inked(0, 0, 255);
    await shown.page.evaluate(
      `document.documentElement.style.cssText = ${JSON.stringify(THEME.replace('#0000ff', '#00ff00'))}; document.body.className = 'vscode-high-contrast'`,
    );
    await inked(0, 255, 0);
    await shown.page.setViewportSize({ width: 200, height: 900 });
    await until(
      `(() => { const box = document.querySelector('.plot'); return box.querySelector('canvas').getBoundingClientRect().width <= box.clientWidth && innerWidth === 200; })()`,
    );
    assert.ok((await shown.page.evaluate<number>('document.documentElement.scrollWidth')) <= 200);
    const cut = await shown.page.evaluate<string[]>(
      `[...document.querySelectorAll('.jobs button, .jobs p, .jobs li, .jobs canvas')].filter((node) => node.getBoundingClientRect().right > 201).map((node) => node.outerHTML)`,
    );
    assert.deepEqual(cut, []);
    const to = process.env['ML_ENGINEER_SCREENSHOTS'];
    if (to) await shown.page.screenshot({ path: join(to, 'panel-jobs-200px.png'), fullPage: true });
    await shown.page.evaluate(AXE);
    const found = await shown.page.evaluate<unknown[]>(
      `axe.run(document, { rules: { 'color-contrast': { enabled: false }, 'label-content-name-mismatch': { enabled: false } } }).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))`,
    );
    assert.deepEqual(found, []);
  });

  it('are read value for value by keyboard', async () => {
    await open(panelJobs([JOB]), [lossChart(40)]);
    const plot = shown.page.locator('.plot');
    await plot.locator('canvas').waitFor();
    await plot.focus();
    const said = async (key: string, wanted: RegExp): Promise<void> => {
      await shown.page.keyboard.press(key);
      await shown.page.locator('.reading').filter({ hasText: wanted }).waitFor();
    };
    await said('Home', /axis_epoch 0 .*loss 1 · val_loss 1\.2/u);
    await said('ArrowRight', /axis_epoch 1 /u);
    await said('End', /axis_epoch 39 /u);
    await said('ArrowLeft', /axis_epoch 38 /u);
    for (let times = 0; times < 17; times++) await shown.page.keyboard.press('ArrowLeft');
    await said('ArrowLeft', /axis_epoch 20 .*val_loss curveNone/u);
  });

  it('of fifty jobs at once are drawn where they are looked at alone, and news of all of them build nothing anew', async () => {
    const rows = Array.from({ length: 50 }, (_, n) => panelJob({ id: `job-${n}`, title: `Run ${n}` }));
    const jobsAt = (turn: number): PanelJobs =>
      panelJobs(
        rows.map((row, n) => ({
          ...row,
          elapsedMs: turn * 1_000,
          fraction: turn / 100,
          metrics: row.metrics.map(({ name }) => ({ name, value: String(turn + n / 50) })),
          detail: n < 2 ? DETAIL : null,
        })),
      );
    await open(jobsAt(0), []);
    const charts = Array.from({ length: 6 }, (_, n) => lossChart(512, { name: `loss ${n}` }));
    const times: number[] = [];
    for (let turn = 1; turn <= 12; turn++) {
      const state = JSON.stringify({ type: 'state', state: { jobs: jobsAt(turn) } });
      const curves = JSON.stringify({
        type: 'curves',
        jobs: rows.slice(0, 2).map(({ id }) => ({ id, charts, more: 0 })),
      });
      times.push(
        await shown.page.evaluate<number>(`(async () => {
          const began = performance.now();
          for (const data of [${state}, ${curves}]) window.dispatchEvent(new MessageEvent('message', { data }));
          await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
          return performance.now() - began;
        })()`),
      );
      if (turn > 1) continue;
      // From here on nothing is built anew: figures change, and what is drawn is drawn over.
      await until(`document.querySelectorAll('.plot canvas').length === 12`);
      await shown.page.evaluate(`window.built = []; new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const node of addedNodes) if (node.nodeType === 1) built.push(node.outerHTML);
      }).observe(document.body, { childList: true, subtree: true })`);
    }
    assert.equal(await shown.page.locator('.job').count(), 50);
    await shown.page.locator('.job').last().getByText('12.98', { exact: true }).first().waitFor();
    assert.deepEqual(await shown.page.evaluate('built'), []);
    await isClean();
    const usual = times.sort((a, b) => a - b)[times.length >> 1] ?? NaN;
    console.log(`      news of fifty jobs and twelve charts are drawn in ${usual.toFixed(0)} ms`);
  });
});
