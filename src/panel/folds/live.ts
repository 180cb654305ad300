import type { AgentEvent } from '../../agent/events';
import type { LiveSubagent } from '../../agent/subagents';
import type { PanelActivity } from '../sections/activity';

/** The end of what streams by, as much as is looked at. */
export const MAX_WRITING_CHARACTERS = 4_000;
export const MAX_OUTPUT_CHARACTERS = 4_000;
/** Calls side by side whose output is shown: past it the latest. */
const MAX_CALLS = 20;

/** What happens in a session and is not in its journal, as far as this window heard it. */
export interface Live {
  session: string;
  writing: PanelActivity['writing'];
  calls: Map<string, { asking: boolean; output: string }>;
  steps: Map<string, number>;
}

export function liveOf(session: string): Live {
  return { session, writing: null, calls: new Map(), steps: new Map() };
}

/** Takes in an event. */
export function hear(live: Live, event: AgentEvent): void {
  switch (event.type) {
    case 'text-delta':
    case 'thinking-delta': {
      const kind = event.type === 'text-delta' ? 'text' : 'thinking';
      const before = live.writing?.kind === kind ? live.writing.text : '';
      live.writing = { kind, text: end(before + event.text, MAX_WRITING_CHARACTERS) };
      return;
    }
    case 'turn-start':
    case 'block-end':
    case 'turn-end':
    case 'turn-cut':
      live.writing = null;
      return;
    case 'prompt':
    case 'run-end':
      live.writing = null;
      live.calls.clear();
      return;
    case 'tool-start':
      live.calls.set(event.call, { asking: false, output: '' });
      return;
    case 'ask-start':
      if (live.calls.has(event.call)) live.calls.set(event.call, { asking: true, output: '' });
      return;
    case 'tool-decision': {
      const call = live.calls.get(event.call);
      if (call) live.calls.set(event.call, { ...call, asking: false });
      return;
    }
    case 'tool-output': {
      const output = (live.calls.get(event.call)?.output ?? '') + event.text;
      live.calls.set(event.call, { asking: false, output: end(output, MAX_OUTPUT_CHARACTERS) });
      return;
    }
    case 'tool-end':
      live.calls.delete(event.call);
      return;
    case 'subagent':
      if ('id' in event.event) live.steps.set(event.session, (live.steps.get(event.session) ?? 0) + 1);
      return;
    case 'subagent-end':
      live.steps.delete(event.session);
      return;
    default:
      return;
  }
}

function end(text: string, most: number): string {
  return text.length > most ? text.slice(-most).replace(/^[\uDC00-\uDFFF]/u, '') : text;
}

/** What the page is shown of it. */
export function activityOf(live: Live, running: boolean, agents: readonly LiveSubagent[]): PanelActivity {
  const { session, writing } = live;
  return {
    session,
    running,
    writing: running ? writing : null,
    calls: running ? [...live.calls].slice(-MAX_CALLS).map(([call, one]) => ({ call, ...one })) : [],
    agents: agents.map(({ session: id, doing, asking }) => ({
      session: id,
      doing: asking ?? doing,
      steps: live.steps.get(id) ?? 0,
    })),
  };
}
