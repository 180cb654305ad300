import * as vscode from 'vscode';
import type { Folder } from '../host/host';
import { label } from '../text/label';

const ON_DISK = 'file';

type Folders = readonly Pick<vscode.WorkspaceFolder, 'name' | 'uri'>[];
const open = (): Folders => vscode.workspace.workspaceFolders ?? [];

/** The folders of this window that lie on the disk of the machine we run on, each under a name of its own. */
export function diskFolders(folders: Folders = open()): Folder[] {
  const taken = new Set<string>();
  return folders
    .filter(({ uri }) => uri.scheme === ON_DISK)
    .map(({ name, uri }) => {
      // Two folders may be called the same, and paths begin with the name.
      let own = name;
      for (let count = 2; taken.has(own); count++) own = `${name}-${count}`;
      taken.add(own);
      return { name: own, path: uri.fsPath };
    });
}

/** The folders of this window that an extension serves from elsewhere, as people read them: no program can open them. */
function virtualFolders(folders: Folders): string[] {
  return folders
    .filter(({ uri }) => uri.scheme !== ON_DISK)
    .map(({ name, uri }) => `${label(name, 80)} (${uri.scheme}:)`);
}

/** What is to be known where some of the folders, or all, are not on a disk. */
export function virtualNotice(folders: Folders = open()): string | undefined {
  const named = virtualFolders(folders).join(', ');
  if (named === '') return undefined;
  if (diskFolders(folders).length > 0)
    return vscode.l10n.t(
      'Not on a disk, so neither read, searched nor changed by ML Engineer: {0}. Attach files of it to a message, and they are read.',
      named,
    );
  return vscode.l10n.t(
    'ML Engineer works on files that lie on a disk, since it searches them and runs programs on them. This window has only {0}. Clone the repository or open it by a remote connection (SSH, container, WSL), then ask again.',
    named,
  );
}
