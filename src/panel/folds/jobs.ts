import type { Readings } from '../../jobs/eyes';
import type { Firing, JobState } from '../../jobs/job';
import type { JobStatus } from '../../jobs/jobs';
import { numberText } from '../../ledger/comparison';
import { label } from '../../text/label';
import type { PanelJob, PanelJobs } from '../sections/jobs';

/** Rows of jobs that run, and of such that are over. */
export const MAX_ROWS = 60;
export const MAX_FINISHED = 30;
/** A job that ended is shown among those that run for so long, so that nobody has to look for its end. */
export const JUST_ENDED_MS = 10 * 60_000;
const MAX_JUST_ENDED = 5;
const MAX_METRICS = 8;
const MAX_FIRED = 4;
const MAX_NOTES = 2;
const MAX_TITLE_CHARACTERS = 200;
const MAX_NAME_CHARACTERS = 80;
const MAX_TEXT_CHARACTERS = 500;
const MAX_COMMAND_CHARACTERS = 2_000;
const MAX_TAIL_CHARACTERS = 4_000;

export interface JobSeen {
  status: JobStatus;
  readings?: Readings;
  fired?: readonly Firing[];
}

export interface JobsSource {
  /** ms since the epoch */
  now: number;
  /** This machine: a job of another one cannot be stopped from here. */
  host: string;
  /** Jobs that are watched, the newest first. */
  watched: readonly JobSeen[];
  /** How many jobs there are, with those that are over and no longer watched. */
  total: number;
  /** Such as are over, the newest first; empty while nobody looks at them. */
  finished: readonly JobSeen[];
  /** Of unfolded cards, by id. */
  details: ReadonlyMap<string, Detail>;
  when: (ms: number) => string;
}

export const NO_JOBS: PanelJobs = { rows: [], more: 0, running: 0, finished: { count: 0, rows: [] } };

/** What the panel shows of the jobs of a workspace. Pure. */
export function jobsOfPanel(source: JobsSource): PanelJobs {
  const { watched, finished, total } = source;
  const atWork = watched.filter(({ status }) => status.state.state !== 'ended');
  const fresh = watched.filter(({ status }) => isJustEnded(status.state, source.now)).slice(0, MAX_JUST_ENDED);
  const shown = watched.filter((one) => atWork.includes(one) || fresh.includes(one));
  const ids = new Set(shown.map(({ status }) => status.id));
  const over = finished.filter(({ status }) => !ids.has(status.id)).slice(0, MAX_FINISHED);
  return {
    rows: shown.slice(0, MAX_ROWS).map((one) => jobOf(one, source)),
    more: Math.max(0, shown.length - MAX_ROWS),
    running: atWork.filter(({ status }) => status.state.state !== 'lost').length,
    finished: { count: Math.max(over.length, total - ids.size), rows: over.map((one) => jobOf(one, source)) },
  };
}

function isJustEnded(state: JobState, now: number): boolean {
  return state.state === 'ended' && state.at !== undefined && now - Date.parse(state.at) < JUST_ENDED_MS;
}

function jobOf({ status, readings, fired = [] }: JobSeen, { now, host, details, when }: JobsSource): PanelJob {
  const { state, found, id } = status;
  const { record, events } = found;
  const isOver = state.state === 'ended';
  const end = isOver ? (state.at === undefined ? undefined : Date.parse(state.at)) : now;
  const detail = details.get(id);
  const metrics = readings?.metrics ?? [];
  return {
    id,
    title: label(record.title, MAX_TITLE_CHARACTERS),
    state: isOver ? state.how : state.state,
    exit: isOver ? exitOf(state) : '',
    why: 'why' in state ? label(state.why ?? '', MAX_TEXT_CHARACTERS) : '',
    stop: stopOf(events, isOver),
    ended: isOver && end !== undefined && !Number.isNaN(end) ? when(end) : '',
    elapsedMs: end === undefined ? null : finite(Math.max(0, end - Date.parse(record.startedAt))),
    ...progressOf(readings, isOver),
    metrics: metrics.slice(0, MAX_METRICS).map(({ name, value }) => ({
      name: label(name, MAX_NAME_CHARACTERS),
      value: numberText(value),
    })),
    moreMetrics: Math.max(0, metrics.length - MAX_METRICS),
    fired: warningsOf(events, fired),
    canStop: !isOver && (state.state !== 'lost' || record.where.kind !== 'local' || record.where.host === host),
    detail: detail ? { ...bounded(detail), command: record.command.slice(0, MAX_COMMAND_CHARACTERS) } : null,
  };
}

/** What its watches saw, behind what else was written down of it that people are to see. */
function warningsOf(events: JobStatus['found']['events'], fired: readonly Firing[]): string[] {
  const notes = events.flatMap((event) => (event.type === 'lost' || event.type === 'problem' ? [event.text] : []));
  const seen = fired.slice(-MAX_FIRED).map(({ watch, text }) => `${watch}: ${text}`);
  return [...notes.slice(-MAX_NOTES), ...seen].map((text) => label(text, MAX_TEXT_CHARACTERS));
}

type Detail = Omit<NonNullable<PanelJob['detail']>, 'command'>;

/** Of a log its end counts. */
function bounded({ uses, tail, inLedger }: Detail): Detail {
  const lines = uses.map((text) => label(text, MAX_TEXT_CHARACTERS));
  return { uses: lines, tail: tail && tail.slice(-MAX_TAIL_CHARACTERS), inLedger };
}

function exitOf({ exit }: Extract<JobState, { state: 'ended' }>): string {
  if (!exit) return '';
  if (exit.signal !== null) return `SIG${exit.signal}`;
  return exit.code === null ? '' : String(exit.code);
}

function stopOf(events: JobStatus['found']['events'], isOver: boolean): PanelJob['stop'] {
  const asked = events.filter((event) => event.type === 'stop');
  if (asked.some(({ after }) => after === 'now')) return 'now';
  return asked.length > 0 && !isOver ? 'epoch' : 'no';
}

function progressOf(
  readings: Readings | undefined,
  isOver: boolean,
): Pick<PanelJob, 'remainingMs' | 'fraction' | 'epoch' | 'epochs' | 'step' | 'steps'> {
  const { fraction, epoch, epochs, step, steps, remaining } = readings?.progress ?? {};
  return {
    remainingMs: isOver || remaining === undefined ? null : finite(remaining * 1_000),
    fraction: finite(fraction),
    epoch: finite(epoch),
    epochs: finite(epochs),
    step: finite(step),
    steps: finite(steps),
  };
}

/** A log may say anything, and JSON has no word for NaN. */
function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
