import { open, readdir, readFile, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { Slots } from '../agent/slots';
import { writeWhole } from './atomic-write';
import { SESSION_ID } from './session-folders';

const headSchema = z.object({
  /** The first line of the first prompt; empty where there is none yet. */
  title: z.string(),
  folders: z.array(z.string()),
  droid: z.string(),
  /** It works for another session, or for calls from elsewhere. */
  aside: z.boolean(),
});
/** What the first entries of a journal say. They never change, so they are read once. */
export type SessionHeadLine = z.infer<typeof headSchema>;
const cacheSchema = z.record(z.string(), headSchema);

export interface ListedSession extends SessionHeadLine {
  id: string;
  /** Absolute: the session's own folder. */
  folder: string;
  /** As a person named it, else the head's title. */
  title: string;
  /** When it was last written to, ms since the epoch. */
  usedAt: number;
}

/** Kept beside the sessions, so that a new window need not read a thousand journals. */
const CACHE_FILE = 'heads.json';
const NAME_FILE = 'name';
const MAX_HEAD_BYTES = 1_000_000;
const CHUNK_BYTES = 65_536;
const MAX_TITLE_CHARACTERS = 200;
const AT_ONCE = 16;

/** The sessions of a folder, newest first. Subagents' are left out. Throws nothing: what cannot be read is no session. */
export async function listSessions(folder: string, heads: Map<string, SessionHeadLine>): Promise<ListedSession[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const ids = entries.filter((one) => one.isDirectory() && isMain(one.name)).map(({ name }) => name);
  if (ids.some((id) => !heads.has(id))) await recall(folder, heads);
  const known = heads.size;
  const slots = new Slots(AT_ONCE);
  const { signal } = new AbortController();
  const found = await Promise.all(
    ids.map(async (id) => {
      const free = await slots.take(signal);
      try {
        return await listed(join(folder, id), id, heads);
      } catch {
        return undefined; // Gone meanwhile, or not ours to read.
      } finally {
        free();
      }
    }),
  );
  if (heads.size !== known) await remember(folder, ids, heads);
  return found.flatMap((one) => (one && !one.aside ? [one] : [])).sort((a, b) => b.usedAt - a.usedAt);
}

function isMain(name: string): boolean {
  return SESSION_ID.test(name) && !name.includes('-agent-');
}

async function listed(
  folder: string,
  id: string,
  heads: Map<string, SessionHeadLine>,
): Promise<ListedSession | undefined> {
  const [{ mtimeMs }, name] = await Promise.all([stat(join(folder, 'journal.jsonl')), nameOf(folder)]);
  const head = heads.get(id) ?? (await readHead(join(folder, 'journal.jsonl')));
  if (!head) return undefined;
  // One without a prompt has begun just now: it is read again.
  if (head.title !== '' || head.aside) heads.set(id, head);
  return { ...head, id, folder, title: name || head.title, usedAt: mtimeMs };
}

/** What a person called the session; empty where nobody did. */
export async function nameOf(folder: string): Promise<string> {
  const text = await readFile(join(folder, NAME_FILE), 'utf8').catch(() => '');
  return lineOf(text);
}

/**
 * A name lies beside the journal, not in it: it is no part of what happened, and may be given while another window is at
 * work on the session. An empty one takes it back.
 */
export async function nameSession(folder: string, name: string): Promise<void> {
  const line = lineOf(name);
  await writeWhole(join(folder, NAME_FILE), line === '' ? null : Buffer.from(`${line}\n`));
}

/** Reads no more of a journal than its first entries. `undefined` where it is no journal of ours. */
export async function readHead(path: string): Promise<SessionHeadLine | undefined> {
  const file = await open(path, 'r');
  try {
    return await headIn(file);
  } finally {
    await file.close();
  }
}

async function headIn(file: FileHandle): Promise<SessionHeadLine | undefined> {
  let text = '';
  const decoder = new TextDecoder();
  for (let at = 0; at < MAX_HEAD_BYTES;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, at);
    text += decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
    at += bytesRead;
    const head = headOf(text);
    if (bytesRead === 0 || (head && (head.title !== '' || head.aside))) return head;
  }
  return headOf(text);
}

/** A prompt's text stands before its attachments, which may be megabytes: its line need not be whole. */
const PROMPT = /"event":\{"type":"prompt","text":"((?:[^"\\]|\\.)*)/u;

function headOf(text: string): SessionHeadLine | undefined {
  const end = text.indexOf('\n');
  if (end < 0) return undefined;
  const start = startIn(text.slice(0, end));
  if (!start) return undefined;
  const prompt = PROMPT.exec(text.slice(end));
  return { ...start, title: prompt ? lineOf(unquoted(prompt[1] ?? '')) : '' };
}

const startSchema = z.object({
  event: z.object({
    type: z.literal('session-start'),
    folders: z.array(z.string()),
    droid: z.string(),
    model: z.string(),
    parent: z.unknown().optional(),
  }),
});

function startIn(line: string): Omit<SessionHeadLine, 'title'> | undefined {
  try {
    const { event } = startSchema.parse(JSON.parse(line));
    return { folders: event.folders, droid: event.droid, aside: event.parent !== undefined || event.model === 'none' };
  } catch {
    return undefined; // Torn, damaged or of another program.
  }
}

function unquoted(inner: string): string {
  // What is cut in the middle of an escape loses it.
  return JSON.parse(`"${inner.slice(0, 4 * MAX_TITLE_CHARACTERS).replace(/\\(?:u[\da-f]{0,3})?$/iu, '')}"`) as string;
}

function lineOf(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  return [...line.slice(0, 4 * MAX_TITLE_CHARACTERS)].slice(0, MAX_TITLE_CHARACTERS).join('').trim();
}

async function recall(folder: string, heads: Map<string, SessionHeadLine>): Promise<void> {
  try {
    const kept = cacheSchema.parse(JSON.parse(await readFile(join(folder, CACHE_FILE), 'utf8')));
    for (const [id, head] of Object.entries(kept)) if (!heads.has(id)) heads.set(id, head);
  } catch {
    // Not there or damaged: it is made anew.
  }
}

async function remember(folder: string, ids: readonly string[], heads: Map<string, SessionHeadLine>): Promise<void> {
  const kept = ids.flatMap((id) => {
    const head = heads.get(id);
    return head ? [[id, head] as const] : [];
  });
  // A cache that cannot be written is read the slow way the next time.
  await writeWhole(join(folder, CACHE_FILE), Buffer.from(JSON.stringify(Object.fromEntries(kept)))).catch(
    () => undefined,
  );
}
