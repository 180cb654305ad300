import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { booleanField, firstParagraph, recordField, startsSomething, textField } from './fields';
import type { Frontmatter } from './frontmatter';
import {
  filesIn,
  MAX_LIBRARY_ENTRIES,
  readLibraryFile,
  sha256,
  type LibraryCache,
  type Place,
  type Source,
} from './sources';
import { triggersOf, type Triggers } from './triggers';

export { skillListing } from './skill-listing';

export interface Skill {
  name: string;
  description: string;
  source: Source;
  /** The SKILL.md, or the file of a command. */
  path: string;
  hash: string;
  problems: string[];
  /** The file says that only a person loads it: it is not in the listing for the model. */
  forPeopleOnly?: boolean;
  /** The file says that people are not offered it; the model may load it. */
  hiddenFromPeople?: boolean;
  /** What to give it, for people: `[file] [metric]`. */
  argumentHint?: string;
  /** Tools it names for its work. They are told, and grant nothing. */
  allowedTools?: string;
  triggers: Triggers;
  /** As of its place. */
  within?: Place['within'];
}

export interface SkillText {
  text: string;
  /** SHA-256 of the text. */
  hash: string;
  folder: string;
  /** Files beside the SKILL.md, relative to the folder; at most `MAX_SKILL_FILES`. */
  files: string[];
  allowedTools?: string;
}

const SKILL_FILES = ['SKILL.md', 'skill.md', 'skill.mdx', 'SKILL.mdx'];
const MAX_SKILL_FILES = 50;
const MAX_DEPTH = 6;
const SKIPPED = new Set(['node_modules', '.git', '__pycache__', '.venv']);
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/u;

/** Every skill below the places (`SKILL.md` in a folder of its own), those of one name too, in the order of the places. */
export async function findSkills(places: readonly Place[], cache?: LibraryCache): Promise<Skill[]> {
  const found = await Promise.all(places.map((place) => skillsIn(place, cache)));
  return found.flat();
}

/** Files that a person calls by their names. The model is not told of them. */
export async function findCommands(places: readonly Place[], cache?: LibraryCache): Promise<Skill[]> {
  const files = await filesIn(places, /\.md$/u);
  const found = await Promise.all(
    files.map(({ path, place, file }) => loadFile(path, place, file.slice(0, -3), cache)),
  );
  return found.filter((skill) => skill !== undefined).map((skill) => ({ ...skill, forPeopleOnly: true }));
}

/** Looks into folders level by level, and into none twice: links may lead in a circle. A skill's own folders are its matter. */
async function skillsIn(place: Place, cache: LibraryCache | undefined): Promise<Skill[]> {
  const skills: Skill[] = [];
  const seen = new Set<string>();
  let level = [place.folder];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next = await Promise.all(
      level.map(async (folder) => {
        const real = await realpath(folder).catch(() => undefined);
        if (real === undefined || seen.has(real) || seen.size >= MAX_LIBRARY_ENTRIES) return [];
        seen.add(real);
        // A folder that is not there or cannot be read holds nothing for us.
        const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
        const own = depth === 0 ? undefined : SKILL_FILES.find((file) => entries.some(({ name }) => name === file));
        const skill = own && (await loadFile(join(folder, own), place, basename(folder), cache));
        if (!skill) return foldersOf(folder, entries);
        skills.push(skill);
        return [];
      }),
    );
    level = next.flat().slice(0, MAX_LIBRARY_ENTRIES);
  }
  return skills.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function foldersOf(
  folder: string,
  entries: { name: string; isDirectory(): boolean; isSymbolicLink(): boolean }[],
): string[] {
  return entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !SKIPPED.has(entry.name))
    .map(({ name }) => join(folder, name))
    .sort();
}

async function loadFile(
  path: string,
  { source, within }: Place,
  fallback: string,
  cache: LibraryCache | undefined,
): Promise<Skill | undefined> {
  const file = await readLibraryFile(path, { within, cache });
  if (!file) return undefined;
  const where = { source, path, hash: file.hash, ...(within ? { within } : {}) };
  if ('problem' in file)
    return { name: fallback, description: '', ...where, problems: [file.problem], triggers: triggersOf({}) };
  return skillOf(file.parsed, fallback, where);
}

function skillOf(
  { fields, body, problems }: Frontmatter,
  fallback: string,
  where: Pick<Skill, 'source' | 'path' | 'hash' | 'within'>,
): Skill {
  const name = textField(fields['name']) ?? fallback;
  const described = [fields['description'], fields['when_to_use']].map(textField).filter(Boolean).join(' ');
  const description = described || firstParagraph(body);
  const argumentHint = hintOf(fields['argument-hint']);
  const allowedTools = toolsLine(fields['allowed-tools']);
  return {
    name,
    description,
    ...where,
    problems: [
      ...problems,
      ...(NAME.test(name) ? [] : [`the name "${name}" may hold only a-z, 0-9 and single hyphens`]),
      ...(description === '' ? ['there is no description'] : []),
      ...startsSomething(fields, body),
    ],
    ...(booleanField(fields['disable-model-invocation']) === true ? { forPeopleOnly: true } : {}),
    ...(booleanField(fields['user-invocable']) === false ? { hiddenFromPeople: true } : {}),
    ...(argumentHint === undefined ? {} : { argumentHint }),
    ...(allowedTools === undefined ? {} : { allowedTools }),
    triggers: triggersOf(recordField(fields['metadata'])),
  };
}

/** `[file]` without quotes is a list to YAML. */
function hintOf(value: unknown): string | undefined {
  return Array.isArray(value) ? value.map((one) => `[${String(one)}]`).join(' ') : textField(value);
}

function toolsLine(value: unknown): string | undefined {
  const line = Array.isArray(value) ? value.filter((one) => typeof one === 'string').join(', ') : textField(value);
  return line?.replaceAll(/\s+/gu, ' ').slice(0, 300);
}

/** The body of a skill with its folder and file list, read when it is asked for. */
export async function readSkill(
  { path, allowedTools, within }: Pick<Skill, 'path' | 'allowedTools' | 'within'>,
  cache?: LibraryCache,
): Promise<SkillText | undefined> {
  const read = await readLibraryFile(path, { within, cache });
  if (!read || 'problem' in read) return undefined;
  const { body: text } = read.parsed;
  const folder = dirname(path);
  // A command is a file among others, with no folder of its own.
  const files = SKILL_FILES.includes(basename(path)) ? await filesBeside(folder, basename(path)) : [];
  return { text, hash: sha256(text), folder, files, ...(allowedTools === undefined ? {} : { allowedTools }) };
}

/** Files of the folder and those below it, nearest first. Links are not followed, so no circle is walked. */
async function filesBeside(folder: string, own: string): Promise<string[]> {
  const files: string[] = [];
  let level = [folder];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0 && files.length < MAX_SKILL_FILES; depth++) {
    const entries = (
      await Promise.all(level.map((each) => readdir(each, { withFileTypes: true }).catch(() => [])))
    ).flat();
    const paths = (isKind: 'isFile' | 'isDirectory'): string[] =>
      entries
        .filter((entry) => entry[isKind]() && !SKIPPED.has(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
    files.push(...paths('isFile'));
    level = paths('isDirectory').slice(0, MAX_LIBRARY_ENTRIES);
  }
  return files
    .map((file) => relative(folder, file).replaceAll(sep, '/'))
    .filter((file) => file !== own)
    .slice(0, MAX_SKILL_FILES)
    .sort();
}
