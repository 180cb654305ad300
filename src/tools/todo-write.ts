import * as z from 'zod';
import { MAX_TODO_CHARACTERS, MAX_TODOS } from '../agent/todo-edits';
import { defineTool } from '../agent/tool';
import type { Host } from '../host/host';

const input = z.object({
  todos: z
    .array(
      z.object({
        id: z.string().optional(),
        content: z.string().min(1).max(MAX_TODO_CHARACTERS),
        status: z.enum(['pending', 'in_progress', 'completed']),
        priority: z.enum(['high', 'medium', 'low']).optional(),
      }),
    )
    .max(MAX_TODOS)
    .refine(
      (todos) => todos.filter(({ status }) => status === 'in_progress').length <= 1,
      'at most one item may be in_progress',
    ),
});

export const todoWrite = defineTool<Host, typeof input>({
  name: 'TodoWrite',
  description:
    'Set the todo list the user watches: the whole list each time, one item in_progress at most. For work of several steps.',
  input,
  reads: false,
  title: ({ todos }) =>
    `Todo list: ${todos.filter(({ status }) => status === 'completed').length} of ${todos.length} done`,
  action: () => ({ effect: 'none' }),
  async run({ todos: given }) {
    const ids = idsOf(given);
    const todos = given.map(({ content, status, priority }, index) => ({
      id: ids[index] ?? '',
      content,
      status,
      ...(priority ? { priority } : {}),
    }));
    const open = todos.filter(({ status }) => status !== 'completed').length;
    return { content: `${todos.length} items, ${open} open.`, todos, view: { kind: 'todos', todos } };
  },
});

/** The ids given, each once; the free numbers for the rest. */
function idsOf(todos: readonly { id?: string | undefined }[]): string[] {
  const used = new Set<string>();
  const kept = todos.map(({ id }) => (id === undefined || id === '' || used.has(id) ? undefined : (used.add(id), id)));
  let next = 1;
  return kept.map((id) => {
    if (id !== undefined) return id;
    while (used.has(String(next))) next += 1;
    used.add(String(next));
    return String(next);
  });
}
