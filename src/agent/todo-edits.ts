import type { JournalEntry, Todo } from './events';
import { todosOf } from './folds';

/** What a person does to the todo list. `before` is the id of the item that the moved one comes to stand before; `null` is the end. */
export type TodoEdit =
  | { kind: 'add'; content: string }
  | { kind: 'tick'; id: string; done: boolean }
  | { kind: 'move'; id: string; before: string | null }
  | { kind: 'remove'; id: string };

export const MAX_TODOS = 50;
export const MAX_TODO_CHARACTERS = 500;

/** The list after the edit, or `undefined` where nothing changes: an item that is gone, one that is there, no room. Pure. */
export function editedTodos(todos: readonly Todo[], edit: TodoEdit): Todo[] | undefined {
  if (edit.kind === 'add') return added(todos, edit.content.trim().slice(0, MAX_TODO_CHARACTERS));
  const at = todos.findIndex(({ id }) => id === edit.id);
  const item = todos[at];
  if (!item) return undefined;
  const others = todos.filter((one) => one !== item);
  if (edit.kind === 'remove') return others;
  if (edit.kind === 'tick') {
    const status = edit.done ? 'completed' : 'pending';
    if (item.status === status) return undefined;
    return todos.map((one) => (one === item ? { ...item, status } : one));
  }
  const to = edit.before === null ? others.length : others.findIndex(({ id }) => id === edit.before);
  return to < 0 || to === at ? undefined : [...others.slice(0, to), item, ...others.slice(to)];
}

function added(todos: readonly Todo[], content: string): Todo[] | undefined {
  if (content === '' || todos.length >= MAX_TODOS) return undefined;
  const ids = new Set(todos.map(({ id }) => id));
  let next = todos.length + 1;
  while (ids.has(String(next))) next += 1;
  return [...todos, { id: String(next), content, status: 'pending' }];
}

const CHANGED = 'The user changed the todo list';

/** What the model is told of a list that a person changed since it was last told; `undefined` where there is nothing to tell. */
export function todoNews(branch: readonly JournalEntry[]): string | undefined {
  const at = branch.findLastIndex(({ event }) => event.type === 'todos' && event.by === 'user');
  if (at < 0 || branch.slice(at).some(({ event }) => textsOf(event).some((text) => text.startsWith(CHANGED))))
    return undefined;
  const items = todosOf(branch).map(({ content, status }) => `- [${status}] ${content}`);
  return `${CHANGED}. It now is:\n${items.length === 0 ? '(empty)' : items.join('\n')}\nGo by it, and keep what they put in.`;
}

function textsOf(event: JournalEntry['event']): string[] {
  if (event.type === 'note') return [event.text];
  if (event.type === 'prompt') return event.notes;
  return event.type === 'tool-end' && event.isError && typeof event.content === 'string' ? [event.content] : [];
}
