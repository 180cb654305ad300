import type { Labels, PanelAgent, ToHost } from '../protocol';
import { element, fill, glyph } from './element';
import { spoken } from './files';

interface Row {
  node: HTMLElement;
  state: HTMLElement;
  actions: HTMLElement;
  drawn: { state: string; actions: string };
}

const AT_WORK: ReadonlySet<PanelAgent['state']> = new Set(['queued', 'running', 'asking']);

/** The subagents of the session. A row keeps its element, and with it the focus on its buttons, while its state moves on. */
export class AgentList {
  readonly node = element('ul', { class: 'agents', attributes: { role: 'list' } });
  #rows = new Map<string, Row>();
  readonly #send: (message: ToHost) => void;

  constructor(send: (message: ToHost) => void) {
    this.#send = send;
  }

  redraw(agents: readonly PanelAgent[], labels: Labels): void {
    const there = new Set(agents.map(({ session }) => session));
    for (const [session, { node }] of this.#rows) if (!there.has(session)) node.remove();
    const rows = new Map<string, Row>();
    for (const agent of agents) {
      const row = this.#rows.get(agent.session) ?? this.#create(agent, labels);
      rows.set(agent.session, row);
      this.#update(row, agent, labels);
    }
    this.#rows = rows;
  }

  #create({ name, description, background }: PanelAgent, labels: Labels): Row {
    const state = element('p', { class: 'agent-state', attributes: { 'aria-live': 'polite' } });
    const actions = element('div', { class: 'actions' });
    const head = element(
      'div',
      { class: 'agent-head' },
      element('span', { class: 'base', text: name }),
      element('span', { class: 'folder', text: description }),
      background ? element('span', { class: 'quiet', text: labels.inBackground }) : undefined,
    );
    const node = element('li', { class: 'agent' }, head, state, actions);
    this.node.append(node);
    return { node, state, actions, drawn: { state: '', actions: '' } };
  }

  #update(row: Row, agent: PanelAgent, labels: Labels): void {
    const stops = agent.background && AT_WORK.has(agent.state);
    const state = JSON.stringify([agent, labels]);
    if (row.drawn.state !== state) row.state.replaceChildren(...drawState(agent, labels));
    const actions = JSON.stringify([stops, labels]);
    if (row.drawn.actions !== actions) row.actions.replaceChildren(...this.#drawActions(agent, stops, labels));
    row.drawn = { state, actions };
  }

  #drawActions({ session, name }: PanelAgent, stops: boolean, labels: Labels): HTMLElement[] {
    const action = (text: string, label: string, type: 'openTranscript' | 'stopAgent'): HTMLElement =>
      element('button', {
        class: 'link',
        text,
        attributes: { type: 'button', 'aria-label': fill(label, name) },
        onClick: () => this.#send({ type, session }),
      });
    const open = action(labels.transcript, labels.transcriptOf, 'openTranscript');
    return stops ? [open, action(labels.stop, labels.stopOf, 'stopAgent')] : [open];
  }
}

function drawState({ state, turns, cost, detail }: PanelAgent, labels: Labels): Node[] {
  const words = state === 'running' && detail !== '' ? detail : [labels[state], detail].filter(Boolean).join(' ');
  return [
    glyph('', `dot ${state}`),
    element('span', { class: 'content', text: words }, ...(state === 'running' ? [spoken(labels.running)] : [])),
    element('span', { class: 'quiet', text: fill(labels.turnsAndCost, turns, cost ?? labels.unknownCost) }),
  ];
}
