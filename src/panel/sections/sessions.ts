// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';
import { querySchema } from './query';

export const SESSION_LABELS = [
  ...([
    'sessions',
    'newSession',
    'searchSessions',
    'noSessions',
    'moreSessions',
    'untitled',
    'currentSession',
  ] as const),
  ...([
    'atWork',
    'inTerminal',
    'elsewhere',
    'openSession',
    'sessionActions',
    'deleteSession',
    'deletedSession',
    'undo',
  ] as const),
] as const;

const rowSchema = z.object({
  id: z.string(),
  /** As a person named it, else its first prompt; may be empty. */
  title: z.string(),
  /** When it was last used, as people read it. */
  used: z.string(),
  atWork: z.boolean(),
  current: z.boolean(),
  /** It was begun in the terminal. */
  terminal: z.boolean(),
  /** The folder it works on, where that is not open here: then it is not gone on with here. */
  elsewhere: z.string(),
});

export const sessionsSchema = z.object({
  rows: z.array(rowSchema),
  /** Found and not among the rows. */
  more: z.int(),
  /** The title of the one that was deleted last, `null` where none can be brought back. */
  deleted: z.nullable(z.string()),
});

export const sessionsMessages = [
  z.object({ type: z.literal('newSession') }),
  /** `null`: the list is closed. */
  z.object({ type: z.literal('listSessions'), query: z.nullable(querySchema) }),
  z.object({ type: z.literal('openSession'), id: z.string() }),
  z.object({ type: z.literal('sessionActions'), id: z.string() }),
  z.object({ type: z.literal('deleteSession'), id: z.string() }),
  z.object({ type: z.literal('undoDelete') }),
] as const;

export type PanelSessionList = z.infer<typeof sessionsSchema>;
export type PanelSessionRow = PanelSessionList['rows'][number];
