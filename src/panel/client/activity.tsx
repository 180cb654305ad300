import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Labels, Send } from '../protocol';
import { detailKey, type TakenRows } from '../rows';
import type { ActivityRow, PanelActivity } from '../sections/activity';
import { Feed } from './feed';
import type { Memory } from './memory';
import { once } from './once';
import { Icon, Link, Section } from './parts';
import { Prose } from './prose';
import { Search, type Found } from './search';
import { labelOf, Step, type StepProps } from './step';
import { fill } from './text';

interface Props {
  activity: PanelActivity;
  taken: TakenRows;
  labels: Labels;
  send: Send;
  memory: Memory;
}

/** The session as it went, step by step. */
export function Activity({ activity, taken, labels, send, memory }: Props): JSX.Element {
  const { rows, details } = taken;
  const [found, setFound] = useState<Found | undefined>(undefined);
  const [goTo, setGoTo] = useState<{ id: string } | undefined>(undefined);
  const matches = useMemo(() => new Set(found?.ids), [found]);
  const shown = useMemo(() => (found?.only ? rows.filter(({ id }) => matches.has(id)) : rows), [rows, found]);
  const live = useMemo(() => liveOf(activity), [activity]);
  const head = (
    <>
      <span class="badge">{rows.length}</span>
      <Link text={labels.transcript} onClick={() => send({ type: 'showTranscript' })} />
      <Link text={labels.showLog} onClick={() => send({ type: 'showLog' })} />
    </>
  );
  return (
    <Section label={labels.activity} head={head}>
      {rows.length === 0 && <p class="quiet">{labels.noActivity}</p>}
      {rows.length > 0 && <Search rows={rows} labels={labels} memory={memory} onFound={setFound} onGoTo={setGoTo} />}
      <Feed
        rows={shown}
        label={labels.activity}
        busy={activity.running}
        goTo={goTo}
        draw={(row, position, isActive) => (
          <RowOnce
            key={row.id}
            row={row}
            agent={null}
            session={activity.session}
            position={position}
            count={shown.length}
            isMatch={matches.has(row.id)}
            isCurrent={found?.current === row.id}
            live={row.state === 'running' ? live(row) : undefined}
            // A subagent's row holds rows that unfold, too.
            details={row.agent === undefined ? NO_DETAILS : details}
            detail={details.get(detailKey(row.id, null))}
            {...{ isActive, labels, send, memory }}
          />
        )}
      >
        {activity.writing && <Writing writing={activity.writing} labels={labels} />}
      </Feed>
    </Section>
  );
}

type Live = StepProps['live'];

/** A call that the journal has begun, and that the window has not heard of yet. */
const BEGUN: Live = { call: '', asking: false, output: '' };

function liveOf({ calls, agents, running }: PanelActivity): (row: ActivityRow) => Live {
  const known = new Map<string, Live>();
  for (const one of calls) known.set(one.call, one);
  for (const one of agents) known.set(one.session, one);
  return ({ call, agent }) => known.get(call ?? agent ?? '') ?? (running && call !== undefined ? BEGUN : undefined);
}

const NO_DETAILS: StepProps['details'] = new Map();

interface RowProps extends StepProps {
  position: number;
  count: number;
  isMatch: boolean;
  isCurrent: boolean;
}

const RowOnce = once(Row);

function Row({ position, count, isMatch, isCurrent, ...props }: RowProps): JSX.Element {
  const { row, labels, isActive } = props;
  const marks = `${isMatch ? 'match' : ''} ${isCurrent ? 'current' : ''}`;
  return (
    <article
      class={`step ${row.kind} ${marks}`}
      data-row={row.id}
      aria-posinset={position + 1}
      aria-setsize={count}
      aria-label={spokenOf(row, labels)}
      aria-current={isCurrent ? 'true' : undefined}
      tabIndex={isActive ? 0 : -1}
    >
      <Step {...props} />
    </article>
  );
}

const SPOKEN_CHARACTERS = 120;

function spokenOf(row: ActivityRow, labels: Labels): string {
  return fill(labels.rowOf, labelOf(row, labels), row.text.slice(0, SPOKEN_CHARACTERS));
}

function Writing({ writing, labels }: { writing: NonNullable<PanelActivity['writing']>; labels: Labels }): JSX.Element {
  return (
    <article class={`step writing ${writing.kind}`} aria-label={labels.row_live}>
      <div class="step-head">
        <span class="no-toggle" />
        <Icon name="loading" class="step-icon running" />
        {writing.kind === 'thinking' ? (
          <div class="step-words">
            <span class="step-label">{labels.row_thinking}</span>
          </div>
        ) : (
          <Prose text={writing.text} />
        )}
      </div>
    </article>
  );
}
