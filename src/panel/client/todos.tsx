import type { JSX } from 'preact';
import type { Labels } from '../protocol';
import type { PanelTodos } from '../sections/todos';
import { Glyph, Section, Spoken } from './parts';
import { fill } from './text';

const GLYPHS = { pending: '○', in_progress: '◐', completed: '●' } as const;

export function Todos({ todos, labels }: { todos: PanelTodos; labels: Labels }): JSX.Element {
  if (todos.length === 0)
    return (
      <Section label={labels.todos}>
        <p class="quiet">{labels.noTodos}</p>
      </Section>
    );
  const done = todos.filter(({ status }) => status === 'completed').length;
  const progress = fill(labels.progress, done, todos.length);
  return (
    <Section label={labels.todos} head={<span class="quiet">{progress}</span>}>
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
      <ul class="todos" role="list">
        {todos.map(({ content, status }) => (
          <li class={`todo ${status}`} aria-current={status === 'in_progress' ? 'step' : undefined}>
            <Glyph text={GLYPHS[status]} class="mark" />
            <span class="content">{content}</span>
            <Spoken text={labels[status]} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
