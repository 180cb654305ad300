import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Guard } from '../agent/guard';
import { createGuard } from '../artefacts/guard';
import { Trash, trashFolder } from '../artefacts/trash';
import type { Folder } from '../host/host';
import type { RunWorld } from './run';

type World = Pick<RunWorld, 'env' | 'places'>;

/** Where the command line keeps what lasts. */
export function stateFolder({ env, places }: World): string {
  return join(env['XDG_STATE_HOME'] ?? join(places.home, '.local', 'state'), 'ml-engineer');
}

/** The guard of a folder's data, checkpoints and models, with the trash behind it. */
export async function guardOf(folders: readonly Folder[], globs: readonly string[], world: World): Promise<Guard> {
  const trash = await trashOf(folders[0]?.path ?? '/', world);
  return createGuard({ folders: () => folders, globs: () => globs, trash: () => trash });
}

export async function trashOf(cwd: string, world: World): Promise<Trash> {
  return new Trash(trashFolder(stateFolder(world), await realpath(cwd).catch(() => cwd)));
}
