import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Labels, Send } from '../protocol';
import type { PanelFile } from '../sections/changes';
import { moveIn, rowsOf, treeOf, type TreeRow } from './file-tree';
import { drawnRows, topsOf } from './layout';
import type { Memory } from './memory';
import { Line } from './tree-line';

/** So few are all drawn: nothing is won by leaving some out. */
const ALL_DRAWN = 60;
const AROUND = 15;
const ROW_PX = 24;
/** Before the page is laid out. */
const DEFAULT_VIEW_PX = 900;
const CLOSED = 'closed:';

interface Props {
  files: readonly PanelFile[];
  labels: Labels;
  memory: Memory;
  send: Send;
  /** What is below a file's line once it is unfolded. */
  body: (file: PanelFile) => ComponentChildren;
}

type Box = { current: HTMLDivElement | null };

/** The changed files by their folders. A file's line unfolds its diff; of many lines only those near what is seen are drawn. */
export function FileTree({ files, labels, memory, send, body }: Props): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const { rows, isOpen, turn } = useRows(files, memory);
  const [active, setActive] = useState<string | undefined>(undefined);
  const activeAt = Math.max(
    0,
    rows.findIndex(({ id }) => id === active),
  );
  const { drawn, tops } = useDrawn(rows, box, activeAt);
  const focusOn = useFocus(box, setActive);
  useFocusKept(box);

  const onKeyDown = (event: KeyboardEvent): void => {
    const id = (event.target as HTMLElement).dataset['row'];
    // What is in a diff has keys of its own.
    if (id === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = moveIn(rows, id, event.key, isOpen);
    if (!move) return;
    event.preventDefault();
    if ('go' in move) return focusOn(move.go);
    const row = rows.find((one) => one.id === id);
    if (row) turn(row, move.turn);
  };
  const onFocusIn = (event: FocusEvent): void => {
    const id = (event.target as HTMLElement).closest<HTMLElement>('[data-row]')?.dataset['row'];
    if (id !== undefined) setActive(id);
  };
  const line = (row: TreeRow, index: number): JSX.Element => (
    <Line
      {...{ key: row.id, row, labels, send, body, open: isOpen(row), isActive: index === activeAt }}
      onTurn={() => {
        setActive(row.id);
        turn(row, !isOpen(row));
      }}
    />
  );
  return (
    <div class="files" role="tree" aria-label={labels.changes} ref={box} onKeyDown={onKeyDown} onFocusIn={onFocusIn}>
      {drawn.flatMap((index, nth) => {
        const row = rows[index];
        const from = nth === 0 ? 0 : (drawn[nth - 1] ?? 0) + 1;
        const gap = (tops[index] ?? 0) - (tops[from] ?? 0);
        return row ? [<Gap key={`gap-${row.id}`} height={gap} />, line(row, index)] : [];
      })}
      <Gap key="gap-end" height={(tops[rows.length] ?? 0) - (tops[(drawn.at(-1) ?? -1) + 1] ?? 0)} />
    </div>
  );
}

function Gap({ height }: { height: number }): JSX.Element | null {
  return height > 0 ? <div role="presentation" style={{ height: `${height}px` }} /> : null;
}

interface Rows {
  rows: TreeRow[];
  isOpen: (row: TreeRow) => boolean;
  turn: (row: TreeRow, open: boolean) => void;
}

/** The lines as they are folded; the page remembers that. Folders begin unfolded, files folded. */
function useRows(files: readonly PanelFile[], memory: Memory): Rows {
  const [turned, setTurned] = useState(0);
  const tree = useMemo(() => treeOf(files), [files]);
  const rows = useMemo(() => rowsOf(tree, (id) => memory.isOpen(CLOSED + id)), [tree, turned]);
  return {
    rows,
    isOpen: (row) => (row.kind === 'folder' ? row.open : memory.isOpen(row.file.path)),
    turn(row, open) {
      if (row.kind === 'folder') memory.setOpen(CLOSED + row.id, !open);
      else memory.setOpen(row.file.path, open);
      setTurned((times) => times + 1);
    },
  };
}

/** Gives what puts the focus on a line, which may have to be drawn first. */
function useFocus(box: Box, setActive: (id: string) => void): (id: string) => void {
  const wanted = useRef<string | undefined>(undefined);
  const [, setAsked] = useState(0);
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const node = rowNodes(box.current).find(([id]) => id === wanted.current)?.[1];
    wanted.current = undefined;
    node?.focus({ preventScroll: true });
    node?.firstElementChild?.scrollIntoView({ block: 'nearest' });
  });
  return (id) => {
    wanted.current = id;
    setActive(id);
    setAsked((times) => times + 1);
  };
}

/** Where a button goes that had the focus, its line gets it. */
function useFocusKept(box: Box): void {
  const held = rowNodes(box.current).find(([, node]) => node.contains(document.activeElement))?.[0];
  useLayoutEffect(() => {
    if (held === undefined || document.activeElement !== document.body) return;
    rowNodes(box.current)
      .find(([id]) => id === held)?.[1]
      .focus({ preventScroll: true });
  });
}

/** Which lines are drawn, as the page is scrolled; the page scrolls as a whole, so the tree has no scroll bar of its own. */
function useDrawn(rows: readonly TreeRow[], box: Box, activeAt: number): { drawn: number[]; tops: Float64Array } {
  const isShort = rows.length <= ALL_DRAWN;
  const heights = useRef(new Map<string, number>());
  const sight = useSight(box, isShort, heights.current);
  const [measured, setMeasured] = useState(0);
  const tops = useMemo(
    () => topsOf(rows.length, (index) => heights.current.get(rows[index]?.id ?? '') ?? ROW_PX),
    [rows, measured],
  );
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

/** The part of the tree that is seen. Not only scrolling moves it: what stands above grows and shrinks. */
function useSight(box: Box, isIdle: boolean, heights: Map<string, number>): { top: number; view: number } {
  const [sight, setSight] = useState({ top: 0, view: DEFAULT_VIEW_PX });
  useLayoutEffect(() => {
    if (isIdle || typeof ResizeObserver === 'undefined') return;
    let width = window.innerWidth;
    const look = (): void => {
      // Names break elsewhere now.
      if (window.innerWidth !== width) heights.clear();
      width = window.innerWidth;
      const top = Math.max(0, -(box.current?.getBoundingClientRect().top ?? 0));
      const view = window.innerHeight;
      setSight((before) => (before.top === top && before.view === view ? before : { top, view }));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(document.body);
    document.addEventListener('scroll', look, { capture: true, passive: true });
    window.addEventListener('resize', look);
    return () => {
      observer.disconnect();
      document.removeEventListener('scroll', look, { capture: true });
      window.removeEventListener('resize', look);
    };
  }, [isIdle]);
  return sight;
}

function rowNodes(box: HTMLElement | null): [id: string, node: HTMLElement][] {
  return ([...(box?.children ?? [])] as HTMLElement[]).flatMap((node) => {
    const id = node.dataset['row'];
    return id === undefined ? [] : [[id, node]];
  });
}
