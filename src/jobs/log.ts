import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { cleanOutput } from '../text/command-output';
import { cutLine } from '../text/truncate';

export interface LogLine {
  /** 1-based, as an editor counts them. */
  number: number;
  text: string;
}

export interface LogView {
  lines: LogLine[];
  /** Lines of the whole log. */
  total: number;
  bytes: number;
}

export type Part = { from: 'head' } | { from: 'tail' } | { from: 'around'; line: number };

/** A progress bar is one line of any length: only its end says how far it is. */
const MAX_RAW_LINE = 64 * 1024;
const MAX_SHOWN_LINE = 500;
const TAIL_BYTES = 1024 * 1024;
const NEWLINE = 10;

/**
 * A few lines of a log, numbered and cleaned, with a progress bar in its last state. The log may be of any size: it is
 * read through once to be counted, and never held.
 */
export async function partOfLog(path: string, part: Part, count: number, signal: AbortSignal): Promise<LogView> {
  const found = await stat(path).catch(() => undefined);
  if (!found || found.size === 0) return { lines: [], total: 0, bytes: 0 };
  const { size: bytes } = found;
  if (part.from === 'tail') {
    const total = await countLines(path, bytes, signal);
    return { lines: await lastLines(path, bytes, total, count), total, bytes };
  }
  const first = part.from === 'head' ? 1 : Math.max(1, part.line - Math.floor(count / 2));
  return { ...(await linesFrom(path, bytes, first, count, signal)), bytes };
}

/** The end of a log as text, cleaned, without counting what stands before it. */
export async function tailOfLog(path: string, count: number): Promise<string> {
  const { size } = (await stat(path).catch(() => undefined)) ?? { size: 0 };
  if (size === 0) return '';
  const lines = await lastLines(path, size, 0, count);
  return lines.map(({ text }) => text).join('\n');
}

async function countLines(path: string, bytes: number, signal: AbortSignal): Promise<number> {
  let lines = 0;
  let last = NEWLINE;
  for await (const chunk of read(path, bytes, signal)) {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
    last = chunk.at(-1) ?? last;
  }
  return last === NEWLINE ? lines : lines + 1;
}

async function lastLines(path: string, bytes: number, total: number, count: number): Promise<LogLine[]> {
  const from = Math.max(0, bytes - TAIL_BYTES);
  const buffer = Buffer.alloc(bytes - from);
  const file = await open(path, 'r');
  try {
    await file.read(buffer, 0, buffer.length, from);
  } finally {
    await file.close();
  }
  const lines = buffer.toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  // What the cut left of its first line is no line; unless there is no other, or it is a progress bar, whose end is all of it.
  if (from > 0 && lines.length > 1 && !lines[0]?.includes('\r')) lines.shift();
  const shown = lines.slice(-count);
  return shown.map((line, index) => ({ number: total - shown.length + 1 + index, text: cleaned(line) }));
}

async function linesFrom(
  path: string,
  bytes: number,
  first: number,
  count: number,
  signal: AbortSignal,
): Promise<Pick<LogView, 'lines' | 'total'>> {
  const lines: LogLine[] = [];
  let number = 1;
  let held = Buffer.alloc(0);
  const isWanted = (): boolean => number >= first && number < first + count;
  const take = (piece: Buffer): void => {
    held = Buffer.concat([held, piece]);
    if (held.length > 2 * MAX_RAW_LINE) held = held.subarray(-MAX_RAW_LINE);
  };
  const end = (): void => {
    if (isWanted()) {
      lines.push({ number, text: cleaned(held.toString('utf8')) });
      held = Buffer.alloc(0);
    }
    number += 1;
  };
  let last = NEWLINE;
  for await (const chunk of read(path, bytes, signal)) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      if (isWanted()) take(chunk.subarray(from, at));
      end();
      from = at + 1;
    }
    if (isWanted()) take(chunk.subarray(from));
    last = chunk.at(-1) ?? last;
  }
  if (last !== NEWLINE) end();
  return { lines, total: number - 1 };
}

/** What is written meanwhile is left for the next look. */
async function* read(path: string, bytes: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stream = createReadStream(path, { end: bytes - 1, highWaterMark: 1024 * 1024, signal });
  for await (const chunk of stream) yield chunk as Buffer;
}

function cleaned(line: string): string {
  return cutLine(cleanOutput(line.slice(-MAX_RAW_LINE)), MAX_SHOWN_LINE);
}
