import { createHash, randomBytes } from 'node:crypto';
import { appendFile, link, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type * as z from 'zod';
import { UserError } from '../agent/tool';
import { jobsOf } from '../host/session-folders';
import {
  eventSchema,
  exitSchema,
  handleSchema,
  JOB_ID,
  JOB_VERSION,
  processSchema,
  recordSchema,
  type Found,
  type JobEvent,
  type JobRecord,
} from './job';
import { FILES, RESERVED_BYTES } from './supervisor';

/** What a person or model is told of a job whose own file cannot be read. */
export interface Damaged {
  id: string;
  damaged: string;
}

/** Where the jobs of a workspace folder lie, beside the sessions of the command line, which every editor knows as well. */
export function jobsFolder(state: string, project: string): string {
  const key = createHash('sha256').update(project).digest('hex').slice(0, 10);
  return join(
    jobsOf(state),
    `${basename(project)
      .replaceAll(/[^\w.-]+/gu, '-')
      .slice(0, 40)}-${key}`,
  );
}

export function newJobId(now: Date): string {
  const stamp = now.toISOString().replaceAll(/[-:]|\..*/gu, '');
  return `${stamp}-${randomBytes(3).toString('hex')}`;
}

/** Makes a job's folder with all that its supervisor writes into, so that it is there before anything runs. */
export async function createJob(
  root: string,
  record: JobRecord,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = join(root, record.id);
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    // Under another name until it is whole: whoever sees a job sees all of it.
    const making = `${folder}.new`;
    await mkdir(making, { mode: 0o700 });
    const reserved = { 'exit.part': ' '.repeat(RESERVED_BYTES), 'process.part': '', [FILES.log]: '' };
    const all = { ...reserved, ...files, [FILES.record]: `${JSON.stringify(record, null, 2)}\n` };
    for (const [name, text] of Object.entries(all))
      await writeFile(join(making, name), text, { mode: 0o600, flush: true });
    await rename(making, folder);
    return folder;
  } catch (error) {
    await rm(`${folder}.new`, { recursive: true, force: true }).catch(() => undefined);
    throw unwritable(folder, error);
  }
}

function unwritable(folder: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const reason = full ? 'the disk is full' : message;
  return new UserError(
    `The job was not started: its folder ${folder} could not be written: ${reason}. ${full ? 'Free space there' : 'Make it writable'}, then start it again.`,
  );
}

/** All that is known of a job, or why that is nothing. `undefined` where there is none of that id. */
export async function loadJob(root: string, id: string): Promise<Found | Damaged | undefined> {
  if (!JOB_ID.test(id)) return undefined;
  const folder = join(root, id);
  const [record, process, handle, exit, events] = await Promise.all([
    textOf(join(folder, FILES.record)),
    parsedFile(join(folder, FILES.process), processSchema),
    parsedFile(join(folder, FILES.queue), handleSchema),
    parsedFile(join(folder, FILES.exit), exitSchema),
    eventsOf(folder),
  ]);
  if (record === undefined) {
    const there = await readdir(folder).catch(() => undefined);
    return there && { id, damaged: `${join(folder, FILES.record)} is not there` };
  }
  const value = parsed(record);
  const read = recordSchema.safeParse(value);
  if (!read.success) return { id, damaged: whyUnread(join(folder, FILES.record), value) };
  return {
    ...{ record: read.data, events },
    ...(process ? { process } : {}),
    ...(handle ? { handle } : {}),
    ...(exit ? { exit } : {}),
  };
}

function whyUnread(path: string, value: unknown): string {
  const version = (value as { version?: unknown } | undefined)?.version;
  return typeof version === 'number' && version > JOB_VERSION
    ? `${path} was written by a later version of ML Engineer: update this one`
    : `${path} cannot be read: it is torn or was changed`;
}

/** The ids of the jobs, newest first. */
export async function jobIds(root: string): Promise<string[]> {
  const names = await readdir(root).catch(() => []);
  return names
    .filter((name) => JOB_ID.test(name))
    .sort()
    .reverse();
}

/** An id by itself, or by its last letters where only one job has them. */
export async function fullId(root: string, given: string): Promise<string | undefined> {
  const wanted = given.trim().toLowerCase();
  const ids = await jobIds(root);
  const exact = ids.find((id) => id.toLowerCase() === wanted);
  if (exact !== undefined) return exact;
  const ending = wanted.length >= 4 ? ids.filter((id) => id.endsWith(wanted)) : [];
  return ending.length === 1 ? ending[0] : undefined;
}

export async function appendEvent(folder: string, event: JobEvent): Promise<void> {
  // A line that was torn by a kill has no end: a new one begins on a line of its own.
  await appendFile(join(folder, FILES.events), `\n${JSON.stringify(event)}\n`, { mode: 0o600 });
}

/** Written whole or not at all, and never over what is there. False where something is. */
export async function putOnce(folder: string, name: string, value: object): Promise<boolean> {
  const part = join(folder, `${name}.${randomBytes(4).toString('hex')}`);
  await writeFile(part, JSON.stringify(value), { mode: 0o600, flush: true });
  try {
    await link(part, join(folder, name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(part, { force: true });
  }
}

/** True for the one that comes first: two windows, or an editor and a terminal, do one thing only once. */
export async function claim(folder: string, name: string): Promise<boolean> {
  try {
    const path = claimPath(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Its file is there once somebody has it. */
export function claimPath(folder: string, name: string): string {
  return join(folder, 'claims', createHash('sha256').update(name).digest('hex').slice(0, 24));
}

async function eventsOf(folder: string): Promise<JobEvent[]> {
  const text = (await textOf(join(folder, FILES.events))) ?? '';
  return text.split('\n').flatMap((line) => {
    const event = line.trim() === '' ? undefined : eventSchema.safeParse(parsed(line)).data;
    return event ? [event] : [];
  });
}

async function parsedFile<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await textOf(path);
  return text === undefined ? undefined : schema.safeParse(parsed(text)).data;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Torn: whoever asked says so.
  }
}
