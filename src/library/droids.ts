import { basename } from 'node:path';
import { firstParagraph, listField, startsSomething, textField } from './fields';
import { parseFrontmatter, type Frontmatter } from './frontmatter';
import { filesIn, readLibraryFile, sha256, type LibraryCache, type Place, type Source } from './sources';
import { ownTools, type NamedTools } from './tool-names';

/** What droid files say of the effort, and what a model is asked for then. It cannot be told to think of nothing. */
const EFFORTS = {
  off: 'low',
  none: 'low',
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'xhigh',
  max: 'max',
} as const;
export type DroidEffort = (typeof EFFORTS)[keyof typeof EFFORTS];

export interface Droid {
  name: string;
  description: string;
  /** A model id, a family (`opus`, `sonnet`, `haiku`), or `inherit`. */
  model: string;
  /** How hard its model is to try; `undefined` leaves that to others. */
  effort?: DroidEffort | undefined;
  /** Names of tools; `undefined` means all. */
  tools: string[] | undefined;
  /** Names of tools of other extensions and servers, as they are written; without meaning where `tools` is undefined. */
  otherTools: string[];
  /** Tools it has not, whatever `tools` says; those of others as they are written. */
  withoutTools: string[];
  /** The system prompt. */
  prompt: string;
  source: Source;
  path: string;
  hash: string;
  problems: string[];
}

/** Every droid of the places, those of one name too, in the order of the places. A broken file is a droid with problems. */
export async function findDroids(places: readonly Place[], cache?: LibraryCache): Promise<Droid[]> {
  const files = await filesIn(places, /\.md$/u);
  // In .github/agents other Markdown lies about, too.
  const wanted = files.filter(
    ({ place, file }) => !/[\\/]\.github[\\/]agents$/u.test(place.folder) || /\.agent\.md$/u.test(file),
  );
  const droids = await Promise.all(
    wanted.map(({ path, place }) => loadDroid(path, place.source, { within: place.within, cache })),
  );
  return droids.filter((droid) => droid !== undefined);
}

/** Loads one droid file; `undefined` when there is no such file. */
export async function loadDroid(
  path: string,
  source: Source,
  reading: { within?: Place['within']; cache?: LibraryCache | undefined } = {},
): Promise<Droid | undefined> {
  const file = await readLibraryFile(path, reading);
  if (!file) return undefined;
  const fallback = slug(basename(path).replace(/(\.agent)?\.md$/iu, ''));
  const where = { source, path, hash: file.hash };
  if (!('problem' in file)) return droidOf(file.parsed, fallback, where);
  const unread = { description: '', model: 'inherit', tools: [], otherTools: [], withoutTools: [], prompt: '' };
  return { name: fallback, ...unread, ...where, problems: [file.problem] };
}

/** Reads the text of a droid file; `fallback` is the name when the file gives none. */
export function parseDroid(text: string, fallback: string, where: { source: Source; path: string }): Droid {
  return droidOf(parseFrontmatter(text), fallback, { ...where, hash: sha256(text) });
}

function droidOf(
  { fields, body, problems, unread }: Frontmatter,
  fallback: string,
  where: Pick<Droid, 'source' | 'path' | 'hash'>,
): Droid {
  const found = [...problems, ...startsSomething(fields, '')];
  if (body.trim() === '') found.push('the body is empty, so there is no system prompt');
  const named = toolsOf(fields['tools'], found);
  const without = toolsOf(fields['disallowedTools'], found);
  return {
    name: nameOf(fields['name'], fallback, found),
    description: textField(fields['description']) ?? firstParagraph(body),
    model: modelOf(fields['model'], found),
    // The one word of the droid format, the other of Claude Code's agents.
    effort: effortOf(fields['reasoningEffort'] ?? fields['effort'], found),
    tools: unread ? [] : named?.tools,
    otherTools: unread ? [] : (named?.others ?? []),
    withoutTools: [...(without?.tools ?? []), ...(without?.others ?? [])],
    prompt: body,
    ...where,
    problems: found,
  };
}

function slug(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/gu, '-');
}

/** What a task names it by. Other hosts let people write any text. */
function nameOf(value: unknown, fallback: string, problems: string[]): string {
  const given = textField(value);
  if (given === undefined || /^[a-z0-9_-]+$/u.test(given)) return given ?? fallback;
  const name = slug(given).replaceAll(/^-+|-+$/gu, '') || fallback;
  problems.push(`the name "${given}" may hold only a-z, 0-9, - and _, so it is called ${name}`);
  return name;
}

/** The id as it stands. VS Code also takes lists, and names for people such as `Claude Sonnet 4 (copilot)`. */
function modelOf(value: unknown, problems: string[]): string {
  const given = textField(Array.isArray(value) ? value[0] : value);
  if (given === undefined) return 'inherit';
  if (/^[\w.:/@-]{1,200}$/u.test(given)) return given;
  problems.push(`the model "${given}" is no id of a model, so it works with the one that is chosen`);
  return 'inherit';
}

function effortOf(value: unknown, problems: string[]): DroidEffort | undefined {
  const given = textField(value)?.toLowerCase();
  if (given === undefined || given === 'inherit') return undefined;
  const word = Object.keys(EFFORTS).find((one): one is keyof typeof EFFORTS => one === given);
  if (word) return EFFORTS[word];
  problems.push(`the effort "${given}" is none of ${Object.keys(EFFORTS).join(', ')}, so it is left out`);
  return undefined;
}

/** None given means all tools, an unreadable list means none. */
function toolsOf(value: unknown, problems: string[]): Pick<NamedTools, 'tools' | 'others'> | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const names = listField(value);
  if (!names) {
    problems.push('tools is not a list of names');
    return { tools: [], others: [] };
  }
  const found = ownTools(names);
  problems.push(...(found?.problems ?? []));
  return found;
}
