import { basename, dirname, join, relative } from 'node:path';
import { readdir } from 'node:fs/promises';
import { parseFrontmatter } from './frontmatter';
import { entriesOf, lastWins, readLibraryFile, type Place, type Source } from './sources';

export interface Skill {
  name: string;
  description: string;
  source: Source;
  /** The SKILL.md. */
  path: string;
  problems: string[];
}

export interface SkillText {
  text: string;
  folder: string;
  /** Files beside the SKILL.md, relative to the folder; at most `MAX_SKILL_FILES`. */
  files: string[];
}

const SKILL_FILES = ['SKILL.md', 'skill.md', 'skill.mdx', 'SKILL.mdx'];
const MAX_SKILL_FILES = 50;

/** Loads the skills of the places (`<place>/<name>/SKILL.md`); a later place wins over an earlier one. */
export async function loadSkills(places: readonly Place[]): Promise<Skill[]> {
  const found = await Promise.all(
    places.map(async ({ source, folder }) => {
      const names = await entriesOf(folder);
      return Promise.all(names.map((name) => loadSkill(join(folder, name), source)));
    }),
  );
  return lastWins(found.flat().filter((skill) => skill !== undefined));
}

async function loadSkill(folder: string, source: Source): Promise<Skill | undefined> {
  for (const file of SKILL_FILES) {
    const path = join(folder, file);
    const read = await readLibraryFile(path);
    if (!read) continue;
    if ('problem' in read) return { name: basename(folder), description: '', source, path, problems: [read.problem] };
    const { fields, problems } = parseFrontmatter(read.text);
    const name = typeof fields['name'] === 'string' ? fields['name'].trim() : basename(folder);
    const description = typeof fields['description'] === 'string' ? fields['description'].trim() : '';
    return {
      name,
      description,
      source,
      path,
      problems: description === '' ? [...problems, 'there is no description'] : problems,
    };
  }
  return undefined;
}

/** The body of a skill with its folder and file list, read when it is asked for. */
export async function readSkill({ path }: Skill): Promise<SkillText | undefined> {
  const read = await readLibraryFile(path);
  if (!read || 'problem' in read) return undefined;
  const folder = dirname(path);
  return { text: parseFrontmatter(read.text).body, folder, files: await filesBeside(folder, basename(path)) };
}

async function filesBeside(folder: string, own: string): Promise<string[]> {
  // Not recursive by following links: a cycle of symlinks ends at its first link.
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => file !== own)
    .sort()
    .slice(0, MAX_SKILL_FILES);
}

export const MAX_LISTING_BYTES = 6_000;
const LISTING_HEAD = 'Load a skill before work that fits it; its text then tells how. There are:';

/** The listing for the system prompt: name and description a line, descriptions cut evenly where it would be too long. */
export function skillListing(skills: readonly Pick<Skill, 'name' | 'description'>[]): string {
  if (skills.length === 0) return '';
  for (let width = 1_000; width > 20; width = Math.floor(width * 0.9)) {
    const lines = skills.map(
      ({ name, description }) => `- ${name}: ${cut(description.replaceAll(/\s+/gu, ' '), width)}`,
    );
    const text = [LISTING_HEAD, ...lines].join('\n');
    if (Buffer.byteLength(text) <= MAX_LISTING_BYTES) return text;
  }
  return `${LISTING_HEAD}\n${skills.map(({ name }) => name).join(', ')}`.slice(0, MAX_LISTING_BYTES);
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
