// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';

export const TODO_LABELS = ['todos', 'progress', 'noTodos', 'pending', 'in_progress', 'completed'] as const;

export const todosSchema = z.array(
  z.object({ content: z.string(), status: z.enum(['pending', 'in_progress', 'completed']) }),
);

export type PanelTodos = z.infer<typeof todosSchema>;
