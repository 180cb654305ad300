import { dirname, posix } from 'node:path';
import { minimatch } from 'minimatch';
import { ToolError } from '../../src/agent/tool';
import type { DirectoryEntry, Host, SearchLine, SearchQuery } from '../../src/host/host';
import { sortEntries } from '../../src/host/node';

/** A host over files in memory, by absolute path: fast, and nothing on the disk. It starts no programs. */
export function createMemoryHost(folder: string, files: Map<string, Uint8Array>): Host {
  const isFolder = (path: string): boolean =>
    path === folder || [...files.keys()].some((file) => file.startsWith(`${path}/`));
  const below = (path: string): string[] =>
    [...files.keys()].filter((file) => file === path || file.startsWith(`${path}/`)).sort();
  return {
    folders: [{ name: posix.basename(folder), path: folder }],
    trusted: true,
    dialect: 'bash',
    locate: async (path) => {
      const real = posix.resolve(folder, path);
      const inside = real === folder || real.startsWith(`${folder}/`);
      return { path: real, shown: inside ? real.slice(folder.length + 1) || '.' : real, inside };
    },
    ignores: async () => undefined,
    stat: async (path) => {
      const bytes = files.get(path);
      if (bytes) return { type: 'file', size: bytes.length, mtime: 0 };
      if (path === '/dev/zero') return { type: 'other', size: 0, mtime: 0 };
      return isFolder(path) ? { type: 'directory', size: 0, mtime: 0 } : undefined;
    },
    read: async (path) => {
      const bytes = files.get(path);
      return bytes && { bytes, mtime: 0 };
    },
    list: async (path) => {
      if (!isFolder(path)) throw new Error(`ENOENT ${path}`);
      return entriesOf(below(path).map((file) => file.slice(path.length + 1)));
    },
    glob: async (query) => {
      const paths = below(query.folder).filter((file) => {
        const rest = file.slice(query.folder.length + 1);
        const fits = (pattern: string): boolean => minimatch(rest, pattern, { matchBase: true });
        return query.patterns.some(fits) && !query.exclude.some(fits);
      });
      return { paths: paths.slice(0, query.limit), capped: paths.length > query.limit };
    },
    search: async (query) => {
      const expression = expressionOf(query);
      const lines = below(query.path).flatMap((file) => hitsIn(file, files.get(file), expression, query));
      return { lines: lines.slice(0, query.limit), capped: lines.length > query.limit, timedOut: false };
    },
    write: async (path, bytes) => {
      if (bytes === null) return void files.delete(path);
      for (let parent = dirname(path); parent !== dirname(parent); parent = dirname(parent))
        if (files.has(parent))
          throw new ToolError(
            `${path} was not written: a part of the path is a file, not a folder. Nothing was changed.`,
          );
      files.set(path, bytes);
    },
    variables: async () => ({}),
    run: () => Promise.reject(new ToolError('This host starts no programs.')),
    background: () => [],
    stopBackground: async () => undefined,
    diagnostics: async () => [],
    environment: async () => ({ os: 'test', date: '2026-01-01', shell: 'bash' }),
  };
}

function entriesOf(paths: readonly string[]): DirectoryEntry[] {
  const types = new Map<string, DirectoryEntry['type']>();
  for (const path of paths) {
    const [name = '', ...rest] = path.split('/');
    types.set(name, rest.length > 0 ? 'directory' : 'file');
  }
  return sortEntries([...types].map(([name, type]) => ({ name, type })));
}

function expressionOf({ pattern, caseInsensitive }: SearchQuery): RegExp {
  try {
    return new RegExp(pattern, caseInsensitive ? 'giu' : 'gu');
  } catch (error) {
    throw new ToolError((error as Error).message);
  }
}

function hitsIn(path: string, bytes: Uint8Array | undefined, expression: RegExp, query: SearchQuery): SearchLine[] {
  const texts = Buffer.from(bytes ?? [])
    .toString()
    .split('\n');
  const hits = new Set(texts.flatMap((text, index) => (text.search(expression) >= 0 ? [index] : [])));
  if (hits.size === 0) return [];
  if (query.output === 'files') return [{ path, line: 0, text: '', match: true }];
  if (query.output === 'count')
    return [{ path, line: texts.join('\n').match(expression)?.length ?? 0, text: '', match: true }];
  const near = (index: number): boolean =>
    [...hits].some((hit) => index >= hit - query.before && index <= hit + query.after);
  return texts.flatMap((text, index) => (near(index) ? [{ path, line: index + 1, text, match: hits.has(index) }] : []));
}
