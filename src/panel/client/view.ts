import type { Labels, PanelState, ToHost } from '../protocol';
import { AgentList } from './agents';
import { element, fill, glyph } from './element';
import { FileList, spoken, type Opened } from './files';
import { QuestionList } from './questions';

const TODO_GLYPH = { pending: '○', in_progress: '◐', completed: '●' } as const;

/** The page: drawn whole from one PanelState, however often it comes. */
export class PanelView {
  readonly #root: HTMLElement;
  readonly #send: (message: ToHost) => void;
  readonly #files: FileList;
  readonly #questions: QuestionList;
  readonly #agents: AgentList;
  // These live on, because a screen reader announces only what changes inside an element it knows.
  readonly #title = element('h1', { class: 'title' });
  readonly #status = element('p', { class: 'status', attributes: { role: 'status', 'aria-live': 'polite' } });
  readonly #waiting = element('div', { class: 'waiting', attributes: { role: 'status', 'aria-live': 'polite' } });
  readonly #agentsSection = element('section', { attributes: { role: 'region' } });
  readonly #agentsHead = element('div', { class: 'head' });
  readonly #todos = element('section', { attributes: { role: 'region' } });
  readonly #skills = element('section', { attributes: { role: 'region' } });
  readonly #changes = element('section', { attributes: { role: 'region' } });
  readonly #changesHead = element('div', { class: 'head' });
  readonly #changesFoot = element('p', { class: 'quiet' });
  #drawn = new Map<HTMLElement, string>();

  constructor(root: HTMLElement, send: (message: ToHost) => void, opened: Opened) {
    this.#root = root;
    this.#send = send;
    this.#files = new FileList(send, opened);
    this.#questions = new QuestionList(send);
    this.#agents = new AgentList(send);
    this.#agentsSection.append(this.#agentsHead, this.#agents.node);
    this.#changes.append(this.#changesHead, this.#files.node, this.#changesFoot);
  }

  redraw(state: PanelState): void {
    const { labels, status, todos, skills, files } = state;
    const asks = state.questions.length > 0;
    const empty = status.kind === 'none' && todos.length === 0 && files.length === 0 && !asks;
    this.#root.setAttribute('aria-busy', String(status.kind === 'running'));
    this.#when(this.#root, [empty, empty && labels], () =>
      empty
        ? [this.#drawEmpty(labels)]
        : [
            this.#title,
            this.#status,
            this.#waiting,
            this.#questions.node,
            this.#todos,
            this.#agentsSection,
            this.#skills,
            this.#changes,
          ],
    );
    if (empty) return;
    this.#redrawAsking(state);
    this.#when(this.#title, [state.title], () => [element('span', { text: state.title })]);
    this.#when(this.#status, [status, labels], () => drawStatus(state));
    this.#when(this.#todos, [todos, labels], () => drawTodos(state));
    this.#todos.setAttribute('aria-label', labels.todos);
    this.#when(this.#skills, [skills, labels], () => drawSkills(state));
    this.#skills.setAttribute('aria-label', labels.skills);
    this.#skills.hidden = skills.length === 0;
    this.#changes.setAttribute('aria-label', labels.changes);
    this.#when(this.#changesHead, [files.length, state.moreFiles, labels], () => this.#drawChangesHead(state));
    this.#files.redraw(files, labels);
    this.#files.node.hidden = files.length === 0;
    const foot =
      files.length === 0 ? labels.noChanges : state.moreFiles > 0 ? fill(labels.moreFiles, state.moreFiles) : '';
    this.#changesFoot.textContent = foot;
    this.#changesFoot.hidden = foot === '';
  }

  #redrawAsking({ waiting, questions, agents, labels }: PanelState): void {
    this.#when(this.#waiting, [waiting, labels], () => this.#drawWaiting(waiting, labels));
    this.#waiting.hidden = waiting.length === 0;
    this.#questions.redraw(questions, labels);
    this.#agentsSection.hidden = agents.length === 0;
    this.#agentsSection.setAttribute('aria-label', labels.agents);
    this.#when(this.#agentsHead, [agents.length, labels], () => [
      element('h2', { text: labels.agents }),
      element('span', { class: 'badge', text: String(agents.length) }),
    ]);
    this.#agents.redraw(agents, labels);
  }

  /** Replaces what is in `node` only when what it is drawn from changed: focus stays, and nothing is announced twice. */
  #when(node: HTMLElement, from: unknown, draw: () => Node[]): void {
    const key = JSON.stringify(from);
    if (this.#drawn.get(node) === key) return;
    this.#drawn.set(node, key);
    node.replaceChildren(...draw());
  }

  #drawWaiting(waiting: readonly string[], labels: Labels): Node[] {
    const titles = waiting.map((title) => element('p', { text: fill(labels.waitsInChat, title) }));
    const go = element('button', {
      class: 'link',
      text: labels.goToChat,
      attributes: { type: 'button' },
      onClick: () => this.#send({ type: 'goToChat' }),
    });
    return titles.length === 0 ? [] : [...titles, go];
  }

  #drawEmpty(labels: Labels): HTMLElement {
    return element(
      'section',
      { class: 'empty', attributes: { role: 'region', 'aria-label': labels.emptyTitle } },
      element('h1', { class: 'title', text: labels.emptyTitle }),
      element('p', { text: labels.emptyBody }),
      element('button', {
        class: 'primary',
        text: labels.openChat,
        attributes: { type: 'button' },
        onClick: () => this.#send({ type: 'openChat' }),
      }),
    );
  }

  #drawChangesHead({ files, moreFiles, labels }: PanelState): Node[] {
    const count = files.length + moreFiles;
    const heading = element('h2', { text: labels.changes });
    if (count === 0) return [heading];
    const openAll = element('button', {
      class: 'link',
      text: labels.openAll,
      attributes: { type: 'button' },
      onClick: () => this.#send({ type: 'openChanges' }),
    });
    return [heading, element('span', { class: 'badge', text: String(count) }), openAll];
  }
}

function drawStatus({ status, labels }: PanelState): Node[] {
  if (status.kind === 'none') return [];
  return [
    glyph('', `dot ${status.kind}`),
    element('span', { text: status.detail === '' ? labels[status.kind] : `${labels[status.kind]} ${status.detail}` }),
  ];
}

function drawSkills({ skills, labels }: PanelState): Node[] {
  const items = skills.map(({ name, state, reason }) =>
    element(
      'li',
      { class: `skill ${state}` },
      element('span', { class: 'content', text: name }),
      element('span', { class: 'quiet', text: `${labels[state]}: ${reason}` }),
    ),
  );
  return [
    element('div', { class: 'head' }, element('h2', { text: labels.skills })),
    element('ul', { class: 'skills', attributes: { role: 'list' } }, ...items),
  ];
}

function drawTodos({ todos, labels }: PanelState): Node[] {
  const heading = element('h2', { text: labels.todos });
  if (todos.length === 0) {
    return [element('div', { class: 'head' }, heading), element('p', { class: 'quiet', text: labels.noTodos })];
  }
  const done = todos.filter(({ status }) => status === 'completed').length;
  const progress = fill(labels.progress, done, todos.length);
  const bar = element('div', { class: 'fill' });
  bar.style.setProperty('width', `${(100 * done) / todos.length}%`);
  const items = todos.map(({ content, status }) =>
    element(
      'li',
      { class: `todo ${status}`, attributes: { 'aria-current': status === 'in_progress' ? 'step' : undefined } },
      glyph(TODO_GLYPH[status], 'mark'),
      element('span', { class: 'content', text: content }),
      spoken(labels[status]),
    ),
  );
  return [
    element('div', { class: 'head' }, heading, element('span', { class: 'quiet', text: progress })),
    element(
      'div',
      {
        class: 'bar',
        attributes: {
          role: 'progressbar',
          'aria-label': labels.todos,
          'aria-valuemin': '0',
          'aria-valuemax': String(todos.length),
          'aria-valuenow': String(done),
          'aria-valuetext': progress,
        },
      },
      bar,
    ),
    element('ul', { class: 'todos', attributes: { role: 'list' } }, ...items),
  ];
}
