import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Labels } from '../protocol';
import type { PanelChart } from '../sections/jobs';
import type { Drawing, Drawn, Reading } from './curves/drawing';
import { factsOf } from './curves/points';
import { number } from './numbers';
import { Glyph } from './parts';
import { fill } from './text';

interface Props {
  chart: PanelChart;
  labels: Labels;
  drawing: Drawing;
}

const MOVES: Readonly<Record<string, number | 'first' | 'last'>> = {
  ...{ ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: 'first', End: 'last' },
};

/** Curves over one axis: drawn, in words, and by keyboard value for value. */
export function Chart({ chart, labels, drawing }: Props): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | undefined>(undefined);
  const latest = useRef(chart);
  const [reading, setReading] = useState<Reading>();
  latest.current = chart;
  useEffect(() => {
    const off = drawing.ready((draw) => {
      if (box.current) drawn.current = draw(box.current, latest.current, setReading);
    });
    return () => {
      off();
      drawn.current?.destroy();
    };
  }, []);
  useEffect(() => drawn.current?.update(chart), [chart]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = Object.hasOwn(MOVES, event.key) ? MOVES[event.key] : undefined;
    if (to === undefined || !drawn.current) return;
    event.preventDefault();
    drawn.current.move(to);
  };
  const words = chart.curves.map((curve) => curveWords(curve, chart, labels));
  return (
    <figure class="chart">
      <div class="chart-head">
        <figcaption>{chart.name}</figcaption>
        <p class="reading quiet" aria-live="polite">
          {reading && readingWords(reading, chart, labels)}
        </p>
      </div>
      <div
        class="plot"
        role="img"
        tabIndex={0}
        aria-label={`${fill(labels.curve, chart.name)} ${words.join(' ')}`}
        aria-description={labels.curveKeys}
        ref={box}
        onKeyDown={onKeyDown}
      />
      <ul class="curves" role="list">
        {chart.curves.map(({ name }, index) => (
          <li key={name}>
            <Glyph class={`swatch curve-${index}`} />
            <span>{words[index]}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

function curveWords(curve: PanelChart['curves'][number], { better }: PanelChart, labels: Labels): string {
  const { last, low, high, trend, odd } = factsOf(curve);
  if (low === null || high === null) return `${curve.name}: ${labels.curveNone}`;
  const extremes =
    better === null
      ? [fill(labels.curveLowest, number(low)), fill(labels.curveHighest, number(high))]
      : [fill(labels.curveBest, number(better === 'min' ? low : high))];
  const parts = [
    fill(labels.curveLast, last === null ? labels.curveNone : number(last)),
    ...extremes,
    labels[`curve_${trend}`],
    ...(odd === 0 ? [] : [fill(labels.curveOdd, odd)]),
  ];
  return `${curve.name}: ${parts.join(', ')}`;
}

function readingWords({ x, values }: Reading, { axis }: PanelChart, labels: Labels): string {
  const said = values.map(({ name, y }) => `${name} ${y === null ? labels.curveNone : number(y)}`);
  return fill(labels.curveAt, fill(labels[`axis_${axis}`], number(x)), said.join(' · '));
}
