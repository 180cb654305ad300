import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { MAX_TODO_CHARACTERS } from '../../agent/todo-edits';
import type { Labels, Send } from '../protocol';
import type { PanelTodos } from '../sections/todos';
import type { Memory } from './memory';
import { IconButton, Section, Spoken } from './parts';
import { fill } from './text';

const DRAFT = 'todo';

interface Props {
  todos: PanelTodos;
  labels: Labels;
  send: Send;
  memory: Memory;
}

/** The todo list of the session, which a person may change; the agent hears of it at its next step. */
export function Todos({ todos, labels, send, memory }: Props): JSX.Element {
  const done = todos.filter(({ status }) => status === 'completed').length;
  const progress = fill(labels.progress, done, todos.length);
  const head = todos.length > 0 && <span class="quiet">{progress}</span>;
  return (
    <Section label={labels.todos} head={head}>
      {todos.length > 0 ? (
        <div
          class="bar"
          role="progressbar"
          aria-label={labels.todos}
          aria-valuemin={0}
          aria-valuemax={todos.length}
          aria-valuenow={done}
          aria-valuetext={progress}
        >
          <div class="fill" style={{ width: `${(100 * done) / todos.length}%` }} />
        </div>
      ) : (
        <p class="quiet">{labels.noTodos}</p>
      )}
      <ul class="todos" role="list">
        {todos.map((todo, at) => (
          <Todo
            key={todo.id}
            todo={todo}
            above={todos[at - 1]?.id}
            below={todos[at + 1] && (todos[at + 2]?.id ?? null)}
            {...{ labels, send }}
          />
        ))}
      </ul>
      <Add labels={labels} send={send} memory={memory} />
    </Section>
  );
}

interface TodoProps {
  todo: PanelTodos[number];
  /** The items that it may be moved to stand before; `undefined` where it is the first, or the last. */
  above: string | undefined;
  below: string | null | undefined;
  labels: Labels;
  send: Send;
}

function Todo({ todo, above, below, labels, send }: TodoProps): JSX.Element {
  const { id, content, status } = todo;
  const move = (before: string | null | undefined): void => {
    if (before !== undefined) send({ type: 'editTodos', edit: { kind: 'move', id, before } });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    move(event.key === 'ArrowUp' ? above : below);
  };
  const tick = (done: boolean): void => send({ type: 'editTodos', edit: { kind: 'tick', id, done } });
  return (
    <li class={`todo ${status}`} aria-current={status === 'in_progress' ? 'step' : undefined} onKeyDown={onKeyDown}>
      <input
        type="checkbox"
        checked={status === 'completed'}
        aria-label={fill(labels.tickTodo, content)}
        onChange={(event) => tick(event.currentTarget.checked)}
      />
      <span class="content">{content}</span>
      <Spoken text={labels[status]} />
      <span class="todo-actions">
        <IconButton
          icon="arrow-up"
          label={fill(labels.moveTodoUp, content)}
          disabled={above === undefined}
          onClick={() => move(above)}
        />
        <IconButton
          icon="arrow-down"
          label={fill(labels.moveTodoDown, content)}
          disabled={below === undefined}
          onClick={() => move(below)}
        />
        <IconButton
          icon="trash"
          label={fill(labels.removeTodo, content)}
          onClick={() => send({ type: 'editTodos', edit: { kind: 'remove', id } })}
        />
      </span>
    </li>
  );
}

function Add({ labels, send, memory }: Omit<Props, 'todos'>): JSX.Element {
  const [text, setText] = useState(memory.draft(DRAFT));
  const type = (value: string): void => {
    memory.setDraft(DRAFT, value);
    setText(value);
  };
  const add = (event: Event): void => {
    event.preventDefault();
    if (text.trim() === '') return;
    send({ type: 'editTodos', edit: { kind: 'add', content: text } });
    type('');
  };
  return (
    <form class="add-todo" onSubmit={add}>
      <input
        type="text"
        value={text}
        maxLength={MAX_TODO_CHARACTERS}
        placeholder={labels.addTodoHint}
        aria-label={labels.addTodo}
        onInput={(event) => type(event.currentTarget.value)}
      />
    </form>
  );
}
