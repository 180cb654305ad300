import { basename } from 'node:path';
import { parseFrontmatter } from './frontmatter';
import { filesIn, lastWins, readLibraryFile, type Place, type Source } from './sources';

export interface Droid {
  name: string;
  description: string;
  /** A model id, or `inherit`. */
  model: string;
  /** Names of tools; `undefined` means all. */
  tools: string[] | undefined;
  /** The system prompt. */
  prompt: string;
  source: Source;
  path: string;
  problems: string[];
}

/** Loads the droids of the places; a later place wins over an earlier one. A broken file is a droid with problems. */
export async function loadDroids(places: readonly Place[]): Promise<Droid[]> {
  const files = await filesIn(places, /\.md$/u);
  const droids = await Promise.all(files.map(({ path, source }) => loadDroid(path, source)));
  return lastWins(droids.filter((droid) => droid !== undefined));
}

/** Loads one droid file; `undefined` when there is no such file. */
export async function loadDroid(path: string, source: Source): Promise<Droid | undefined> {
  const file = await readLibraryFile(path);
  if (!file) return undefined;
  const fallback = basename(path)
    .replace(/(\.agent)?\.md$/u, '')
    .toLowerCase();
  if ('problem' in file) {
    return {
      name: fallback,
      description: '',
      model: 'inherit',
      tools: undefined,
      prompt: '',
      source,
      path,
      problems: [file.problem],
    };
  }
  return parseDroid(file.text, fallback, { source, path });
}

/** Reads the text of a droid file; `fallback` is the name when the file gives none. */
export function parseDroid(text: string, fallback: string, where: { source: Source; path: string }): Droid {
  const { fields, body, problems } = parseFrontmatter(text);
  const name = asText(fields['name']) ?? fallback;
  const found = [...problems];
  if (!/^[a-z0-9_-]+$/u.test(name)) found.push(`the name "${name}" may hold only a-z, 0-9, - and _`);
  if (body.trim() === '') found.push('the body is empty, so there is no system prompt');
  return {
    name,
    description: asText(fields['description']) ?? '',
    model: asText(fields['model']) ?? 'inherit',
    tools: toolNames(fields['tools']),
    prompt: body,
    ...where,
    problems: found,
  };
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** A list, or a line with commas. Anything else means all tools. */
function toolNames(value: unknown): string[] | undefined {
  if (Array.isArray(value)) return value.filter((item): item is string => typeof item === 'string');
  const line = asText(value)?.replace(/^\[|\]$/gu, '');
  return line?.split(',').flatMap((part) => part.trim().replaceAll(/^["']|["']$/gu, '') || []);
}
