import { recordSchema, type JobEvent, type JobRecord, type JobState } from '../../src/jobs/job';
import type { JobSeen } from '../../src/panel/folds/jobs';
import type { CurvesMessage, PanelChart, PanelJob, PanelJobs } from '../../src/panel/sections/jobs';

/** A job that runs, and what is given. */
export function panelJob(some: Partial<PanelJob> = {}): PanelJob {
  return {
    ...{
      id: '20261125T100000-aaaaaa',
      title: 'Train the churn model',
      state: 'running',
      exit: '',
      why: '',
      stop: 'no',
    },
    ...{ ended: '', elapsedMs: 75_000, remainingMs: 225_000, fraction: 0.25 },
    ...{ epoch: 5, epochs: 20, step: null, steps: null },
    metrics: [
      { name: 'loss', value: '0.4213' },
      { name: 'val_loss', value: 'NaN' },
    ],
    ...{ moreMetrics: 0, fired: [], canStop: true, detail: null },
    ...some,
  };
}

export const DETAIL: NonNullable<PanelJob['detail']> = {
  command: 'python3 train.py --epochs 20',
  uses: ['CPU: 143 %', 'Memory: 1.2 GB (processes: 3)'],
  tail: null,
  inLedger: false,
};

export function panelJobs(rows: readonly PanelJob[], some: Partial<PanelJobs> = {}): PanelJobs {
  const running = rows.filter(({ state }) => state === 'running').length;
  return { rows: [...rows], more: 0, running, finished: { count: 0, rows: [] }, ...some };
}

/** A chart of so many values of a loss that falls, and of another with a gap. */
export function lossChart(count: number, some: Partial<PanelChart> = {}): PanelChart {
  const xs = Array.from({ length: count }, (_, at) => at);
  return {
    ...{ name: 'loss', axis: 'epoch', better: 'min' },
    curves: [
      { name: 'loss', xs, ys: xs.map((x) => 1 / (1 + x / 10)) },
      { name: 'val_loss', xs, ys: xs.map((x) => (x === Math.floor(count / 2) ? null : 1.2 / (1 + x / 12))) },
    ],
    ...some,
  };
}

export function curvesOf(id: string, charts: PanelChart[]): CurvesMessage {
  return { type: 'curves', jobs: [{ id, charts, more: 0 }] };
}

export interface SomeJob extends Partial<Pick<JobRecord, 'id' | 'title' | 'command'>> {
  state?: JobState;
  events?: JobEvent[];
  host?: string;
}

/** A job of this machine as it was seen, begun at 10:00. */
export function jobSeen({ state, events = [], host = 'here', ...some }: SomeJob = {}): JobSeen {
  const record = recordSchema.parse({
    ...{ version: 1, id: '20261125T100000-aaaaaa', title: 'Train', command: 'python3 train.py', dialect: 'bash' },
    ...{ cwd: '/work', project: '/work', where: { kind: 'local', host, boot: '' }, environment: {}, seeds: [] },
    ...{ gpus: [], data: [], missing: [], startedBy: { session: 's', call: 'c' }, watches: [], budget: {} },
    ...{ startedAt: '2026-11-25T10:00:00.000Z', log: '/jobs/output.log', ...some },
  });
  const { id } = record;
  return { status: { id, folder: `/jobs/${id}`, found: { record, events }, state: state ?? { state: 'running' } } };
}
