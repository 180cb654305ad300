import type { PanelRow } from '../sections/changes';
import type { Paint, Piece } from './colours/pieces';

/** Hunks that stay coloured while the page is drawn anew. */
const MAX_KEPT = 500;
/** Between two of these the page answers. */
const SLICE_MS = 10;

type Rows = readonly PanelRow[];
type Pieces = readonly (readonly Piece[])[];

/** The colours of diffs, from a script that comes with the first one shown. Without it diffs are plain. */
export interface Colouring {
  /** What is known already. */
  known(name: string, rows: Rows): Pieces | undefined;
  /** Finds them out in a moment of its own, and calls `done` then; gives what calls it off. */
  ask(name: string, rows: Rows, done: () => void): () => void;
}

interface Work {
  name: string;
  rows: Rows;
  asking: Set<() => void>;
  at?: ReturnType<Paint>;
}

/** `load` brings the script and calls back; it is called once. */
export function createColouring(load: (loaded: (paint: Paint) => void) => void): Colouring {
  const kept = new Map<string, Pieces>();
  const waiting = new Map<string, Work>();
  let paint: Paint | undefined;
  let [isAsked, isAtWork] = [false, false];

  const start = (): void => {
    if (!paint || isAtWork) return;
    isAtWork = true;
    setTimeout(work);
  };
  const work = (): void => {
    const until = performance.now() + SLICE_MS;
    while (paint && waiting.size > 0 && performance.now() < until) step(paint);
    isAtWork = false;
    if (waiting.size > 0) start();
  };
  const step = (paint: Paint): void => {
    const [first] = waiting;
    if (!first) return;
    const [key, item] = first;
    item.at ??= paint(item.name, item.rows);
    const { done, value } = item.asking.size > 0 ? item.at.next() : NOBODY_ASKS;
    if (!done) return;
    waiting.delete(key);
    if (value) keep(kept, key, value);
    for (const tell of item.asking) tell();
  };
  const bring = (): void => {
    if (!isAsked)
      load((loaded) => {
        paint = loaded;
        start();
      });
    isAsked = true;
  };
  return {
    known: (name, rows) => kept.get(keyOf(name, rows)),
    ask(name, rows, done) {
      const key = keyOf(name, rows);
      const { asking } = waiting.get(key) ?? { asking: new Set() };
      asking.add(done);
      if (!waiting.has(key)) waiting.set(key, { name, rows, asking });
      bring();
      start();
      return () => asking.delete(done);
    },
  };
}

const NOBODY_ASKS = { done: true, value: undefined } as const;

function keep(kept: Map<string, Pieces>, key: string, pieces: Pieces): void {
  kept.set(key, pieces);
  const [oldest] = kept.keys();
  if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
}

/** The same lines of a file of the same name have the same colours, whichever message brought them. */
function keyOf(name: string, rows: Rows): string {
  return `${name}\n${rows.map(({ sign, text }) => sign + text).join('\n')}`;
}
