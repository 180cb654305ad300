import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { UserError } from '../agent/tool';
import { webSettingsSchema } from './web';

const settingsSchema = z
  .object({
    model: z.string(),
    maxTurns: z.int().min(1),
    maxCostUsd: z.number().min(0),
    web: webSettingsSchema,
    sessions: z.object({ keepDays: z.int().min(0) }),
    artefacts: z.array(z.string()),
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
