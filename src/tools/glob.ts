import * as z from 'zod';
import { defineTool, ToolError } from '../agent/tool';
import type { Host } from '../host/host';
import { missingFile, searchRoots, shownTogether } from './shared-paths';

const MAX_FILES = 100;
const input = z.object({
  patterns: z.array(z.string()).min(1),
  excludePatterns: z.array(z.string()).optional(),
  folder: z.string().optional(),
});

export const glob = defineTool<Host, typeof input>({
  name: 'Glob',
  description: `Find files by glob patterns, newest first, ${MAX_FILES} at most. Files that .gitignore names are left out.`,
  input,
  reads: true,
  title: ({ patterns }) => `Finding ${patterns.join(', ')}`,
  action: async ({ folder }, context) => ({ effect: 'read', paths: await searchRoots(folder, context) }),
  async run({ patterns, excludePatterns = [], folder }, context) {
    const { host, signal } = context;
    const roots = await searchRoots(folder, context);
    for (const where of roots) {
      const stat = await host.stat(where.path);
      if (!stat) throw await missingFile(where, context);
      if (stat.type !== 'directory') throw new ToolError(`${where.shown} is a file. Give the folder to look in.`);
    }
    const query = { patterns, exclude: excludePatterns, limit: MAX_FILES };
    const found = await Promise.all(roots.map(({ path }) => host.glob({ ...query, folder: path }, signal)));
    const all = found.flatMap(({ paths }) => paths);
    const paths = all.slice(0, MAX_FILES);
    const capped = all.length > MAX_FILES || found.some((one) => one.capped);
    if (paths.length === 0)
      return {
        content: `No file matches ${patterns.join(', ')} in ${shownTogether(roots)}.`,
        view: { kind: 'files', paths: [] },
      };
    const shown = await Promise.all(paths.map(async (path) => (await host.locate(path)).shown));
    const more = capped ? [`[More than ${MAX_FILES} files match; these are the newest. Narrow the pattern.]`] : [];
    return { content: [...shown, ...more].join('\n'), view: { kind: 'files', paths } };
  },
});
