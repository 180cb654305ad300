import * as vscode from 'vscode';
import type { AgentEvent, SkillMark, Todo } from '../agent/events';
import { escapeMarkdown } from '../text/markdown';
import { SafeMarkdown } from '../text/safe-markdown';
import { visible } from '../text/visible';
import { skillLine } from './skill-words';

const MAX_THOUGHT_CHARACTERS = 160;

/** Draws the events of one run into a chat answer as they come. The end of the answer is drawn by `finish` in answer-end.ts. */
export class Answer {
  readonly #text = new SafeMarkdown();
  readonly #titles = new Map<string, string>();
  #thought = '';
  #todos: readonly Todo[] = [];
  /** The answer's last piece was text of the model: what comes next starts a paragraph. */
  #inText = false;

  constructor(private readonly stream: vscode.ChatResponseStream) {}

  show(event: AgentEvent): void {
    if (event.type !== 'thinking-delta') this.#endThought();
    switch (event.type) {
      case 'text-delta':
        return this.#write(this.#text.push(event.text));
      case 'thinking-delta':
        return this.#think(event.text);
      case 'block-end':
        if (event.block.type === 'text') this.endText();
        return;
      case 'tool-start':
        this.#titles.set(event.call, event.title);
        return;
      case 'tool-decision':
        if (event.decision === 'deny')
          this.#line(this.#refusal(event.call, event.by === 'user' ? undefined : event.reason));
        return;
      case 'prompt':
      case 'note':
        return this.#showSkills(event.skills ?? []);
      case 'todos':
        return this.#showTodos(event.todos);
      case 'retry': {
        const seconds = Math.ceil(event.delayMs / 1000);
        return this.stream.progress(vscode.l10n.t('{0} Trying again in {1} s.', visible(event.why), seconds));
      }
      case 'model-switch':
        return this.#line(vscode.l10n.t('Model: {0}', escapeMarkdown(visible(event.why))));
      case 'warning':
        return this.#line(escapeMarkdown(visible(event.message)));
      default:
        return;
    }
  }

  /** Shows what was held back and ends the paragraph. */
  endText(): void {
    this.#write(this.#text.end());
    if (this.#inText) this.stream.markdown('\n\n');
    this.#inText = false;
  }

  #write(text: string): void {
    if (text === '') return;
    this.stream.markdown(text);
    this.#inText = true;
  }

  /** A line of our own: Markdown, already escaped. */
  #line(markdown: string): void {
    this.endText();
    this.stream.markdown(`\n\n${markdown}\n\n`);
  }

  #refusal(call: string, reason: string | undefined): string {
    const title = escapeMarkdown(visible(this.#titles.get(call) ?? ''));
    if (reason === undefined) return vscode.l10n.t('Declined: {0}', title);
    return vscode.l10n.t('Not run: {0} ({1})', title, escapeMarkdown(visible(reason)));
  }

  /** A skill that the model loads itself is a step of its own. */
  #showSkills(marks: readonly SkillMark[]): void {
    for (const mark of marks) this.stream.progress(escapeMarkdown(visible(skillLine(mark))));
  }

  #think(text: string): void {
    if (this.#thought === '') this.stream.progress(vscode.l10n.t('Thinking'));
    this.#thought += text;
    for (let end = this.#thought.indexOf('\n\n'); end >= 0; end = this.#thought.indexOf('\n\n')) {
      this.#showThought(this.#thought.slice(0, end));
      this.#thought = this.#thought.slice(end + 2) || ' ';
    }
  }

  #endThought(): void {
    if (this.#thought !== '') this.#showThought(this.#thought);
    this.#thought = '';
  }

  #showThought(thought: string): void {
    const line = visible(thought).replaceAll(/\s+/gu, ' ').replaceAll('*', '').trim();
    if (line === '') return;
    const cut = line.length > MAX_THOUGHT_CHARACTERS ? `${line.slice(0, MAX_THOUGHT_CHARACTERS)}…` : line;
    this.stream.progress(escapeMarkdown(cut));
  }

  /** The first list in full; after that only what changed, since a chat cannot be drawn over. */
  #showTodos(todos: readonly Todo[]): void {
    const before = new Map(this.#todos.map((todo) => [todo.content, todo.status]));
    const changed = todos.filter(({ content, status }) => before.get(content) !== status);
    const first = this.#todos.length === 0;
    this.#todos = todos;
    const shown = first ? todos : changed;
    // The end of the answer shows the list when it is done.
    if (todos.every(({ status }) => status === 'completed')) return;
    if (shown.length > 0) this.#line(todoList(todos, shown));
  }
}

/** How far the list is, and some of its items or all: Markdown. */
export function todoList(todos: readonly Todo[], shown: readonly Todo[] = todos): string {
  const marks = { pending: '☐', in_progress: '▶', completed: '☑' } as const;
  const done = todos.filter(({ status }) => status === 'completed').length;
  const lines = shown.map(({ content, status }) => `- ${marks[status]} ${escapeMarkdown(visible(content))}`);
  return `**${vscode.l10n.t('Todo list: {0} of {1} done', done, todos.length)}**\n\n${lines.join('\n')}`;
}
