import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { UserError } from '../agent/tool';
import { fieldsOf, type Field } from '../metrics/protobuf';
import { bestOf, MAX_METRICS, MAX_PARAMS } from './tracked';

/** What W&B's own log of a run (`run-ID.wandb`) holds; an offline run has nothing else. */
export interface WandbLog {
  id?: string;
  name?: string;
  project?: string;
  group?: string;
  /** By top-level key, as JSON. */
  config: Map<string, string>;
  summary: Map<string, string>;
  /** Numbers as they were logged, the last and the best. */
  history: Map<string, { last: number; best: number | undefined }>;
  program?: string;
  python?: string;
  commit?: string;
  /** ms since the epoch */
  began?: number;
  exit?: number;
  /** False where the file is larger than is read. */
  isWhole: boolean;
}

const BLOCK_BYTES = 32 * 1024;
const HEAD_BYTES = 7;
/** A chunk is a whole record, or its first, middle or last part. */
const FULL = 1;
const FIRST = 2;
const LAST = 4;
const MAX_BYTES = 256 * 1024 * 1024;
const TAIL_BYTES = 4 * 1024 * 1024;
const MAX_RECORD_BYTES = 8 * 1024 * 1024;
const READ_BLOCKS = 32;
const NO_LINK = (constants.O_NOFOLLOW as number | undefined) ?? 0;

/** Reads it to its end, or to where it is torn. `undefined` where there is none. Throws UserError for what is none. */
export async function readWandbLog(path: string, signal: AbortSignal): Promise<WandbLog | undefined> {
  const file = await open(path, constants.O_RDONLY | NO_LINK).catch(() => undefined);
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    const log: WandbLog = { config: new Map(), summary: new Map(), history: new Map(), isWhole: size <= MAX_BYTES };
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    if (bytesRead === 0) return log;
    if (buffer.toString('latin1', 0, 4) !== ':W&B') throw new UserError('it is no log of W&B');
    await eachRecord(file, { from: 0, to: Math.min(size, MAX_BYTES), signal }, (record) => take(log, record));
    // Its last lines say how it ended.
    const from = Math.floor((size - TAIL_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
    if (!log.isWhole)
      await eachRecord(file, { from: Math.max(MAX_BYTES, from), to: size, signal }, (record) => take(log, record));
    return log;
  } finally {
    await file.close();
  }
}

/** The form of LevelDB's logs: blocks of 32 KiB, chunks that do not cross them. `from` is where a block begins. */
async function eachRecord(
  file: FileHandle,
  { from, to, signal }: { from: number; to: number; signal: AbortSignal },
  take: (record: Buffer) => void,
): Promise<void> {
  let parts: Buffer[] = [];
  for (let at = from; at < to; at += BLOCK_BYTES * READ_BLOCKS) {
    signal.throwIfAborted();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BLOCK_BYTES * READ_BLOCKS), 0, undefined, at);
    for (let block = 0; block < bytesRead; block += BLOCK_BYTES) {
      const end = Math.min(block + BLOCK_BYTES, bytesRead);
      // The file's own head stands where the first chunk would.
      for (let chunk = block + (at + block === 0 ? HEAD_BYTES : 0); chunk + HEAD_BYTES <= end;) {
        const length = buffer.readUInt16LE(chunk + 4);
        const kind = buffer[chunk + 6] ?? 0;
        const next = chunk + HEAD_BYTES + length;
        if (next > end || kind < FULL || kind > LAST) break;
        const data = buffer.subarray(chunk + HEAD_BYTES, next);
        if (kind === FULL || kind === FIRST) parts = [];
        if (kind === FULL) take(data);
        else if (kind === FIRST || parts.length > 0) parts.push(Buffer.from(data));
        const held = parts.reduce((sum, part) => sum + part.length, 0);
        if (kind === LAST && parts.length > 0 && held <= MAX_RECORD_BYTES) take(Buffer.concat(parts));
        if (kind === LAST || held > MAX_RECORD_BYTES) parts = [];
        chunk = next;
      }
    }
  }
}

/** Record: history 2, summary 3, config 5, run 17, exit 18, environment 26. */
function take(log: WandbLog, record: Uint8Array): void {
  for (const field of fieldsOf(record)) {
    if (field.form !== 'bytes') continue;
    const does = RECORDS[field.number];
    does?.(log, field.bytes);
  }
}

const RECORDS: Readonly<Record<number, (log: WandbLog, bytes: Uint8Array) => void>> = {
  2: (log, bytes) => eachItem(bytes, (key, json) => logged(log, key, json)),
  3: ({ summary }, bytes) => eachItem(bytes, (key, json) => put(summary, key, json, MAX_METRICS)),
  5: ({ config }, bytes) => eachItem(bytes, (key, json) => put(config, key, json, MAX_PARAMS)),
  17: takeRun,
  18: takeExit,
  26: takeEnvironment,
};

function put(into: Map<string, string>, key: string, json: string, most: number): void {
  if (into.size < most || into.has(key)) into.set(key, json);
}

/** Items are in field 1 of each of these; of one: key 1, parts of a nested key 2, JSON 16. */
function eachItem(bytes: Uint8Array, take: (key: string, json: string) => void): void {
  for (const item of fieldsOf(bytes)) {
    if (item.number !== 1 || item.form !== 'bytes') continue;
    const names: string[] = [];
    let json: string | undefined;
    for (const field of fieldsOf(item.bytes)) {
      if (field.number === 1 || field.number === 2) names.push(textOf(field));
      else if (field.number === 16) json = textOf(field);
    }
    const key = names.filter((name) => name !== '').join('.');
    if (key !== '' && json !== undefined) take(key, json);
  }
}

function logged({ history }: WandbLog, key: string, json: string): void {
  // Its own step and clock.
  if (key.startsWith('_')) return;
  const value = json === 'NaN' ? Number.NaN : Number(json);
  if (json.length > 40 || json === '' || (Number.isNaN(value) && json !== 'NaN')) return;
  const before = history.get(key);
  if (!before && history.size >= MAX_METRICS) return;
  const best = bestOf(key, before?.best === undefined ? [value] : [before.best, value]);
  history.set(key, { last: value, best });
}

/** RunRecord: id 1, project 3, config 4, group 6, display name 8, start 17, git 21. */
function takeRun(log: WandbLog, bytes: Uint8Array): void {
  for (const field of fieldsOf(bytes)) {
    if (field.form !== 'bytes') continue;
    if (field.number === 1) log.id = textOf(field);
    else if (field.number === 3) log.project = textOf(field);
    else if (field.number === 4) RECORDS[5]?.(log, field.bytes);
    else if (field.number === 6) log.group = textOf(field);
    else if (field.number === 8) log.name = textOf(field);
    else if (field.number === 17) log.began = secondsOf(field.bytes) * 1_000;
    else if (field.number === 21) takeGit(log, field.bytes);
  }
}

function secondsOf(bytes: Uint8Array): number {
  for (const field of fieldsOf(bytes)) if (field.number === 1 && field.form === 'varint') return Number(field.value);
  return 0;
}

/** RunExitRecord: the code is 1, and 0 is not written. */
function takeExit(log: WandbLog, bytes: Uint8Array): void {
  log.exit = 0;
  for (const field of fieldsOf(bytes))
    if (field.number === 1 && field.form === 'varint') log.exit = Number(BigInt.asIntN(32, field.value));
}

/** EnvironmentRecord: Python 2, code 7, git 9. Other fields name the person and the machine: they are left alone. */
function takeEnvironment(log: WandbLog, bytes: Uint8Array): void {
  for (const field of fieldsOf(bytes)) {
    if (field.number === 2) log.python = textOf(field);
    else if (field.number === 7) log.program = textOf(field);
    else if (field.number === 9 && field.form === 'bytes') takeGit(log, field.bytes);
  }
}

/** GitRepoRecord: remote 1, commit 2. */
function takeGit(log: WandbLog, bytes: Uint8Array): void {
  for (const field of fieldsOf(bytes)) if (field.number === 2) log.commit = textOf(field);
}

function textOf(field: Field): string {
  return field.form === 'bytes' ? Buffer.from(field.bytes).toString('utf8') : '';
}
