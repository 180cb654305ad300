import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyPatch } from 'diff';
import type { BudgetMark, RunEnd, DurableEvent, JournalEntry, SkillMark, SubagentEnd } from '../../../src/agent/events';
import { memoryStore } from '../../../src/agent/store';
import type { LiveSubagent } from '../../../src/agent/subagents';
import { diffImages, MAX_FILE_ROWS, MAX_IMAGE_BYTES } from '../../../src/panel/hunks';
import type { DiffCache } from '../../../src/panel/folds/changes';
import { MAX_FILES } from '../../../src/panel/sections/changes';
import { LABEL_KEYS, panelStateSchema, type PanelState } from '../../../src/panel/protocol';
import type { PanelFile } from '../../../src/panel/sections/changes';
import { NO_CHECKPOINTS } from '../../../src/panel/folds/checkpoints';
import { NO_JOBS } from '../../../src/panel/folds/jobs';
import { NO_RUNS } from '../../../src/panel/folds/runs';
import { panelState } from '../../../src/panel/state';
import { composer, sessionList } from '../../support/composer-state';
import { labels } from './labels';

const store = memoryStore();
let next = 0;

function entry(event: DurableEvent): JournalEntry {
  next += 1;
  return { id: `e${next}`, parent: next === 1 ? null : `e${next - 1}`, at: '2026-01-01T00:00:00Z', event };
}

async function image(content: string | Uint8Array | null): Promise<string | null> {
  if (content === null) return null;
  return store.putBlob(typeof content === 'string' ? new TextEncoder().encode(content) : content);
}

type Content = string | Uint8Array | null;

async function change(path: string, before: Content, after: Content): Promise<JournalEntry> {
  return entry({
    type: 'change',
    call: 'c1',
    change: { path, before: await image(before), after: await image(after) },
  });
}

const prompt = (text: string): JournalEntry => entry({ type: 'prompt', text, attachments: [], notes: [] });

type Flat = PanelState & PanelState['head'] & PanelState['changes'];

async function fold(
  branch: JournalEntry[],
  options: { running?: boolean; cache?: DiffCache; live?: LiveSubagent[]; withinMs?: number; unknown?: string[] } = {},
): Promise<Flat> {
  const source = {
    branch,
    blob: (hash: string) => store.getBlob(hash),
    shown: (path: string) => path.replace('/work/', ''),
    limit: (end: Extract<RunEnd, { reason: 'limit' }>) => `at ${end.limit}`,
    near: (mark: BudgetMark) => `near ${mark.budget}`,
    reason: ({ why, detail }: SkillMark) => `${why} ${detail}`,
    running: options.running ?? false,
    live: options.live ?? [],
    ...(options.withinMs === undefined ? {} : { withinMs: options.withinMs }),
    isKnown: (path: string) => !options.unknown?.includes(path),
    questions: [],
    waiting: [],
    meter: { windowOf: () => 200_000, budgets: [] },
    checkpoints: NO_CHECKPOINTS,
    composer,
    sessions: sessionList,
    runs: NO_RUNS,
    jobs: NO_JOBS,
    labels,
  };
  const state = await panelState(source, options.cache);
  assert.deepEqual(panelStateSchema.parse(state), state, 'what the page gets is what the protocol says');
  return { ...state, ...state.head, ...state.changes };
}

function only(state: Flat): PanelFile {
  assert.equal(state.files.length, 1);
  return state.files[0] as PanelFile;
}

function unified(file: { diff: PanelFile['diff'] }): string {
  assert.equal(file.diff.kind, 'text');
  if (file.diff.kind !== 'text') return '';
  return file.diff.hunks
    .map(({ header, rows }) => [header, ...rows.map(({ sign, text }) => `${sign}${text}`)].join('\n'))
    .join('\n');
}

describe('panel state', () => {
  it('has a label of its own for each thing that is said', () => {
    assert.deepEqual(
      LABEL_KEYS.filter((key, at) => LABEL_KEYS.indexOf(key) !== at),
      [],
      'the words of one section would be said in the other',
    );
  });

  it('names the skills that were offered and loaded, each once, and why', async () => {
    const offer = { name: 'drift', state: 'offered' as const, why: 'words' as const, detail: 'drift' };
    const { skills } = await fold([
      entry({ type: 'prompt', text: 'x', attachments: [], notes: [], skills: [offer] }),
      entry({
        type: 'note',
        text: 'n',
        skills: [{ ...offer, name: 'debug', why: 'repeated-failure', detail: 'make' }],
      }),
      entry({
        type: 'tool-end',
        call: 'c',
        content: 'text',
        isError: false,
        durationMs: 1,
        view: { kind: 'skill', name: 'drift' },
      }),
    ]);
    assert.deepEqual(skills, [
      { name: 'drift', state: 'loaded', reason: 'model ' },
      { name: 'debug', state: 'offered', reason: 'repeated-failure make' },
    ]);
  });

  it('is empty for a session with nothing in it', async () => {
    const state = await fold([]);
    assert.deepEqual([state.title, state.status.kind, state.todos, state.files], ['', 'none', [], []]);
  });

  it('shows the last todo list and the first line of the first prompt', async () => {
    const state = await fold([
      prompt('  Fix the churn tests\nthey fail'),
      entry({ type: 'todos', todos: [{ id: '1', content: 'old', status: 'pending' }] }),
      entry({
        type: 'todos',
        todos: [
          { id: '1', content: 'Look', status: 'completed', priority: 'high' },
          { id: '2', content: 'Fix', status: 'in_progress' },
        ],
      }),
      prompt('go on'),
    ]);
    assert.equal(state.title, 'Fix the churn tests');
    assert.deepEqual(state.todos, [
      { id: '1', content: 'Look', status: 'completed' },
      { id: '2', content: 'Fix', status: 'in_progress' },
    ]);
  });

  it('tells a run at work from one that ended and one that was cut', async () => {
    const cut = [prompt('go')];
    assert.equal((await fold(cut, { running: true })).status.kind, 'running');
    assert.equal((await fold(cut)).status.kind, 'interrupted');
    const failed = [...cut, entry({ type: 'run-end', reason: 'failed', message: 'No network.' })];
    assert.deepEqual((await fold(failed)).status, { kind: 'failed', detail: 'No network.' });
    assert.equal((await fold([...failed, entry({ type: 'run-end', reason: 'done' })])).status.kind, 'done');
  });

  it('gives one file one diff, from before its first change to after its last', async () => {
    const file = only(
      await fold([
        await change('/work/src/a.py', 'one\ntwo\nthree\n', 'one\n2\nthree\n'),
        await change('/work/src/a.py', 'one\n2\nthree\n', 'one\n2\nthree\nfour\n'),
      ]),
    );
    assert.deepEqual([file.shown, file.kind, file.counts], ['src/a.py', 'modified', { added: 2, removed: 1 }]);
    assert.equal(unified(file), '@@ -1,3 +1,4 @@\n one\n-two\n+2\n three\n+four');
    const rows = file.diff.kind === 'text' ? file.diff.hunks.flatMap((hunk) => hunk.rows) : [];
    assert.deepEqual(
      rows.map(({ line }) => line),
      [1, 2, 2, 3, 4],
    );
  });

  it('tells created and deleted files', async () => {
    const { files } = await fold([
      await change('/work/new.py', null, 'x\n'),
      await change('/work/gone.py', 'x\ny\n', null),
    ]);
    assert.deepEqual(
      files.map(({ kind, counts }) => [kind, counts]),
      [
        ['created', { added: 1, removed: 0 }],
        ['deleted', { added: 0, removed: 2 }],
      ],
    );
  });

  it('drops a file that was undone', async () => {
    const made = await change('/work/a.py', 'x\n', 'y\n');
    const undone = entry({
      type: 'undo',
      changes: [{ path: '/work/a.py', before: await image('y\n'), after: await image('x\n') }],
    });
    assert.equal((await fold([made])).files.length, 1);
    assert.deepEqual((await fold([made, undone])).files, []);
  });

  it('shows no diff of bytes that are not text, of huge files, and of lost images', async () => {
    const huge = new Uint8Array(MAX_IMAGE_BYTES + 1).fill(65);
    const lost = entry({ type: 'change', call: 'c', change: { path: '/work/l', before: 'f'.repeat(64), after: null } });
    const { files } = await fold([
      await change('/work/zero.pt', 'x', new Uint8Array([1, 0, 2])),
      await change('/work/latin.txt', null, new Uint8Array([0x66, 0xfc, 0x72])),
      await change('/work/huge.csv', null, huge),
      lost,
    ]);
    assert.deepEqual(
      files.map(({ diff, counts }) => [diff.kind === 'none' ? diff.why : diff.kind, counts]),
      [
        ['binary', null],
        ['binary', null],
        ['huge', null],
        ['lost', null],
      ],
    );
  });

  it('bounds the rows of a file and the length of a line', async () => {
    const long = 'x'.repeat(3_000_000);
    const file = only(await fold([await change('/work/a', null, `${'line\n'.repeat(49_999)}${long}\n`)]));
    assert.deepEqual(file.counts, { added: 50_000, removed: 0 });
    assert.equal(file.diff.kind === 'text' && file.diff.moreRows, 50_000 - MAX_FILE_ROWS);
    const other = only(await fold([await change('/work/b', null, `${long}\n`)]));
    const row = other.diff.kind === 'text' ? other.diff.hunks[0]?.rows[0] : undefined;
    assert.deepEqual([row?.text.length, row?.cut], [1_000, true]);
  });

  it('bounds all files together, and says what it left out', async () => {
    const many = await Promise.all(
      Array.from({ length: MAX_FILES + 5 }, (_, index) => change(`/work/${index}`, null, `${index}\n`.repeat(20))),
    );
    const state = await fold(many);
    assert.deepEqual([state.files.length, state.moreFiles], [MAX_FILES, 5]);
    const last = state.files.at(-1);
    assert.deepEqual(
      [last?.diff, last?.counts],
      [
        { kind: 'none', why: 'crowded' },
        { added: 20, removed: 0 },
      ],
    );
  });

  it('diffs only what changed since, and forgets what is gone', async () => {
    const cache: DiffCache = new Map();
    const [a, b] = [await change('/work/a', null, 'a\n'), await change('/work/b', null, 'b\n')];
    const first = await fold([a, b], { cache });
    const second = await fold([a, b, await change('/work/b', 'b\n', 'c\n')], { cache });
    assert.equal(second.files[0]?.diff, first.files[0]?.diff, 'the same object: it was not diffed again');
    assert.notEqual(second.files[1]?.version, first.files[1]?.version);
    assert.equal(cache.size, 2);
  });

  it('leaves for the next time what there was no time for, or of which nothing is known yet', async () => {
    const cache: DiffCache = new Map();
    const branch = [await change('/work/a', null, 'a\n'), await change('/work/b', null, 'b\n')];
    const whyOf = ({ files }: Flat): unknown[] => files.map(({ diff }) => (diff.kind === 'none' ? diff.why : 'text'));
    assert.deepEqual(whyOf(await fold(branch, { cache, withinMs: -1 })), ['comparing', 'comparing']);
    const half = await fold(branch, { cache, unknown: ['/work/b'] });
    assert.deepEqual(whyOf(half), ['text', 'comparing']);
    assert.deepEqual([half.files[1]?.kind, half.files[1]?.reviewed], ['created', false]);
    // What was worked out once needs no time.
    const whole = await fold(branch, { cache });
    assert.deepEqual(whyOf(await fold(branch, { cache, withinMs: -1 })), ['text', 'text']);
    assert.notEqual(whole.files[1]?.version, half.files[1]?.version);
  });

  it('hides Windows line ends unless they are what changed', () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    assert.equal(unified(diffImages(bytes('a\r\nb\r\n'), bytes('a\r\nc\r\n'))), '@@ -1,2 +1,2 @@\n a\n-b\n+c');
    assert.match(unified(diffImages(bytes('a\n'), bytes('a\r\n'))), /-a\n\+a\r$/u);
  });

  it('gives up an exact diff in bounded time for one that is still true', () => {
    const text = (seed: number): string =>
      Array.from({ length: 40_000 }, (_, index) => String((index * seed) % 100_003)).join('\n');
    const [before, after] = [`head\n${text(7919)}\ntail\n`, `head\n${text(6361)}\ntail\n`];
    const started = performance.now();
    const { diff, counts } = diffImages(new TextEncoder().encode(before), new TextEncoder().encode(after));
    assert.ok(performance.now() - started < 2_000);
    assert.ok(counts && counts.added > 30_000 && counts.added === counts.removed);
    assert.equal(diff.kind === 'text' && diff.hunks[0]?.rows[0]?.text, 'head');
  });

  it('is a patch that makes the later text from the earlier, whatever they are', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', '', ' c', '-d', '\\ e'), { maxLength: 30 })
      .map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const [old, young] = [before, after].map((side) => new TextEncoder().encode(side)) as [Uint8Array, Uint8Array];
        const file = diffImages(old, young);
        const patch = unified(file).replaceAll(/^\\.*$/gmu, '\\ No newline at end of file');
        assert.equal(before === after ? before : applyPatch(before, `${patch}\n`), after);
      }),
    );
  });

  it('tells of each subagent what it is at, what it cost, how it ended, and that one was cut', async () => {
    const start = (session: string): JournalEntry =>
      entry({
        type: 'subagent-start',
        call: 'c1',
        session,
        droid: 'scout',
        description: 'look',
        model: 'm',
        background: true,
      });
    const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
    const spent = (subagent: string, costUsd: number | null): JournalEntry =>
      entry({ type: 'tool-usage', call: 'c1', usage, model: 'm', costUsd, subagent });
    const ended = (session: string, end: SubagentEnd['end'], text: string): JournalEntry =>
      entry({
        type: 'subagent-end',
        call: 'c1',
        session,
        droid: 'scout',
        description: 'look',
        background: true,
        end,
        text,
        turns: 3,
        usage,
        costUsd: 1,
        files: [],
        denied: [],
        remarks: [],
      });
    const shared = { call: 'c1', droid: 'scout', description: 'look', model: 'm', background: true, turn: 2 };
    const live: LiveSubagent[] = [
      { ...shared, session: 'at-work', state: 'running', doing: 'Reading a.py', asking: undefined },
      { ...shared, session: 'asks', state: 'running', doing: 'Run a command', asking: 'Run a command' },
    ];
    const branch = [
      prompt('x'),
      start('at-work'),
      spent('at-work', 0.25),
      start('asks'),
      spent('asks', null),
      start('cut'),
      start('done'),
      ended('done', { reason: 'done' }, 'yes'),
      start('mute'),
      ended('mute', { reason: 'done' }, ''),
      start('failed'),
      ended('failed', { reason: 'failed', message: 'overloaded' }, ''),
    ];
    const { agents } = await fold(branch, { live });
    assert.deepEqual(
      agents.map(({ session, state, turns, cost, detail }) => [session, state, turns, cost, detail]),
      [
        ['at-work', 'running', 2, '$0.25', 'Reading a.py'],
        ['asks', 'asking', 2, null, 'Run a command'],
        ['cut', 'cut', 0, '$0.0000', ''],
        ['done', 'done', 3, '$0.0000', ''],
        ['mute', 'failed', 3, '$0.0000', ''],
        ['failed', 'failed', 3, '$0.0000', 'overloaded'],
      ],
    );
  });
});
