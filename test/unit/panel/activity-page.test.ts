import assert from 'node:assert/strict';
import type { ToPage } from '../../../src/panel/protocol';
import type { ActivityRow, PanelActivity } from '../../../src/panel/sections/activity';
import type { PanelMeter } from '../../../src/panel/sections/meter';
import { buildPage, drawn, get, openPage, stateMessage, texts, type Page } from '../../support/panel-page';
import { labels } from './labels';

const HOSTILE = '<img src=x onerror="alert(1)"> \u202e [x](command:y) ![p](http://h/p.png)';
/** So many rows fit into no view. */
const MANY = 5_000;

const row = (id: string, some: Partial<ActivityRow> = {}): ActivityRow => ({
  ...{ id, kind: 'call', text: `run ${id}`, more: true, at: 0, state: 'done', call: `c-${id}`, ms: 1_500 },
  ...some,
});
const rowsMessage = (rows: ActivityRow[], epoch = 1): ToPage => ({
  ...{ type: 'rows', epoch, length: rows.length, changed: rows.map((one, at) => ({ at, row: one })) },
});
const activity = (some: Partial<PanelActivity> = {}): PanelActivity => ({
  ...{ session: 's', running: true, writing: null, calls: [], agents: [], ...some },
});

describe('activity in the panel page', () => {
  let bundle = '';
  before(async () => {
    bundle = await buildPage();
  });

  function opened(rows: ActivityRow[], some: Partial<PanelActivity> = {}, saved?: unknown): Page {
    const page = openPage(bundle, saved);
    page.receive(stateMessage({ labels, activity: activity(some) }));
    page.receive(rowsMessage(rows));
    return page;
  }

  it('draws the newest of many rows and no more than fit, each with its place in the whole', async () => {
    const page = opened(Array.from({ length: MANY }, (_, index) => row(`e${index}`)));
    await drawn();
    const steps = [...page.document.querySelectorAll('.feed > article')];
    assert.ok(steps.length > 5 && steps.length < 100, String(steps.length));
    assert.deepEqual(
      ['aria-posinset', 'aria-setsize'].map((name) => steps.at(-1)?.getAttribute(name)),
      [String(MANY), String(MANY)],
    );
    assert.equal(get(page, '.feed').getAttribute('role'), 'feed');
  });

  it('draws words, output and names of strangers as text, and code in fences apart', async () => {
    const text = `See ${HOSTILE}\n\`\`\`py\nx = 1 ${HOSTILE}\n\`\`\`\nend`;
    const page = opened(
      [row('e1', { kind: 'text', text }), row('e2', { text: HOSTILE, state: 'running', why: HOSTILE, by: 'rule' })],
      { calls: [{ call: 'c-e2', asking: false, output: `${HOSTILE}\u001b[31m` }] },
    );
    await drawn();
    assert.deepEqual([...page.document.querySelectorAll('img, a, [onerror]')], []);
    const shown = HOSTILE.replace('\u202e', '⟨U+202E⟩');
    assert.deepEqual(texts(page, '.fenced'), [`x = 1 ${shown}`]);
    assert.deepEqual(texts(page, '.step-output.live'), [`${shown}␛[31m`]);
  });

  it('asks for what is behind a row when it is unfolded, again when it changed, and again in a page that came back', async () => {
    const page = opened([row('e1', { state: 'running' })], { calls: [{ call: 'c-e1', asking: false, output: '' }] });
    get(page, '.step [aria-expanded]').click();
    await drawn();
    const ask = { type: 'unfoldRow', id: 'e1', agent: null };
    assert.deepEqual(page.sent.slice(1), [ask]);
    assert.match(get(page, '.step').textContent, /loading/u);
    const part = { label: 'input' as const, text: `command: ${HOSTILE}`, left: 9 };
    page.receive({ type: 'detail', id: 'e1', agent: null, parts: [part], rows: [], earlier: 0 });
    await drawn();
    assert.match(get(page, '.step-body').textContent, /<img[^]*moreCharacters 9/u);
    page.receive({ type: 'rows', epoch: 1, length: 1, changed: [{ at: 0, row: row('e1') }] });
    await drawn();
    assert.deepEqual(page.sent.slice(2), [ask]);

    const back = opened([row('e1')], {}, page.saved.at(-1));
    await drawn();
    assert.deepEqual(back.sent.slice(1), [ask]);
  });

  it('shows what a subagent did as rows that unfold in their turn', async () => {
    const page = opened([row('e1', { kind: 'agent', agent: 's-1', text: 'scout: look' })]);
    get(page, '.step [aria-expanded]').click();
    page.receive({ type: 'detail', id: 'e1', agent: null, parts: [], rows: [row('e5'), row('e6')], earlier: 3 });
    await drawn();
    assert.match(get(page, '.step-body').textContent, /earlierRows 3[^]*run e5[^]*run e6/u);
    get(page, '.nested [aria-expanded]').click();
    await drawn();
    assert.deepEqual(page.sent.at(-1), { type: 'unfoldRow', id: 'e5', agent: 's-1' });
    page.receive({
      ...{ type: 'detail', id: 'e5', agent: 's-1', rows: [], earlier: 0 },
      parts: [{ label: 'output', text: 'found it', left: 0 }],
    });
    await drawn();
    assert.deepEqual(texts(page, '.nested .step-output'), ['found it']);
  });

  it('finds rows by what is seen of them, counts, goes from one to the next, and shows only them when asked', async () => {
    const rows = Array.from({ length: MANY }, (_, index) =>
      row(`e${index}`, { text: index % 1_000 ? 'x' : `Needle ${index}` }),
    );
    const page = opened(rows);
    page.type(get(page, '.search input'), 'needle');
    await drawn();
    assert.equal(get(page, '.search [role=status]').textContent, 'matches – 5');
    page.press(get(page, '.search input'), 'Enter');
    await drawn();
    await drawn();
    assert.match(get(page, '.search [role=status]').textContent, /matches 1 5/u);
    assert.match(get(page, '.step.current').textContent, /Needle 0/u);
    [...page.document.querySelectorAll('.search button')][2]?.click();
    await drawn();
    assert.equal(texts(page, '.feed > article').length, 5);
    page.type(get(page, '.search input'), 'nowhere');
    await drawn();
    assert.match(get(page, '.search [role=status]').textContent, /noMatches/u);
    page.type(get(page, '.search input'), '');
    await drawn();
    assert.ok(texts(page, '.feed > article').length > 5);
  });

  it('goes from row to row by keys, and one row alone stops Tab', async () => {
    const page = opened(Array.from({ length: 50 }, (_, index) => row(`e${index}`)));
    await drawn();
    const stops = (): (string | null)[] =>
      [...page.document.querySelectorAll('.feed > [data-row]')]
        // This DOM keeps the name as it is written.
        .filter((node) => (node.getAttribute('tabindex') ?? node.getAttribute('tabIndex')) === '0')
        .map((node) => node.getAttribute('data-row'));
    assert.deepEqual(stops(), ['e49']);
    page.press(get(page, '[data-row=e49]'), 'ArrowUp');
    await drawn();
    assert.deepEqual(stops(), ['e48']);
    page.press(get(page, '[data-row=e48]'), 'Home');
    await drawn();
    assert.deepEqual(stops(), ['e0']);
    page.press(get(page, '[data-row=e0]'), 'Enter');
    await drawn();
    assert.deepEqual(page.sent.at(-1), { type: 'unfoldRow', id: 'e0', agent: null });
  });

  it('takes what changed alone, and asks for everything when something was lost', async () => {
    const page = opened([row('e1'), row('e2')]);
    page.receive({ type: 'rows', epoch: 1, length: 3, changed: [{ at: 2, row: row('e3') }] });
    await drawn();
    assert.match(get(page, '.feed').textContent, /run e1[^]*run e2[^]*run e3/u);
    page.receive({ type: 'rows', epoch: 1, length: 9, changed: [{ at: 8, row: row('e9') }] });
    assert.deepEqual(page.sent.at(-1), { type: 'ready' });
    assert.match(get(page, '.feed').textContent, /run e3/u);
  });

  it('says that a call waits for an answer, and of one whose window is gone that it was cut', async () => {
    const page = opened([row('e1', { state: 'running' })], { calls: [{ call: 'c-e1', asking: true, output: '' }] });
    assert.match(get(page, '.step').textContent, /row_waits/u);
    page.receive({ type: 'state', state: { activity: activity({ running: false }) } });
    await drawn();
    assert.match(get(page, '.step').textContent, /interrupted/u);
  });

  it('copies a row, and opens the transcript and the log, by asking the host', async () => {
    const page = opened([row('e1')]);
    get(page, '.step [aria-label^=copyRow]').click();
    for (const button of page.document.querySelectorAll('[aria-label^=activity] > .head .link')) button.click();
    assert.deepEqual(page.sent.slice(1), [
      { type: 'copyRow', id: 'e1', agent: null },
      { type: 'showTranscript' },
      { type: 'showLog' },
    ]);
  });
});

describe('meter in the panel page', () => {
  const meter: PanelMeter = {
    context: {
      tokens: 50_000,
      window: 200_000,
      parts: [
        { part: 'system', tokens: 10_000 },
        { part: 'files', tokens: 40_000 },
      ],
    },
    tokens: { input: 1_234, output: 567, cacheRead: 8_900_000, cacheWrite: 0 },
    session: { name: '', usd: 1.5, unknown: 2 },
    today: null,
    costs: {
      session: {
        models: [{ name: 'claude-x', usd: 1.5, unknown: 2 }],
        droids: [{ name: HOSTILE, usd: 0.0123, unknown: 0 }],
        skills: [{ name: '', usd: 1.5, unknown: 0 }],
      },
      today: null,
    },
    budgets: [{ name: 'Cost', used: 4.5, limit: 5, unit: 'usd' }],
    compute: null,
  };
  let bundle = '';
  before(async () => {
    bundle = await buildPage();
  });

  it('shows context by part, tokens, limits and costs, and says which prices it does not know', async () => {
    const page = openPage(bundle);
    page.receive(stateMessage({ labels, meter }));
    const [context, cost] = [...page.document.querySelectorAll('[role=meter]')];
    assert.equal(context?.getAttribute('aria-valuetext'), 'contextOf 50K 200K');
    assert.equal(cost?.getAttribute('aria-valuetext'), 'limitUsed $4.50 $5.00');
    assert.match(get(page, '.legend').textContent, /part_system[^]*10K[^]*part_files[^]*40K/u);
    assert.match(get(page, '.facts').textContent, /costSession[^]*unknownPrice \$1\.50 2[^]*1,234[^]*567[^]*8\.9M/u);
    assert.doesNotMatch(get(page, '.facts').textContent, /costToday/u);
    get(page, '.meter .toggle').click();
    await drawn();
    assert.match(get(page, '.meter').textContent, /claude-x[^]*<img[^]*\$0\.0123[^]*noSkill/u);
    page.receive({ type: 'state', state: { meter: { ...meter, today: 7 } } });
    assert.match(get(page, '.facts').textContent, /costToday[^]*\$7\.00/u);

    // The day beside the session: what only other sessions used has no cost in this one.
    const today = { ...meter.costs.session, models: [{ name: 'claude-y', usd: 4, unknown: 0 }] };
    page.receive({ type: 'state', state: { meter: { ...meter, costs: { ...meter.costs, today } } } });
    const table = get(page, '.costs');
    assert.deepEqual(
      [...table.querySelectorAll('thead th')].map(({ textContent }) => textContent.split(' ')[0]),
      ['costSession', 'costToday'],
    );
    assert.deepEqual(
      [...table.querySelectorAll('tbody tr')].map((row) =>
        [...row.querySelectorAll('th, td')].map(({ textContent }) => textContent),
      ),
      [
        ['claude-x', 'unknownPrice $1.50 2', '–'],
        ['claude-y', '–', '$4.00'],
      ],
    );
  });
});
