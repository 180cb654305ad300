import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { Mode } from './agent/approval';
import type { JournalEntry } from './agent/events';
import type { Prompt, SessionHead, TurnNote } from './agent/loop';
import type { Worker } from './agent/subagents';
import { environmentLines, newFacts, rejectionNotes, systemPrompt, undoNotes } from './agent/prompt';
import { ToolError, toolSchema, UserError, type Tool } from './agent/tool';
import { envFileSecrets } from './host/env-secrets';
import { nearest } from './text/nearest';
import type { Host } from './host/host';
import type { JobsHome } from './jobs/start';
import { loadDroid, type Droid } from './library/droids';
import { loadLibrary, NO_CHOICES, type Library, type LibraryChoices, type Places } from './library/library';
import type { LibraryCache } from './library/sources';
import { meansOther } from './library/tool-names';
import { knownSkills, offerable, skillNotes, skillsForPrompt, type SkillChoices } from './session-skills';
import { skillListing, type Skill } from './library/skills';
import { shownIn } from './text/shown-in';
import { createTools, type Web } from './tools/index';
import type { OtherTool } from './tools/other';

export { shownIn };

export const DEFAULT_DROID = 'ml-engineer';
/** What every droid has, whatever its list says. */
const ALWAYS = ['TodoWrite', 'Skill'];
const MAX_INSTRUCTION_BYTES = 50_000;
const MAX_PROBLEMS = 5;

/** A droid with all it works by, ready to start or go on with sessions. Built anew for each message, so that new files count. */
export interface Engineer {
  droid: Droid;
  skills: Skill[];
  tools: Tool<Host>[];
  head: SessionHead;
  /** A message of a person with all that goes with it: what the model does not know yet, and the skills that it calls or that fit. */
  prompt: (given: PromptParts) => Promise<Prompt>;
  /** What the model should know between two of its turns. */
  notesBetween: (branch: readonly JournalEntry[]) => TurnNote[];
  /** What could not be read (a droid, a skill, AGENTS.md) or is not used, for the user; everything else goes on. */
  problems: string[];
  /** Values of the workspace's `.env` files: masked wherever they stand. */
  secrets: string[];
}

export interface PromptParts {
  text: string;
  branch: readonly JournalEntry[];
  attachments?: ContentBlockParam[];
  /** Notes of the client's own. */
  notes?: string[];
  /** Skills that were called by another way than the message's first word. */
  called?: readonly string[];
}

export interface EngineerOptions {
  host: Host;
  places: Places;
  /** A name, or a path of a droid file. */
  droid?: string;
  mode: Mode;
  web?: Web;
  /** What a person chose for skills and droids. */
  choices?: LibraryChoices;
  /** Given again for each message, so that only files that changed are read. */
  cache?: LibraryCache;
  /** False for an agent that works for another: no skill begins its session. */
  bootstrap?: boolean;
  /** Where jobs are and how long they are waited for; without it there are none. */
  jobs?: Omit<JobsHome, 'secrets'>;
  /** Tools of other extensions and servers that the person chose; `undefined` where there can be none. */
  others?: readonly OtherTool[];
}

/** Loads the droid and what it works by. Throws UserError when there is no such droid. */
export async function loadEngineer({
  host,
  places,
  droid: wanted = DEFAULT_DROID,
  mode,
  web,
  choices = NO_CHOICES,
  cache,
  bootstrap = true,
  others,
  jobs,
}: EngineerOptions): Promise<Engineer> {
  const folders = host.folders.map(({ path }) => path);
  const [library, facts, instructions, secrets] = await Promise.all([
    loadLibrary({ folders, places, trusted: host.trusted, choices, cache }),
    host.environment(),
    host.trusted ? readInstructions(folders) : { found: [], problems: [] },
    envFileSecrets(folders),
  ]);
  const droid = await chooseDroid(wanted, library.droids, folders[0]);
  const own = createTools(
    library.skillSource,
    web,
    { droids: library.droids, home: places.home },
    jobs && { ...jobs, secrets, droid: droid.name },
  );
  const tools = [...toolsFor(droid, own), ...othersFor(droid, others)];
  const environment = { ...facts, folders: host.folders, mode: host.trusted ? mode : 'plan' };
  const shown = (path: string): string => shownIn(folders, path);
  const skillChoices: SkillChoices = { ...choices, skills: library.skills, bootstrap, shown };
  const offered = offerable(skillChoices);
  const listing = skillListing(offered, choices.uses);
  const system = systemPrompt({
    persona: droid.prompt,
    environment,
    instructions: instructions.found,
    skills: listing.text,
  });
  return {
    droid,
    skills: library.skills,
    tools,
    secrets,
    head: { folders, droid: droid.name, system, tools: tools.map(toolSchema), known: knownSkills(offered) },
    prompt: async ({ text, branch, attachments = [], notes = [], called = [] }) => {
      const news = newFacts(branch, environmentLines(environment));
      const skills = await skillsForPrompt(skillChoices, { text, attachments, branch, called });
      const facts = [...(news.length > 0 ? [news.join('\n')] : []), ...undoNotes(branch, shown)];
      return { text, attachments, ...skills, notes: [...facts, ...skills.notes, ...notes] };
    },
    notesBetween: (branch) => [...rejectionNotes(branch, shown), ...skillNotes(skillChoices, branch, Date.now())],
    problems: [
      ...instructions.problems,
      ...libraryProblems(library, listing.shortened, shown),
      ...missingOthers(droid, others),
    ],
  };
}

function toolsFor({ tools: named, withoutTools }: Droid, all: readonly Tool<Host>[]): Tool<Host>[] {
  return all.filter(
    ({ name }) => (named === undefined || [...named, ...ALWAYS].includes(name)) && !withoutTools.includes(name),
  );
}

/** Those of others that the droid's list names; all of them where it has none. */
function othersFor({ tools, otherTools, withoutTools }: Droid, others: readonly OtherTool[] = []): OtherTool[] {
  const isNamed = (names: readonly string[], { knownAs }: OtherTool): boolean =>
    names.some((name) => meansOther(name, knownAs));
  return others.filter((tool) => (tools === undefined || isNamed(otherTools, tool)) && !isNamed(withoutTools, tool));
}

const ALL_OTHERS = 'mcp';

/** Tools of others that the droid names and that are not to be had here, in one line. */
function missingOthers({ name, tools, otherTools }: Droid, others: readonly OtherTool[] | undefined): string[] {
  const named = tools === undefined ? [] : otherTools.filter((one) => one.toLowerCase() !== ALL_OTHERS);
  const missing = named.filter((one) => !others?.some(({ knownAs }) => meansOther(one, knownAs)));
  if (missing.length === 0) return [];
  const why = others
    ? 'that are not there or not chosen ("ML Engineer: Choose Other Tools...")'
    : 'that the command line does not have';
  return [
    `The droid ${name} names tools of other extensions or servers ${why}: ${missing.join(', ')}. It works without them.`,
  ];
}

/**
 * A droid made ready to work under a session that has the tools `within`: it gets those of its own list that are among
 * them, and none by which it would start others. Read anew, so that a droid just written counts. Throws ToolError.
 */
export async function loadWorker(
  wanted: string,
  within: readonly string[],
  { host, places, mode, web, choices = NO_CHOICES, cache, others, jobs }: Omit<EngineerOptions, 'droid' | 'bootstrap'>,
): Promise<Omit<Worker<Host>, 'model'> & { droid: Droid }> {
  const folders = host.folders.map(({ path }) => path);
  const [library, facts, instructions, secrets] = await Promise.all([
    loadLibrary({ folders, places, trusted: host.trusted, choices, cache }),
    host.environment(),
    host.trusted ? readInstructions(folders) : { found: [] },
    envFileSecrets(folders),
  ]);
  const usable = library.droids.filter(({ prompt }) => prompt !== '');
  const droid = usable.find(({ name }) => name === wanted);
  if (!droid) throw new ToolError(unknownDroid(wanted, usable));
  const every = createTools(library.skillSource, web, undefined, jobs && { ...jobs, secrets });
  const all = every.filter(({ inSubagents }) => inSubagents !== false);
  const tools = [...toolsFor(droid, all), ...othersFor(droid, others)].filter(({ name }) => within.includes(name));
  const missing = droid.tools?.filter((name) => all.some((tool) => tool.name === name) && !within.includes(name)) ?? [];
  const withheld = droid.tools?.filter((name) => every.some((tool) => tool.name === name && !all.includes(tool))) ?? [];
  const system = systemPrompt({
    persona: droid.prompt,
    environment: { ...facts, folders: host.folders, mode: host.trusted ? mode : 'plan' },
    instructions: instructions.found,
    skills: skillListing(offerable({ ...choices, skills: library.skills }), choices.uses).text,
  });
  return {
    droid,
    head: { folders, droid: droid.name, system, tools: tools.map(toolSchema) },
    tools,
    remarks: [
      ...(missing.length > 0 ? [`It worked without ${missing.join(', ')}, which this session has not.`] : []),
      ...(withheld.length > 0
        ? [`It worked without ${withheld.join(', ')}, which no subagent has: what needs it is yours to do.`]
        : []),
      ...missingOthers(droid, others),
    ],
  };
}

function unknownDroid(wanted: string, droids: readonly Droid[]): string {
  const names = droids.map(({ name }) => name);
  const near = nearest(wanted, names);
  const rest = names.filter((name) => !near.includes(name));
  return `There is no droid ${wanted}. The droids are, nearest first: ${[...near, ...rest].join(', ') || '(none)'}.`;
}

/** What the user must know of the library, a few lines at most: all of it stands beside the files themselves. */
export function libraryProblems(
  { droids, skills, shadows }: Library,
  shortened: readonly string[],
  shown: (path: string) => string,
): string[] {
  const pending = shadows
    .filter((shadow) => shadow.pending)
    .map(
      ({ by, over }) =>
        `${shown(by.path)} would replace the ${over.source} "${over.name}". It is not used until you accept it.`,
    );
  const broken = [...droids, ...skills].flatMap(({ path, problems }) =>
    problems.map((problem) => `${shown(path)}: ${problem}`),
  );
  const short =
    shortened.length === 0
      ? []
      : [
          `The model is told of ${shortened.length} skills in short, the least used first, since there are so many: ${shortened.slice(0, 5).join(', ')}${shortened.length > 5 ? ', ...' : ''}.`,
        ];
  return [...few(pending), ...few(broken), ...short];
}

function few(lines: readonly string[]): string[] {
  const rest = lines.length - MAX_PROBLEMS;
  return rest <= 0 ? [...lines] : [...lines.slice(0, MAX_PROBLEMS), `And ${rest} more of this kind.`];
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
