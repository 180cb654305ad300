import { join } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { Checkpoints } from '../agent/checkpoints';
import { DEFAULT_CHECKPOINTS } from '../checkpoints/bounds';
import { shownName } from '../checkpoints/git';
import { CheckpointStore } from '../checkpoints/store';
import type { Host } from '../host/host';
import { checkpointsFolder } from '../host/session-folders';
import { readSettings } from './settings';

const SCHEME = 'ml-engineer-checkpoint';

const querySchema = z.object({
  folder: z.string(),
  commit: z.string().regex(/^[0-9a-f]{40,64}$/u),
  name: z.string(),
});

/** A file as a checkpoint has it, for a diff editor. */
export function checkpointUri(folder: string, commit: string, name: string): vscode.Uri {
  const file = vscode.Uri.file(join(folder, shownName(name)));
  return file.with({ scheme: SCHEME, query: JSON.stringify({ folder, commit, name }) });
}

/** The checkpoints of this window's workspace. */
export class Checkpointing {
  readonly store: CheckpointStore;

  /** `state`: the folder of what editors and command line share; see host/session-folders.ts. */
  constructor(
    { globalStorageUri }: Pick<vscode.ExtensionContext, 'globalStorageUri'>,
    private readonly host: () => Host,
    state: string,
  ) {
    this.store = new CheckpointStore({
      storage: checkpointsFolder(state),
      earlier: join(globalStorageUri.fsPath, 'checkpoints'),
      folders: () => host().folders.map(({ path }) => path),
      settings: () => {
        const settings = readSettings();
        return {
          ...DEFAULT_CHECKPOINTS,
          fileBytes: settings['checkpoints.maxFileMb'] * 1e6,
          days: settings['checkpoints.keepDays'],
          bytes: settings['checkpoints.maxMb'] * 1e6,
        };
      },
    });
  }

  /** For a run; `undefined` where none are to be made. No program is started in a workspace without trust. */
  get port(): Checkpoints | undefined {
    return this.host().trusted && readSettings()['checkpoints.enabled'] ? this.store : undefined;
  }

  /** Serves files of checkpoints to diff editors. */
  register(context: vscode.ExtensionContext): void {
    const provider: vscode.TextDocumentContentProvider = {
      provideTextDocumentContent: async ({ query }) => {
        const { folder, commit, name } = querySchema.parse(JSON.parse(query));
        // Anyone may open an address of our scheme.
        const isOurs = this.host().folders.some(({ path }) => folder === path || folder.startsWith(`${path}/`));
        const bytes = isOurs ? await this.store.content({ folder, commit }, name) : undefined;
        if (!bytes) return vscode.l10n.t('The earlier content of this file is no longer stored.');
        return bytes.includes(0) ? vscode.l10n.t('A binary file of {0} bytes.', bytes.length) : bytes.toString();
      },
    };
    context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
  }
}
