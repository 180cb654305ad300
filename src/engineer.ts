import { readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { Mode } from './agent/approval';
import type { JournalEntry } from './agent/events';
import type { SessionHead } from './agent/loop';
import type { Worker } from './agent/subagents';
import { environmentLines, newFacts, systemPrompt, undoNotes } from './agent/prompt';
import { ToolError, toolSchema, UserError, type Tool } from './agent/tool';
import { envFileSecrets } from './host/env-secrets';
import { nearest } from './text/nearest';
import type { Host } from './host/host';
import { loadDroid, loadDroids, type Droid } from './library/droids';
import { loadSkills, readSkill, skillListing, type Skill } from './library/skills';
import type { Place } from './library/sources';
import { shownIn } from './text/shown-in';
import { createTools, type SkillSource, type Web } from './tools/index';

export { shownIn };

export const DEFAULT_DROID = 'ml-engineer';
/** What every droid has, whatever its list says. */
const ALWAYS = ['TodoWrite', 'Skill'];
const MAX_INSTRUCTION_BYTES = 50_000;

/** Where the library looks: the product's own folder (with droids/ and skills/), and the home folder. */
export interface Places {
  product: string;
  home: string;
}

export interface Library {
  droids: Droid[];
  skills: Skill[];
  skillSource: SkillSource;
}

/** The droids and skills there are. In an untrusted workspace nothing of it counts. */
export async function loadLibrary({
  folders,
  places,
  trusted,
}: {
  folders: readonly string[];
  places: Places;
  trusted: boolean;
}): Promise<Library> {
  const roots: { source: Place['source']; root: string }[] = [
    { source: 'personal', root: places.home },
    ...(trusted ? folders.map((root) => ({ source: 'project' as const, root })) : []),
  ];
  const placesOf = (bundled: string, ...names: string[]): Place[] => [
    { source: 'bundled', folder: join(places.product, bundled) },
    ...roots.flatMap(({ source, root }) => names.map((name) => ({ source, folder: join(root, name) }))),
  ];
  const [droids, skills] = await Promise.all([
    loadDroids(placesOf('droids', '.factory/droids')),
    loadSkills(placesOf('skills', '.agents/skills', '.claude/skills', '.factory/skills')),
  ]);
  return { droids, skills, skillSource: sourceOf(skills) };
}

function sourceOf(skills: readonly Skill[]): SkillSource {
  return {
    names: skills.map(({ name }) => name),
    read: async (name) => {
      const skill = skills.find((one) => one.name === name);
      return skill && readSkill(skill);
    },
  };
}

/** A droid with all it works by, ready to start or go on with sessions. Built anew for each message, so that new files count. */
export interface Engineer {
  droid: Droid;
  skills: Skill[];
  tools: Tool<Host>[];
  head: SessionHead;
  /** What the model does not know yet, as notes for the next prompt. */
  notes: (branch: readonly JournalEntry[]) => string[];
  /** What could not be read (a droid, a skill, AGENTS.md), for the user; everything else goes on. */
  problems: string[];
  /** Values of the workspace's `.env` files: masked wherever they stand. */
  secrets: string[];
}

export interface EngineerOptions {
  host: Host;
  places: Places;
  /** A name, or a path of a droid file. */
  droid?: string;
  mode: Mode;
  web?: Web;
}

/** Loads the droid and what it works by. Throws UserError when there is no such droid. */
export async function loadEngineer({
  host,
  places,
  droid: wanted = DEFAULT_DROID,
  mode,
  web,
}: EngineerOptions): Promise<Engineer> {
  const folders = host.folders.map(({ path }) => path);
  const [library, facts, instructions, secrets] = await Promise.all([
    loadLibrary({ folders, places, trusted: host.trusted }),
    host.environment(),
    host.trusted ? readInstructions(folders) : { found: [], problems: [] },
    envFileSecrets(folders),
  ]);
  const droid = await chooseDroid(wanted, library.droids, folders[0]);
  const tools = toolsFor(droid, createTools(library.skillSource, web, { droids: library.droids, home: places.home }));
  const environment = { ...facts, folders: host.folders, mode: host.trusted ? mode : 'plan' };
  const system = systemPrompt({
    persona: droid.prompt,
    environment,
    instructions: instructions.found,
    skills: skillListing(library.skills),
  });
  const shown = (path: string): string => shownIn(folders, path);
  return {
    droid,
    skills: library.skills,
    tools,
    secrets,
    head: { folders, droid: droid.name, system, tools: tools.map(toolSchema) },
    notes: (branch) => {
      const news = newFacts(branch, environmentLines(environment));
      return [...(news.length > 0 ? [news.join('\n')] : []), ...undoNotes(branch, shown)];
    },
    problems: [
      ...instructions.problems,
      ...[...library.droids, ...library.skills].flatMap(({ path, problems }) =>
        problems.map((problem) => `${shown(path)}: ${problem}`),
      ),
    ],
  };
}

function toolsFor({ tools: named }: Droid, all: readonly Tool<Host>[]): Tool<Host>[] {
  return all.filter(({ name }) => named === undefined || [...named, ...ALWAYS].includes(name));
}

/**
 * A droid made ready to work under a session that has the tools `within`: it gets those of its own list that are among
 * them, and none by which it would start others. Read anew, so that a droid just written counts. Throws ToolError.
 */
export async function loadWorker(
  wanted: string,
  within: readonly string[],
  { host, places, mode, web }: Omit<EngineerOptions, 'droid'>,
): Promise<Omit<Worker<Host>, 'model'> & { droid: Droid }> {
  const folders = host.folders.map(({ path }) => path);
  const [library, facts, instructions] = await Promise.all([
    loadLibrary({ folders, places, trusted: host.trusted }),
    host.environment(),
    host.trusted ? readInstructions(folders) : { found: [] },
  ]);
  const usable = library.droids.filter(({ prompt }) => prompt !== '');
  const droid = usable.find(({ name }) => name === wanted);
  if (!droid) throw new ToolError(unknownDroid(wanted, usable));
  const all = createTools(library.skillSource, web).filter(({ inSubagents }) => inSubagents !== false);
  const tools = toolsFor(droid, all).filter(({ name }) => within.includes(name));
  const missing = droid.tools?.filter((name) => all.some((tool) => tool.name === name) && !within.includes(name)) ?? [];
  const system = systemPrompt({
    persona: droid.prompt,
    environment: { ...facts, folders: host.folders, mode: host.trusted ? mode : 'plan' },
    instructions: instructions.found,
    skills: skillListing(library.skills),
  });
  return {
    droid,
    head: { folders, droid: droid.name, system, tools: tools.map(toolSchema) },
    tools,
    remarks: missing.length > 0 ? [`It worked without ${missing.join(', ')}, which this session has not.`] : [],
  };
}

function unknownDroid(wanted: string, droids: readonly Droid[]): string {
  const names = droids.map(({ name }) => name);
  const near = nearest(wanted, names);
  const rest = names.filter((name) => !near.includes(name));
  return `There is no droid ${wanted}. The droids are, nearest first: ${[...near, ...rest].join(', ') || '(none)'}.`;
}

async function chooseDroid(wanted: string, droids: readonly Droid[], folder: string | undefined): Promise<Droid> {
  const named = droids.find(({ name }) => name === wanted);
  if (named) return named;
  if (wanted.endsWith('.md')) {
    const path = isAbsolute(wanted) ? wanted : resolve(folder ?? '.', wanted);
    const droid = await loadDroid(path, 'personal');
    if (droid && droid.prompt !== '') return droid;
    throw new UserError(`${path} is not a droid: ${droid ? droid.problems.join('; ') : 'there is no such file'}.`);
  }
  throw new UserError(`There is no droid "${wanted}". The droids are: ${droids.map(({ name }) => name).join(', ')}.`);
}

interface Instructions {
  found: { path: string; text: string }[];
  problems: string[];
}

/** AGENTS.md of each folder, or CLAUDE.md where there is none. One that cannot be read is a problem, no fault. */
async function readInstructions(folders: readonly string[]): Promise<Instructions> {
  const result: Instructions = { found: [], problems: [] };
  for (const folder of folders) {
    for (const name of ['AGENTS.md', 'CLAUDE.md']) {
      try {
        const text = await readFile(join(folder, name), 'utf8');
        const kept = Buffer.from(text).subarray(0, MAX_INSTRUCTION_BYTES).toString();
        if (kept.length < text.length)
          result.problems.push(`${name} is longer than ${MAX_INSTRUCTION_BYTES} bytes: the rest is left out.`);
        if (text.trim() !== '') result.found.push({ path: name, text: kept });
        break;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code !== 'ENOENT') result.problems.push(`${name} could not be read: ${message}`);
      }
    }
  }
  return result;
}
