import { minimatch } from 'minimatch';
import * as z from 'zod';
import { defineTool, ToolError } from '../agent/tool';
import type { Host } from '../host/host';
import { missingFile, pathAction } from './shared-paths';

const MAX_ENTRIES = 500;
const input = z.object({
  directory_path: z.string().default('.'),
  ignorePatterns: z.array(z.string()).optional().describe('Globs left out'),
});

export const ls = defineTool<Host, typeof input>({
  name: 'LS',
  description: `List a folder, folders first, ${MAX_ENTRIES} entries at most.`,
  input,
  reads: true,
  title: ({ directory_path }) => `Listing ${directory_path}`,
  action: ({ directory_path }, context) => pathAction('read', directory_path, context),
  async run({ directory_path, ignorePatterns = [] }, context) {
    const folder = await context.host.locate(directory_path);
    const stat = await context.host.stat(folder.path);
    if (!stat) throw await missingFile(folder, context);
    if (stat.type !== 'directory') throw new ToolError(`${folder.shown} is a file. Read it instead.`);
    const all = await context.host.list(folder.path);
    const kept = all.filter(({ name }) => !ignorePatterns.some((pattern) => isIgnored(folder.shown, name, pattern)));
    const view = { kind: 'files' as const, paths: [folder.path], note: `${kept.length} entries` };
    if (all.length === 0) return { content: `${folder.shown} is empty.`, view };
    if (kept.length === 0)
      return { content: `${folder.shown} has ${all.length} entries, all of them left out by ignorePatterns.`, view };
    const rows = kept.slice(0, MAX_ENTRIES).map(({ name, type }) => (type === 'directory' ? `${name}/` : name));
    const more =
      kept.length > MAX_ENTRIES
        ? [`[${kept.length - MAX_ENTRIES} more entries; list a subfolder or use ignorePatterns.]`]
        : [];
    return { content: [...rows, ...more].join('\n'), view };
  },
});

/** A pattern names an entry by its name or by its path from the workspace folder. */
function isIgnored(folder: string, name: string, pattern: string): boolean {
  const wanted = pattern.replace(/^\.\//u, '').replace(/\/$/u, '');
  const path = folder === '.' ? name : `${folder}/${name}`;
  return [name, path].some((one) => minimatch(one, wanted, { dot: true }));
}
