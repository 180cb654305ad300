import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Labels } from '../protocol';
import type { PanelFile } from '../sections/changes';
import { moveIn, rowsOf, treeOf, type FileRow, type FolderRow, type TreeRow } from './file-tree';
import { drawnRows, topsOf } from './layout';
import type { Memory } from './memory';
import { Glyph, Icon, Spoken } from './parts';
import { fill } from './text';

/** So few are all drawn: nothing is won by leaving some out. */
const ALL_DRAWN = 60;
const AROUND = 15;
const ROW_PX = 24;
const DEFAULT_VIEW_PX = 900;
const CLOSED = 'closed:';
const KIND_GLYPHS = { created: 'A', deleted: 'D', modified: 'M' } as const;

interface Props {
  files: readonly PanelFile[];
  labels: Labels;
  memory: Memory;
  /** What is below a file's line once it is unfolded. */
  body: (file: PanelFile) => ComponentChildren;
}

/** The changed files by their folders. A file's line unfolds its diff; of many lines only those near what is seen are drawn. */
export function FileTree({ files, labels, memory, body }: Props): JSX.Element {
  const [turned, setTurned] = useState(0);
  const [active, setActive] = useState<string | undefined>(undefined);
  const wanted = useRef<string | undefined>(undefined);
  const box = useRef<HTMLDivElement>(null);
  const tree = useMemo(() => treeOf(files), [files]);
  const rows = useMemo(() => rowsOf(tree, (id) => memory.isOpen(CLOSED + id)), [tree, turned]);
  const isOpen = (row: TreeRow): boolean => (row.kind === 'folder' ? row.open : memory.isOpen(row.file.path));
  const turn = (row: TreeRow, open: boolean): void => {
    if (row.kind === 'folder') memory.setOpen(CLOSED + row.id, !open);
    else memory.setOpen(row.file.path, open);
    setTurned((times) => times + 1);
  };
  const activeAt = Math.max(
    0,
    rows.findIndex(({ id }) => id === active),
  );
  const { drawn, tops } = useDrawn(rows, box, activeAt);

  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const node = rowNodes(box.current).find(([id]) => id === wanted.current)?.[1];
    wanted.current = undefined;
    node?.focus({ preventScroll: true });
    node?.firstElementChild?.scrollIntoView({ block: 'nearest' });
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    const id = (event.target as HTMLElement).dataset['row'];
    // What is in a diff has keys of its own.
    if (id === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = moveIn(rows, id, event.key, isOpen);
    if (!move) return;
    event.preventDefault();
    const row = rows.find((one) => one.id === id);
    if ('turn' in move) return row && turn(row, move.turn);
    wanted.current = move.go;
    setActive(move.go);
    setTurned((times) => times + 1);
  };
  const line = (row: TreeRow, index: number): JSX.Element => (
    <Line
      key={row.id}
      row={row}
      labels={labels}
      open={isOpen(row)}
      isActive={index === activeAt}
      onTurn={() => {
        setActive(row.id);
        turn(row, !isOpen(row));
      }}
      body={body}
    />
  );
  return (
    <div class="files" role="tree" aria-label={labels.changes} ref={box} onKeyDown={onKeyDown}>
      {drawn.flatMap((index, nth) => {
        const row = rows[index];
        const from = nth === 0 ? 0 : (drawn[nth - 1] ?? 0) + 1;
        const gap = (tops[index] ?? 0) - (tops[from] ?? 0);
        return row ? [gap > 0 && <Gap key={`gap-${row.id}`} height={gap} />, line(row, index)] : [];
      })}
      <Gap key="gap-end" height={(tops[rows.length] ?? 0) - (tops[(drawn.at(-1) ?? -1) + 1] ?? 0)} />
    </div>
  );
}

function Gap({ height }: { height: number }): JSX.Element | null {
  return height > 0 ? <div role="presentation" style={{ height: `${height}px` }} /> : null;
}

/** Which lines are drawn, as the page is scrolled; the page scrolls as a whole, so the tree has no scroll bar of its own. */
function useDrawn(
  rows: readonly TreeRow[],
  box: { current: HTMLDivElement | null },
  activeAt: number,
): { drawn: number[]; tops: Float64Array } {
  const heights = useRef(new Map<string, number>());
  const [sight, setSight] = useState({ top: 0, view: DEFAULT_VIEW_PX });
  const [measured, setMeasured] = useState(0);
  const isShort = rows.length <= ALL_DRAWN;
  const tops = useMemo(
    () => topsOf(rows.length, (index) => heights.current.get(rows[index]?.id ?? '') ?? ROW_PX),
    [rows, measured],
  );
  useLayoutEffect(() => {
    if (isShort) return;
    const look = (): void => {
      const rect = box.current?.getBoundingClientRect?.();
      if (!rect) return;
      const next = { top: Math.max(0, -rect.top), view: window.innerHeight || DEFAULT_VIEW_PX };
      setSight((before) => (before.top === next.top && before.view === next.view ? before : next));
    };
    look();
    document.addEventListener('scroll', look, { capture: true, passive: true });
    window.addEventListener('resize', look);
    return () => {
      document.removeEventListener('scroll', look, { capture: true });
      window.removeEventListener('resize', look);
    };
  }, [isShort]);
  useLayoutEffect(() => {
    if (isShort) return;
    let changed = false;
    for (const [id, node] of rowNodes(box.current)) {
      const height = node.offsetHeight;
      if (!(height > 0) || (heights.current.get(id) ?? ROW_PX) === height) continue;
      heights.current.set(id, height);
      changed = true;
    }
    if (changed) setMeasured((times) => times + 1);
  });
  const drawn = isShort ? [...rows.keys()] : drawnRows(tops, sight.top, sight.view, AROUND, [activeAt]);
  return { drawn, tops };
}

function rowNodes(box: HTMLElement | null): [id: string, node: HTMLElement][] {
  return ([...(box?.children ?? [])] as HTMLElement[]).flatMap((node) => {
    const id = node.dataset['row'];
    return id === undefined ? [] : [[id, node]];
  });
}

interface LineProps {
  row: TreeRow;
  labels: Labels;
  open: boolean;
  isActive: boolean;
  onTurn: () => void;
  body: (file: PanelFile) => ComponentChildren;
}

function Line({ row, labels, open, isActive, onTurn, body }: LineProps): JSX.Element {
  return (
    <div
      class={row.kind === 'file' ? 'file' : 'directory'}
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
        class={row.kind === 'file' ? 'toggle' : 'fold'}
        style={{ paddingLeft: `${4 + Math.min(row.level - 1, MAX_INDENT) * 8}px` }}
        title={row.kind === 'file' ? row.file.shown : row.id}
        onClick={onTurn}
      >
        <Glyph text="›" class="twistie" />
        {row.kind === 'file' ? <FileName row={row} labels={labels} /> : <FolderName row={row} labels={labels} />}
      </div>
      {row.kind === 'file' && (
        <div class="body" role="group" hidden={!open}>
          {open && body(row.file)}
        </div>
      )}
    </div>
  );
}

/** Deeper ones are told apart by their level alone: a narrow panel has no room. */
const MAX_INDENT = 8;

function nameOf(row: TreeRow, labels: Labels): string {
  const counts = row.kind === 'file' ? row.file.counts : row.counts;
  const lines = counts ? [fill(labels.counts, counts.added, counts.removed)] : [];
  if (row.kind === 'folder') return [row.name, fill(labels.filesInside, row.files), ...lines].join(', ');
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
      <Counts counts={row.counts} labels={labels} />
    </>
  );
}

function FileName({ row, labels }: { row: FileRow; labels: Labels }): JSX.Element {
  const { kind, counts, reviewed, from, diff } = row.file;
  return (
    <>
      <span class="name">
        <span class="base">{row.name}</span>
        {from !== undefined && <span class="folder-of">{fill(labels.renamedFrom, from)}</span>}
        {diff.kind === 'none' && diff.why === 'binary' && <span class="folder-of">{labels.binaryMark}</span>}
      </span>
      {counts && <Counts counts={counts} labels={labels} />}
      {reviewed && <Icon name="check" class="reviewed" />}
      {reviewed && <Spoken text={labels.reviewed} />}
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
