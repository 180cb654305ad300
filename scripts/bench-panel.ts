// Rows of npm run bench: the panel's timeline in a real browser, against drawing the bare text of the same rows.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { DurableEvent, JournalEntry } from '../src/agent/events';
import { rowsSince, timelineOf } from '../src/panel/folds/timeline';
import { LABEL_KEYS, type Labels, type ToPage } from '../src/panel/protocol';
import { stateMessage } from '../test/support/panel-page';

const PROJECT = resolve(__dirname, '..');
const RUNS = 7;
const CALLS = 5_000;
/** Milliseconds from the journal to the page, and factors of the floor's times. */
const GOALS = { openMs: 300, open: 2, scrollMs: 100 };

export const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const labels = Object.fromEntries(LABEL_KEYS.map((key) => [key, key])) as Labels;

function journalOf(calls: number): JournalEntry[] {
  const events: DurableEvent[] = [{ type: 'prompt', text: 'Fix the churn model', attachments: [], notes: [] }];
  for (let index = 0; index < calls; index++) {
    const call = `toolu_${index}`;
    const title = `Run python3 -m unittest tests.test_part_${index}`;
    if (index % 2 === 0)
      events.push({
        type: 'block-end',
        block: { type: 'text', text: `Next I look at part ${index}, which may hold the leak.`, citations: null },
      });
    events.push({ type: 'tool-start', call, name: 'Execute', input: { command: title }, title });
    events.push({ type: 'tool-decision', call, decision: 'allow', by: 'rule', reason: 'Execute(python3 *)' });
    events.push({ type: 'tool-end', call, content: 'OK\n'.repeat(50), isError: index % 9 === 0, durationMs: index });
  }
  return events.map((event, index) => ({
    ...{ id: `e${index + 1}`, parent: index === 0 ? null : `e${index}` },
    ...{ at: '2026-11-25T00:00:00.000Z', event },
  }));
}

/** What the host does for a page that is opened: all rows, and as text, as they go over. */
function hostSide(branch: readonly JournalEntry[]): { message: ToPage; ms: number } {
  const began = performance.now();
  const message = rowsSince(timelineOf('bench', branch), undefined);
  JSON.stringify(message);
  return { message, ms: performance.now() - began };
}

const AFTER_FRAME = 'await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));';

/** Milliseconds until what is run in the page is drawn. */
export async function timed(page: Page, work: string): Promise<number> {
  return page.evaluate<number>(
    `(async () => { const began = performance.now(); ${work}; ${AFTER_FRAME} return performance.now() - began; })()`,
  );
}

export const take = (what: string): string => `window.dispatchEvent(new MessageEvent('message', { data: ${what} }))`;

export async function freshPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 350, height: 900 } });
  const css = await readFile(resolve(PROJECT, 'media', 'panel.css'), 'utf8');
  await page.setContent(`<html lang="en"><style>${css}</style><main id="panel"></main></html>`);
  await page.evaluate('window.acquireVsCodeApi = () => ({ postMessage() {}, getState() {}, setState() {} })');
  await page.addScriptTag({ path: resolve(PROJECT, 'dist', 'panel.js') });
  const { state } = stateMessage({ labels });
  await page.evaluate(take(JSON.stringify({ type: 'state', state })));
  return page;
}

interface Sample {
  host: number;
  open: number;
  bareOpen: number;
  redraw: number;
  bareRedraw: number;
  scroll: number;
}

async function sample(browser: Browser, branch: readonly JournalEntry[]): Promise<Sample> {
  const page = await freshPage(browser);
  try {
    const { message, ms } = hostSide(branch);
    if (message.type !== 'rows') throw new Error('not rows');
    await page.evaluate(`window.rows = ${JSON.stringify(message)}`);
    const open = await timed(page, take('window.rows'));
    const last = message.length - 1;
    const changed = JSON.stringify({
      ...message,
      changed: message.changed.slice(-1).map(({ row }) => ({ at: last, row })),
    });
    const redraw = await timed(page, take(changed.replace('"OK', '"ok')));
    const scroll = await page.evaluate<number>(SCROLL);
    await page.evaluate(`document.body.innerHTML = '<div id="bare" style="height: 540px; overflow: auto"></div>'`);
    const bareOpen = await timed(page, BARE_OPEN);
    const bareRedraw = await timed(page, `document.querySelector('#bare').lastChild.textContent = 'changed'`);
    return { host: ms, open, bareOpen, redraw, bareRedraw, scroll };
  } finally {
    await page.close();
  }
}

/** The longest of the frames while the whole is scrolled through. */
const SCROLL = `(async () => {
  const feed = document.querySelector('.feed');
  let longest = 0;
  for (let step = 0; step <= 60; step++) {
    const began = performance.now();
    feed.scrollTop = (feed.scrollHeight * step) / 60;
    ${AFTER_FRAME}
    if (feed.querySelectorAll('article').length < 5) throw new Error('nothing is drawn at ' + feed.scrollTop);
    longest = Math.max(longest, performance.now() - began);
  }
  return longest;
})()`;

const BARE_OPEN = `
  const bare = document.querySelector('#bare');
  for (const { row } of window.rows.changed) {
    const line = document.createElement('div');
    line.textContent = row.text;
    bare.append(line);
  }
  bare.scrollTop = bare.scrollHeight`;

export function printRow(name: string, text: string, isKept?: boolean): void {
  console.log(`${name.padEnd(28)} ${text}${isKept === undefined ? '' : isKept ? ': reached' : ': NOT reached'}`);
}

/** Prints the rows; gives false when a limit is broken. */
export async function benchPanel(): Promise<boolean> {
  const { launchBrowser } = (await import(resolve(PROJECT, 'scripts', 'editor-server.mjs'))) as {
    launchBrowser: () => Promise<Browser>;
  };
  const browser = await launchBrowser();
  try {
    const branch = journalOf(CALLS);
    const samples: Sample[] = [];
    for (let run = 0; run <= RUNS; run++) {
      const one = await sample(browser, branch);
      if (run > 0) samples.push(one);
    }
    const of = (what: keyof Sample): number => median(samples.map((one) => one[what]));
    const whole = of('host') + of('open');
    const ratio = median(samples.map(({ open, bareOpen }) => open / bareOpen));
    const ms = (what: keyof Sample): string => `${of(what).toFixed(1).padStart(6)} ms`;
    console.log(
      `\nA session of ${CALLS.toLocaleString('en')} calls in the panel, medians of ${RUNS} after one warm-up.`,
    );
    printRow(
      'Open, the page',
      `ours ${ms('open')}  bare text ${ms('bareOpen')}  ratio ${ratio.toFixed(2)}  goal ${GOALS.open.toFixed(2)}`,
      ratio <= GOALS.open,
    );
    printRow(
      'Open, from the journal',
      `ours ${whole.toFixed(1).padStart(6)} ms  of it the host ${ms('host')}  goal ${GOALS.openMs}`,
      whole <= GOALS.openMs,
    );
    printRow('Redraw of one changed row', `ours ${ms('redraw')}  bare text ${ms('bareRedraw')}`);
    printRow(
      'Longest frame of a scroll',
      `ours ${ms('scroll')}  goal ${GOALS.scrollMs}`,
      of('scroll') <= GOALS.scrollMs,
    );
    return ratio <= GOALS.open && whole <= GOALS.openMs && of('scroll') <= GOALS.scrollMs;
  } finally {
    await browser.close();
  }
}

if (require.main === module) void benchPanel().then((isKept) => (process.exitCode = isKept ? 0 : 1));
