import * as z from 'zod';
import { SECRET_PATHS } from '../agent/protected-paths';
import { defineTool } from '../agent/tool';
import type { Host, SearchLine, SearchResult } from '../host/host';
import { whereKept } from './shared-kept';
import { missingFile, searchRoots, shownTogether, type HostContext } from './shared-paths';

const MAX_RESULTS = 250;
const MAX_CHARACTERS = 50_000;
const lines = z.int().min(0).max(50).optional();
const input = z.object({
  pattern: z.string().min(1).describe('Regular expression'),
  path: z.string().optional(),
  glob_pattern: z.string().optional(),
  output_mode: z.enum(['file_paths', 'content', 'count']).default('file_paths'),
  case_insensitive: z.boolean().optional(),
  type: z.string().optional().describe('File type of ripgrep, as py'),
  context: lines,
  context_before: lines,
  context_after: lines,
  line_numbers: z.boolean().optional(),
  head_limit: z.int().min(1).max(MAX_RESULTS).optional(),
  multiline: z.boolean().optional(),
});

export const grep = defineTool<Host, typeof input>({
  name: 'Grep',
  description: `Search file contents with ripgrep, ${MAX_RESULTS} results at most.`,
  input,
  reads: true,
  title: ({ pattern, path }) => `Searching ${path ?? 'the workspace'} for ${pattern}`,
  action: async ({ path }, context) => ({ effect: 'read', paths: await searchRoots(path, context) }),
  async run(given, context) {
    const { host, signal } = context;
    const roots = await searchRoots(given.path, context);
    for (const where of roots) if (!(await host.stat(where.path))) throw await missingFile(where, context);
    const limit = given.head_limit ?? MAX_RESULTS;
    const query = {
      pattern: given.pattern,
      caseInsensitive: given.case_insensitive ?? false,
      multiline: given.multiline ?? false,
      before: given.context_before ?? given.context ?? 0,
      after: given.context_after ?? given.context ?? 0,
      output: given.output_mode === 'file_paths' ? ('files' as const) : given.output_mode,
      limit,
      // Who may search a folder was not asked about the secrets in it; one that is named itself was asked for.
      exclude: SECRET_PATHS,
      ...(given.glob_pattern === undefined ? {} : { glob: given.glob_pattern }),
      ...(given.type === undefined ? {} : { type: given.type }),
    };
    const found = together(await Promise.all(roots.map(({ path }) => host.search({ ...query, path }, signal))), limit);
    const notes = notesOf(found, limit);
    if (found.lines.length === 0)
      return {
        content: [`Nothing matches ${given.pattern} in ${shownTogether(roots)}.`, ...notes].join('\n'),
        view: { kind: 'files', paths: [] },
      };
    const rows = await rowsOf(found.lines, given.output_mode, given.line_numbers ?? true, host);
    const paths = [...new Set(found.lines.map(({ path }) => path))];
    return { content: [await bounded(rows, context), ...notes].join('\n'), view: { kind: 'files', paths } };
  },
});

/** What was found in several folders, as if they were one. */
function together(found: readonly SearchResult[], limit: number): SearchResult {
  const lines = found.flatMap((one) => one.lines);
  return {
    lines: lines.slice(0, limit),
    capped: lines.length > limit || found.some(({ capped }) => capped),
    timedOut: found.some(({ timedOut }) => timedOut),
  };
}

/** The rows that fit; all of them lie in a file when some do not. */
async function bounded(rows: readonly string[], context: HostContext): Promise<string> {
  let size = 0;
  const fit = rows.findIndex((row) => (size += row.length + 1) > MAX_CHARACTERS);
  if (fit < 0) return rows.join('\n');
  const whole = await whereKept(context, `${context.call}.txt`, rows.join('\n'));
  const shown = Math.max(1, fit);
  return [...rows.slice(0, shown), `[${rows.length - shown} more lines; ${whole}]`].join('\n');
}

function notesOf({ capped, timedOut }: SearchResult, limit: number): string[] {
  return [
    ...(capped ? [`[Only the first ${limit} results. Narrow the pattern or the path.]`] : []),
    ...(timedOut ? ['[The search took too long and was ended: this is what was found so far.]'] : []),
  ];
}

async function rowsOf(
  found: readonly SearchLine[],
  mode: 'file_paths' | 'content' | 'count',
  numbers: boolean,
  host: Host,
): Promise<string[]> {
  const shown = new Map<string, string>();
  for (const { path } of found) if (!shown.has(path)) shown.set(path, (await host.locate(path)).shown);
  return found.map(({ path, line, text, match }) => {
    const name = shown.get(path) ?? path;
    if (mode === 'file_paths') return name;
    if (mode === 'count') return `${name}:${line}`;
    return [name, ...(numbers ? [line] : []), text].join(match ? ':' : '-');
  });
}
