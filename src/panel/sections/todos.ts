// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';

export const TODO_LABELS = [
  ...(['todos', 'progress', 'noTodos', 'pending', 'in_progress', 'completed'] as const),
  ...(['addTodo', 'addTodoHint', 'tickTodo', 'moveTodoUp', 'moveTodoDown', 'removeTodo'] as const),
] as const;

export const todosSchema = z.array(
  z.object({ id: z.string(), content: z.string(), status: z.enum(['pending', 'in_progress', 'completed']) }),
);

export const todosMessages = [
  z.object({
    type: z.literal('editTodos'),
    edit: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('add'), content: z.string().check(z.maxLength(10_000)) }),
      z.object({ kind: z.literal('tick'), id: z.string(), done: z.boolean() }),
      /** `before`: the item that it comes to stand before; `null` is the end. */
      z.object({ kind: z.literal('move'), id: z.string(), before: z.nullable(z.string()) }),
      z.object({ kind: z.literal('remove'), id: z.string() }),
    ]),
  }),
] as const;

export type PanelTodos = z.infer<typeof todosSchema>;
