import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Labels, Send } from '../protocol';
import { MAX_OPEN_JOBS, type PanelJob, type PanelJobs } from '../sections/jobs';
import type { Drawing } from './curves/drawing';
import type { TakenCurves } from './curves/kept';
import { JobCard } from './job';
import type { Memory } from './memory';
import { Glyph, Section } from './parts';
import { fill } from './text';

/** So many jobs are unfolded unasked: the newest that run, then those that ended just now. */
const OPEN_UNASKED = 2;
const TICK_MS = 1_000;
const FINISHED = 'jobs-finished';

interface Props {
  jobs: PanelJobs;
  curves: TakenCurves;
  labels: Labels;
  send: Send;
  memory: Memory;
  drawing: Drawing;
}

/** The jobs of the workspace: a card each, those that ended folded away. */
export function Jobs({ jobs, curves, labels, send, memory, drawing }: Props): JSX.Element | null {
  const { rows, more, running, finished } = jobs;
  const [, redraw] = useState(0);
  const passedMs = usePassed(jobs, running > 0);
  const isFinishedOpen = memory.isOpen(FINISHED);
  const all = isFinishedOpen ? [...rows, ...finished.rows] : rows;
  const byNeed = [...rows.filter(isGoing), ...rows.filter((job) => !isGoing(job))];
  const unasked = new Set(byNeed.slice(0, OPEN_UNASKED).map(({ id }) => id));
  const isOpen = ({ id }: PanelJob): boolean =>
    memory.isOpen(`job:${id}`) || (unasked.has(id) && !memory.isOpen(`job-folded:${id}`));
  const open = all.filter(isOpen).slice(0, MAX_OPEN_JOBS);
  const ids = open.map(({ id }) => id);
  const logs = ids.filter((id) => memory.isOpen(`job-log:${id}`));
  // The host looks only at what is looked at here.
  useLayoutEffect(() => {
    if (rows.length > 0 || finished.count > 0)
      send({ type: 'lookJobs', look: { open: ids, logs, finished: isFinishedOpen } });
  }, [ids.join(' '), logs.join(' '), isFinishedOpen, rows.length > 0 || finished.count > 0]);
  const toggle = (job: PanelJob, what: 'card' | 'log'): void => {
    if (what === 'log') memory.setOpen(`job-log:${job.id}`, !memory.isOpen(`job-log:${job.id}`));
    else {
      const next = !isOpen(job);
      memory.setOpen(`job:${job.id}`, next);
      memory.setOpen(`job-folded:${job.id}`, !next && unasked.has(job.id));
    }
    redraw((times) => times + 1);
  };
  if (rows.length === 0 && finished.count === 0) return null;
  const card = (job: PanelJob): JSX.Element => (
    <JobCard
      key={job.id}
      {...{ job, labels, send, drawing, passedMs }}
      open={ids.includes(job.id)}
      logOpen={logs.includes(job.id)}
      charts={curves.get(job.id)}
      onToggle={(what) => toggle(job, what)}
    />
  );
  return (
    <Section
      label={labels.jobs}
      class="jobs"
      head={running > 0 && <span class="quiet">{fill(labels.jobsRunning, running)}</span>}
    >
      <ul role="list">{rows.map(card)}</ul>
      {more > 0 && <p class="quiet">{fill(labels.jobsMore, more)}</p>}
      {finished.count > 0 && (
        <Finished
          open={isFinishedOpen}
          count={finished.count}
          labels={labels}
          onToggle={() => {
            memory.setOpen(FINISHED, !isFinishedOpen);
            redraw((times) => times + 1);
          }}
        >
          {finished.rows.map(card)}
        </Finished>
      )}
      {isFinishedOpen && finished.rows.length > 0 && finished.count > finished.rows.length && (
        <p class="quiet">{fill(labels.jobsMore, finished.count - finished.rows.length)}</p>
      )}
    </Section>
  );
}

function Finished(props: {
  open: boolean;
  count: number;
  labels: Labels;
  onToggle: () => void;
  children: JSX.Element[];
}): JSX.Element {
  const { open, count, labels, onToggle, children } = props;
  return (
    <>
      <h3>
        <button type="button" class="toggle" aria-expanded={open} onClick={onToggle}>
          <Glyph text="›" class="twistie" />
          <span>{fill(labels.jobFinished, count)}</span>
        </button>
      </h3>
      {open && (
        <ul role="list" class="job-finished">
          {children}
        </ul>
      )}
    </>
  );
}

function isGoing({ state }: PanelJob): boolean {
  return state === 'running' || state === 'starting' || state === 'waiting';
}

/** Milliseconds since the jobs were sent, by this machine's clock; it stands still while none runs. */
function usePassed(jobs: PanelJobs, ticks: boolean): number {
  const since = useRef({ jobs, at: performance.now() });
  if (since.current.jobs !== jobs) since.current = { jobs, at: performance.now() };
  const [, tick] = useState(0);
  useEffect(() => {
    if (!ticks) return undefined;
    const timer = setInterval(() => tick((times) => times + 1), TICK_MS);
    return () => clearInterval(timer);
  }, [ticks]);
  return ticks ? performance.now() - since.current.at : 0;
}
