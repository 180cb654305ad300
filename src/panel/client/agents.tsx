import type { JSX } from 'preact';
import type { Labels, Send } from '../protocol';
import type { PanelAgent } from '../sections/agents';
import { Glyph, Link, Section, Spoken } from './parts';
import { fill } from './text';

/** Said when it comes to this. Each of its steps would be a flood, and a question of its own is said where it is asked. */
const OVER: ReadonlySet<PanelAgent['state']> = new Set(['done', 'stopped', 'limit', 'failed', 'cut']);
const AT_WORK: ReadonlySet<PanelAgent['state']> = new Set(['queued', 'running', 'asking']);

interface Props {
  agents: readonly PanelAgent[];
  labels: Labels;
  send: Send;
}

/** The subagents of the session. */
export function Agents({ agents, labels, send }: Props): JSX.Element | null {
  if (agents.length === 0) return null;
  return (
    <Section label={labels.agents} head={<span class="badge">{agents.length}</span>}>
      <ul class="agents" role="list">
        {agents.map((agent) => (
          <Agent key={agent.session} agent={agent} labels={labels} send={send} />
        ))}
      </ul>
    </Section>
  );
}

function Agent({ agent, labels, send }: { agent: PanelAgent; labels: Labels; send: Send }): JSX.Element {
  const { session, name, description, background, state, turns, cost, detail } = agent;
  const words = state === 'running' && detail !== '' ? detail : [labels[state], detail].filter(Boolean).join(' ');
  return (
    <li class="agent">
      <div class="agent-head">
        <span class="base">{name}</span>
        <span class="folder">{description}</span>
        {background && <span class="quiet">{labels.inBackground}</span>}
      </div>
      <p class="agent-state" aria-live={OVER.has(state) ? 'polite' : 'off'}>
        <Glyph class={`dot ${state}`} />
        <span class="content">
          {words}
          {state === 'running' && <Spoken text={labels.running} />}
        </span>
        <span class="quiet">{fill(labels.turnsAndCost, turns, cost ?? labels.unknownCost)}</span>
      </p>
      <div class="actions">
        <Link
          text={labels.transcript}
          label={fill(labels.transcriptOf, name)}
          onClick={() => send({ type: 'openTranscript', session })}
        />
        {background && AT_WORK.has(state) && (
          <Link
            text={labels.stop}
            label={fill(labels.stopOf, name)}
            onClick={() => send({ type: 'stopAgent', session })}
          />
        )}
      </div>
    </li>
  );
}
