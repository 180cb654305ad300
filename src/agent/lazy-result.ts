import type { JournalEntry } from './events';

/** Shorter lines are parsed as they are. */
const LONG_BYTES = 2_048;
/** How a line begins that holds a result as text; written by `formatEntry`. */
const HEAD =
  /^\{"id":"[^"\\]+","parent":(?:"[^"\\]+"|null),"at":"[^"\\]*","event":\{"type":"tool-end","call":"[^"\\]*","content":"$/u;
const MAX_HEAD_BYTES = 400;
const MAX_TAIL_BYTES = 4_096;
const CONTENT = '"content":"';
/** What follows the text. Within a JSON string no quote follows a comma: it would have a backslash before it. */
const AFTER = '","isError":';

export interface LazyLine {
  entry: unknown;
  /** How many bytes were parsed. */
  parsed: number;
}

/**
 * A long line of a result without its text, which is parsed when someone looks at it: the results of a long session are
 * most of it, and hardly any of them are looked at again. `undefined` for any other line, and for one of the least doubt.
 */
export function lazyLine(bytes: Buffer, start: number, end: number): LazyLine | undefined {
  if (end - start < LONG_BYTES) return undefined;
  const head = bytes.toString('latin1', start, start + MAX_HEAD_BYTES);
  const at = head.indexOf(CONTENT);
  if (at < 0 || !HEAD.test(head.slice(0, at + CONTENT.length))) return undefined;
  const from = start + at + CONTENT.length;
  const tailFrom = Math.max(from, end - MAX_TAIL_BYTES);
  const tailAt = bytes.subarray(tailFrom, end).lastIndexOf(AFTER);
  if (tailAt < 0) return undefined;
  const to = tailFrom + tailAt;
  const before = bytes.toString('utf8', start, from);
  const after = bytes.toString('utf8', to, end);
  // Of two fields of one name the last would count.
  if (after.includes(CONTENT)) return undefined;
  const entry = parsed(before + after);
  const event = (entry as Partial<JournalEntry> | undefined)?.event;
  if (typeof event !== 'object' || event === null) return undefined;
  Object.defineProperty(event, 'content', {
    enumerable: true,
    configurable: true,
    get: () => {
      const value = textOf(bytes.toString('utf8', from, to));
      Object.defineProperty(event, 'content', { value, enumerable: true, configurable: true, writable: true });
      return value;
    },
  });
  return { entry, parsed: before.length + after.length };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined; // The whole line is parsed then, and told as damaged.
  }
}

/** What stands between the quotes of a JSON string. Of a damaged one all but what JSON does not take. */
function textOf(between: string): string {
  const text = parsed(`"${between}"`);
  if (typeof text === 'string') return text;
  const odd = /(\\(?:["\\/bfnrt]|u[\da-f]{4}))|["\\\u0000-\u001f]/giu;
  return JSON.parse(`"${between.replaceAll(odd, (_, whole?: string) => whole ?? '\ufffd')}"`) as string;
}
