import { open, readdir, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join, relative } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { CsvReader } from '../metrics/csv';
import { EventReader } from '../metrics/events';
import type { Metric } from '../metrics/metric';

const LOOK_EVERY_MS = 10_000;
/** A folder of work may be a home: it is looked through no further than this. */
const MAX_ENTRIES = 5_000;
const MAX_DEPTH = 7;
const MAX_FILES = 20;
const HEAD_BYTES = 4_096;
const PIECE_BYTES = 256 * 1024;
/** Of one file in one look; the rest comes with the next one. */
const MAX_BYTES_A_LOOK = 8 * 1024 * 1024;
const SKIPPED = /^(?:\.(?!dvclive$).*|node_modules|__pycache__|site-packages|venv|env|dist|build|data|datasets?)$/u;
const EVENTS = /\.tfevents\./u;
const CSV = /^(?:.*(?:metric|log|history|result|progress|score|loss).*)\.csv$/iu;
/** Clocks of file systems are coarse. */
const COARSE_MS = 2_000;

interface Followed {
  source: string;
  offset: number;
  head?: string;
  read: (bytes: Uint8Array, time: number) => void;
  /** Begins anew, without the rows that were read: a logger that got a new column wrote all of them again. */
  restart?: () => void;
}

/**
 * The files that a job logs metrics into, beside its log: TensorBoard's event files and tables of metrics under the folder
 * that it runs in. Only what was begun, or begun anew, since the job began is its own; of event files each value tells its
 * time. Two jobs that log into one folder at once cannot be told apart.
 */
export class BesideFiles {
  readonly #followed = new Map<string, Followed>();
  readonly #old = new Map<string, number>();
  #looked = 0;
  #lastOutput = 0;

  constructor(
    private readonly cwd: string,
    private readonly began: number,
    private readonly take: (metric: Metric) => void,
  ) {}

  /** When one of them last grew, in ms since the epoch; 0 where none did. */
  get lastOutput(): number {
    return this.#lastOutput;
  }

  get sources(): string[] {
    return [...this.#followed.values()].map(({ source }) => source);
  }

  /** Reads what is new. Looks for new files only now and then, and once more when the job is over. */
  async catchUp(signal: AbortSignal, isOver: boolean): Promise<void> {
    if (isOver || Date.now() - this.#looked >= LOOK_EVERY_MS) {
      this.#looked = Date.now();
      await this.#find(signal);
    }
    for (const [path, followed] of this.#followed) await this.#follow(path, followed, signal);
  }

  async #find(signal: AbortSignal): Promise<void> {
    let left = MAX_ENTRIES;
    const open: [folder: string, depth: number][] = [[this.cwd, 0]];
    for (let next = open.shift(); next && left > 0; next = open.shift()) {
      signal.throwIfAborted();
      const [folder, depth] = next;
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      for (const entry of entries.slice(0, left)) {
        left -= 1;
        const path = join(folder, entry.name);
        if (entry.isDirectory() && depth < MAX_DEPTH && !SKIPPED.test(entry.name)) open.push([path, depth + 1]);
        else if (entry.isFile() && (EVENTS.test(entry.name) || CSV.test(entry.name))) await this.#consider(path);
      }
    }
  }

  async #consider(path: string): Promise<void> {
    if (this.#followed.has(path) || this.#followed.size >= MAX_FILES) return;
    const found = await stat(path).catch(() => undefined);
    if (!found || found.mtimeMs < this.began - COARSE_MS) return void (found && this.#old.set(path, found.size));
    const isEvents = EVENTS.test(path);
    // One of before that shrank was begun anew.
    const isOwn = isEvents || bornOf(found) >= this.began - COARSE_MS || found.size < (this.#old.get(path) ?? 0);
    if (isOwn) this.#followed.set(path, isEvents ? this.#events(path) : this.#table(path));
    else this.#old.set(path, Math.max(found.size, this.#old.get(path) ?? 0));
  }

  #events(path: string): Followed {
    const source = relative(this.cwd, path);
    const reader = new EventReader(source, (metric) => {
      if (metric.time >= this.began - COARSE_MS) this.take(metric);
    });
    return { source, offset: 0, read: (bytes) => reader.read(bytes) };
  }

  #table(path: string): Followed {
    const source = relative(this.cwd, path);
    let rows = 0;
    const readerOf = (skip: number): { read: (bytes: Uint8Array, time: number) => void; rows: () => number } => {
      const decoder = new StringDecoder('utf8');
      const reader = new CsvReader(source, this.take, skip);
      return { read: (bytes, time) => reader.read(decoder.write(Buffer.from(bytes)), time), rows: () => reader.rows };
    };
    let now = readerOf(0);
    return {
      source,
      offset: 0,
      read: (bytes, time) => now.read(bytes, time),
      restart: () => {
        rows = Math.max(rows, now.rows());
        now = readerOf(rows);
      },
    };
  }

  async #follow(path: string, followed: Followed, signal: AbortSignal): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (!found || found.size === followed.offset) return;
    this.#lastOutput = Math.max(this.#lastOutput, found.mtimeMs);
    const head = followed.restart && (await headOf(path));
    if (followed.offset > 0 && (found.size < followed.offset || head !== followed.head)) {
      followed.offset = 0;
      followed.restart?.();
    }
    if (head !== undefined) followed.head = head;
    const file = await open(path, 'r').catch(() => undefined);
    if (!file) return;
    try {
      const until = Math.min(found.size, followed.offset + MAX_BYTES_A_LOOK);
      const piece = Buffer.alloc(Math.min(PIECE_BYTES, until - followed.offset));
      while (followed.offset < until) {
        signal.throwIfAborted();
        const length = Math.min(piece.length, until - followed.offset);
        const { bytesRead } = await file.read(piece, 0, length, followed.offset);
        if (bytesRead === 0) return;
        followed.offset += bytesRead;
        followed.read(piece.subarray(0, bytesRead), found.mtimeMs);
      }
    } finally {
      await file.close();
    }
  }
}

function bornOf({ birthtimeMs, mtimeMs }: Stats): number {
  return birthtimeMs > 0 ? birthtimeMs : mtimeMs;
}

/** A table whose first line is another one was written anew. */
async function headOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return '';
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
    return head.toString('utf8', 0, bytesRead).split(/\r?\n/u)[0] ?? '';
  } finally {
    await file.close();
  }
}
