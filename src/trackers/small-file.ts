import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import matter from 'gray-matter';
import { UserError } from '../agent/tool';

const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** O_NOFOLLOW is not known to Windows. A pipe that nobody writes into would be waited for. */
const READS =
  constants.O_RDONLY |
  ((constants.O_NOFOLLOW as number | undefined) ?? 0) |
  ((constants.O_NONBLOCK as number | undefined) ?? 0);

export interface SmallFile {
  text: string;
  /** ms since the epoch */
  mtime: number;
  /** Changes where the file does. */
  stamp: string;
}

/** A file's text, no link followed; `undefined` where there is none. Throws UserError for one that is no small file. */
export async function smallFile(path: string, mostBytes = MAX_TEXT_BYTES): Promise<SmallFile | undefined> {
  const file = await open(path, READS).catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(error.code ?? '')) return undefined;
    throw new UserError(`it cannot be read (${error.code ?? error.message})`);
  });
  if (!file) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new UserError('it is no file');
    if (stats.size > mostBytes) throw new UserError(`it is larger than ${mostBytes} bytes`);
    const text = (await file.readFile('utf8')).replace(/^\ufeff/u, '');
    return { text, mtime: stats.mtimeMs, stamp: `${stats.size} ${stats.mtimeMs}` };
  } finally {
    await file.close();
  }
}

/** The end of a file: metrics are appended, and the last counts. */
export async function endOfFile(path: string, bytes: number): Promise<{ text: string; isWhole: boolean } | undefined> {
  const file = await open(path, READS).catch(() => undefined);
  if (!file) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return undefined;
    const from = Math.max(0, stats.size - bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(bytes, stats.size)), 0, undefined, from);
    return { text: buffer.toString('utf8', 0, bytesRead), isWhole: from === 0 };
  } finally {
    await file.close();
  }
}

/** Python writes these into JSON, whose grammar has no such words. */
const ODD_NUMBERS = /(?<=[:[,]\s*)(-?Infinity|NaN)(?=\s*[,\]}])/gu;

/** What a text of JSON holds. Throws UserError for one that is torn. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return strictly(text.replaceAll(ODD_NUMBERS, '"$1"'));
  }
}

function strictly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError('it is no whole JSON: torn, or being written');
  }
}

const refuse = (): never => {
  throw new Error('only YAML is read');
};

/**
 * What a text of YAML holds. Nothing is built by it: tags such as `!!python/object`, by which Python would call code, are
 * taken off, and what they stand before is read as it is written. Throws UserError for what is no YAML.
 */
export function yamlOf(text: string): unknown {
  // The parser wants it as a head: a line of dashes would be the head's end.
  const plain = text.replaceAll(/^(?:---|\.\.\.).*$/gmu, '').replaceAll(/(?<=^|[\s:[{,-])!!?[^\s,\]}]*/gmu, '');
  try {
    return matter(`---\nread:\n${indented(plain)}\n---\n`, { language: 'yaml', engines: ENGINES }).data['read'];
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new UserError(`it is no YAML: ${reason}`);
  }
}

/** gray-matter would evaluate JavaScript, were a file to ask for it. */
const ENGINES = { javascript: refuse, js: refuse, coffee: refuse, coffeescript: refuse, cson: refuse, json: refuse };

function indented(text: string): string {
  return text.replaceAll(/^/gmu, '  ');
}
