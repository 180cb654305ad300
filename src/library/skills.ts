import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { parseFrontmatter } from './frontmatter';
import { lastWins, MAX_LIBRARY_ENTRIES, readLibraryFile, type Place, type Source } from './sources';

export { MAX_LISTING_BYTES, skillListing } from './skill-listing';

export interface Skill {
  name: string;
  description: string;
  source: Source;
  /** The SKILL.md. */
  path: string;
  problems: string[];
  /** The file says that only a person loads it: it is not in the listing for the model. */
  forPeopleOnly?: boolean;
}

export interface SkillText {
  text: string;
  folder: string;
  /** Files beside the SKILL.md, relative to the folder; at most `MAX_SKILL_FILES`. */
  files: string[];
}

const SKILL_FILES = ['SKILL.md', 'skill.md', 'skill.mdx', 'SKILL.mdx'];
const MAX_SKILL_FILES = 50;
const MAX_DEPTH = 6;
const SKIPPED = new Set(['node_modules', '.git', '__pycache__', '.venv']);

/** Loads the skills below the places (`SKILL.md` in a folder of its own); a later place wins over an earlier one. */
export async function loadSkills(places: readonly Place[]): Promise<Skill[]> {
  const found = await Promise.all(places.map(({ source, folder }) => skillsIn(folder, source)));
  return lastWins(found.flat());
}

/** Looks into folders level by level, and into none twice: links may lead in a circle. A skill's own folders are its matter. */
async function skillsIn(place: string, source: Source): Promise<Skill[]> {
  const skills: Skill[] = [];
  const seen = new Set<string>();
  let level = [place];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next = await Promise.all(
      level.map(async (folder) => {
        const real = await realpath(folder).catch(() => undefined);
        if (real === undefined || seen.has(real) || seen.size >= MAX_LIBRARY_ENTRIES) return [];
        seen.add(real);
        const skill = depth === 0 ? undefined : await loadSkill(folder, source);
        if (!skill) return foldersIn(folder);
        skills.push(skill);
        return [];
      }),
    );
    level = next.flat().slice(0, MAX_LIBRARY_ENTRIES);
  }
  return skills.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function foldersIn(folder: string): Promise<string[]> {
  // A place that is not there or cannot be read holds nothing for us.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !SKIPPED.has(entry.name))
    .map(({ name }) => join(folder, name))
    .sort();
}

async function loadSkill(folder: string, source: Source): Promise<Skill | undefined> {
  for (const file of SKILL_FILES) {
    const path = join(folder, file);
    const read = await readLibraryFile(path);
    if (!read) continue;
    const fallback = basename(folder);
    if ('problem' in read) return { name: fallback, description: '', source, path, problems: [read.problem] };
    return parseSkill(read.text, fallback, { source, path });
  }
  return undefined;
}

function parseSkill(text: string, fallback: string, where: { source: Source; path: string }): Skill {
  const { fields, problems } = parseFrontmatter(text);
  const name = typeof fields['name'] === 'string' ? fields['name'].trim() : '';
  const description = typeof fields['description'] === 'string' ? fields['description'].trim() : '';
  const hidden = fields['disable-model-invocation'];
  return {
    name: name || fallback,
    description,
    ...where,
    problems: description === '' ? [...problems, 'there is no description'] : problems,
    ...(hidden === true || hidden === 'true' ? { forPeopleOnly: true } : {}),
  };
}

/** The body of a skill with its folder and file list, read when it is asked for. */
export async function readSkill({ path }: Pick<Skill, 'path'>): Promise<SkillText | undefined> {
  const read = await readLibraryFile(path);
  if (!read || 'problem' in read) return undefined;
  const folder = dirname(path);
  return { text: parseFrontmatter(read.text).body, folder, files: await filesBeside(folder, basename(path)) };
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
