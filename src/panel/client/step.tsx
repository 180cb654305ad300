import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { LabelKey, Labels, Send } from '../protocol';
import { detailKey } from '../rows';
import type { ActivityRow, DetailPart, PanelActivity, RowDetail } from '../sections/activity';
import type { Memory } from './memory';
import { duration } from './numbers';
import { IconButton, Icon, Link } from './parts';
import { Prose } from './prose';
import { fill } from './text';

const ICONS: Record<ActivityRow['kind'], string> = {
  prompt: 'account',
  steer: 'comment',
  note: 'note',
  text: 'sparkle',
  thinking: 'lightbulb',
  call: 'tools',
  agent: 'robot',
  retry: 'sync',
  turnCut: 'debug-disconnect',
  warning: 'warning',
  thinned: 'fold',
  compacted: 'archive',
  modelSwitch: 'arrow-swap',
  undo: 'discard',
  review: 'check-all',
  claims: 'verified',
  end: 'debug-stop',
};

const STATE_ICONS: Partial<Record<NonNullable<ActivityRow['state']>, string>> = {
  running: 'loading',
  done: 'check',
  failed: 'error',
  refused: 'circle-slash',
  stopped: 'debug-stop',
  limit: 'watch',
  cut: 'debug-disconnect',
};

export interface StepProps {
  row: ActivityRow;
  /** The subagent whose row it is. */
  agent: string | null;
  session: string;
  /** What is known of it while it is at work. */
  live: PanelActivity['calls'][number] | PanelActivity['agents'][number] | undefined;
  details: ReadonlyMap<string, RowDetail>;
  detail: RowDetail | undefined;
  /** Tab stops at its buttons. */
  isActive: boolean;
  labels: Labels;
  send: Send;
  memory: Memory;
}

/** What a row says: its head, and unfolded all of it. */
export function Step(props: StepProps): JSX.Element {
  const { row, agent, session, live, detail, labels, send, memory, isActive } = props;
  const key = `activity:${session}${detailKey(row.id, agent)}`;
  const [open, setOpen] = useState(memory.isOpen(key));
  const steps = live && 'steps' in live ? live.steps : 0;
  useLayoutEffect(() => {
    if (open) send({ type: 'unfoldRow', id: row.id, agent });
  }, [open, row.state, steps]);
  const toggle = (): void => {
    memory.setOpen(key, !open);
    setOpen(!open);
  };
  const state = stateOf(row, live);
  const stop = isActive ? 0 : -1;
  return (
    <>
      <div class="step-head">
        {row.more ? (
          <button
            type="button"
            class="icon-button"
            tabIndex={stop}
            aria-expanded={open}
            aria-label={open ? labels.fold : labels.unfold}
            onClick={toggle}
          >
            <Icon name={open ? 'chevron-down' : 'chevron-right'} />
          </button>
        ) : (
          <span class="no-toggle" />
        )}
        <Icon name={(state && STATE_ICONS[state]) ?? ICONS[row.kind]} class={`step-icon ${state ?? ''}`} />
        <Words row={row} open={open} detail={detail} labels={labels} />
        <Facts row={row} state={state} live={live} labels={labels} />
        <IconButton
          icon="copy"
          label={labels.copyRow}
          tabIndex={stop}
          onClick={() => send({ type: 'copyRow', id: row.id, agent })}
        />
      </div>
      {live && 'output' in live && live.output !== '' && <pre class="step-output live">{lastLines(live.output)}</pre>}
      {row.claims && <Claims row={row} claims={row.claims} labels={labels} send={send} stop={stop} />}
      {open && <Unfolded {...props} />}
    </>
  );
}

interface ClaimsProps {
  row: ActivityRow;
  claims: NonNullable<ActivityRow['claims']>;
  labels: Labels;
  send: Send;
  stop: number;
}

/** Each number and success of the answer with the line that shows it, or the mark that none does. */
function Claims({ row, claims, labels, send, stop }: ClaimsProps): JSX.Element {
  return (
    <ul class="claims" role="list">
      {claims.map(({ text, isNumber, where, stale }, at) => (
        <li key={at} class={where === null ? 'bare' : stale ? 'stale' : ''}>
          <Icon name={where === null ? 'warning' : stale ? 'history' : 'verified'} />
          <span class="claim">{text}</span>{' '}
          {where === null ? (
            <span>{isNumber ? labels.noRunNumber : labels.noRun}</span>
          ) : (
            <button
              type="button"
              class="link"
              tabIndex={stop}
              onClick={() => send({ type: 'openEvidence', id: row.id, at })}
            >
              {where}
            </button>
          )}
          {where !== null && stale && <span class="quiet"> {labels.changedSince}</span>}
        </li>
      ))}
    </ul>
  );
}

/** One that its window took down with it is no longer at work. */
function stateOf({ state }: ActivityRow, live: StepProps['live']): ActivityRow['state'] {
  return state === 'running' && !live ? 'cut' : state;
}

const WHOLE: ReadonlySet<ActivityRow['kind']> = new Set(['prompt', 'steer', 'text', 'turnCut', 'modelSwitch']);

function Words({
  row,
  open,
  detail,
  labels,
}: Pick<StepProps, 'row' | 'detail' | 'labels'> & { open: boolean }): JSX.Element {
  const whole = open && WHOLE.has(row.kind) ? detail?.parts.find(({ label }) => label === 'whole') : undefined;
  const text = whole?.text ?? row.text;
  if (row.kind === 'text') return <Prose text={text} />;
  return (
    <div class={`step-words ${row.kind}`}>
      {row.kind === 'call' || row.kind === 'agent' ? null : <span class="step-label">{labelOf(row, labels)}</span>}
      <span>{isTold(row) ? '' : text}</span>
    </div>
  );
}

/** Its label tells of its number already, or in place of it. */
function isTold({ kind, text }: ActivityRow): boolean {
  return (
    kind === 'thinned' ||
    kind === 'undo' ||
    kind === 'review' ||
    (kind === 'end' && (text === 'yielded' || text === 'waiting'))
  );
}

export function labelOf(row: ActivityRow, labels: Labels): string {
  if (row.kind === 'end') {
    const ends: Partial<Record<NonNullable<ActivityRow['state']>, LabelKey>> = {
      done: 'done',
      failed: 'failed',
      stopped: row.text === 'yielded' ? 'row_yielded' : row.text === 'waiting' ? 'row_waiting' : 'stopped',
      limit: 'limit',
    };
    return labels[ends[row.state ?? 'done'] ?? 'row_end'];
  }
  return fill(labels[`row_${row.kind}`], row.kind === 'retry' ? duration(row.ms ?? 0) : row.text);
}

function Facts({
  row,
  state,
  live,
  labels,
}: Pick<StepProps, 'row' | 'live' | 'labels'> & { state: ActivityRow['state'] }): JSX.Element {
  const isAsking = live !== undefined && 'asking' in live && live.asking;
  const decided = row.by && fill(row.state === 'refused' ? labels.refusedBy : labels.allowedBy, labels[`by_${row.by}`]);
  const facts = [
    isAsking ? labels.row_waits : '',
    live && 'doing' in live ? live.doing : '',
    state === 'cut' && row.kind !== 'turnCut' ? labels.interrupted : '',
    [decided, row.why].filter(Boolean).join(': '),
  ].filter(Boolean);
  return (
    <span class="step-facts" title={facts.join('\n')}>
      {facts.length > 0 && <span class="step-why">{facts.join(' · ')}</span>}
      {row.ms !== undefined && row.kind !== 'retry' && <span>{duration(row.ms)}</span>}
    </span>
  );
}

function Unfolded(props: StepProps): JSX.Element {
  const { row, detail, labels, send } = props;
  if (!detail) return <p class="quiet">{labels.loading}</p>;
  const parts = WHOLE.has(row.kind) ? detail.parts.filter(({ label }) => label !== 'whole') : detail.parts;
  const left = detail.parts.reduce((sum, part) => sum + part.left, 0);
  return (
    <div class="step-body">
      {parts.map((part) => (
        <Part part={part} kind={row.kind} labels={labels} />
      ))}
      {left > 0 && <p class="quiet">{fill(labels.moreCharacters, left)}</p>}
      {detail.earlier > 0 && <p class="quiet">{fill(labels.earlierRows, detail.earlier)}</p>}
      {detail.rows.length > 0 && (
        <ul class="nested" role="list">
          {detail.rows.map((inner) => (
            <li key={inner.id} class={`step ${inner.kind}`}>
              <Step
                {...props}
                row={inner}
                agent={row.agent ?? null}
                live={inner.state === 'running' && props.live ? { session: '', doing: '', steps: 0 } : undefined}
                detail={props.details.get(detailKey(inner.id, row.agent ?? null))}
              />
            </li>
          ))}
        </ul>
      )}
      {row.agent !== undefined && (
        <Link
          text={labels.transcript}
          label={fill(labels.transcriptOf, row.text)}
          onClick={() => row.agent !== undefined && send({ type: 'openTranscript', session: row.agent })}
        />
      )}
    </div>
  );
}

function Part({ part, kind, labels }: { part: DetailPart; kind: ActivityRow['kind']; labels: Labels }): JSX.Element {
  if (part.label === 'gone') return <p class="quiet">{labels.gone}</p>;
  return (
    <>
      {part.label === 'whole' || kind === 'note' ? null : <h3 class="quiet">{labels[part.label]}</h3>}
      {/* Reachable by Tab, because it may have to be scrolled. */}
      <pre class="step-output" tabIndex={0} role="region" aria-label={labels[part.label]}>
        {part.text}
      </pre>
    </>
  );
}

const LIVE_LINES = 12;

function lastLines(output: string): string {
  return output.trimEnd().split('\n').slice(-LIVE_LINES).join('\n');
}
