import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PathFact } from '../agent/tool';
import type { Host } from '../host/host';

const MAX_TEXTS = 200;
const MAX_DEPTH = 8;
const MAX_PATH_CHARACTERS = 1_000;
const URL_FORM = /^[a-z][a-z0-9+.-]+:\/\//iu;

/**
 * What an input names that lies on the disk: texts that are the path of something there, or of a new file in a folder that
 * is there. It sees plain paths only, also as `file:` URLs; what a tool makes of other words is not known.
 */
export async function namedPaths(
  input: unknown,
  host: Pick<Host, 'folders' | 'locate' | 'stat' | 'ignores'>,
): Promise<{ paths: PathFact[]; ignored?: string }> {
  const words = [...new Set(textsIn(input).flatMap(pathIn))].slice(0, MAX_TEXTS);
  const found = await Promise.all(words.map((word) => placeOf(word, host)));
  const paths = found.filter((fact) => fact !== undefined);
  const cwd = host.folders[0]?.path;
  const ignored = cwd === undefined ? undefined : await host.ignores(words, cwd);
  return { paths, ...(ignored === undefined ? {} : { ignored }) };
}

function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return [];
  return Object.values(value).flatMap((one) => textsIn(one, depth + 1));
}

function pathIn(text: string): string[] {
  if (text.trim() === '' || text.length > MAX_PATH_CHARACTERS || /[\n\0]/u.test(text)) return [];
  if (!URL_FORM.test(text)) return [text];
  try {
    return text.toLowerCase().startsWith('file:') ? [fileURLToPath(text)] : [];
  } catch {
    return []; // A `file:` URL of another machine.
  }
}

async function placeOf(word: string, { locate, stat }: Pick<Host, 'locate' | 'stat'>): Promise<PathFact | undefined> {
  const fact = await locate(word).catch(() => undefined);
  if (!fact) return undefined;
  const isPath = /[/\\]|^[.~]/u.test(word);
  const found = await stat(fact.path).catch(() => undefined);
  // A bare word may be the name of a folder by chance.
  if (found) return isPath || found.type === 'file' ? fact : undefined;
  const folder = dirname(fact.path);
  const isNew = isPath && folder !== dirname(folder) && (await stat(folder).catch(() => undefined));
  return isNew ? fact : undefined;
}
