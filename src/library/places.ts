import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from './sources';

/** Folders of a workspace or a home that hold skills, as the hosts name them; later ones win. */
export const SKILL_FOLDERS = [
  '.github/skills',
  '.agent/skills',
  '.agents/skills',
  '.claude/skills',
  '.factory/skills',
] as const;
/** Prompts that a person calls by name, one file each. */
export const COMMAND_FOLDERS = ['.factory/commands'] as const;
export const DROID_FOLDERS = ['.github/agents', '.claude/agents', '.factory/droids'] as const;

export interface LibraryPlaces {
  skills: Place[];
  commands: Place[];
  droids: Place[];
}

/** Where the library looks: the product's own folder always, the home and the workspace folders only where they are trusted. */
export async function libraryPlaces({
  product,
  home,
  folders,
  trusted,
}: {
  product: string;
  home: string;
  folders: readonly string[];
  trusted: boolean;
}): Promise<LibraryPlaces> {
  const within = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  const roots: Omit<Place, 'folder'>[] = trusted
    ? [{ source: 'personal' }, ...folders.map(() => projectOf(within))]
    : [];
  const rootFolders = [home, ...folders];
  const of = (names: readonly string[], bundled?: string): Place[] => [
    ...(bundled === undefined ? [] : [{ source: 'bundled' as const, folder: join(product, bundled) }]),
    ...roots.flatMap((root, index) => names.map((name) => ({ ...root, folder: join(rootFolders[index] ?? '', name) }))),
  ];
  return { skills: of(SKILL_FOLDERS, 'skills'), commands: of(COMMAND_FOLDERS), droids: of(DROID_FOLDERS, 'droids') };
}

function projectOf(within: readonly string[]): Omit<Place, 'folder'> {
  return { source: 'project', within };
}

/** Folders outside the workspace that hold nothing but skills, so that what a skill refers to can be read. */
export function skillFolders({ product, home }: { product: string; home: string }): string[] {
  return [join(product, 'skills'), ...SKILL_FOLDERS.map((folder) => join(home, folder))];
}
