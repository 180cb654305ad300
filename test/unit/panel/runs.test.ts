import assert from 'node:assert/strict';
import { parseLedger, runsOf, type Run } from '../../../src/ledger/parse';
import { lineOf } from '../../../src/ledger/record';
import { runsOfPanel, type RunsSource } from '../../../src/panel/folds/runs';
import { RUN_WINDOW } from '../../../src/panel/sections/runs';
import { runRecord } from '../../support/ledger';
import { buildPage, drawn, get, openPage, stateMessage, texts, type Node, type Page } from '../../support/panel-page';
import { labels } from './labels';

/** This DOM keeps the letters of an attribute's name as they were set. */
const isInTabOrder = (node: Node): boolean => (node.getAttribute('tabindex') ?? node.getAttribute('tabIndex')) === '0';

const HOSTILE = '<img src=x onerror=alert(1)>\u202e';

describe('runs in the panel', function () {
  this.timeout(60_000);
  let all: Run[];

  before(() => {
    const lines = Array.from({ length: 10_000 }, (_, n) =>
      lineOf(
        runRecord({
          id: `run-${n}`,
          title: n === 7 ? HOSTILE : `Train ${n}`,
          at: new Date(1e12 + n * 1_000).toISOString(),
          command: `python train.py --lr ${n % 100} --seed ${n}`,
          metrics: [{ name: 'auc', last: (n * 7_919) % 10_000 }],
        }),
      ),
    );
    all = runsOf(parseLedger(lines.join(''))).runs;
  });

  const source = (some: Partial<RunsSource> = {}): RunsSource => ({
    book: { runs: all, problems: [] },
    look: { query: '', sort: 'time', metric: '', from: 0 },
    ticked: [],
    picked: undefined,
    hasLog: false,
    ended: (at) => [at, at],
    ...some,
  });

  it('come a window at a time out of ten thousand, sorted and searched over all of them', () => {
    const first = runsOfPanel(source());
    assert.deepEqual(
      [first.rows.length, first.found, first.total, first.rows[0]?.id],
      [RUN_WINDOW, 10_000, 10_000, 'run-9999'],
    );
    const end = runsOfPanel(source({ look: { query: '', sort: 'time', metric: '', from: 1e9 } }));
    assert.deepEqual([end.from, end.rows.at(-1)?.id], [10_000 - RUN_WINDOW, 'run-0']);
    const best = runsOfPanel(source({ look: { query: 'train', sort: 'auc', metric: 'auc', from: 0 } }));
    assert.match(best.rows[0]?.metric ?? '', /^9999 \(mean .* n=100\)$/u);
    const found = runsOfPanel(source({ look: { query: 'run-1234', sort: 'time', metric: '', from: 500 } }));
    assert.deepEqual([found.from, found.rows.map(({ id }) => id)], [0, ['run-1234']]);
  });

  it('are compared once two are ticked, and one that is gone is passed over', () => {
    assert.equal(runsOfPanel(source({ ticked: ['run-1'] })).comparison, null);
    assert.equal(runsOfPanel(source({ ticked: ['run-1', 'gone'] })).comparison, null);
    const { comparison } = runsOfPanel(source({ ticked: ['run-1', 'run-2'] }));
    assert.deepEqual(comparison?.rows.find(({ name }) => name === 'lr')?.values, ['1', '2']);
  });

  describe('on the page', () => {
    let bundle: string;
    let page: Page;
    before(async () => (bundle = await buildPage()));

    const open = async (some: Partial<RunsSource> = {}): Promise<void> => {
      page = openPage(bundle, { opened: ['runs'], drafts: {} });
      page.receive(stateMessage({ labels, runs: runsOfPanel(source(some)) }));
      await drawn();
      page.sent.length = 0;
    };
    const rows = (): string[] => texts(page, '.run-scroll [role="row"]');

    it('are a grid that says how many there are, with the rows in sight alone', async () => {
      await open();
      const grid = get(page, '[role="grid"]');
      assert.equal(grid.getAttribute('aria-rowcount'), '10001');
      assert.equal(rows().length, RUN_WINDOW);
      assert.equal(get(page, '.run-scroll [role="row"]').getAttribute('aria-rowindex'), '2');
      assert.equal([...page.document.querySelectorAll('.run-scroll [role="row"]')].filter(isInTabOrder).length, 1);
    });

    it('are walked, ticked and opened by keyboard, and ask for what is not there yet', async () => {
      await open();
      const scroll = get(page, '.run-scroll');
      page.press(scroll, 'ArrowDown');
      await drawn();
      page.press(scroll, ' ');
      page.press(scroll, 'Enter');
      assert.deepEqual(page.sent, [
        { type: 'tickRun', id: 'run-9998' },
        { type: 'pickRun', id: 'run-9998' },
      ]);
      page.sent.length = 0;
      page.press(scroll, 'End');
      await drawn();
      const [asked] = page.sent as unknown as { type: string; look: { from: number } }[];
      assert.equal(asked?.type, 'lookRuns');
      assert.ok((asked?.look.from ?? 0) > 9_900);
    });

    it('are sorted by a press on a head, and turned by another', async () => {
      await open();
      const [, metric] = [...page.document.querySelectorAll('.run-head button')];
      metric?.click();
      await drawn();
      [...page.document.querySelectorAll('.run-head button')][1]?.click();
      const sorts = (page.sent as { look: { sort: string } }[]).map(({ look }) => look.sort);
      assert.deepEqual(sorts, ['auc', '-auc']);
    });

    it('stay sorted by the metric when another one is chosen', async () => {
      const two = all.slice(0, 3).map((run, n) => ({
        ...run,
        record: { ...run.record, metrics: [...run.record.metrics, ...(n < 2 ? [{ name: 'loss', last: n }] : [])] },
      }));
      await open({ book: { runs: two, problems: [] } });
      [...page.document.querySelectorAll('.run-head button')][1]?.click();
      await drawn();
      const select = get(page, '.run-metric select');
      Object.defineProperty(select, 'value', { value: 'loss' });
      select.dispatchEvent(new page.Event('change', { bubbles: true }));
      const looks = (page.sent as { look: { metric: string; sort: string } }[]).map(({ look }) => look);
      assert.deepEqual([looks.at(-1)?.metric, looks.at(-1)?.sort], ['loss', 'loss']);
    });

    it('show a detail with its links and a comparison, and markup as text', async () => {
      await open({ picked: 'run-7', ticked: ['run-7', 'run-9'], hasLog: true });
      assert.equal(page.document.querySelector('img'), null);
      assert.match(get(page, '.run-detail').textContent, /<img src=x/u);
      for (const link of page.document.querySelectorAll('.run-detail button')) link.click();
      assert.deepEqual(
        (page.sent as { what: string }[]).map(({ what }) => what),
        ['log', 'line', 'verdict'],
      );
      assert.match(get(page, '.run-compared table').textContent, /lr79/u);
    });
  });
});
