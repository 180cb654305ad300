import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../../agent/tool';
import { readWal } from './wal';

/** The pages of a database as its last commit left them. */
export interface Pages {
  /** Bytes of a page that hold content. */
  usable: number;
  /** How many there are. */
  count: number;
  encoding: 'utf8' | 'utf16le' | 'utf16be';
  /** 1-based. Throws UserError for one that is not there. */
  page(number: number): Promise<Buffer>;
}

const MAGIC = 'SQLite format 3\0';
const ENCODINGS = { 1: 'utf8', 2: 'utf16le', 3: 'utf16be' } as const;
const HEADER_BYTES = 100;
/** Pages lie near each other, and one read of many costs as much as one of a page. */
const BLOCK_BYTES = 256 * 1024;
const MAX_BLOCKS = 16;
const TRIES = 4;
const AGAIN_MS = 150;
/** O_NOFOLLOW is not known to Windows. */
const NO_LINK = (constants.O_NOFOLLOW as number | undefined) ?? 0;

/**
 * Opens a database for reading alone, with what its write-ahead log holds, and gives what `read` makes of it. No lock is
 * taken and nothing is written, so where somebody wrote meanwhile it is read anew. Throws UserError.
 */
export async function readDatabase<Result>(path: string, read: (pages: Pages) => Promise<Result>): Promise<Result> {
  let fault: unknown;
  for (let tried = 0; tried < TRIES; tried++) {
    if (tried > 0) await delay(AGAIN_MS);
    const before = await stampOf(path);
    try {
      const result = await readOnce(path, read);
      if ((await stampOf(path)) === before) return result;
      fault = new UserError('it is being written; look again later');
    } catch (error) {
      fault = error;
      // What is not being written will be no better the next time.
      if (!(await isHot(path)) && (await stampOf(path)) === before) throw error;
    }
  }
  throw fault;
}

async function readOnce<Result>(path: string, read: (pages: Pages) => Promise<Result>): Promise<Result> {
  if (await isHot(path))
    throw new UserError('a write into it has not ended, or was broken off: its tracker repairs it');
  const file = await open(path, constants.O_RDONLY | NO_LINK);
  try {
    return await read(await pagesOf(file, path));
  } finally {
    await file.close();
  }
}

/** A journal that is filled: the database holds half of a change. An empty or zeroed one is left over. */
async function isHot(path: string): Promise<boolean> {
  const file = await open(`${path}-journal`, constants.O_RDONLY | NO_LINK).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    return bytesRead === 8 && buffer.some((byte) => byte !== 0);
  } finally {
    await file.close();
  }
}

async function stampOf(path: string): Promise<string> {
  const of = (name: string): Promise<string> =>
    stat(name, { bigint: true }).then(
      ({ size, mtimeNs, ino }) => `${ino} ${size} ${mtimeNs}`,
      () => '',
    );
  return `${await of(path)} / ${await of(`${path}-wal`)}`;
}

async function pagesOf(file: FileHandle, path: string): Promise<Pages> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new UserError('it is no file');
  const { buffer: head, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
  const wal = await readWal(`${path}-wal`);
  if (bytesRead < HEADER_BYTES && !wal) throw new UserError(stats.size === 0 ? 'it is empty' : 'it is cut off');
  const first = wal ? ((await wal.page(1)) ?? head) : head;
  if (first.toString('latin1', 0, 16) !== MAGIC) throw new UserError('it is no SQLite database');
  const stored = first.readUInt16BE(16);
  const size = stored === 1 ? 65_536 : stored;
  const usable = size - (first[20] ?? 0);
  const encoding = ENCODINGS[first.readUInt32BE(56) as keyof typeof ENCODINGS] ?? 'utf8';
  if (size < 512 || (size & (size - 1)) !== 0 || usable < 480) throw new UserError('its header is damaged');
  if ((first[19] ?? 0) > 2) throw new UserError('it is written by a later SQLite than this reads');
  if (wal && wal.pageSize !== size) throw new UserError('its write-ahead log is of another database');
  const block = blocksOf(file);
  return {
    ...{ usable, encoding, count: wal?.count ?? Math.floor(stats.size / size) },
    async page(number) {
      const logged = await wal?.page(number);
      if (logged) return logged;
      const at = (number - 1) * size;
      const bytes = await block(Math.floor(at / BLOCK_BYTES));
      const from = at % BLOCK_BYTES;
      if (number < 1 || bytes.length < from + size)
        throw new UserError(`page ${number} of it is not there: it is cut off`);
      return bytes.subarray(from, from + size);
    },
  };
}

function blocksOf(file: FileHandle): (index: number) => Promise<Buffer> {
  const held = new Map<number, Buffer>();
  return async (index) => {
    const known = held.get(index);
    if (known) return known;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, index * BLOCK_BYTES);
    const [oldest] = held.keys();
    if (held.size >= MAX_BLOCKS && oldest !== undefined) held.delete(oldest);
    const block = buffer.subarray(0, bytesRead);
    held.set(index, block);
    return block;
  };
}
