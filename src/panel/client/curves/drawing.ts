import type { PanelChart } from '../../sections/jobs';

/** The values at one place of a chart; a curve that has none there is left out. `null`: NaN or infinite. */
export interface Reading {
  x: number;
  values: { name: string; y: number | null }[];
}

/** A chart on the page. */
export interface Drawn {
  update(chart: PanelChart): void;
  /** Goes to the place so many values on, or to an end. */
  move(to: number | 'first' | 'last'): void;
  destroy(): void;
}

/** Draws a chart into a box of the page, whose width it takes. `tell` hears where pointer or keys stand. */
export type Draw = (box: HTMLElement, chart: PanelChart, tell: (reading: Reading | undefined) => void) => Drawn;

/** How charts are drawn, by a script that comes with the first one shown. Without it a chart is its words. */
export interface Drawing {
  /** Calls back once charts can be drawn, at once where they can; gives what calls it off. */
  ready(then: (draw: Draw) => void): () => void;
}

/** `load` brings the script and calls back; it is called once. */
export function createDrawing(load: (loaded: (draw: Draw) => void) => void): Drawing {
  const waiting = new Set<(draw: Draw) => void>();
  let draw: Draw | undefined;
  let isAsked = false;
  return {
    ready(then) {
      if (draw) then(draw);
      else waiting.add(then);
      if (!isAsked)
        load((loaded) => {
          draw = loaded;
          for (const one of waiting) one(loaded);
          waiting.clear();
        });
      isAsked = true;
      return () => waiting.delete(then);
    },
  };
}
