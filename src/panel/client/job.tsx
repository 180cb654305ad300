import type { JSX } from 'preact';
import type { Labels, Send } from '../protocol';
import type { CurvesMessage, PanelJob } from '../sections/jobs';
import { Chart } from './chart';
import type { Drawing } from './curves/drawing';
import { number, span } from './numbers';
import { Glyph, Icon, Link, Spoken } from './parts';
import { fill } from './text';

const ICONS: Record<PanelJob['state'], string> = {
  waiting: 'watch',
  starting: 'loading',
  running: 'loading',
  ok: 'pass',
  failed: 'error',
  killed: 'circle-slash',
  unknown: 'question',
  lost: 'debug-disconnect',
};
/** Marks as the steps of the activity have them. */
const MARKS: Record<PanelJob['state'], string> = {
  ...{ waiting: 'running', starting: 'running', running: 'running', ok: 'done', failed: 'failed', killed: 'refused' },
  ...{ unknown: 'limit', lost: 'limit' },
};

export interface CardProps {
  job: PanelJob;
  /** Since the job was sent. */
  passedMs: number;
  open: boolean;
  logOpen: boolean;
  charts: CurvesMessage['jobs'][number] | undefined;
  labels: Labels;
  send: Send;
  drawing: Drawing;
  onToggle: (what: 'card' | 'log') => void;
}

/** A job: how it stands in its head, all else where it is unfolded. */
export function JobCard(props: CardProps): JSX.Element {
  const { job, passedMs, open, labels, onToggle } = props;
  return (
    <li class="job">
      <div class="job-head">
        <button
          type="button"
          class="toggle"
          aria-expanded={open}
          aria-label={fill(labels.jobDetails, job.title)}
          onClick={() => onToggle('card')}
        >
          <Glyph text="›" class="twistie" />
          <Icon name={ICONS[job.state]} class={`step-icon ${MARKS[job.state]}`} />
          <span class="base">{job.title}</span>
        </button>
        <span class="quiet times">{timesOf(job, passedMs, labels)}</span>
      </div>
      <p class="job-state" aria-live="polite">
        {stateWords(job, labels)}
      </p>
      <Progress job={job} labels={labels} />
      {job.fired.length > 0 && <Fired fired={job.fired} labels={labels} />}
      <Metrics job={job} labels={labels} />
      {open && job.detail && <Detail {...props} detail={job.detail} />}
      <Actions {...props} />
    </li>
  );
}

function timesOf({ elapsedMs, remainingMs, state, ended }: PanelJob, passedMs: number, labels: Labels): string {
  const isGoing = state === 'running' || state === 'starting';
  const parts = [
    ...(elapsedMs === null ? [] : [span(elapsedMs + (isGoing ? passedMs : 0))]),
    ...(isGoing && remainingMs !== null ? [fill(labels.jobLeft, span(remainingMs))] : []),
    ...(ended === '' ? [] : [ended]),
  ];
  return parts.join(' · ');
}

function stateWords({ state, exit, why, stop }: PanelJob, labels: Labels): string {
  if (state === 'running' && stop === 'now') return labels.jobStopping;
  if (state === 'running' && stop === 'epoch') return labels.jobEpochStop;
  if (state === 'killed' && stop === 'now') return labels.jobStopped;
  if (state === 'failed' && exit === '') return fill(labels.jobFailedWhy, why);
  return fill(labels[`job_${state}`], state === 'waiting' ? why : exit);
}

function Progress({ job, labels }: { job: PanelJob; labels: Labels }): JSX.Element | null {
  const { fraction, epoch, epochs, step, steps, state } = job;
  const counts = [countWords(labels.jobEpoch, epoch, epochs, labels), countWords(labels.jobStep, step, steps, labels)];
  const words = counts.filter(Boolean).join(' · ');
  const isGoing = state === 'running' || state === 'starting';
  if (fraction === null || !isGoing) return words === '' ? null : <p class="quiet job-at">{words}</p>;
  const percent = Math.floor(100 * fraction);
  return (
    <>
      <div
        class="bar"
        role="progressbar"
        aria-label={fill(labels.jobProgress, job.title)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={`${percent} % ${words}`}
      >
        <div class="fill" style={{ width: `${100 * fraction}%` }} />
      </div>
      <p class="quiet job-at">{[`${percent} %`, words].filter(Boolean).join(' · ')}</p>
    </>
  );
}

function countWords(label: string, now: number | null, all: number | null, labels: Labels): string {
  if (now === null) return '';
  return fill(label, all === null ? number(now) : fill(labels.jobOf, number(now), number(all)));
}

function Fired({ fired, labels }: { fired: readonly string[]; labels: Labels }): JSX.Element {
  return (
    <ul class="job-fired" role="list" aria-label={labels.jobWatch}>
      {fired.map((text) => (
        <li key={text}>
          <Icon name="bell" class="step-icon codicon-warning" />
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}

function Metrics({ job: { metrics, moreMetrics }, labels }: { job: PanelJob; labels: Labels }): JSX.Element | null {
  if (metrics.length === 0) return null;
  return (
    <dl class="facts job-metrics" aria-label={labels.jobMetrics}>
      {metrics.map(({ name, value }, index) => (
        <div key={`${index} ${name}`}>
          <dt>{name}</dt>
          <dd class={Number.isFinite(Number(value)) ? '' : 'odd'}>{value}</dd>
        </div>
      ))}
      {moreMetrics > 0 && (
        <div>
          <dt>{fill(labels.jobMoreMetrics, moreMetrics)}</dt>
          <dd />
        </div>
      )}
    </dl>
  );
}

type DetailProps = CardProps & { detail: NonNullable<PanelJob['detail']> };

function Detail({ job, detail, charts, labels, drawing, logOpen, onToggle }: DetailProps): JSX.Element {
  const { command, uses, tail } = detail;
  return (
    <div class="job-detail">
      {charts?.charts.map((chart, index) => (
        <Chart key={`${index} ${chart.name}`} chart={chart} labels={labels} drawing={drawing} />
      ))}
      {(charts?.more ?? 0) > 0 && <p class="quiet">{fill(labels.curvesMore, charts?.more ?? 0)}</p>}
      {uses.length > 0 && (
        <ul class="job-uses quiet" role="list" aria-label={labels.jobUses}>
          {uses.map((text, index) => (
            <li key={index}>{text}</li>
          ))}
        </ul>
      )}
      <pre class="fenced job-command" aria-label={labels.jobCommand}>
        {command}
      </pre>
      <button type="button" class="toggle" aria-expanded={logOpen} onClick={() => onToggle('log')}>
        <Glyph text="›" class="twistie" />
        <span>{labels.jobTail}</span>
        <Spoken text={job.title} />
      </button>
      {logOpen && tail !== null && (
        <pre class="step-output job-log" tabIndex={0} aria-label={labels.jobTail}>
          {tail === '' ? labels.jobNoOutput : tail}
        </pre>
      )}
    </div>
  );
}

function Actions({ job, labels, send }: CardProps): JSX.Element {
  const { id, title, canStop, stop, state, detail } = job;
  const link = (text: string, onClick: () => void): JSX.Element => (
    <Link text={text} label={fill(labels.jobActionOf, text, title)} onClick={onClick} />
  );
  const open = (what: 'log' | 'folder' | 'ledger') => () => send({ type: 'openJob', id, what });
  return (
    <div class="actions job-actions">
      {canStop && stop !== 'now' && link(labels.jobStop, () => send({ type: 'stopJob', id, after: 'now' }))}
      {state === 'running' &&
        stop === 'no' &&
        link(labels.jobStopEpoch, () => send({ type: 'stopJob', id, after: 'epoch' }))}
      {link(labels.jobLog, open('log'))}
      {link(labels.jobFolder, open('folder'))}
      {detail?.inLedger === true && link(labels.jobLedger, open('ledger'))}
    </div>
  );
}
