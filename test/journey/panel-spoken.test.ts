import assert from 'node:assert/strict';
import type { PanelState } from '../../src/panel/protocol';
import type { PanelActivity } from '../../src/panel/sections/activity';
import type { PanelAgent } from '../../src/panel/sections/agents';
import type { PanelQuestion } from '../../src/panel/sections/asking';
import type { PanelChanges } from '../../src/panel/sections/changes';
import { BrowserPage } from '../support/browser-page';
import { composer, sessionList } from '../support/composer-state';
import { HEARING } from '../support/hearing';
import { stateMessage } from '../support/panel-page';
import { panelWords } from '../support/panel-words';

const head = (kind: PanelState['head']['status']['kind'], detail = ''): Partial<PanelState> => ({
  head: { title: 'Fix it', status: { kind, detail } },
});

const question = (id: string): PanelQuestion => ({
  ...{ id, title: `Run ${id}`, body: `${id} --all`, facts: [], losses: [], reasons: ['It deletes.'], editable: null },
  choices: [{ choice: 'once', label: 'Allow Once' }],
});

const asking = (questions: string[], waiting: string[] = []): Partial<PanelState> => ({
  asking: { questions: questions.map(question), waiting },
});

const agent = (some: Partial<PanelAgent>): Partial<PanelState> => ({
  agents: [
    {
      ...{ session: 'g', name: 'reviewer', description: 'look', state: 'running', background: true, turns: 1 },
      ...{ cost: '$0.01', detail: '', ...some },
    },
  ],
});

/** A file whose lines of these numbers are open to be decided on. */
function changes(lines: number[]): Partial<PanelState> {
  const file: PanelChanges['files'][number] = {
    ...{ path: '/w/a.py', shown: 'a.py', kind: 'modified', reviewed: lines.length === 0, version: lines.join() },
    counts: { added: lines.length, removed: 0 },
    diff: {
      kind: 'text',
      moreRows: 0,
      hunks: lines.map((line) => ({
        header: `@@ -${line} @@`,
        rows: [{ sign: '+', line, text: `x = ${line}`, cut: false }],
        open: { id: `h${line}`, mixed: false, made: [], todo: '' },
      })),
    },
  };
  return { changes: { files: [file], moreFiles: 0 } };
}

describe('what a screen reader says of the panel', () => {
  const labels = panelWords();
  let opened: BrowserPage;
  before(async () => {
    opened = await BrowserPage.open({ height: 600 });
    await opened.draw(stateMessage({ labels, ...head('done') }).state);
    await opened.page.evaluate(HEARING);
  });
  after(() => opened?.close());

  /** What is heard of these states, one drawn after the other. */
  async function heard(...states: Partial<PanelState>[]): Promise<string[]> {
    for (const state of states) await opened.draw(state);
    return opened.page.evaluate<string[]>('heard.splice(0)');
  }

  it('is that a turn begins, is tried again, fails and ends: each once, and only then', async () => {
    const begun = head('running');
    assert.deepEqual(await heard(begun), ['polite: Working…']);
    assert.deepEqual(await heard(structuredClone(begun), begun), []);
    assert.deepEqual(await heard(head('running', 'Busy. Trying again in 4 s.')), [
      'polite: Working… Busy. Trying again in 4 s.',
    ]);
    assert.deepEqual(await heard(head('failed', 'The key was refused.')), ['polite: Failed. The key was refused.']);
    assert.deepEqual(await heard(begun, head('done')), ['polite: Working…', 'polite: Finished.']);
    const limit = 'This session has used its 60,000 tokens.';
    const notice = { lines: [limit, 'x.png is too large.'], buttons: [{ id: 'mlEngineer.goOn', label: 'Go On' }] };
    assert.deepEqual(await heard({ ...head('limit', limit), composer: { ...composer, notice } }), [
      `polite: Stopped at a limit. ${limit}`,
      'polite: x.png is too large. Go On Dismiss',
    ]);
    assert.deepEqual(await heard({ composer }), []);
  });

  it('is nothing while text, output and steps stream by', async () => {
    await heard(head('running'));
    const activity = (step: number): PanelActivity => ({
      ...{ session: 's', running: true, writing: { kind: 'text', text: 'word '.repeat(step) } },
      calls: [{ call: 'c', asking: false, output: `line ${step}\n` }],
      agents: [{ session: 'g', doing: `Read ${step}`, steps: step }],
    });
    await opened.draw(agent({}));
    for (let step = 1; step <= 30; step++) {
      const row = { id: `e${step}`, kind: 'text', text: `step ${step}`, more: false, at: 0 } as const;
      await opened.take({ type: 'rows', epoch: 1, length: step, changed: [{ at: step - 1, row }] });
      await opened.take({
        type: 'state',
        state: { activity: activity(step), ...agent({ detail: `Read ${step}`, turns: step, cost: `$0.0${step}` }) },
      });
    }
    await opened.page.evaluate('frames()');
    assert.equal(await opened.page.locator('.step.writing').count(), 1);
    assert.deepEqual(await heard(), []);
    // A question of a subagent is said where it is asked.
    assert.deepEqual(await heard(agent({ state: 'asking', detail: 'Run rm' })), []);
    const [end, ...more] = await heard(agent({ state: 'failed', detail: 'No network.', turns: 9 }));
    assert.match(end ?? '', /^polite: .*Failed\. No network\./u);
    assert.deepEqual(more, []);
    await heard({ agents: [], ...head('done') });
  });

  it('is each question once and at once, also while work goes on, and not again when others come and go', async () => {
    await heard(head('running'));
    assert.deepEqual(await heard(asking(['rm'])), ['assertive: Waiting for you: Run rm']);
    assert.deepEqual(await heard(asking(['rm', 'mv'])), ['assertive: Waiting for you: Run mv']);
    await opened.page.getByRole('button', { name: 'Deny With a Reason…' }).first().click();
    await opened.page.getByRole('textbox', { name: 'Why not' }).fill('no');
    assert.deepEqual(await heard(asking(['mv'])), []);
    assert.deepEqual(await heard(asking([], ['Run make'])), ['polite: Waiting in the chat: Run make Go to Chat']);
    assert.deepEqual(await heard(asking([], ['Run make', 'Run tox'])), ['polite: Waiting in the chat: Run tox']);
    assert.deepEqual(await heard(asking([])), []);
  });

  it('is what was decided, with what is left, and the keys go on from there; not what the agent changes', async () => {
    const { page } = opened;
    await heard(changes([1, 20, 40]));
    await page.locator('.file > .toggle').click();
    const hunks = page.locator('.open-hunk');
    await hunks.nth(1).focus();
    assert.deepEqual(await heard(changes([1, 20, 40, 60])), []);
    await page.keyboard.press('a');
    assert.deepEqual((await opened.sent()).at(-1), { type: 'accept', path: '/w/a.py', ids: ['h20'] });
    const left = (count: number, how = 'Accepted'): string => `polite: ${how}. Changes left to decide on: ${count}.`;
    assert.deepEqual(await heard(changes([1, 40, 60])), [left(3)]);
    assert.equal(await page.evaluate('document.activeElement.querySelector(".code").textContent'), 'x = 40');
    await page.keyboard.press('r');
    assert.deepEqual(await heard(changes([1, 60])), [left(2, 'Rejected')]);
    await page.keyboard.press('r');
    assert.deepEqual(await heard(changes([1])), [left(1, 'Rejected')]);
    // The last one that is left; it was decided on in the editor.
    assert.equal(await page.evaluate('document.activeElement.querySelector(".code").textContent'), 'x = 1');
    assert.deepEqual(await heard(changes([])), []);
    assert.notEqual(await page.evaluate('document.activeElement.tagName'), 'BODY');

    await heard(changes([1, 20]));
    await page.getByRole('button', { name: 'Accept All of a.py' }).first().focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(await heard(changes([])), [left(0)]);
    assert.notEqual(await page.evaluate('document.activeElement.tagName'), 'BODY');
  });

  it('is that a session was deleted and that one went back, with the way to undo it', async () => {
    assert.deepEqual(await heard({ sessions: { ...sessionList, deleted: 'Fix the split' } }), [
      'polite: Deleted: Fix the split Undo',
    ]);
    assert.deepEqual(await heard({ sessions: sessionList }), []);
    assert.deepEqual(await heard({ checkpoints: { rows: [], more: 0, undo: { id: 'e1', what: 'both' } } }), [
      'polite: Files and conversation went back to a checkpoint. Undo the Restore',
    ]);
  });
});
