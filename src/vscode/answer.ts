import * as vscode from 'vscode';
import type { AgentEvent, SkillMark, SubagentEnd, Todo } from '../agent/events';
import { escapeMarkdown } from '../text/markdown';
import { SafeMarkdown } from '../text/safe-markdown';
import { visible } from '../text/visible';
import { nearWords, unpricedWords } from './limit-words';
import { RetryNotice } from './retry-notice';
import { skillLine } from './skill-words';

const MAX_THOUGHT_CHARACTERS = 160;

/** Draws the events of one run into a chat answer as they come. The end of the answer is drawn by `finish` in answer-end.ts. */
export class Answer {
  readonly #text = new SafeMarkdown();
  readonly #titles = new Map<string, string>();
  /** How far each subagent is, by the id of its session. */
  readonly #steps = new Map<string, number>();
  #thought = '';
  #todos: readonly Todo[] = [];
  /** The answer's last piece was text of the model: what comes next starts a paragraph. */
  #inText = false;

  readonly #retry: RetryNotice;

  constructor(private readonly stream: vscode.ChatResponseStream) {
    this.#retry = new RetryNotice(stream);
  }

  show(event: AgentEvent): void {
    if (event.type !== 'thinking-delta') this.#endThought();
    this.#retry.end();
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
      case 'retry':
        return this.#retry.show(event);
      case 'turn-cut':
        // What was shown stays as it is: the answer goes on behind it.
        return event.stopped ? undefined : this.endText();
      case 'model-switch':
        return this.#line(vscode.l10n.t('Model: {0}', escapeMarkdown(visible(event.why))));
      case 'claims':
        return event.asked ? this.stream.progress(vscode.l10n.t('Asking what stands behind its numbers')) : undefined;
      case 'warning':
        return this.#line(escapeMarkdown(visible(event.message)));
      case 'budget-near':
        return this.#line(`⚠ ${escapeMarkdown(visible(nearWords(event)))}`);
      case 'budget-unpriced':
        return this.#line(`_${escapeMarkdown(visible(unpricedWords(event.model)))}_`);
      case 'subagent':
        return this.#showSubagent(event);
      case 'subagent-end':
        return this.#showEnd(event);
      default:
        return;
    }
  }

  /** Nothing more comes. */
  end(): void {
    this.#retry.end();
    this.endText();
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

  /** Each call of a subagent, as it begins: what it does now. */
  #showSubagent({ session, droid, event }: Extract<AgentEvent, { type: 'subagent' }>): void {
    if (event.type === 'turn-start') this.#steps.set(session, event.turn);
    if (event.type !== 'tool-start') return;
    const line = vscode.l10n.t(
      '{0}, turn {1}: {2}',
      visible(droid),
      this.#steps.get(session) ?? 1,
      visible(event.title),
    );
    this.stream.progress(escapeMarkdown(line));
  }

  /** A line that stays, since the session's own model says nothing meanwhile; beside one in the background it may. */
  #showEnd(event: SubagentEnd): void {
    const line = escapeMarkdown(subagentEnd(event));
    if (event.background) this.stream.progress(line);
    else this.#line(line);
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

/** How a subagent ended, in one line of plain text. */
function subagentEnd({ droid, end, turns, costUsd, text }: SubagentEnd): string {
  const name = visible(droid);
  const cost = costUsd === null ? vscode.l10n.t('price unknown') : `$${costUsd.toFixed(4)}`;
  const how = vscode.l10n.t('turns: {0}, {1}', turns, cost);
  if (end.reason === 'done' && text !== '') return vscode.l10n.t('Subagent {0} is done ({1})', name, how);
  return vscode.l10n.t('Subagent {0} is not done: {1} ({2})', name, reasonWord(end.reason), how);
}

function reasonWord(reason: SubagentEnd['end']['reason']): string {
  const words = {
    done: vscode.l10n.t('it said nothing'),
    limit: vscode.l10n.t('it came to its limit'),
    stopped: vscode.l10n.t('it was stopped'),
    yielded: vscode.l10n.t('it was stopped'),
    waiting: vscode.l10n.t('it was stopped'),
    failed: vscode.l10n.t('it failed'),
    cut: vscode.l10n.t('its window closed'),
  };
  return words[reason];
}

/** How far the list is, and some of its items or all: Markdown. */
export function todoList(todos: readonly Todo[], shown: readonly Todo[] = todos): string {
  const marks = { pending: '☐', in_progress: '▶', completed: '☑' } as const;
  const done = todos.filter(({ status }) => status === 'completed').length;
  const lines = shown.map(({ content, status }) => `- ${marks[status]} ${escapeMarkdown(visible(content))}`);
  return `**${vscode.l10n.t('Todo list: {0} of {1} done', done, todos.length)}**\n\n${lines.join('\n')}`;
}
