import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { UserError } from '../agent/tool';
import { NO_CHOICES, type LibraryChoices } from '../library/library';
import { nameKey } from '../library/shadowing';
import { webSettingsSchema } from './web';

const namesSchema = z.array(z.string()).default([]);
const settingsSchema = z
  .object({
    model: z.string(),
    maxTurns: z.int().min(1),
    maxCostUsd: z.number().min(0),
    web: webSettingsSchema,
    skills: z.object({ pinned: namesSchema, muted: namesSchema }),
    sessions: z.object({ keepDays: z.int().min(0) }),
  })
  .partial();
export type Settings = z.infer<typeof settingsSchema>;

/** The user's settings file; none is as good as an empty one. Throws UserError for one that cannot be read as settings. */
export async function readSettings(path: string): Promise<Settings> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  try {
    return settingsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(`${path} is not a settings file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What the settings file chose for skills; a project's files replace ours only where the command line trusts the project. */
export function libraryChoices({ skills }: Settings, trustProject: boolean): LibraryChoices {
  const holds = (names: readonly string[] = []) => {
    const keys = names.map(nameKey);
    return (name: string): boolean => keys.includes(nameKey(name));
  };
  return {
    ...NO_CHOICES,
    isAccepted: () => trustProject,
    isPinned: holds(skills?.pinned),
    isMuted: holds(skills?.muted),
  };
}
