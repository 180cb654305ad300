import { createHash } from 'node:crypto';
import type { AnswerClaim } from '../../src/agent/answer-claim';
import type { PaidFor } from '../../src/agent/budget';
import type { DurableEvent, JournalEntry, SubagentStart } from '../../src/agent/events';
import type { LiveSubagent } from '../../src/agent/subagents';
import { parseLedger, runsOf } from '../../src/ledger/parse';
import { lineOf } from '../../src/ledger/record';
import { checkpointRows } from '../../src/panel/folds/checkpoints';
import { chartsOf } from '../../src/panel/folds/curves';
import { hear, liveOf } from '../../src/panel/folds/live';
import { jobsOfPanel, NO_JOBS } from '../../src/panel/folds/jobs';
import { NO_RUNS, runsOfPanel } from '../../src/panel/folds/runs';
import { sessionsOf } from '../../src/panel/folds/sessions';
import { rowsSince, timelineOf } from '../../src/panel/folds/timeline';
import type { Labels, PanelState } from '../../src/panel/protocol';
import type { RowsMessage } from '../../src/panel/sections/activity';
import { MAX_PROMPT_CHARACTERS } from '../../src/panel/sections/composer';
import { panelState, type PanelSource } from '../../src/panel/state';
import { begin, changed } from '../../src/review/file-review';
import { hunksOf } from '../../src/review/hunks';
import type { CurvesMessage } from '../../src/panel/sections/jobs';
import { composer, sessionList } from './composer-state';
import { curvesOf, jobSeen } from './jobs-panel';
import { runRecord } from './ledger';

/** What a section is made from: entries of the journal, and what else the window knows. */
interface Fed {
  events?: DurableEvent[];
  source?: Partial<PanelSource>;
}

export type SectionName = Exclude<keyof PanelState, 'labels'>;

const USAGE = { input: 1_000, output: 200, cacheRead: 40_000, cacheWrite: 5_000 };
const NO_USAGE = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
const images = new Map<string, Uint8Array>();

function image(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const hash = createHash('sha256').update(bytes).digest('hex');
  images.set(hash, bytes);
  return hash;
}

/** One that a run bears, and one that none does. */
function claimsSaying(text: string): AnswerClaim[] {
  const said = { text, sentence: text, start: 0, end: text.length, value: 1 };
  return [
    { ...said, evidence: { source: 'c1', line: 1, title: text }, stale: true },
    { ...said, evidence: null, stale: false },
  ];
}

/**
 * Each section with `text` wherever words of others stand: of a model, a file, a tool, a page, a repository. A section that
 * is not here does not compile, and a text of it that is not given is found by `ownWords`.
 */
export const FEEDS: Record<SectionName, (text: string) => Fed> = {
  head: (text) => ({
    events: [{ type: 'prompt', text: `${text}\nand more`, attachments: [], notes: [text] }],
    source: { retrying: text },
  }),
  asking: (text) => ({
    source: {
      waiting: [text],
      questions: [
        {
          ...{ id: 'q', title: text, body: text, facts: [text], losses: [text], reasons: [text], editable: text },
          choices: [{ choice: 'once', label: text }],
        },
      ],
    },
  }),
  todos: (text) => ({
    events: [
      {
        type: 'todos',
        todos: (['completed', 'in_progress', 'pending'] as const).map((status) => ({
          ...{ id: status, content: `${text} ${status}`, status },
        })),
      },
    ],
  }),
  agents: (text) => ({
    events: [
      { type: 'subagent-start', ...subagent('a', text) },
      { type: 'subagent-start', ...subagent('b', text) },
      {
        ...{
          type: 'subagent-end',
          ...subagent('b', text),
          end: { reason: 'failed', message: text },
          text: '',
          turns: 3,
        },
        ...{ usage: NO_USAGE, costUsd: null, files: [], denied: [], remarks: [text] },
      },
    ],
    source: { live: [liveAgent('a', text)] },
  }),
  skills: (text) => ({
    events: [{ type: 'note', text, skills: [{ name: text, state: 'offered', why: 'words', detail: text }] }],
  }),
  changes: changesFed,
  checkpoints: (text) => {
    const events: DurableEvent[] = [
      { type: 'prompt', text, attachments: [], notes: [] },
      { type: 'checkpoint', why: 'prompt', after: 'e1', folders: [{ folder: `/w/${text}`, commit: 'a'.repeat(40) }] },
      {
        ...{ type: 'checkpoint', why: 'restore', after: 'e1', folders: [] },
        restored: { what: 'both', to: 'e1', from: 'e2' },
      },
    ];
    const list = { branch: branchOf(events), open: true, running: false, when: () => 'today' };
    return { source: { checkpoints: checkpointRows({ ...list, files: () => ({ changed: 2, stored: true }) }) } };
  },
  activity: activityFed,
  meter: (text) => ({
    events: [
      {
        type: 'turn-end',
        ...{ stopReason: 'tool_use', usage: USAGE, asked: text, model: text, costUsd: 0.12 },
      },
    ],
    source: {
      meter: {
        windowOf: () => 200_000,
        budgets: [{ name: text, used: 9, limit: 10, unit: 'usd' }],
        todayUsd: 3,
        todayCosts: { models: [paidFor(text)], droids: [paidFor(text)], skills: [paidFor(text)] },
        session: 's',
        jobs: [{ id: 'j', session: 's', droid: text, skill: text, whole: COMPUTE, today: COMPUTE }],
      },
    },
  }),
  composer: (text) => ({
    source: {
      composer: {
        ...{ ...composer, droid: text, model: text, effort: text, mode: text, busy: true, said: [text] },
        attachments: [{ id: 'a', label: text, icon: 'file' }],
        suggestions: { request: 1, items: [{ id: 's', text, label: text, detail: text, icon: 'file' }] },
        queue: [{ id: 'w', text }],
        notice: { lines: [text], buttons: [{ id: 'mlEngineer.goOn', label: text }] },
        // A person wrote it, in the page or in the chat: no longer than the page sends.
        typed: text.slice(0, MAX_PROMPT_CHARACTERS),
        draft: { version: 'v1', text: text.slice(0, MAX_PROMPT_CHARACTERS) },
      },
    },
  }),
  sessions: (text) => ({
    source: {
      sessions: sessionsOf({
        ...{ query: '', folders: ['/w'], current: 's', deleted: text, used: () => 'today', isAtWork: () => false },
        sessions: [
          { id: 's', title: text, folders: ['/w'], droid: text, usedAt: 2, terminal: true },
          { id: 'o', title: text, folders: [text], droid: text, usedAt: 1, terminal: false },
        ],
      }),
    },
  }),
  runs: runsFed,
  jobs: jobsFed,
};

const paidFor = (name: string): PaidFor => ({ name, usd: 2, unknown: 1 });
const COMPUTE = { hours: 2.5, gpuHours: 5, usd: 12 };

function subagent(session: string, text: string): SubagentStart {
  return { call: 'c1', session, droid: text, description: text, model: text, background: true };
}

function liveAgent(session: string, text: string): LiveSubagent {
  return { ...subagent(session, text), state: 'running', turn: 2, doing: text, asking: undefined };
}

/** The name of a file takes no NUL, and is no longer than a disk lets it be. */
function nameOf(text: string): string {
  return text.replaceAll('\0', '').slice(0, 200);
}

function changesFed(text: string): Fed {
  const before = `first\n${text}\nsame\n`;
  const after = `first\n${text} anew\nsame\n${text}`;
  const path = `/w/${nameOf(text)}.py`;
  const bytes = new TextEncoder();
  const call = 'c1';
  const review = changed(begin(path, bytes.encode(before)), bytes.encode(after), { by: 'agent', call });
  const change = (name: string, from: string | null, to: string | null): DurableEvent => ({
    type: 'change',
    ...{
      call,
      change: { path: name, before: from === null ? null : image(from), after: to === null ? null : image(to) },
    },
  });
  return {
    events: [
      change(path, before, after),
      change(`${path}.old`, text, null),
      change(`${path}.new`, null, text),
      change(`${path}.bin`, null, `\0${text}`),
    ],
    source: { open: [{ path, review, hunks: hunksOf(review) }] },
  };
}

function activityFed(text: string): Fed {
  const paid = { usage: NO_USAGE, asked: text, model: text, costUsd: null };
  const live = liveOf('s');
  const call = { id: 'e0', type: 'tool-start', call: 'c9', name: 'Execute', input: {}, title: text } as const;
  hear(live, call);
  hear(live, { type: 'tool-output', call: 'c9', text });
  hear(live, { type: 'text-delta', text });
  return {
    events: [
      { type: 'steer', text },
      { type: 'block-end', block: { type: 'thinking', thinking: text, signature: '' } },
      { type: 'block-end', block: { type: 'text', text: `${text}\n\`\`\`html\n${text}\n\`\`\``, citations: null } },
      { type: 'tool-start', call: 'c1', name: 'Execute', input: { command: text, [text]: [text] }, title: text },
      { type: 'tool-decision', call: 'c1', decision: 'allow', by: 'rule', reason: text },
      { type: 'tool-end', call: 'c1', content: text, isError: false, durationMs: 1_200 },
      { ...{ type: 'retry', attempt: 1, of: 3, delayMs: 2_000, until: 0 }, why: text },
      { type: 'turn-cut', why: text, stopped: false, ...paid },
      { type: 'warning', message: text },
      { type: 'model-switch', from: text, to: text, why: text },
      { type: 'claims', claims: claimsSaying(text) },
      { type: 'run-end', reason: 'failed', message: text },
      { type: 'prompt', text, attachments: [{ type: 'text', text }], notes: [text] },
      { type: 'tool-start', call: 'c9', name: 'Execute', input: { command: text }, title: text },
    ],
    source: { heard: live },
  };
}

function runsFed(text: string): Fed {
  const record = (id: string, at: string) =>
    lineOf(
      runRecord({
        ...{ id: id + text, at, title: text, command: text, hypothesis: text, verdict: text, droid: text },
        ...{ metrics: [{ name: text, last: 0.91 }], seeds: [{ name: text, value: at }], missing: [text] },
      }),
    );
  const ledger = parseLedger(record('one ', '2026-01-01T10:00:00Z') + record('two ', '2026-01-02T10:00:00Z'));
  // One is a tracker's: what its files and folders are called is a stranger's as well.
  const runs = runsOf(ledger).runs.map((run, index) => (index === 0 ? run : { ...run, tracker: text, file: text }));
  // A line of 2 MB is none to the ledger: then only what could not be read is told.
  const ids = runs.map((run) => run.record.id);
  const list = runsOfPanel({
    ...{
      book: { runs, problems: [text] },
      ticked: ids,
      picked: ids[0],
      hasLog: true,
      ended: () => ['today', 'today at 10'],
    },
    look: { query: '', sort: 'time', metric: '', from: 0 },
  });
  return { source: { runs: list } };
}

function jobsFed(text: string): Fed {
  const { status } = jobSeen({ title: text, command: text, events: [{ type: 'problem', at: '', text }] });
  const fired = [{ type: 'fired' as const, at: '', key: 'k', watch: 'pattern', text }];
  const readings = { metrics: [{ name: text, value: 0.5 }], epochs: 0 };
  const detail = { uses: [text], tail: text, inLedger: true };
  return {
    source: {
      jobs: jobsOfPanel({
        ...{ now: Date.parse(status.found.record.startedAt) + 60_000, host: 'here', total: 1, finished: [] },
        ...{ watched: [{ status, fired, readings }], details: new Map([[status.id, detail]]), when: () => 'today' },
      }),
    },
  };
}

function branchOf(events: DurableEvent[]): JournalEntry[] {
  return events.map((event, at) => ({
    ...{ id: `e${at + 1}`, parent: at === 0 ? null : `e${at}`, at: '2026-01-01T00:00:00Z', event },
  }));
}

/** Curves whose names, and the files they were read from, a run's log and folder give. */
function curvesSaying(text: string): CurvesMessage {
  const series = [
    { name: text, axis: 'step' as const },
    { name: 'loss', source: text },
    { name: `train ${text}` },
    { name: `val ${text}` },
  ];
  const points: [number, number | null][] = [
    [0, 1],
    [1, null],
    [2, 0.5],
  ];
  const { charts } = chartsOf(series.map((one) => ({ axis: 'epoch', ...one, points, values: points.length })));
  return curvesOf(jobSeen().status.id, charts);
}

export interface FullPanel {
  state: PanelState;
  rows: RowsMessage;
  /** Of the job, which has to be there and unfolded before. */
  curves: CurvesMessage | undefined;
  branch: JournalEntry[];
}

/** A session that has something in each of these sections, through the folds that the product makes them by. */
export async function fullPanel(
  text: string,
  labels: Labels,
  names: readonly SectionName[] = Object.keys(FEEDS) as SectionName[],
): Promise<FullPanel> {
  const fed = names.map((name) => FEEDS[name](text));
  const start: DurableEvent = {
    ...{ type: 'session-start', version: 1, folders: ['/w'], droid: names.includes('meter') ? text : 'd' },
    ...{ model: 'm', system: 'Be brief.', tools: [] },
  };
  const branch = branchOf([start, ...fed.flatMap(({ events = [] }) => events)]);
  const source: PanelSource = {
    ...{ branch, running: true, questions: [], waiting: [], live: [], labels },
    ...{
      composer,
      sessions: sessionList,
      runs: NO_RUNS,
      jobs: NO_JOBS,
      checkpoints: { rows: [], more: 0, undo: null },
    },
    meter: { windowOf: () => null, budgets: [] },
    blob: async (hash) => images.get(hash),
    shown: (path) => path.replace('/w/', ''),
    reason: ({ detail }) => detail,
    limit: () => '',
    near: () => '',
    ...Object.assign({}, ...fed.map(({ source: some = {} }) => some)),
  };
  const state = await panelState(source);
  const curves = names.includes('jobs') ? curvesSaying(text) : undefined;
  return { state, rows: rowsSince(timelineOf('s', branch), undefined), curves, branch };
}

/** Where a state has texts that hold nothing of `text`, as paths with `*` for places in lists. */
export function ownWords(state: PanelState, text: string): string[] {
  const found = new Set<string>();
  const look = (value: unknown, path: string): void => {
    if (typeof value === 'string') {
      if (value !== '' && !value.includes(text)) found.add(path);
    } else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) look(inner, `${path}.${Array.isArray(value) ? '*' : key}`);
  };
  for (const [name, section] of Object.entries(state)) if (name !== 'labels') look(section, name);
  return [...found].sort();
}
