import assert from 'node:assert/strict';
import type { DurableEvent, JournalEntry } from '../../../src/agent/events';
import { checkpointRows, MAX_POINTS, type CheckpointsSource } from '../../../src/panel/folds/checkpoints';
import type { PanelCheckpoint } from '../../../src/panel/sections/checkpoints';
import { buildPage, drawn, get, openPage, stateMessage, texts, type Page } from '../../support/panel-page';
import { labels } from './labels';

const HOSTILE = '<img src=x onerror="alert(1)">\u202e';
const commit = (letter: string): string => letter.repeat(40);
const prompt = (text: string): DurableEvent => ({ type: 'prompt', text, attachments: [], notes: [] });
const kept = (why: 'prompt' | 'step' | 'restore', after: string, letter: string): DurableEvent => ({
  ...{ type: 'checkpoint', why, after },
  folders: [{ folder: '/work', commit: commit(letter) }],
});

function branchOf(...events: DurableEvent[]): JournalEntry[] {
  return events.map((event, at) => ({
    ...{ id: `e${at + 1}`, parent: at === 0 ? null : `e${at}`, at: `2026-01-01T00:00:0${at % 10}Z`, event },
  }));
}

function rows(branch: JournalEntry[], more: Partial<CheckpointsSource> = {}): ReturnType<typeof checkpointRows> {
  const files = (): undefined => undefined;
  return checkpointRows({ branch, open: true, running: false, files, when: (at) => `at ${at}`, ...more });
}

describe('checkpoints in the panel', () => {
  let bundle = '';
  before(async () => {
    bundle = await buildPage();
  });

  const row = (id: string, more: Partial<PanelCheckpoint> = {}): PanelCheckpoint => ({
    ...{ id, why: 'prompt', text: `do ${id}`, when: 'now', changed: null, files: 'kept', ...more },
  });
  const shows = (page: Page, list: PanelCheckpoint[], undo: { id: string; what: 'both' } | null = null): void =>
    page.receive(stateMessage({ labels, checkpoints: { rows: list, more: 0, undo } }));
  const opened = async (list: PanelCheckpoint[]): Promise<Page> => {
    const page = openPage(bundle);
    shows(page, list);
    get(page, '.checkpoints .toggle').click();
    await drawn();
    return page;
  };

  it('are listed newest first with the message, what a step did, how many files changed and what is stored', () => {
    const branch = branchOf(
      prompt('fix\n  it'),
      kept('prompt', 'e1', 'a'),
      { type: 'tool-start', call: 'c', name: 'Edit', input: {}, title: 'Editing a.py' },
      { type: 'tool-run', call: 'c' },
      { type: 'tool-start', call: 'd', name: 'Read', input: {}, title: 'Reading b.py' },
      { type: 'tool-end', call: 'c', content: '', isError: false, durationMs: 1 },
      kept('step', 'e6', 'b'),
      kept('restore', 'e7', 'c'),
    );
    const { rows: found, more } = rows(branch, {
      files: ({ id }) => ({ changed: id === 'e7' ? 3 : null, stored: id !== 'e2' }),
    });
    assert.deepEqual(
      found.map(({ id, why, text, changed, files }) => [id, why, text, changed, files]),
      [
        ['e8', 'restore', 'fix, it', null, 'kept'],
        ['e7', 'step', 'Editing a.py', 3, 'kept'],
        ['e2', 'prompt', 'fix, it', null, 'gone'],
      ],
    );
    assert.equal(more, 0);
    assert.deepEqual(rows(branch, { open: false }).rows, []);
  });

  it('are no more than the page can hold, and edits alone only once the session stands still', () => {
    const many = branchOf(...Array.from({ length: MAX_POINTS + 7 }, (_, at) => prompt(`${at} ${'x'.repeat(5_000)}`)));
    const { rows: found, more } = rows(many);
    assert.deepEqual([found.length, more], [MAX_POINTS, 7]);
    assert.ok(JSON.stringify(found).length < 300_000);
    assert.equal(found[0]?.files, 'edits');
    assert.equal(rows(many, { running: true }).rows[0]?.files, 'kept');
  });

  it('offer to take back the last restore until the session goes on, and not what was taken back', () => {
    const restored = { what: 'both', to: 'e1', from: 'e1' } as const;
    const gone: DurableEvent = { type: 'checkpoint', why: 'restore', after: 'e1', folders: [], restored };
    assert.deepEqual(rows(branchOf(prompt('a'), gone), { open: false }).undo, { id: 'e2', what: 'both' });
    assert.equal(rows(branchOf(prompt('a'), gone, prompt('b'))).undo, null);
    const back: DurableEvent = { ...gone, restored: { ...restored, undoes: 'e2' } };
    assert.equal(rows(branchOf(prompt('a'), gone, back)).undo, null);
  });

  it('are asked for only while they are looked at, and their buttons say what they do', async () => {
    const page = await opened([row('e2', { changed: 2 }), row('e1', { why: 'step', files: 'gone' })]);
    assert.deepEqual(page.sent.at(-1), { type: 'listCheckpoints', open: true });
    assert.deepEqual(texts(page, '.checkpoint .folder'), ['now · filesChanged 2 {1}', 'now · notStored {0} {1}']);
    const press = (what: string): void => get(page, `[aria-label^="${what} "]`).click();
    for (const what of ['restorePoint', 'forkPoint', 'compareWithNow']) press(what);
    assert.deepEqual(page.sent.slice(-3), [
      { type: 'goBack', id: 'e2' },
      { type: 'forkAt', id: 'e2' },
      { type: 'compare', ids: ['e2'] },
    ]);
    get(page, '.checkpoints .toggle').click();
    assert.deepEqual(page.sent.at(-1), { type: 'listCheckpoints', open: false });
  });

  it('compare the two that were ticked last', async () => {
    const page = await opened([row('e3'), row('e2'), row('e1')]);
    const boxes = [...page.document.querySelectorAll('.checkpoint input')];
    for (const box of boxes) {
      Object.assign(box, { checked: true });
      box.dispatchEvent(new page.Event('change', { bubbles: true }));
      await drawn();
    }
    get(page, '.checkpoints > .head .link').click();
    assert.deepEqual(page.sent.at(-1), { type: 'compare', ids: ['e2', 'e1'] });
    shows(page, [row('e3'), row('e1')]);
    await drawn();
    assert.equal(
      page.document.querySelector('.checkpoints > .head .link'),
      null,
      'one that is gone is compared no more',
    );
  });

  it('stay text whatever they say, and take one Tab however many they are', async () => {
    const page = await opened(Array.from({ length: 300 }, (_, at) => row(`e${at}`, { text: HOSTILE })));
    assert.deepEqual([...page.document.querySelectorAll('img, script, [onerror]')], []);
    assert.match(get(page, '.checkpoint .base').textContent, /<img[^]*⟨U\+202E⟩/u);
    const reached = [...page.document.querySelectorAll('.checkpoint input, .checkpoint button')].filter(
      (node) => node.getAttribute('tabIndex') === '0',
    );
    assert.equal(reached.length, 4);
  });

  it('offer the way back right after a restore, also where it left nothing of the session', async () => {
    const page = await opened([]);
    page.receive(
      stateMessage({
        labels,
        head: { title: '', status: { kind: 'none', detail: '' } },
        checkpoints: { rows: [], more: 0, undo: { id: 'e9', what: 'both' } },
      }),
    );
    await drawn();
    assert.match(get(page, '.checkpoints [role=status]').textContent, /wentBackBoth/u);
    get(page, '.checkpoints [role=status] button').click();
    assert.deepEqual(page.sent.at(-1), { type: 'undoGoingBack' });
  });
});
