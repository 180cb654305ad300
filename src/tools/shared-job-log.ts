import { ToolError } from '../agent/tool';
import { partOfLog, type LogView } from '../jobs/log';
import { sizeOf } from '../text/sizes';
import { cutLine } from '../text/truncate';
import type { HostContext } from './shared-paths';

export const MAX_LOG_LINES = 400;
const DEFAULT_LINES = 40;
const MAX_CHARACTERS = 30_000;
const MAX_LINE = 500;

export interface LogWish {
  from?: 'head' | 'tail' | 'around' | 'grep' | undefined;
  line?: number | undefined;
  pattern?: string | undefined;
  lines?: number | undefined;
}

/** A part of a log: what is said about it, and its lines with their numbers. */
export async function readLog(
  log: string,
  { from = 'tail', line, pattern, lines = DEFAULT_LINES }: LogWish,
  context: HostContext,
): Promise<{ head: string; text: string }> {
  if (from === 'grep') return grep(log, pattern, lines, context);
  if (from === 'around' && line === undefined) throw new ToolError('around needs a line.');
  const part = from === 'around' ? { from, line: line ?? 1 } : { from };
  const view = await partOfLog(log, part, lines, context.signal);
  if (view.lines.length === 0) return { head: emptyLine(view, line), text: '' };
  const [first, last] = [view.lines[0]?.number, view.lines.at(-1)?.number];
  const text = bounded(view.lines.map(({ number, text: one }) => `${number}\t${one}`));
  return { head: `Lines ${first} to ${last} of ${view.total} (${sizeOf(view.bytes)}) of ${log}:`, text };
}

function emptyLine({ total, bytes }: LogView, line: number | undefined): string {
  return bytes === 0 ? 'The log is empty.' : `The log has ${total} lines; line ${line ?? 1} is past its end.`;
}

/** By ripgrep, which no expression can keep busy without an end. */
async function grep(
  log: string,
  pattern: string | undefined,
  lines: number,
  { host, signal }: HostContext,
): Promise<{ head: string; text: string }> {
  if (!pattern) throw new ToolError('grep needs a pattern.');
  const query = { pattern, path: log, caseInsensitive: false, multiline: false, before: 0, after: 0, limit: lines };
  const found = await host.search({ ...query, output: 'content' }, signal);
  if (found.lines.length === 0) return { head: `Nothing in ${log} matches.`, text: '' };
  const capped = found.capped || found.timedOut ? ', and there are more' : '';
  const text = bounded(found.lines.map(({ line, text: one }) => `${line}\t${cutLine(one.trimEnd(), MAX_LINE)}`));
  return { head: `${found.lines.length} lines of ${log} match${capped}:`, text };
}

function bounded(lines: readonly string[]): string {
  const text = lines.join('\n');
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}\n[cut: ask for fewer lines]`;
}
