import type * as vscode from 'vscode';
import type { Guard } from '../agent/guard';
import { createGuard } from '../artefacts/guard';
import { Makers, makersFile } from '../artefacts/makers';
import { Trash, trashFolder } from '../artefacts/trash';
import type { Folder } from '../host/host';
import type { Project } from './project';
import { readSettings } from './settings';

/** What guards the data, checkpoints and models of this window's workspace. */
export interface Guards {
  guard: Guard;
  /** The trash of the folders that are open now. */
  trash: () => Trash;
  /** Which runs made what lies in them. */
  makers: () => Makers;
}

/** Copies lie in the extension's own storage, by the first folder of the workspace. */
export function createGuards(
  { globalStorageUri }: Pick<vscode.ExtensionContext, 'globalStorageUri'>,
  folders: () => readonly Folder[],
  project: Project,
): Guards {
  const trashes = new Map<string, Trash>();
  const trash = (): Trash => {
    const folder = trashFolder(globalStorageUri.fsPath, folders()[0]?.path ?? '/');
    const known = trashes.get(folder) ?? new Trash(folder);
    trashes.set(folder, known);
    return known;
  };
  const known = new Map<string, Makers>();
  const makers = (): Makers => {
    const path = makersFile(trash().folder);
    const one = known.get(path) ?? new Makers(path);
    known.set(path, one);
    return one;
  };
  const globs = (): string[] => [...project.artefacts, ...readSettings().artefacts];
  return { guard: createGuard({ folders, globs, trash, makers }), trash, makers };
}
