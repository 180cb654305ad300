import { findDroids, type Droid } from './droids';
import { libraryPlaces } from './places';
import { chooseByName, nameKey, type Shadow } from './shadowing';
import { findCommands, findSkills, readSkill, type Skill, type SkillText } from './skills';
import { shippedWork, type ScriptWork } from './shipped-scripts';
import type { LibraryCache } from './sources';

/** Where the library looks: the product's own folder (with droids/ and skills/), and the home folder. */
export interface Places {
  product: string;
  home: string;
}

/** What a person chose for skills and droids. Kept outside of every repository. */
export interface LibraryChoices {
  /** By `acceptanceOf`: a project's file that may replace what is not the project's. */
  isAccepted: (acceptance: string) => boolean;
  /** Given in full at the start of each session. */
  isPinned: (name: string) => boolean;
  /** Neither listed nor offered nor loaded by the model. */
  isMuted: (name: string) => boolean;
  /** How often a skill was loaded: the least used is told in short first. */
  uses: (name: string) => number;
}

export const NO_CHOICES: LibraryChoices = {
  isAccepted: () => false,
  isPinned: () => false,
  isMuted: () => false,
  uses: () => 0,
};

export type LibraryItem = Skill | Droid;

export interface Library {
  /** One of each name. */
  droids: Droid[];
  skills: Skill[];
  shadows: Shadow<LibraryItem>[];
  /** Every file that was found, used or not. */
  all: { kind: 'skill' | 'droid'; item: LibraryItem }[];
  skillSource: {
    names: string[];
    /** What a script of a bundled skill does; `undefined` for every other file. */
    scriptWork: (path: string) => Promise<ScriptWork | undefined>;
    read: (name: string) => Promise<SkillText | { refused: string } | undefined>;
  };
}

export interface LoadOptions {
  folders: readonly string[];
  places: Places;
  trusted: boolean;
  choices?: LibraryChoices;
  cache?: LibraryCache | undefined;
}

/** The droids and skills there are. Of an untrusted workspace, and of the home while in one, nothing counts. */
export async function loadLibrary({
  folders,
  places,
  trusted,
  choices = NO_CHOICES,
  cache,
}: LoadOptions): Promise<Library> {
  const where = await libraryPlaces({ ...places, folders, trusted });
  const [droids, skills, commands] = await Promise.all([
    findDroids(where.droids, cache),
    findSkills(where.skills, cache),
    findCommands(where.commands, cache),
  ]);
  // Commands are the weakest: where a skill has the name, it is the skill that is called.
  const own = [...commands, ...skills].sort((a, b) => RANK[a.source] - RANK[b.source]);
  const chosenDroids = chooseByName('droid', droids, choices.isAccepted);
  const chosenSkills = chooseByName('skill', own, choices.isAccepted);
  return {
    droids: chosenDroids.used,
    skills: chosenSkills.used,
    shadows: [...chosenSkills.shadows, ...chosenDroids.shadows],
    all: [
      ...own.map((item) => ({ kind: 'skill' as const, item })),
      ...droids.map((item) => ({ kind: 'droid' as const, item })),
    ],
    skillSource: skillSource(chosenSkills.used, choices, cache, places.product),
  };
}

const RANK = { bundled: 0, personal: 1, project: 2 } as const;

function skillSource(
  skills: readonly Skill[],
  { isMuted }: LibraryChoices,
  cache: LibraryCache | undefined,
  product: string,
): Library['skillSource'] {
  return {
    scriptWork: (path) => shippedWork(path, product),
    names: skills.filter(({ name, forPeopleOnly }) => !forPeopleOnly && !isMuted(name)).map(({ name }) => name),
    read: async (name) => {
      const skill = skills.find((one) => nameKey(one.name) === nameKey(name));
      if (!skill) return undefined;
      if (isMuted(skill.name)) return { refused: 'the user muted it.' };
      if (skill.forPeopleOnly) return { refused: `only the user loads it, by writing /${skill.name} in the chat.` };
      return readSkill(skill, cache);
    },
  };
}
