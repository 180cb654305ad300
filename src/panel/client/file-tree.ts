import type { PanelFile } from '../sections/changes';

interface Counts {
  added: number;
  removed: number;
}

/** A line of the tree as it is unfolded now; what ARIA asks to be said of it among its siblings is counted from 1. */
interface Place {
  id: string;
  name: string;
  level: number;
  at: number;
  of: number;
  /** The line of the folder it lies in. */
  parent: string | undefined;
}

export interface FolderRow extends Place {
  kind: 'folder';
  open: boolean;
  folder: Folder;
}

export interface FileRow extends Place {
  kind: 'file';
  file: PanelFile;
}

export type TreeRow = FolderRow | FileRow;

export interface Folder {
  id: string;
  name: string;
  counts: Counts;
  /** Files that lie in it at any depth, and those of them that can be decided on. */
  size: number;
  undecided: number;
  folders: Folder[];
  files: { name: string; file: PanelFile }[];
}

/** The folders of the files, each that holds one folder alone joined with it. Folders come before files, by name. */
export function treeOf(files: readonly PanelFile[]): Folder {
  const root = folderOf('', '');
  const known = new Map<string, Folder>([['', root]]);
  for (const file of files) {
    const parts = partsOf(file.shown);
    const name = parts.pop() ?? file.shown;
    let inside = root;
    count(inside, file);
    for (const part of parts) {
      const id = `${inside.id}${part}/`;
      const next = known.get(id) ?? folderOf(id, part);
      if (!known.has(id)) inside.folders.push(next);
      known.set(id, next);
      inside = next;
      count(inside, file);
    }
    inside.files.push({ name, file });
  }
  return { ...sorted(root), name: '' };
}

function folderOf(id: string, name: string): Folder {
  return { id, name, counts: { added: 0, removed: 0 }, size: 0, undecided: 0, folders: [], files: [] };
}

function count(folder: Folder, file: PanelFile): void {
  folder.size++;
  if (isUndecided(file)) folder.undecided++;
  folder.counts.added += file.counts?.added ?? 0;
  folder.counts.removed += file.counts?.removed ?? 0;
}

/** Something of it can be accepted or rejected. */
export function isUndecided({ reviewed, diff }: PanelFile): boolean {
  return !reviewed && (diff.kind === 'none' || diff.hunks.some(({ open }) => open));
}

/** The paths of what can be decided on in a folder, at any depth. */
export function undecidedIn({ folders, files }: Folder): string[] {
  return [...folders.flatMap(undecidedIn), ...files.flatMap(({ file }) => (isUndecided(file) ? [file.path] : []))];
}

/** Only a path with a drive is cut at backslashes: elsewhere they are letters of a name. The root stays with what follows. */
function partsOf(shown: string): string[] {
  const parts = shown.split(/^[a-z]:\\/iu.test(shown) ? /[/\\]/u : '/');
  return parts[0] === '' && parts.length > 1 ? [`/${parts[1]}`, ...parts.slice(2)] : parts;
}

/** As the explorer orders them: no matter the case, and 10 behind 9. */
const NAMES = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
const byName = (one: { name: string }, two: { name: string }): number =>
  NAMES.compare(one.name, two.name) || (one.name < two.name ? -1 : 1);

function sorted(folder: Folder): Folder {
  const folders = folder.folders.map((inner) => joined(sorted(inner))).sort(byName);
  return { ...folder, folders, files: [...folder.files].sort(byName) };
}

function joined(folder: Folder): Folder {
  const [only] = folder.folders;
  if (!only || folder.folders.length > 1 || folder.files.length > 0) return folder;
  return { ...only, name: `${folder.name}/${only.name}` };
}

/** What is to be seen of the tree, from its top. */
export function rowsOf(root: Folder, isClosed: (id: string) => boolean): TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (folder: Folder, level: number, parent: string | undefined): void => {
    const of = folder.folders.length + folder.files.length;
    folder.folders.forEach((inner, index) => {
      const { id, name } = inner;
      const open = !isClosed(id);
      rows.push({ kind: 'folder', id, name, level, at: index + 1, of, parent, open, folder: inner });
      if (open) walk(inner, level + 1, id);
    });
    folder.files.forEach(({ name, file }, index) => {
      const at = folder.folders.length + index + 1;
      rows.push({ kind: 'file', id: `file:${file.path}`, name, level, at, of, parent, file });
    });
  };
  walk(root, 1, undefined);
  return rows;
}

/** What a key asks for in a tree: to stand on another line, or to unfold or fold this one. */
export type Move = { go: string } | { turn: boolean } | undefined;

/** By the pattern for trees. `isOpen`: of a file, its diff is shown. */
export function moveIn(rows: readonly TreeRow[], from: string, key: string, isOpen: (row: TreeRow) => boolean): Move {
  const index = rows.findIndex(({ id }) => id === from);
  const row = rows[index];
  if (!row) return undefined;
  const go = (to: number): Move => {
    const other = rows[Math.max(0, Math.min(rows.length - 1, to))];
    return other && { go: other.id };
  };
  const open = isOpen(row);
  switch (key) {
    case 'ArrowDown':
      return go(index + 1);
    case 'ArrowUp':
      return go(index - 1);
    case 'Home':
      return go(0);
    case 'End':
      return go(rows.length - 1);
    case 'Enter':
    case ' ':
      return { turn: !open };
    case 'ArrowRight':
      if (!open) return { turn: true };
      return row.kind === 'folder' ? go(index + 1) : undefined;
    case 'ArrowLeft':
      if (open) return { turn: false };
      return row.parent === undefined ? undefined : { go: row.parent };
    default:
      return [...key].length === 1 ? typed(rows, index, key) : undefined;
  }
}

/** The next line whose name begins with a letter, from the one behind this on and round. */
function typed(rows: readonly TreeRow[], index: number, key: string): Move {
  const round = [...rows.slice(index + 1), ...rows.slice(0, index + 1)];
  const found = round.find(({ name }) => name.toLowerCase().startsWith(key.toLowerCase()));
  return found && { go: found.id };
}
