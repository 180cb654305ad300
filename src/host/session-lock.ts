import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { UserError } from '../agent/tool';

/** Who holds a session: a process, told by more than its number, which the system gives out again. */
const holderSchema = z.object({
  pid: z.int(),
  host: z.string(),
  /** When it started, as the system counts; '' where that cannot be told. */
  started: z.string(),
  token: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

/** A holder on another machine cannot be looked at: one that has not written for so long is taken for gone. */
const FOREIGN_SILENCE_MS = 10 * 60_000;
/** So long a lock may be empty: it is made first and filled then. */
const EMPTY_MS = 5_000;

/**
 * Takes the lock of a session's folder and gives what lets go of it. A lock whose process is gone is taken over. Throws
 * UserError while anybody else has it.
 */
export async function lockSession(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  const mine: Holder = { pid: process.pid, host: hostname(), started: await startOf(process.pid), token: randomUUID() };
  for (let attempt = 1; ; attempt++) {
    if (await written(path, mine)) return () => unlock(path, mine);
    const holder = await holderOf(path);
    if (holder === 'gone') continue;
    if (holder === 'unreadable' || (await isAlive(holder, folder)) || attempt > 3) throw taken(folder, holder);
    await takeAway(path, holder);
  }
}

/** The same for a folder that it makes where there is none; `undefined` while another process has it. */
export async function lockIfFree(folder: string): Promise<(() => Promise<void>) | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return await lockSession(folder);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

async function written(path: string, holder: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(holder));
    } catch (error) {
      // On a full disk it stays empty, and would be taken for one that is just being made.
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function holderOf(path: string): Promise<Holder | 'gone' | 'unreadable'> {
  try {
    const parsed = holderSchema.safeParse(parse(await readFile(path, 'utf8')));
    if (parsed.success) return parsed.data;
    const { mtimeMs } = await stat(path);
    // Its maker died between making and filling it.
    if (Date.now() - mtimeMs > EMPTY_MS) await rm(path, { force: true });
    return Date.now() - mtimeMs > EMPTY_MS ? 'gone' : 'unreadable';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Half written: the schema refuses it.
  }
}

async function isAlive({ pid, host, started }: Holder, folder: string): Promise<boolean> {
  if (host !== hostname()) {
    const journal = await stat(join(folder, 'journal.jsonl')).catch(() => undefined);
    return journal !== undefined && Date.now() - journal.mtimeMs < FOREIGN_SILENCE_MS;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return started === '' || started === (await startOf(pid));
}

/** The 22nd field of Linux' /proc/PID/stat, counted after the name, which may hold anything (proc(5)). '' elsewhere. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** Two may find the same dead holder: only the one whose rename moves that very lock has taken it away. */
async function takeAway(path: string, holder: Holder): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    const moved = await holderOf(aside);
    if (typeof moved === 'object' && moved.token !== holder.token) await rename(aside, path);
    else await rm(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function unlock(path: string, mine: Holder): Promise<void> {
  const holder = await holderOf(path);
  if (typeof holder === 'object' && holder.token === mine.token) await rm(path, { force: true });
}

function taken(folder: string, holder: Holder | 'unreadable'): UserError {
  const who = typeof holder === 'object' ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new UserError(
    `This session is at work in another window or terminal (${who}). Wait for it or stop it there, or start a new session. If nothing is at work there, delete ${join(folder, 'lock')}.`,
  );
}
