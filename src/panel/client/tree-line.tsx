import type { ComponentChildren, JSX } from 'preact';
import type { Labels, Send } from '../protocol';
import type { PanelFile } from '../sections/changes';
import { isUndecided, undecidedIn, type FileRow, type FolderRow, type TreeRow } from './file-tree';
import { Glyph, Icon, IconButton, Spoken } from './parts';
import { fill } from './text';

/** Deeper ones are told apart by their level alone: a narrow panel has no room. */
const MAX_INDENT = 8;
const KIND_GLYPHS = { created: 'A', deleted: 'D', modified: 'M' } as const;

export interface LineProps {
  row: TreeRow;
  labels: Labels;
  send: Send;
  open: boolean;
  /** Tab leads to it and its buttons. */
  isActive: boolean;
  onTurn: () => void;
  /** What is below a file's line once it is unfolded. */
  body: (file: PanelFile) => ComponentChildren;
}

/** A folder or a file of the tree. */
export function Line({ row, labels, send, open, isActive, onTurn, body }: LineProps): JSX.Element {
  const isFile = row.kind === 'file';
  return (
    <div
      class={isFile ? 'file' : 'directory'}
      role="treeitem"
      data-row={row.id}
      aria-label={nameOf(row, labels)}
      aria-level={row.level}
      aria-posinset={row.at}
      aria-setsize={row.of}
      aria-expanded={open}
      tabIndex={isActive ? 0 : -1}
    >
      <div
        class={isFile ? 'toggle' : 'fold'}
        style={{ paddingLeft: `${4 + Math.min(row.level - 1, MAX_INDENT) * 8}px` }}
        title={isFile ? row.file.shown : shownFolder(row)}
        onClick={onTurn}
      >
        <Glyph text="›" class="twistie" />
        {isFile ? <FileName row={row} labels={labels} /> : <FolderName row={row} labels={labels} />}
        <Decide row={row} labels={labels} send={send} isActive={isActive} />
      </div>
      {isFile && (
        <div class="body" role="group" hidden={!open}>
          {open && body(row.file)}
        </div>
      )}
    </div>
  );
}

/** Takes or takes back all of a line, where something of it is undecided. */
function Decide({ row, labels, send, isActive }: Pick<LineProps, 'row' | 'labels' | 'send' | 'isActive'>) {
  const isFile = row.kind === 'file';
  if (isFile ? !isUndecided(row.file) : row.folder.undecided === 0) return null;
  const shown = isFile ? row.file.shown : shownFolder(row);
  const decide = (type: 'accept' | 'reject'): void =>
    send(isFile ? { type, path: row.file.path } : { type, paths: undecidedIn(row.folder) });
  const button = (type: 'accept' | 'reject', icon: string, label: string): JSX.Element => (
    <IconButton icon={icon} label={fill(label, shown)} tabIndex={isActive ? 0 : -1} onClick={() => decide(type)} />
  );
  return (
    // The line itself unfolds.
    <span class="line-actions" onClick={(event) => event.stopPropagation()}>
      {button('accept', 'check', labels.acceptFile)}
      {button('reject', 'discard', labels.rejectFile)}
    </span>
  );
}

function shownFolder({ id }: FolderRow): string {
  return id.slice(0, -1);
}

function nameOf(row: TreeRow, labels: Labels): string {
  const counts = row.kind === 'file' ? row.file.counts : row.folder.counts;
  const lines = counts ? [fill(labels.counts, counts.added, counts.removed)] : [];
  if (row.kind === 'folder') return [row.name, fill(labels.filesInside, row.folder.size), ...lines].join(', ');
  const { file } = row;
  const from = file.from === undefined ? [] : [fill(labels.renamedFrom, file.from)];
  const binary = file.diff.kind === 'none' && file.diff.why === 'binary' ? [labels.binaryMark] : [];
  const reviewed = file.reviewed ? [labels.reviewed] : [];
  return [row.name, labels[file.kind], ...from, ...binary, ...lines, ...reviewed].join(', ');
}

function FolderName({ row, labels }: { row: FolderRow; labels: Labels }): JSX.Element {
  return (
    <>
      <span class="name">
        <span class="folder-name">{row.name}</span>
      </span>
      <Counts counts={row.folder.counts} labels={labels} />
    </>
  );
}

function FileName({ row, labels }: { row: FileRow; labels: Labels }): JSX.Element {
  const { kind, counts, reviewed, from, diff } = row.file;
  return (
    <>
      <span class="name">
        <span class="base">{row.name}</span>
        {from !== undefined && <span class="folder">{fill(labels.renamedFrom, from)}</span>}
        {diff.kind === 'none' && diff.why === 'binary' && <span class="folder">{labels.binaryMark}</span>}
      </span>
      {reviewed && <Icon name="check" class="reviewed" />}
      {reviewed && <Spoken text={labels.reviewed} />}
      {counts && <Counts counts={counts} labels={labels} />}
      <span class={`kind ${kind}`}>
        <Glyph text={from === undefined ? KIND_GLYPHS[kind] : 'R'} class="" />
        <Spoken text={labels[kind]} />
      </span>
    </>
  );
}

function Counts({ counts, labels }: { counts: { added: number; removed: number }; labels: Labels }): JSX.Element {
  return (
    <span class="counts">
      {counts.added > 0 && <Glyph text={`+${counts.added}`} class="plus" />}
      {counts.removed > 0 && <Glyph text={`−${counts.removed}`} class="minus" />}
      <Spoken text={fill(labels.counts, counts.added, counts.removed)} />
    </span>
  );
}
