import uPlot from 'uplot';
import type { PanelChart } from '../../sections/jobs';
import type { Draw, Reading } from './drawing';
import { aligned, thinned, tickText, type Aligned } from './points';

const HEIGHT_PX = 110;
const LEAST_WIDTH_PX = 80;
const MARK_PX = 3;
/** As the stylesheet has them for the legend: a curve is known by its dashes as well as by its colour. Some themes have no orange, or a pale one; red is for what is wrong. */
const COLOURS = ['blue', 'green', 'purple', 'yellow'];
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

/** Draws a chart with uPlot, in the colours of the theme, and anew when the theme or the width changes. */
export const draw: Draw = (box, first, tell) => {
  let chart = first;
  let data: Aligned = { xs: [], ys: [] };
  let plot: uPlot | undefined;
  const widthOf = (): number => Math.max(LEAST_WIDTH_PX, Math.floor(box.clientWidth));
  const read = (): void => {
    const { xs, ys } = dataOf(chart, widthOf());
    data = { xs, ys };
  };
  const build = (): void => {
    plot?.destroy();
    read();
    plot = new uPlot(optionsOf(chart, widthOf(), themeOf(), told), [data.xs, ...data.ys], box);
  };
  const told = (at: number | null | undefined): void =>
    tell(at === null || at === undefined ? undefined : readingAt(chart, data, at));
  const resized = new ResizeObserver(() => {
    if (!plot || plot.width === widthOf()) return;
    plot.setSize({ width: widthOf(), height: HEIGHT_PX });
    read();
    plot.setData([data.xs, ...data.ys]);
  });
  // VS Code sets the theme's variables as the style of the root, and its kind as a class of the body.
  const themed = new MutationObserver(build);
  build();
  resized.observe(box);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  themed.observe(document.body, { attributes: true, attributeFilter: ['class', 'style'] });
  return {
    update(next) {
      const isSame = next.curves.length === chart.curves.length && next.axis === chart.axis;
      chart = next;
      if (!isSame) return build();
      read();
      plot?.setData([data.xs, ...data.ys]);
    },
    move(to) {
      if (plot) move(plot, data, to);
    },
    destroy() {
      resized.disconnect();
      themed.disconnect();
      plot?.destroy();
    },
  };
};

function dataOf({ curves }: PanelChart, width: number): Aligned {
  const columns = Math.ceil(width * devicePixelRatio);
  return aligned(curves.map((curve) => thinned(curve, columns)));
}

function move(plot: uPlot, { xs }: Aligned, to: number | 'first' | 'last'): void {
  const now = plot.cursor.idx;
  const wanted =
    to === 'first' ? 0 : to === 'last' ? xs.length - 1 : now === null || now === undefined ? xs.length - 1 : now + to;
  const at = Math.max(0, Math.min(xs.length - 1, wanted));
  const x = xs[at];
  if (x === undefined) return;
  plot.setCursor({ left: plot.valToPos(x, 'x'), top: plot.over.clientHeight / 2 });
}

function readingAt({ curves }: PanelChart, { xs, ys }: Aligned, at: number): Reading {
  const values = curves.flatMap(({ name }, index) => {
    const y = ys[index]?.[at];
    return y === undefined ? [] : [{ name, y }];
  });
  return { x: xs[at] ?? 0, values };
}

interface Theme {
  text: string;
  grid: string;
  odd: string;
  curves: string[];
  font: string;
  width: number;
}

/** A canvas knows no variables. */
function themeOf(): Theme {
  const style = getComputedStyle(document.body);
  const colour = (...names: string[]): string =>
    names.map((name) => style.getPropertyValue(`--vscode-${name}`).trim()).find((found) => found !== '') ?? style.color;
  const isHighContrast = document.body.className.includes('high-contrast');
  return {
    text: colour('charts-foreground', 'foreground'),
    grid: isHighContrast ? colour('contrastBorder', 'charts-lines') : colour('charts-lines', 'widget-border'),
    odd: colour('errorForeground', 'charts-red'),
    curves: COLOURS.map((name) => colour(`charts-${name}`)),
    font: `11px ${style.fontFamily}`,
    width: isHighContrast ? 2 : 1.5,
  };
}

function optionsOf(
  { curves, axis }: PanelChart,
  width: number,
  theme: Theme,
  told: (at: number | null | undefined) => void,
): uPlot.Options {
  const grid = { stroke: theme.grid, width: 1 };
  const look = { stroke: theme.text, font: theme.font, grid: { ...grid, show: true }, ticks: { ...grid, size: 4 } };
  const texts = (_: uPlot, values: number[]): string[] => values.map(tickText);
  return {
    ...{ width, height: HEIGHT_PX, legend: { show: false }, padding: [8, 14, 0, 0] },
    cursor: { y: false, drag: { x: false, y: false, setScale: false }, points: { size: 6 } },
    scales: { x: { time: false }, y: { range: rangeOf } },
    axes: [
      // There is no half of a step; an epoch may be half over.
      { ...look, grid: { show: false }, size: 26, values: texts, ...(axis === 'epoch' ? {} : { incrs: WHOLE }) },
      { ...look, size: 48, values: texts, space: 22 },
    ],
    series: [
      {},
      ...curves.map((_, index) => ({
        ...{ stroke: theme.curves[index % COLOURS.length] ?? theme.text, width: theme.width, spanGaps: false },
        dash: DASHES[index % DASHES.length] ?? [],
        points: { show: isAlone },
      })),
    ],
    hooks: {
      setCursor: [({ cursor: { idx } }) => told(idx)],
      draw: [(plot) => markOdd(plot, theme.odd)],
    },
  };
}

const WHOLE = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** A curve of one value or so is a dot; lines show the others. */
function isAlone(plot: uPlot, series: number): boolean {
  return (plot.data[series] ?? []).filter((y) => typeof y === 'number').length < 3;
}

/** Some room around the values; around one value, and where there is none, some room as well. */
function rangeOf(_: uPlot, low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const room = high > low ? (high - low) * 0.06 : Math.abs(low) * 0.1 || 1;
  return [low - room, high + room];
}

/** A small cross at the bottom where a value is NaN or infinite: the gap alone is not seen where it is narrow. */
function markOdd(plot: uPlot, colour: string): void {
  const { ctx, bbox, data } = plot;
  const size = MARK_PX * devicePixelRatio;
  const y = bbox.top + bbox.height - 2 * size;
  const marked = new Set<number>();
  ctx.save();
  ctx.beginPath();
  // The last curve may have left its dashes.
  ctx.setLineDash([]);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  for (const [index, x] of data[0].entries()) {
    if (!data.slice(1).some((ys) => ys?.[index] === null)) continue;
    const at = Math.round(plot.valToPos(x, 'x', true));
    if (marked.has(at)) continue;
    marked.add(at);
    ctx.moveTo(at - size, y - size);
    ctx.lineTo(at + size, y + size);
    ctx.moveTo(at - size, y + size);
    ctx.lineTo(at + size, y - size);
  }
  ctx.stroke();
  ctx.restore();
}
