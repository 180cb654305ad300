import type { JournalEntry } from '../../agent/events';
import { subagentsOf, type Subagent } from '../../agent/subagent-report';
import type { LiveSubagent } from '../../agent/subagents';
import type { PanelAgent } from '../sections/agents';

const MAX_AGENTS = 50;

/** The latest, as many as anyone looks through. */
export function agentsOf(branch: readonly JournalEntry[], live: readonly LiveSubagent[]): PanelAgent[] {
  const all = subagentsOf(branch).map((agent) =>
    agentOf(
      agent,
      live.find(({ session }) => session === agent.session),
    ),
  );
  return all.slice(-MAX_AGENTS);
}

function agentOf({ ended, costUsd, ...start }: Subagent, live: LiveSubagent | undefined): PanelAgent {
  const { session, droid, description, background } = start;
  const cost = costUsd === null ? null : `$${costUsd.toFixed(costUsd < 0.1 ? 4 : 2)}`;
  const shared = { session, name: droid, description, background, cost };
  if (ended) {
    const { end, turns, text } = ended;
    const mute = end.reason === 'done' && text === '';
    return {
      ...shared,
      turns,
      state: mute ? 'failed' : end.reason === 'yielded' || end.reason === 'waiting' ? 'stopped' : end.reason,
      detail: end.reason === 'failed' ? end.message : '',
    };
  }
  if (!live) return { ...shared, turns: 0, state: 'cut', detail: '' };
  const state = live.asking === undefined ? live.state : 'asking';
  return { ...shared, turns: live.turn, state, detail: live.asking ?? live.doing };
}
