import { DEFAULT_CHECKPOINTS } from '../checkpoints/bounds';
import { CheckpointStore } from '../checkpoints/store';
import { checkpointsFolder, stateFolder } from '../host/session-folders';
import type { RunWorld } from './run';
import type { Settings } from './settings';

/** Where the command line's checkpoints are: those of every editor, too. */
export function checkpointStore(
  cwd: string,
  { env, places }: Pick<RunWorld, 'env' | 'places'>,
  { checkpoints: set = {} }: Settings,
): CheckpointStore {
  const { fileBytes, days, bytes } = DEFAULT_CHECKPOINTS;
  return new CheckpointStore({
    storage: checkpointsFolder(stateFolder(env, places.home)),
    folders: () => [cwd],
    settings: () => ({
      ...DEFAULT_CHECKPOINTS,
      fileBytes: set.maxFileMb === undefined ? fileBytes : set.maxFileMb * 1e6,
      days: set.keepDays ?? days,
      bytes: set.maxMb === undefined ? bytes : set.maxMb * 1e6,
    }),
  });
}
