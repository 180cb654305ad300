import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { UserError } from '../../agent/tool';

/** What was committed since the database itself was written. */
export interface Wal {
  pageSize: number;
  /** Of the database with it. */
  count: number;
  page(number: number): Promise<Buffer | undefined>;
}

const HEADER_BYTES = 32;
const FRAME_BYTES = 24;
const MAGIC_LITTLE = 0x377f0682;
const MAX_BYTES = 512 * 1024 * 1024;
const NO_LINK = (constants.O_NOFOLLOW as number | undefined) ?? 0;

/** Reads a write-ahead log up to its last commit. `undefined` where there is none, or nothing in it counts. Throws UserError. */
export async function readWal(path: string): Promise<Wal | undefined> {
  const bytes = await bytesOf(path);
  if (!bytes || bytes.length < HEADER_BYTES + FRAME_BYTES) return undefined;
  const magic = bytes.readUInt32BE(0);
  if (magic !== MAGIC_LITTLE && magic !== MAGIC_LITTLE + 1) return undefined;
  const pageSize = bytes.readUInt32BE(8);
  if (pageSize < 512 || pageSize > 65_536) return undefined;
  const word = magic === MAGIC_LITTLE ? (at: number) => bytes.readUInt32LE(at) : (at: number) => bytes.readUInt32BE(at);
  const sum = (from: number, to: number, before: Sum): Sum => {
    let [a, b] = before;
    for (let at = from; at < to; at += 8) {
      a = (a + word(at) + b) >>> 0;
      b = (b + word(at + 4) + a) >>> 0;
    }
    return [a, b];
  };
  let running = sum(0, 24, [0, 0]);
  if (!isSum(bytes, 24, running)) return undefined;
  const pages = new Map<number, number>();
  let pending: [number, number][] = [];
  let count = 0;
  for (let at = HEADER_BYTES; at + FRAME_BYTES + pageSize <= bytes.length; at += FRAME_BYTES + pageSize) {
    // Frames of an older round lie behind those that count: their salts are others.
    if (bytes.compare(bytes, 16, 24, at + 8, at + 16) !== 0) break;
    running = sum(at + FRAME_BYTES, at + FRAME_BYTES + pageSize, sum(at, at + 8, running));
    if (!isSum(bytes, at + 16, running)) break;
    pending.push([bytes.readUInt32BE(at), at + FRAME_BYTES]);
    const size = bytes.readUInt32BE(at + 4);
    if (size === 0) continue;
    for (const [number, place] of pending) pages.set(number, place);
    pending = [];
    count = size;
  }
  if (count === 0) return undefined;
  return {
    ...{ pageSize, count },
    async page(number) {
      const place = pages.get(number);
      return place === undefined ? undefined : bytes.subarray(place, place + pageSize);
    },
  };
}

type Sum = readonly [number, number];

function isSum(bytes: Buffer, at: number, [a, b]: Sum): boolean {
  return bytes.readUInt32BE(at) === a && bytes.readUInt32BE(at + 4) === b;
}

async function bytesOf(path: string): Promise<Buffer | undefined> {
  const file = await open(path, constants.O_RDONLY | NO_LINK).catch(() => undefined);
  if (!file) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return undefined;
    if (stats.size > MAX_BYTES) throw new UserError(`its write-ahead log is larger than ${MAX_BYTES} bytes`);
    return await readFile(file);
  } finally {
    await file.close();
  }
}
