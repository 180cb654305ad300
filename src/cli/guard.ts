import { realpath } from 'node:fs/promises';
import type { Guard } from '../agent/guard';
import { createGuard } from '../artefacts/guard';
import { Makers, makersFile } from '../artefacts/makers';
import { Trash, trashFolder } from '../artefacts/trash';
import type { Folder } from '../host/host';
import { stateFolder } from '../host/session-folders';
import type { RunWorld } from './run';

type World = Pick<RunWorld, 'env' | 'places'>;

export interface Guards {
  guard: Guard;
  trash: Trash;
  makers: Makers;
}

/** The guard of a folder's data, checkpoints and models, with the trash behind it. */
export async function guardsOf(folders: readonly Folder[], globs: readonly string[], world: World): Promise<Guards> {
  const trash = await trashOf(folders[0]?.path ?? '/', world);
  const makers = new Makers(makersFile(trash.folder));
  const guard = createGuard({ folders: () => folders, globs: () => globs, trash: () => trash, makers: () => makers });
  return { guard, trash, makers };
}

export async function trashOf(cwd: string, world: World): Promise<Trash> {
  return new Trash(trashFolder(stateFolder(world.env, world.places.home), await realpath(cwd).catch(() => cwd)));
}
