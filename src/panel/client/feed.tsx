import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ActivityRow } from '../sections/activity';
import { drawnRows, topsOf } from './layout';

/** Before the page is laid out. */
const DEFAULT_VIEW_PX = 600;
const AROUND = 10;
const NEAR_END_PX = 24;

interface Props {
  rows: readonly ActivityRow[];
  label: string;
  busy: boolean;
  /** The row to show next; another object each time. */
  goTo: { id: string } | undefined;
  /** Draws one row. `position` is 0-based; one that is not `isActive` is passed over by Tab. */
  draw: (row: ActivityRow, position: number, isActive: boolean) => ComponentChildren;
  /** Behind the last row. */
  children?: ComponentChildren;
}

/** A list of rows of any height, of which only those in sight are drawn. It stays at its end while it is there. */
export function Feed({ rows, label, busy, goTo, draw, children }: Props): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const heights = useRef(new Map<string, number>());
  const atEnd = useRef(true);
  /** The row to bring into sight, and whether it gets the focus, once it is drawn. */
  const wanted = useRef<{ id: string; focus: boolean } | undefined>(undefined);
  const [sight, setSight] = useState({ top: 0, view: DEFAULT_VIEW_PX });
  const [active, setActive] = useState<string | undefined>(undefined);
  const [measured, setMeasured] = useState(0);

  const tops = useMemo(() => topsOf(rows.length, (index) => heightOf(rows[index], heights.current)), [rows, measured]);
  const end = tops[rows.length] ?? 0;
  const activeAt = active === undefined ? rows.length - 1 : rows.findIndex(({ id }) => id === active);
  const top = atEnd.current ? Math.max(0, end - sight.view) : sight.top;
  const wantedAt = wanted.current ? rows.findIndex(({ id }) => id === wanted.current?.id) : -1;
  const drawn = drawnRows(tops, top, sight.view, AROUND, [activeAt, wantedAt]);

  const look = (): void => {
    const box = scroller.current;
    if (!box) return;
    atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    const next = { top: box.scrollTop || 0, view: box.clientHeight || DEFAULT_VIEW_PX };
    setSight((before) => (before.top === next.top && before.view === next.view ? before : next));
  };
  const show = (id: string | undefined, focus: boolean): void => {
    if (id === undefined) return;
    atEnd.current = false;
    wanted.current = { id, focus };
    setActive(id);
    setMeasured((times) => times + 1);
  };

  useLayoutEffect(() => {
    if (goTo) show(goTo.id, false);
  }, [goTo]);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    let changed = false;
    for (const [id, node] of rowsIn(box)) {
      const height = node.offsetHeight;
      if (!(height > 0) || heights.current.get(id) === height) continue;
      heights.current.set(id, height);
      changed = true;
    }
    if (changed) setMeasured((times) => times + 1);
    if (atEnd.current) box.scrollTop = box.scrollHeight;
    else if (!changed && wanted.current) {
      const node = rowsIn(box).find(([id]) => id === wanted.current?.id)?.[1];
      if (wanted.current.focus) node?.focus({ preventScroll: true });
      node?.scrollIntoView({ block: 'nearest' });
      // One that is not drawn yet will be with the next round.
      if (node || !rows.some(({ id }) => id === wanted.current?.id)) wanted.current = undefined;
    }
  });

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || typeof ResizeObserver === 'undefined') return;
    let width = box.clientWidth;
    const observer = new ResizeObserver(() => {
      // Lines break elsewhere now.
      if (box.clientWidth !== width) heights.current.clear();
      width = box.clientWidth;
      look();
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const onKeyDown = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest('[data-row]') === null) return;
    const to = movedTo(event.key, activeAt, rows.length);
    if (to !== undefined) show(rows[to]?.id, true);
    else if (target.dataset['row'] !== undefined && (event.key === 'Enter' || event.key === ' '))
      target.querySelector<HTMLElement>('[aria-expanded]')?.click();
    else return;
    event.preventDefault();
  };

  return (
    <div
      class="feed"
      role="feed"
      aria-label={label}
      aria-busy={busy}
      ref={scroller}
      onScroll={look}
      onKeyDown={onKeyDown}
      onFocusIn={(event) => {
        const id = (event.target as HTMLElement).closest<HTMLElement>('[data-row]')?.dataset['row'];
        if (id !== undefined && rows.some((row) => row.id === id)) setActive(id);
      }}
    >
      {drawn.flatMap((index, nth) => {
        const row = rows[index];
        const from = nth === 0 ? 0 : (drawn[nth - 1] ?? 0) + 1;
        const gap = (tops[index] ?? 0) - (tops[from] ?? 0);
        return row ? [<Gap key={`gap-${row.id}`} height={gap} />, draw(row, index, index === activeAt)] : [];
      })}
      <Gap key="gap-end" height={end - (tops[(drawn.at(-1) ?? -1) + 1] ?? 0)} />
      {children}
    </div>
  );
}

function rowsIn(box: HTMLElement): [id: string, node: HTMLElement][] {
  return ([...box.children] as HTMLElement[]).flatMap((node) => {
    const id = node.dataset['row'];
    return id === undefined ? [] : [[id, node]];
  });
}

function Gap({ height }: { height: number }): JSX.Element | null {
  return height > 0 ? <div role="presentation" style={{ height: `${height}px` }} /> : null;
}

const LINE_PX = 20;
const LINE_CHARACTERS = 45;

/** As it was measured, else about as its text will take. */
function heightOf(row: ActivityRow | undefined, heights: ReadonlyMap<string, number>): number {
  if (!row) return 0;
  return heights.get(row.id) ?? 6 + LINE_PX * Math.min(8, 1 + Math.floor(row.text.length / LINE_CHARACTERS));
}

const PAGE_ROWS = 10;

function movedTo(key: string, from: number, count: number): number | undefined {
  const moves: Record<string, number> = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + PAGE_ROWS,
    PageUp: from - PAGE_ROWS,
    Home: 0,
    End: count - 1,
  };
  const to = moves[key];
  return to === undefined ? undefined : Math.max(0, Math.min(count - 1, to));
}
