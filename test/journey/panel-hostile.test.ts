import assert from 'node:assert/strict';
import { panelStateSchema } from '../../src/panel/protocol';
import { agentDetail, detailOf } from '../../src/panel/folds/detail';
import { label } from '../../src/text/label';
import { BrowserPage } from '../support/browser-page';
import { FEEDS, fullPanel, ownWords, type FullPanel, type SectionName } from '../support/full-panel';
import { panelWords } from '../support/panel-words';

const OUT = 'http://127.0.0.1:9';

/** What a stranger may write into a name, a diff, an answer, an output, a page. Short: a title shows its first 80 characters. */
const HOSTILE: Record<string, string> = {
  'an image': `<img src="${OUT}/a.png" onerror="harm()">`,
  'a script': '<script>harm()</script><svg onload="harm()">',
  'the end of what it stands in': '</pre></span></main></body><svg/onload=harm()>',
  'the end of an attribute': `" autofocus onfocus="harm()" x="' onclick='harm()`,
  'a page in a frame': '<iframe srcdoc="<script>harm()</script>"></iframe>',
  'a form': `<form action="${OUT}"><button>Allow</button></form>`,
  'a style': '<style>*{display:none}</style><link href=x rel=stylesheet>',
  'a base for addresses': `<base href="${OUT}"><meta http-equiv=refresh content=0>`,
  'a link in Markdown': '[Allow](command:workbench.action.quit "x")',
  'a link in HTML': '<a href="command:a.b" target="_top">here</a>',
  'an address that starts something': 'vscode://a.b/c javascript:harm() command:a.b',
  'an image of elsewhere': `![p](${OUT}/p.png?secret) https://example.com`,
  'codes of a terminal': '\u001b[31mred\u001b[0m \u001b]8;;command:a.b\u0007open\u001b]8;;\u0007 \u009b1m',
  'another direction': 'txt.\u202eexe.harmless\u202c \u2067right\u2069 \u200fmark\u061c',
  'what is not seen':
    'rm\u200b -rf\u00ad \u2060a\ufeff\u{e0061}\u{e0020} \u2028next \u0085then \u0000end \u007fdel \u3164void',
  'halves of a character': '<u>half</u> \ud83d and \ude00 other <i>half</i>',
  'a place to fill in': "{0} {1} {2} $& $1 $' constructor __proto__",
};

/** Where each section is drawn. `null`: everywhere. */
const PLACES: Record<SectionName, string> = {
  head: 'h1.title, p.status',
  asking: '.waiting, .questions',
  todos: '[aria-label="To-dos"]',
  agents: '[aria-label="Subagents"]',
  skills: '[aria-label="Skills"]',
  changes: '[aria-label="Changed Files"]',
  checkpoints: '.checkpoints',
  activity: '[aria-label="Activity"]',
  meter: '[aria-label="Meter"]',
  composer: '.composer',
  sessions: '.sessions',
  runs: '.runs',
  jobs: '.jobs',
};

/** Where a curve's name is: over it, under it, and with the value that the keys are at. */
const NAMES_OF_CURVES = ['figcaption', '.curves', '.reading'];

/** Texts of the state that are the product's own, and ids of its own making. */
const OWN = `
  activity.agents.*.session activity.calls.*.call activity.session activity.writing.kind
  agents.*.cost agents.*.session agents.*.state asking.questions.*.choices.*.choice asking.questions.*.id
  changes.files.*.diff.hunks.*.header changes.files.*.diff.hunks.*.open.id changes.files.*.diff.hunks.*.rows.*.sign
  changes.files.*.diff.hunks.*.rows.*.text changes.files.*.diff.kind changes.files.*.diff.why changes.files.*.kind
  changes.files.*.version checkpoints.rows.*.files checkpoints.rows.*.id checkpoints.rows.*.when checkpoints.rows.*.why
  checkpoints.undo.id checkpoints.undo.what composer.attachments.*.icon composer.attachments.*.id composer.draft.version
  composer.notice.buttons.*.id composer.queue.*.id composer.suggestions.items.*.icon composer.suggestions.items.*.id
  head.status.kind jobs.rows.*.exit jobs.rows.*.id jobs.rows.*.metrics.*.value jobs.rows.*.state jobs.rows.*.stop
  meter.budgets.*.unit meter.context.parts.*.part runs.comparison.rows.*.aspect runs.comparison.heads.*.short
  runs.comparison.rows.*.name runs.comparison.rows.*.values.* runs.rows.*.ended runs.rows.*.endedAt runs.rows.*.metric runs.rows.*.state
  jobs.finished.rows.*.ended jobs.finished.rows.*.id jobs.finished.rows.*.metrics.*.value jobs.finished.rows.*.state
  jobs.finished.rows.*.stop jobs.rows.*.id jobs.rows.*.metrics.*.value jobs.rows.*.state jobs.rows.*.stop
  runs.sort sessions.rows.*.id sessions.rows.*.used skills.*.state todos.*.id todos.*.status`;

/** Elements and attributes that can lead, load, run or frame anything. The page's own are in its head, and its script. */
const IN_PAGE = `
  window.harm = () => harms.push('ran');
  window.harms = [];
  window.body = () => [...document.body.querySelectorAll('*')].filter((node) => !node.matches('body > script'));
  window.live = () => body().flatMap((node) => [
    ...(node.matches('a, area, img, picture, video, audio, source, track, script, style, link, base, meta, iframe, frame, object, embed, svg, math, form:not(.add-todo), portal, template, dialog, i, u') ? [node.outerHTML.slice(0, 200)] : []),
    ...[...node.attributes].filter(({ name, value }) => /^on|^(href|src|srcset|srcdoc|action|formaction|background|poster|data|ping|autofocus|is|slot)$/.test(name) || (name === 'style' && /url|expression|import/i.test(value)) || (name === 'class' && /[<>"'&;:{}$]/.test(value))).map(({ name, value }) => name + '=' + value.slice(0, 200)),
  ]);
  window.words = (where) => [...document.querySelectorAll(where)].map((node) => node.textContent + ' ' + [...node.querySelectorAll('textarea')].map(({ value }) => value).join(' ')).join(' ');
  window.READ = ['title', 'aria-label', 'aria-valuetext', 'aria-description', 'placeholder', 'alt'];
  window.unseen = () => {
    const texts = body().flatMap((node) => [...[...node.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data), ...READ.map((name) => node.getAttribute(name) ?? '')]);
    return texts.filter((text) => /(?![\\n\\t])\\p{Cc}|\\p{Bidi_Control}|[\\u00ad\\u200b\\u2028\\u2029\\u2060\\u3164\\ufeff\\u{e0000}-\\u{e007f}]/u.test(text));
  };
  window.unfold = () => { for (const node of document.querySelectorAll('.toggle[aria-expanded=false], [role=treeitem][aria-expanded=false] > *, .feed [aria-expanded=false]')) node.click(); };
  window.grow = (value) => typeof value === 'string' ? value.replaceAll('⟪long⟫', long) : Array.isArray(value) ? value.map(grow) : value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, grow(inner)])) : value;
`;

const LONG = 10 * 1024 * 1024;

describe('words of strangers in the panel', () => {
  const labels = panelWords();
  const names = Object.keys(FEEDS) as SectionName[];
  let opened: BrowserPage;
  beforeEach(async () => {
    opened = await BrowserPage.open({ height: 1_200 });
    await opened.page.evaluate(IN_PAGE);
  });
  afterEach(() => opened?.close());

  /** Draws it with all of it unfolded, and answers what the page asks for as the host would. */
  async function show({ state, rows, curves, branch }: FullPanel): Promise<void> {
    await opened.take({ type: 'state', state });
    await opened.take(rows);
    for (let round = 0; round < 2; round++) {
      await opened.page.evaluate('frames()');
      await opened.page.evaluate('unfold()');
      await opened.page.evaluate('frames()');
      for (const message of await opened.sent()) {
        if (message.type !== 'unfoldRow') continue;
        const { id, agent } = message;
        const event = branch.find((entry) => entry.id === id)?.event;
        const isAgent = agent === null && event?.type === 'subagent-start';
        await opened.take(isAgent ? agentDetail(branch, event.session, id) : detailOf(branch, id, agent));
      }
    }
    if (curves) {
      await opened.take(curves);
      // What is under the cursor is read out too.
      await opened.page.locator('.plot canvas').first().waitFor();
      for (const plot of await opened.page.locator('.plot').all()) await plot.press('End');
    }
    await opened.page.evaluate('frames()');
  }

  /** The same without 10 MB on the way for each of its texts: the page has it, and puts it in. */
  async function showLong(line: string, { state, rows, curves }: FullPanel): Promise<void> {
    for (const message of [{ type: 'state', state }, rows, ...(curves ? [curves] : [])]) {
      const text = JSON.stringify(message, (_, value: unknown) =>
        typeof value === 'string' ? value.replaceAll(line, '⟪long⟫') : value,
      );
      await opened.page.evaluate(`take(grow(${text}))`);
    }
    await opened.page.evaluate('frames()');
    await opened.page.evaluate('unfold()');
    await opened.page.evaluate('frames()');
  }

  async function isUnharmed(what: string): Promise<void> {
    const { page } = opened;
    assert.deepEqual(await page.evaluate('live()'), [], `${what} became an element, a link or a handler`);
    assert.deepEqual(await page.evaluate('unseen()'), [], `${what} is not all to be seen`);
    assert.deepEqual(await page.evaluate('harms'), [], `${what} ran`);
    assert.deepEqual(await opened.refused(), [], `${what} was stopped by the policy alone`);
    assert.deepEqual(opened.asked, [], `${what} asked for something`);
    assert.deepEqual(opened.events, [], what);
    assert.equal(await page.title(), 'ML Engineer');
  }

  it('are tried in every section, in each of its texts', async () => {
    const sections = Object.keys(panelStateSchema.shape).filter((name) => name !== 'labels');
    assert.deepEqual([...names].sort(), sections.sort(), 'test/support/full-panel.ts feeds every section');
    assert.deepEqual(Object.keys(PLACES).sort(), sections);
    const { state } = await fullPanel('stranger', labels);
    assert.deepEqual(panelStateSchema.parse(state), state);
    const own = new Set(OWN.trim().split(/\s+/u));
    assert.deepEqual(
      ownWords(state, 'stranger').filter((path) => !own.has(path)),
      [],
      'a text that is not fed: give it the stranger’s, or name it as the product’s own',
    );
  });

  it('stay text: no element, link, request, script, window or dialog comes of them, and all of them is seen', async () => {
    for (const [what, text] of Object.entries(HOSTILE)) {
      await show(await fullPanel(text, labels));
      const parts = text.split(/[\p{C}\p{Zl}\p{Zp}\u3164]+/u).filter((part) => part.trim().length > 2);
      // A curve's name is a label: what lies behind its end is not drawn.
      const named = parts.filter((part) => label(text, 80).includes(part));
      const wanted = [
        ...Object.values(PLACES).map((where) => [where, parts]),
        ...NAMES_OF_CURVES.map((where) => [where, named]),
      ];
      const unseen = await opened.page.evaluate<string[]>(
        `${JSON.stringify(wanted)}.flatMap(([where, parts]) => parts.filter((part) => !words(where).includes(part)).map((part) => where + ': ' + part))`,
      );
      assert.deepEqual(unseen, [], `${what} is not shown`);
      await isUnharmed(what);
    }
  });

  it('are drawn in part where they have no end: a line of 10 MB in each text, and the page goes on answering', async () => {
    const { page } = opened;
    const line = `<b>${'long '.repeat(LONG / 5)}`;
    await page.evaluate(`window.long = '<b>' + 'long '.repeat(${LONG / 5})`);
    for (const name of names) {
      await showLong(line, await fullPanel(line, labels, [name]));
      const drawn = await page.evaluate<number>('document.body.innerHTML.length');
      assert.ok(drawn < 5_000_000, `${name} drew ${drawn} characters`);
      const words = await page.evaluate<string>(`words(${JSON.stringify(PLACES[name])}).slice(0, 5000)`);
      assert.match(words, /<b>long long/u, name);
      await page.locator('textarea.prompt').fill('');
      await page.locator('textarea.prompt').pressSequentially('x');
      assert.equal(await page.locator('textarea.prompt').inputValue(), 'x');
      await isUnharmed(`a line of 10 MB in ${name}`);
    }
  });
});
