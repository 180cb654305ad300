import assert from 'node:assert/strict';
import type { Readings } from '../../../src/jobs/eyes';
import type { JobEvent, JobState } from '../../../src/jobs/job';
import { jobsOfPanel, JUST_ENDED_MS, MAX_FINISHED, MAX_ROWS, type JobSeen } from '../../../src/panel/folds/jobs';
import { toHostSchema } from '../../../src/panel/protocol';
import { jobsSchema, MAX_OPEN_JOBS, type PanelJobs } from '../../../src/panel/sections/jobs';
import { curvesOf, DETAIL, jobSeen, lossChart, panelJob, panelJobs, type SomeJob } from '../../support/jobs-panel';
import { buildPage, drawn, get, openPage, stateMessage, texts, type Page } from '../../support/panel-page';
import { labels } from './labels';

const NOW = Date.parse('2026-11-25T10:10:00.000Z');
const HOSTILE = '<img src=x onerror=alert(1)>\u202e';
const idOf = (n: number): string => `20261125T100000-${n.toString(16).padStart(6, '0')}`;

interface Some extends SomeJob {
  readings?: Partial<Readings>;
  fired?: JobSeen['fired'];
}

function seen({ readings, fired, ...some }: Some = {}): JobSeen {
  return {
    ...jobSeen(some),
    ...(readings ? { readings: { metrics: [], epochs: 0, ...readings } } : {}),
    ...(fired ? { fired } : {}),
  };
}

function shown(watched: JobSeen[], some: Partial<Parameters<typeof jobsOfPanel>[0]> = {}): PanelJobs {
  const jobs = jobsOfPanel({
    ...{ now: NOW, host: 'here', watched, total: watched.length, finished: [], details: new Map() },
    when: () => 'then',
    ...some,
  });
  assert.deepEqual(
    jobsSchema.parse(JSON.parse(JSON.stringify(jobs))),
    jobs,
    'what the page gets is what the protocol says',
  );
  return jobs;
}

const ended = (how: 'ok' | 'failed' | 'killed' | 'unknown', agoMs: number, code = 0): JobState => {
  const at = new Date(NOW - agoMs).toISOString();
  return { state: 'ended', how, at, exit: { code, signal: null, at } };
};

describe('the jobs that the panel shows', () => {
  it('are those that run, then for ten minutes those that ended, and all others folded away', () => {
    const jobs = shown(
      [
        seen({ id: idOf(4) }),
        seen({ id: idOf(3), state: ended('ok', JUST_ENDED_MS - 1) }),
        seen({ id: idOf(2), state: ended('failed', JUST_ENDED_MS + 1, 3) }),
        seen({ id: idOf(1), state: { state: 'lost', why: 'gone' } }),
      ],
      {
        total: 9,
        finished: [seen({ id: idOf(3), state: ended('ok', 1) }), seen({ id: idOf(2), state: ended('failed', 1, 3) })],
      },
    );
    assert.deepEqual(
      jobs.rows.map(({ id, state }) => [id, state]),
      [
        [idOf(4), 'running'],
        [idOf(3), 'ok'],
        [idOf(1), 'lost'],
      ],
    );
    assert.deepEqual([jobs.running, jobs.finished.count], [1, 6]);
    assert.deepEqual(
      jobs.finished.rows.map(({ id, state, exit, ended: at }) => [id, state, exit, at]),
      [[idOf(2), 'failed', '3', 'then']],
    );
  });

  it('are bounded, and tell how many are left out', () => {
    const jobs = shown(
      Array.from({ length: 200 }, (_, n) => seen({ id: idOf(n) })),
      {
        total: 500,
        finished: Array.from({ length: 200 }, (_, n) => seen({ id: idOf(1_000 + n), state: ended('ok', 1e9) })),
      },
    );
    assert.deepEqual(
      [jobs.rows.length, jobs.more, jobs.finished.rows.length],
      [MAX_ROWS, 200 - MAX_ROWS, MAX_FINISHED],
    );
  });

  it('tell how far they are and what they say, also where that is NaN, infinite or nothing', () => {
    const [job] = shown([
      seen({
        readings: {
          metrics: [NaN, Infinity, 0.123456789, 3].map((value, n) => ({ name: `m${n}\n`, value })),
          progress: { fraction: 0.25, epoch: 5, epochs: 20, remaining: Infinity },
        },
        fired: [{ type: 'fired', at: '', key: 'k', watch: 'nan', text: 'loss is NaN' }],
        events: [
          { type: 'problem', at: '', text: 'It runs without a pre-flight.' },
          { type: 'lost', at: '', text: 'While this ran:\n- last.ckpt' },
        ],
      }),
    ]).rows;
    assert.deepEqual(job?.metrics, [
      { name: 'm0', value: 'NaN' },
      { name: 'm1', value: 'Infinity' },
      { name: 'm2', value: '0.12346' },
      { name: 'm3', value: '3' },
    ]);
    assert.deepEqual([job?.fraction, job?.epoch, job?.epochs, job?.step, job?.remainingMs], [0.25, 5, 20, null, null]);
    assert.deepEqual(
      [job?.elapsedMs, job?.fired],
      [600_000, ['It runs without a pre-flight.', 'While this ran: - last.ckpt', 'nan: loss is NaN']],
    );
  });

  it('are stopped from here only where they run here and have not ended', () => {
    const cases: [Some, boolean][] = [
      [{}, true],
      [{ state: { state: 'starting' } }, true],
      [{ state: { state: 'lost', why: '' } }, true],
      [{ state: { state: 'lost', why: '' }, host: 'elsewhere' }, false],
      [{ state: ended('ok', 1) }, false],
    ];
    for (const [some, can] of cases) assert.equal(shown([seen(some)]).rows[0]?.canStop, can, JSON.stringify(some));
  });

  it('say that one is to stop, at once or after its epoch', () => {
    const stop = (after: 'now' | 'epoch'): JobEvent => ({ type: 'stop', at: '', by: 'person', after });
    const of = (events: JobEvent[], state?: JobState): string | undefined =>
      shown([seen({ events, ...(state ? { state } : {}) })]).rows[0]?.stop;
    assert.deepEqual([of([]), of([stop('epoch')]), of([stop('epoch'), stop('now')])], ['no', 'epoch', 'now']);
    assert.equal(of([stop('epoch')], ended('ok', 1)), 'no');
  });

  it('are fifty at once in a message that no curve makes long', () => {
    const metrics = Array.from({ length: 200 }, (_, n) => ({ name: `metric_${n}`.repeat(30), value: n / 7 }));
    const watched = Array.from({ length: 50 }, (_, n) =>
      seen({ id: idOf(n), title: 'long '.repeat(1_000), readings: { metrics } }),
    );
    const jobs = shown(watched);
    assert.equal(jobs.rows.length, 50);
    assert.ok(JSON.stringify(jobs).length < 100_000, `${JSON.stringify(jobs).length} characters`);
  });
});

describe('what the page may ask of jobs', () => {
  it('is of bounded size', () => {
    const look = { open: [idOf(1)], logs: [], finished: true };
    assert.ok(toHostSchema.safeParse({ type: 'lookJobs', look }).success);
    const many = Array.from({ length: MAX_OPEN_JOBS + 1 }, (_, n) => idOf(n));
    for (const wrong of [
      { type: 'lookJobs', look: { ...look, open: many } },
      { type: 'lookJobs', look: { ...look, logs: ['x'.repeat(1_000)] } },
      { type: 'stopJob', id: idOf(1), after: 'kill' },
      { type: 'openJob', id: idOf(1), what: '/etc/passwd' },
    ])
      assert.equal(toHostSchema.safeParse(wrong).success, false, JSON.stringify(wrong).slice(0, 80));
  });
});

describe('the cards of jobs', function () {
  this.timeout(60_000);
  let bundle: string;
  let page: Page;
  before(async () => (bundle = await buildPage()));

  const open = async (jobs: PanelJobs, opened: string[] = []): Promise<void> => {
    page = openPage(bundle, { opened, drafts: {} });
    page.receive(stateMessage({ labels, jobs }));
    await drawn();
  };
  const looks = (): unknown[] =>
    (page.sent as { type: string; look?: unknown }[]).flatMap(({ type, look }) => (type === 'lookJobs' ? [look] : []));

  it('are not there where no job ever was, and ask for nothing then', async () => {
    await open(panelJobs([]));
    assert.equal(page.document.querySelector('.jobs'), null);
    assert.deepEqual(looks(), []);
  });

  it('say state, time, progress, metrics and what fired, and markup stays text', async () => {
    await open(
      panelJobs([
        panelJob({
          title: HOSTILE,
          fired: [HOSTILE],
          metrics: [{ name: HOSTILE, value: 'NaN' }],
          detail: { ...DETAIL, command: HOSTILE },
        }),
      ]),
    );
    assert.equal(page.document.querySelector('img'), null);
    assert.match(get(page, '.job').textContent, /<img src=x onerror=alert\(1\)>⟨U\+202E⟩/u);
    const bar = get(page, '.job [role="progressbar"]');
    assert.deepEqual(
      ['aria-valuemin', 'aria-valuenow', 'aria-valuemax'].map((name) => bar.getAttribute(name)),
      ['0', '25', '100'],
    );
    assert.match(get(page, '.job .times').textContent, /1 min 15 sec · jobLeft 3 min 45 sec/u);
    assert.deepEqual(texts(page, '.job-metrics dd.odd'), ['NaN']);
  });

  it('say each state in words, with an icon that a screen reader passes over', async () => {
    const states = ['starting', 'running', 'ok', 'failed', 'killed', 'unknown', 'lost'] as const;
    await open(panelJobs(states.map((state, n) => panelJob({ id: idOf(n), state, exit: '3' }))));
    assert.deepEqual(
      texts(page, '.job-state'),
      states.map((state) => `job_${state} 3 {1}`),
    );
    for (const icon of page.document.querySelectorAll('.job-head .codicon'))
      assert.equal(icon.getAttribute('aria-hidden'), 'true');
    await open(
      panelJobs([
        panelJob({ stop: 'now' }),
        panelJob({ id: idOf(2), stop: 'epoch' }),
        panelJob({ id: idOf(3), state: 'killed', stop: 'now' }),
      ]),
    );
    assert.deepEqual(
      texts(page, '.job-state').map((text) => text.split(' ')[0]),
      ['jobStopping', 'jobEpochStop', 'jobStopped'],
    );
  });

  it('ask for what is unfolded alone: two at first, others and logs when they are, none that was folded', async () => {
    const jobs = panelJobs(
      [1, 2, 3, 4].map((n) => panelJob({ id: idOf(n), detail: DETAIL })),
      {
        finished: { count: 7, rows: [] },
      },
    );
    await open(jobs);
    assert.deepEqual(looks(), [{ open: [idOf(1), idOf(2)], logs: [], finished: false }]);
    const [first, , third] = [...page.document.querySelectorAll('.job-head .toggle')];
    first?.click();
    third?.click();
    await drawn();
    assert.deepEqual(looks().at(-1), { open: [idOf(2), idOf(3)], logs: [], finished: false });
    get(page, '.job-detail > .toggle').click();
    get(page, 'h3 .toggle').click();
    await drawn();
    assert.deepEqual(looks().at(-1), { open: [idOf(2), idOf(3)], logs: [idOf(2)], finished: true });
    assert.deepEqual((page.saved.at(-1) as { opened: string[] }).opened.sort(), [
      `job-folded:${idOf(1)}`,
      `job-log:${idOf(2)}`,
      `job:${idOf(3)}`,
      'jobs-finished',
    ]);
  });

  it('show the end of the log as text once it is there', async () => {
    await open(panelJobs([panelJob({ detail: { ...DETAIL, tail: HOSTILE } })]), [`job-log:${panelJob().id}`]);
    assert.match(get(page, '.job-log').textContent, /^<img/u);
    await open(panelJobs([panelJob({ detail: { ...DETAIL, tail: '' } })]), [`job-log:${panelJob().id}`]);
    assert.match(get(page, '.job-log').textContent, /^jobNoOutput/u);
  });

  it('offer what can be done with a job as it is', async () => {
    const offers = async (some: Parameters<typeof panelJob>[0]): Promise<string[]> => {
      await open(panelJobs([panelJob(some)]));
      return texts(page, '.job-actions button').map((text) => text.split(' ')[0] ?? '');
    };
    assert.deepEqual(await offers({}), ['jobStop', 'jobStopEpoch', 'jobLog', 'jobFolder']);
    for (const button of page.document.querySelectorAll('.job-actions button')) button.click();
    const { id } = panelJob();
    assert.deepEqual(page.sent.slice(-4), [
      { type: 'stopJob', id, after: 'now' },
      { type: 'stopJob', id, after: 'epoch' },
      { type: 'openJob', id, what: 'log' },
      { type: 'openJob', id, what: 'folder' },
    ]);
    for (const message of page.sent) assert.ok(toHostSchema.safeParse(message).success);
    assert.deepEqual(await offers({ stop: 'epoch' }), ['jobStop', 'jobLog', 'jobFolder']);
    assert.deepEqual(await offers({ stop: 'now' }), ['jobLog', 'jobFolder']);
    assert.deepEqual(await offers({ state: 'ok', canStop: false, detail: { ...DETAIL, inLedger: true } }), [
      'jobLog',
      'jobFolder',
      'jobLedger',
    ]);
  });

  it('say their curves in words, with or without the script that draws them', async () => {
    const job = panelJob({ detail: DETAIL });
    await open(panelJobs([job]));
    page.receive(curvesOf(job.id, [lossChart(40)]));
    await drawn();
    const words = get(page, '.plot').getAttribute('aria-label') ?? '';
    assert.match(words, /curve loss .*loss: curveLast 0\.20408 .*curveBest 0\.20408 .*curve_down/u);
    assert.match(words, /val_loss: .*curveOdd 1/u);
    assert.equal(texts(page, '.curves li').length, 2);
  });
});
