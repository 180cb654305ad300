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
    .replace(/(\.agent)?\.md$/iu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/gu, '-');
  if (!('problem' in file)) return parseDroid(file.text, fallback, { source, path });
  const unread = { description: '', model: 'inherit', tools: [], prompt: '' };
  return { name: fallback, ...unread, source, path, problems: [file.problem] };
}

/** Reads the text of a droid file; `fallback` is the name when the file gives none. */
export function parseDroid(text: string, fallback: string, where: { source: Source; path: string }): Droid {
  const { fields, body, problems, unread } = parseFrontmatter(text);
  const name = asText(fields['name']) ?? fallback;
  const found = [...problems];
  if (!/^[a-z0-9_-]+$/u.test(name)) found.push(`the name "${name}" may hold only a-z, 0-9, - and _`);
  if (body.trim() === '') found.push('the body is empty, so there is no system prompt');
  const tools = unread ? [] : toolNames(fields['tools'], found);
  return {
    name,
    description: asText(fields['description']) ?? '',
    model: asText(fields['model']) ?? 'inherit',
    tools,
    prompt: body,
    ...where,
    problems: found,
  };
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** Groups of tools that a droid file may name in place of the tools. */
const CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  'read-only': ['Read', 'LS', 'Grep', 'Glob'],
  edit: ['Create', 'Edit', 'MultiEdit', 'NotebookEdit', 'ApplyPatch'],
  execute: ['Execute'],
  web: ['WebSearch', 'FetchUrl'],
};

/** A list, or a line with commas, of tools and categories. None given means all tools, an unreadable list means none. */
function toolNames(value: unknown, problems: string[]): string[] | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const items: unknown[] | undefined = Array.isArray(value)
    ? value
    : asText(value)
        ?.replace(/^\[|\]$/gu, '')
        .split(',');
  const names = items
    ?.filter((item) => typeof item === 'string')
    .map((item) => item.trim().replaceAll(/^["']|["']$/gu, ''));
  if (!items || !names || names.length < items.length) problems.push('tools is not a list of names');
  const known = (names ?? []).filter(Boolean).flatMap((name) => CATEGORIES[name] ?? name);
  return [...new Set(known)];
}
